"""What a declaration becomes in a pact file, held against what Pact's core writes for it."""

import json
from decimal import Decimal
from enum import Enum

import pytest

from consumer_sdk import DeclarationError, match
from consumer_sdk.declarations import HttpDeclaration, MessageDeclaration
from consumer_sdk.documents import interaction_document, list_of
from tally import json_text

JSON = {"Content-Type": "application/json"}


def a_request(specification="V4", **parts):
    return HttpDeclaration("it", specification).with_request("POST", "/", **parts).will_respond_with(200)


def a_message(specification="V4"):
    return MessageDeclaration("it", lambda *_: None, specification)


def nested():
    value = []
    value.append(value)
    return value


class Colour(Enum):
    RED = object()


def document(declaration, specification="V4"):
    return interaction_document(declaration, specification)


def rules_of(body, specification="V4"):
    return document(a_request(body=body), specification)["request"]["matchingRules"]["body"]


def test_a_request_of_version_4_stands_in_its_file_with_all_keys_in_the_order_of_the_alphabet():
    declared = (
        HttpDeclaration("an order")
        .given("an order exists", id=7)
        .given("the shop is open")
        .with_request("get", "/orders/7", query={"tag": ["b", "a"]}, headers={"x-b": 1, "accept": "*/*"})
        .will_respond_with(200, body={"z": match.integer(7), "a": "x"})
    )

    assert json.dumps(document(declared)) == json.dumps(
        {
            "description": "an order",
            "pending": False,
            "providerStates": [
                {"name": "an order exists", "params": {"id": 7}},
                {"name": "the shop is open"},
            ],
            "request": {
                "headers": {"accept": ["*/*"], "x-b": ["1"]},
                "method": "GET",
                "path": "/orders/7",
                "query": {"tag": ["b", "a"]},
            },
            "response": {
                "body": {
                    "content": {"a": "x", "z": 7},
                    "contentType": "application/json",
                    "encoded": False,
                },
                "headers": {"Content-Type": ["application/json"]},
                "matchingRules": {"body": {"$.z": {"combine": "AND", "matchers": [{"match": "integer"}]}}},
                "status": 200,
            },
            "type": "Synchronous/HTTP",
        }
    )


def test_version_3_has_headers_of_one_line_and_bodies_without_an_envelope():
    declared = a_request(headers={"X-B": ["a", "b"], "Set-Cookie": ["a=1", "b=2"]}, body={"a": 1})

    request = document(declared, "V3")["request"]

    assert request["headers"] == {
        "Content-Type": "application/json",
        "Set-Cookie": ["a=1", "b=2"],
        "X-B": "a, b",
    }
    assert request["body"] == {"a": 1}
    assert "type" not in document(declared, "V3")


def test_version_2_has_one_state_a_query_of_text_and_flat_rules():
    declared = (
        HttpDeclaration("it")
        .given("a state")
        .with_request(
            "GET",
            match.regex("/o/7", r"/o/\d"),
            query={"q": "a b&c", "tag": ["x", match.like("y")]},
            headers={"X-A": match.like("t")},
        )
        .will_respond_with(200, body={"a": [match.like("x")], "$b": match.like("y")})
    )

    found = document(declared, "V2")

    assert found["providerState"] == "a state"
    assert found["request"]["query"] == "q=a+b%26c&tag=x&tag=y"
    assert found["request"]["matchingRules"] == {
        "$.headers['X-A']": {"match": "type"},
        "$.path": {"match": "regex", "regex": r"/o/\d"},
        "$.query.tag[1]": {"match": "type"},
    }
    assert found["response"]["matchingRules"] == {
        "$.body.a[0]": {"match": "type"},
        "$.body['$b']": {"match": "type"},
    }


def test_a_message_says_its_type_in_its_metadata():
    declared = (
        a_message().with_content({"id": match.integer(7)}).with_metadata(topic=match.regex("a", "[ab]"), n=3)
    )

    v4, v3 = document(declared), document(declared, "V3")

    assert v4["type"] == "Asynchronous/Messages"
    assert v4["contents"] == {"content": {"id": 7}, "contentType": "application/json", "encoded": False}
    assert v3["contents"] == {"id": 7}
    for found in (v4, v3):
        assert found["metadata"] == {"contentType": "application/json", "n": 3, "topic": "a"}
        assert found["matchingRules"] == {
            "body": {"$.id": {"combine": "AND", "matchers": [{"match": "integer"}]}},
            "metadata": {"topic": {"combine": "AND", "matchers": [{"match": "regex", "regex": "[ab]"}]}},
        }
    assert [list_of(declared, version) for version in ("V3", "V4")] == ["messages", "interactions"]


def test_rules_are_written_where_they_apply():
    found = rules_of(
        {
            "unit price": match.decimal(4.5),
            "0": match.integer(1),
            "items": match.each_like({"n": match.number(1)}, minimum=2),
            "like": match.like({"a": match.integer(1)}),
            "like that": match.like(match.integer(1)),
            "many": match.array_containing({"k": match.integer(1)}, "x"),
        }
    )

    assert {path: rules["matchers"][0]["match"] for path, rules in found.items()} == {
        "$['0']": "integer",
        "$['like that']": "integer",
        "$['unit price']": "decimal",
        "$.items": "type",
        "$.items[*].n": "number",
        "$.like": "type",
        "$.like.a": "integer",
        "$.many": "arrayContains",
    }
    assert found["$.many"]["matchers"][0]["variants"] == [
        {"index": 0, "rules": {"$.k": {"combine": "AND", "matchers": [{"match": "integer"}]}}},
        {"index": 1, "rules": {}},
    ]


@pytest.mark.parametrize(
    ("body", "content_type", "v4", "v3"),
    [
        ("hello", "text/plain", ("hello", False), "hello"),
        ("", "text/plain", ("", False), ""),
        ("", "application/json", ("", False), ""),
        (b"hello", "text/plain", ("hello", False), "hello"),
        (b"h\xe9", "text/plain; charset=latin-1", ("aOk=", "base64"), "hé"),
        (b"\x89PNG", "image/png", ("iVBORw==", "base64"), "iVBORw=="),
        (b"abcd", "application/pdf", ("YWJjZA==", "base64"), "YWJjZA=="),
        ("abcd", "application/yaml", ("abcd", False), "YWJjZA=="),
        ("a: 1", "application/yaml", ("a: 1", False), "a: 1"),
        (b'{"a":1}', "application/json", ({"a": 1}, False), {"a": 1}),
        ('"s"', "application/json", ("s", False), "s"),
        (b"<a/>", "application/xml", ("<a/>", False), "<a/>"),
        ("a=1&b=2", "application/x-www-form-urlencoded", ("a=1&b=2", False), "a=1&b=2"),
    ],
)
def test_a_body_is_written_as_its_type_asks(body, content_type, v4, v3):
    declared = a_request(body=body, headers={"content-type": content_type})

    found = document(declared)["request"]["body"]

    assert (found["content"], found["encoded"]) == v4
    assert found["contentType"] == content_type
    assert document(declared, "V3")["request"]["body"] == v3


@pytest.mark.parametrize(("body", "text"), [("null", "null"), (match.null(), "null"), ('""', '""')])
def test_json_that_programs_take_for_no_body_is_said_as_json(body, text):
    declared = a_request(body=body, headers=JSON)

    assert document(declared)["request"]["body"] == {
        "content": text,
        "contentType": "application/json",
        "encoded": "JSON",
    }
    with pytest.raises(DeclarationError, match=f"The body is {text}, which programs take for no body"):
        a_request("V3", body=body, headers=JSON)


def test_numbers_keep_their_digits():
    declared = a_request(body={"a": Decimal("2.300"), "b": 10**30, "c": 1e22}).given(
        "x", total=Decimal("1.50")
    )

    text = json_text.compact(document(declared))

    assert '{"a":2.300,"b":1000000000000000000000000000000,"c":1e+22}' in text
    assert '"params":{"total":1.50}' in text


def test_a_header_that_is_the_text_of_json_is_a_text():
    found = document(a_request(headers={"X": '{"value": "z"}'}, query={"q": '{"value": "z"}', "yes": True}))

    assert found["request"]["headers"]["X"] == ['{"value": "z"}']
    assert found["request"]["query"] == {"q": ['{"value": "z"}'], "yes": ["true"]}
    assert "matchingRules" not in found["request"]


@pytest.mark.parametrize(
    ("declare", "says"),
    [
        (lambda: a_request(body="{", headers=JSON), "declared as application/json, but it is no JSON"),
        (lambda: a_request(body=b'{"a":1,"a":2}', headers=JSON), 'the key "a" occurs twice'),
        (lambda: a_request(body={"a": object()}), r"At \$\.a: .* has no form in JSON"),
        (lambda: a_request(body={"a": match.integer}), r"At \$\.a: .*; call it with an example"),
        (lambda: a_request(body={(1, 2): 1}), r"At \$: the key \(1, 2\)"),
        (
            lambda: a_request(body={'it\'s "it"': match.like(1)}),
            "Pact's core reads no path with the key",
        ),
        (
            lambda: a_request(body=b"\xff", headers={"Content-Type": "text/plain"}, specification="V3"),
            "no such text",
        ),
        (lambda: a_request(body={"a": 1}, headers={"Content-Type": "text/plain"}), "declared as text/plain"),
        (lambda: a_request(headers={"X": {"a": 1}}), "header X: .* is no text; give a str or a number"),
        (lambda: a_request(headers={"X Y": "a"}), "header 'X Y': no header can have this name"),
        (lambda: a_request(headers={"X": "a\r\nb"}), "header X: .* has a line break"),
        (lambda: a_request(headers={"X": " a"}), "header X: ' a' begins or ends with white space"),
        (lambda: a_request(headers={"X-A": "a", "x-a": "b"}), "header x-a: given twice, as X-A and x-a"),
        (lambda: a_request(headers={"Content-Type": "json"}), "header Content-Type: 'json' is no media type"),
        (lambda: a_request(headers={"Content-Type": ["a/b", "c/d"]}), "'a/b, c/d' is no media type"),
        (lambda: a_request(headers=[("X", "a")]), "headers: .* is no mapping; give a dictionary by name"),
        (lambda: a_request(query="a=1"), "query: 'a=1' is no mapping"),
        (lambda: a_request(query={"a": []}), "query a: an empty list; give a value, or leave it out"),
        (lambda: a_request(query={1: "a"}), "query: the name 1 is no text"),
        (lambda: a_message().with_metadata({1: "a"}), "metadata: the name 1 is no text"),
        (lambda: a_request(headers={1: "a"}), "headers: the name 1 is no text"),
        (lambda: a_request(body={"a": "\ud83d"}), r"At \$\.a: .* has half of a surrogate pair"),
        (lambda: a_request(body=nested()), "nested too deeply for JSON, or contains itself"),
        (
            lambda: a_request(body={"a": Colour.RED}),
            r"At \$\.a: .* has no form in JSON; give Colour\.RED\.value",
        ),
        (lambda: a_request().given("a", b=object()), 'At the state "a": b: .* has no form in JSON'),
        (
            lambda: a_request().given("a", b=nested()),
            "the state .*: it is nested too deeply, or contains itself",
        ),
        (lambda: a_request().with_comments({"a": object()}), "At comments a: .* has no form in JSON"),
        (lambda: HttpDeclaration(7), "An interaction needs a description"),
        (lambda: HttpDeclaration("it").with_request(7, "/"), "method: 7 is no method of HTTP"),
        (lambda: a_message().with_metadata("topic"), "metadata: 'topic' is no mapping"),
        (lambda: HttpDeclaration("it").with_request("GET", match.like(7)), "path: 7 is no text"),
        (lambda: HttpDeclaration("it").with_request("GET", "orders"), "does not begin with a slash"),
        (lambda: HttpDeclaration("it").with_request("GET", "/a?b=1"), "has a query in it; give it as query="),
        (lambda: HttpDeclaration("it").with_request("A B", "/"), "method: 'A B' is no method of HTTP"),
        (lambda: HttpDeclaration("it").will_respond_with(99), "status: 99 is no status"),
        (lambda: HttpDeclaration("it").given(""), "given: '' is no name of a state"),
        (lambda: HttpDeclaration("it", "V9"), "'V9' is not known; give V4 or V3 or V2"),
        (lambda: a_message().with_content({"a": {1, 2}}), r"At \$\.a: .* has no form in JSON"),
        (
            lambda: a_message().with_metadata(a={"b": match.like(1)}),
            "metadata a: a pact has rules for metadata as",
        ),
    ],
)
def test_a_mistake_is_refused_where_it_is_written(declare, says):
    with pytest.raises(DeclarationError, match=says):
        declare()


@pytest.mark.parametrize(
    ("declared", "specification", "says"),
    [
        (
            HttpDeclaration("it").with_request("GET", "/"),
            "V4",
            r"call .will_respond_with\(…\). It is declared at .*py:\d+",
        ),
        (a_request().given("a", b=1), "V2", 'the state "a" with parameters; V2 has one state'),
        (a_request().given("a").given("b"), "V2", "several states; V2 has one state"),
        (a_message().with_content("x"), "V2", "is a message, for which V2 has no form: choose V3 or V4"),
        (a_message(), "V4", "call .with_content"),
    ],
)
def test_what_is_incomplete_or_no_part_of_the_version_is_refused(declared, specification, says):
    with pytest.raises(DeclarationError, match=says):
        document(declared, specification)
