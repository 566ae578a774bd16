"""Drafts of interactions: the pact's own rules, without secrets, and what a draft cannot say is named."""

import json

import pytest
from support.drafted_tests import a_pact_file, an_interaction, drafted

from tally.assistants.answers import ToolError


def drafted_of(tmp_path, interaction, language="python"):
    """Return the text of the draft of a pact's only interaction, and what was left out."""
    file = a_pact_file(tmp_path, interaction)
    data = drafted(language, pacts=[file], interaction=interaction["description"])["data"]
    return data["text"], " ".join(data["left_out"])


def body_rules(tmp_path, body, rules):
    text, left_out = drafted_of(tmp_path, an_interaction(body=body, rules=rules))
    return text[text.index("body=") :], left_out


@pytest.mark.parametrize(
    ("value", "rule", "written"),
    [
        ("a", {"match": "type"}, 'match.like("a")'),
        ("a1", {"match": "regex", "regex": r"a\d"}, r'match.regex("a1", r"a\d")'),
        ("xa1", {"match": "regex", "regex": r"a\d"}, r'match.regex("xa1", r"^.*(?:a\d).*$")'),
        (7, {"match": "integer"}, "match.integer(7)"),
        (10**25, {"match": "integer"}, f"match.integer({10**25})"),
        (7.5, {"match": "decimal"}, "match.decimal(7.5)"),
        (7, {"match": "number"}, "match.number(7)"),
        (True, {"match": "boolean"}, "match.boolean(True)"),
        (None, {"match": "null"}, "match.null()"),
        ("2026-01-05", {"match": "date", "format": "yyyy-MM-dd"}, 'match.date("2026-01-05", "yyyy-MM-dd")'),
        ("09:30", {"match": "time", "format": "HH:mm"}, 'match.time("09:30", "HH:mm")'),
        ("green tea", {"match": "include", "value": "tea"}, 'match.includes("tea", "green tea")'),
        ([1], {"match": "type", "min": 2, "max": 3}, "match.each_like(match.like(1), minimum=2, maximum=3)"),
        ([1], {"match": "type"}, "match.each_like(match.like(1), minimum=0)"),
        ({"a": 1}, {"match": "values"}, 'match.each_value({"a": match.like(1)})'),
        ({"a": [1]}, {"match": "type"}, '{"a": match.each_like(match.like(1), minimum=0)}'),
        ([], {"match": "type"}, "match.like([])"),
        ("a", {"match": "equality"}, '"a"'),
    ],
)
def test_each_rule_is_written_as_the_matcher_of_the_sdk(tmp_path, value, rule, written):
    text, left_out = body_rules(tmp_path, {"it": value}, {"$.it": rule})

    assert f'"it": {written}' in text
    assert left_out == ""


@pytest.mark.parametrize(
    ("value", "rule", "written", "note"),
    [
        ("a", {"match": "semver"}, 'match.like("a")', "its rule 'semver' is left out"),
        ("a", {"match": "regex", "regex": "b"}, 'match.like("a")', "its rule 'regex' is left out"),
        ([1], {"match": "arrayContains", "variants": []}, "[1]", "its rule 'arrayContains' is left out"),
        ([1, 2], {"match": "type", "min": 1}, "each_like(match.like(1))", "the first item stands for all"),
    ],
)
def test_a_rule_that_cannot_be_written_is_named(tmp_path, value, rule, written, note):
    text, left_out = body_rules(tmp_path, {"it": value}, {"$.it": rule})

    assert written in text
    assert f"$.it: {note}" in left_out


def test_of_several_rules_one_is_written_and_the_others_are_named(tmp_path):
    interaction = an_interaction(body={"it": "a"})
    rules = {"matchers": [{"match": "null"}, {"match": "type"}], "combine": "OR"}
    interaction["response"]["matchingRules"] = {"body": {"$.it": rules}}

    text, left_out = drafted_of(tmp_path, interaction)

    assert 'match.like("a")' in text
    assert "one rule of several is written, 'type'; left out: null (OR)" in left_out


def test_the_rule_closest_to_a_place_counts(tmp_path):
    rules = {
        "$": {"match": "type"},
        "$.items": {"match": "type", "min": 1},
        "$.items[*].id": {"match": "integer"},
    }

    text, _ = body_rules(tmp_path, {"items": [{"id": 1, "name": "tea"}]}, rules)

    assert '"items": match.each_like({"id": match.integer(1), "name": match.like("tea")})' in text


TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWFkYQ"


@pytest.mark.parametrize("language", ["python", "javascript", "java"])
def test_secrets_are_placeholders_everywhere(tmp_path, language):
    interaction = an_interaction(
        "an order is read",
        body={"password": "hunter2hunter2", "nested": [{"api_key": "sk_live_abcdefghijklmnop"}], "id": 7},
        request={
            "path": f"/reset/{TOKEN}",
            "headers": {"Authorization": [f"Bearer {TOKEN}"], "Cookie": ["session=0123456789abcdef"]},
            "query": {"access_token": [TOKEN], "page": ["1"]},
        },
    )
    interaction["providerStates"] = [{"name": "logged in", "params": {"password": "hunter2hunter2"}}]

    text, left_out = drafted_of(tmp_path, interaction, language)

    for secret in (TOKEN, "hunter2hunter2", "sk_live_abcdefghijklmnop", "0123456789abcdef"):
        assert secret not in text + left_out
    assert "Bearer REDACTED" in text
    assert "$.password" in left_out
    assert "page" in text


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            {"content": "iVBORw0KGgo=", "contentType": "image/png", "encoded": "base64"},
            "it is binary (image/png)",
        ),
        (
            {"content": "--x\r\n", "contentType": "multipart/form-data; boundary=x", "encoded": False},
            "several parts",
        ),
        ({"content": None, "contentType": "application/json", "encoded": False}, "it is null"),
        ({"content": "x" * 20_001, "contentType": "text/plain", "encoded": False}, "longer than 20,000"),
        (
            {"content": ["x" * 20_001], "contentType": "application/json", "encoded": False},
            "longer than 20,000",
        ),
        (
            {"content": [[[]] * 2], "contentType": "a\nb", "encoded": False},
            "its content type is none of HTTP",
        ),
    ],
)
def test_a_body_that_cannot_be_written_is_left_out_and_named(tmp_path, content, why):
    interaction = an_interaction()
    interaction["response"]["body"] = content

    text, left_out = drafted_of(tmp_path, interaction)

    assert ".will_respond_with(200)" in text
    assert f"response body: left out: {why}" in left_out or why in left_out


def test_a_body_of_too_many_levels_is_left_out(tmp_path):
    body = []
    for _ in range(40):
        body = [body]

    text, left_out = drafted_of(tmp_path, an_interaction(body={"a": body}))

    assert ".will_respond_with(200)" in text
    assert "too many levels" in left_out


def test_headers_that_no_client_sends_are_left_out_and_named(tmp_path):
    headers = {"Content-Length": ["3"], "X-Ok": ["a", "b"], "X Odd": ["1"], "X-Line": ["a\r\nX-Other: b"]}

    text, left_out = drafted_of(tmp_path, an_interaction(request={"headers": headers}))

    assert 'headers={"X-Ok": ["a", "b"]}' in text
    for name in ("Content-Length", "X Odd", "X-Line"):
        assert f"request header {name}: left out" in left_out
    assert "X-Other" not in text


def test_what_stands_only_in_a_pact_is_named(tmp_path):
    interaction = an_interaction(body={"id": 7})
    interaction["request"]["generators"] = {"path": {"type": "ProviderState", "expression": "/${id}"}}
    interaction["response"] |= {
        "generators": {"body": {"$.id": {"type": "RandomInt", "min": 1, "max": 9}}},
    }
    interaction["response"]["matchingRules"]["status"] = {
        "$": {"matchers": [{"match": "statusCode", "status": "success"}]}
    }

    _, left_out = drafted_of(tmp_path, interaction)

    assert "request's generators" in left_out
    assert "response's generators" in left_out
    assert "rule of the status" in left_out


def test_a_message_is_refused(tmp_path):
    file = a_pact_file(
        tmp_path,
        {
            "type": "Asynchronous/Messages",
            "description": "an order was paid",
            "contents": {"content": {}, "contentType": "application/json", "encoded": False},
        },
    )

    with pytest.raises(ToolError, match="is a message, and drafts are for requests over HTTP"):
        drafted(pacts=[file], interaction="an order was paid")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"interaction": "an order is raed"}, "Did you mean `an order is read`?"),
        ({"interaction": "zzz"}, "There are: `an order is read`"),
        (
            {"interaction": "an order is read", "provider": "Nobody"},
            "no pact of `Nobody`. There are: `Shop` with `Orders`",
        ),
        ({"interaction": "an order is read", "page": 9}, "ask for a page from 1 to 1"),
        (
            {"interaction": "an order is read", "language": "ruby"},
            'not one of "python", "javascript" or "java"',
        ),
        ({"interaction": "an order is read", "consumer": "\ud800"}, "consumer cannot be read"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_near(tmp_path, arguments, problem):
    file = a_pact_file(tmp_path, an_interaction())

    with pytest.raises(ToolError) as refused:
        drafted(pacts=[file], **arguments)

    assert problem in str(refused.value)


def test_a_long_test_comes_in_pages_that_make_the_whole(tmp_path):
    body = {f'key "{number}"': "tea\n" * 6 for number in range(200)}
    file = a_pact_file(tmp_path, an_interaction(body=body))

    data = drafted(pacts=[file], interaction="an order is read")["data"]

    assert data["pages"] > 1
    compile(data["text"], "draft", "exec")
    assert all(f'key \\"{number}\\"' in data["text"] for number in range(200))


def test_a_file_of_an_old_version_without_content_types(tmp_path):
    request = {"method": "post", "path": "/orders", "query": "a=1&b", "body": {"id": 7}}
    document = {
        "consumer": {"name": "Shop"},
        "provider": {"name": "Orders"},
        "interactions": [
            {
                "description": "an order is placed",
                "providerState": "tea is sold",
                "request": request,
                "response": {"status": 201, "body": "done"},
            }
        ],
    }
    file = tmp_path / "old.json"
    file.write_text(json.dumps(document))

    data = drafted(pacts=[file], interaction="An order is placed")["data"]

    assert '.given("tea is sold")' in data["text"]
    assert 'query={"a": "1", "b": ""}' in data["text"]
    assert "query parameter 'b': sent with an empty value" in " ".join(data["left_out"])
    assert 'headers={"Content-Type": "text/plain"}' in data["text"]


def test_an_interaction_that_several_pacts_have(tmp_path):
    for name in ("Shop", "Bakery"):
        (tmp_path / name).mkdir()
        a_pact_file(tmp_path / name, an_interaction(), consumer=name)
    folders = [tmp_path / "Shop", tmp_path / "Bakery"]

    with pytest.raises(ToolError, match="several pacts have it: name consumer and provider: `Shop` with"):
        drafted(pacts=folders, interaction="an order is read")
    answer = drafted(pacts=folders, interaction="an order is read", consumer="Bakery", provider="Orders")
    assert "`Bakery` asks `Orders`" in answer["summary"]


def test_an_interaction_that_a_pact_has_twice(tmp_path):
    states = [an_interaction(providerStates=[{"name": name}]) for name in ("first", "second")]
    file = a_pact_file(tmp_path, *states)

    data = drafted(pacts=[file], interaction="an order is read")["data"]

    assert '.given("first")' in data["text"]
    assert "has 2 interactions of this description; the first one is drafted" in " ".join(data["left_out"])


@pytest.mark.parametrize("language", ["python", "javascript", "java"])
def test_any_text_where_the_language_can_say_it(tmp_path, language):
    interaction = an_interaction()
    interaction["response"] |= {
        "body": {"content": "done", "contentType": "text/plain", "encoded": False},
        "matchingRules": {"body": {"$": {"matchers": [{"match": "type"}]}}},
    }

    text, left_out = drafted_of(tmp_path, interaction, language)

    assert "done" in text
    assert (left_out == "") == (language == "python")


def test_rules_of_other_parts(tmp_path):
    interaction = an_interaction(request={"method": "POST", "headers": {"X-Day": ["2026-01-05"]}})
    interaction["request"] |= {
        "body": {"content": "<a>1</a>", "contentType": "application/xml", "encoded": False},
        "matchingRules": {
            "method": {"matchers": [{"match": "regex", "regex": "POST|PUT"}]},
            "path": {"matchers": [{"match": "type"}]},
            "header": {"X-Day": {"matchers": [{"match": "date", "format": "yyyy-MM-dd"}]}},
            "body": {"$.a['#text']": {"matchers": [{"match": "type"}]}},
        },
    }
    interaction["pluginConfiguration"] = {"protobuf": {}}

    text, left_out = drafted_of(tmp_path, interaction)

    assert 'match.date("2026-01-05", "yyyy-MM-dd")' in text
    assert '.with_request(\n            "POST",\n            "/orders/7",' in text
    for what in ("rule of the method", "XML must be equal", "plugin adds is left out"):
        assert what in left_out


@pytest.mark.parametrize(
    "rule", [{"match": "date", "format": "QQQQQQ!"}, {"match": "regex", "regex": "("}, {"match": "date"}]
)
def test_a_rule_that_nobody_can_read_becomes_the_type(tmp_path, rule):
    text, left_out = body_rules(tmp_path, {"it": "a"}, {"$.it": rule})

    assert 'match.like("a")' in text
    assert "is left out, as a draft cannot say it" in left_out


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        (
            {"match": "eachValue", "rules": [{"match": "integer"}], "value": "{}"},
            'match.each_value({"a": match.integer(1)})',
        ),
        ({"match": "eachValue", "rules": [], "value": "{}"}, 'match.each_value({"a": match.like(1)})'),
        ({"match": "eachKey", "rules": [{"match": "type"}], "value": "{}"}, '{"a": 1}'),
    ],
)
def test_rules_of_all_keys_and_values(tmp_path, rule, written):
    text, _ = body_rules(tmp_path, {"it": {"a": 1}}, {"$.it": rule})

    assert f'"it": {written}' in text


def test_a_rule_in_a_key_that_no_path_leads_to_holds_around_it(tmp_path):
    text, _ = body_rules(tmp_path, {"it": {"": {"a": 1}}, "": [1]}, {"$.it": {"match": "type"}})

    assert '"it": match.like({"": {"a": 1}}), "": [1]' in text


def test_a_test_that_nobody_would_read_is_refused(tmp_path):
    body = {
        "content": {f"k{number}": 1 for number in range(1_600)},
        "contentType": "application/json",
        "encoded": False,
    }
    states = [{"name": "s" * 3_000, "params": {"p": "x" * 20_000}} for _ in range(5)]
    interaction = an_interaction(request={"method": "PUT", "body": body}, providerStates=states)
    file = a_pact_file(tmp_path, interaction)

    with pytest.raises(ToolError, match="more than a person reads"):
        drafted(pacts=[file], interaction="an order is read")


def test_a_secret_in_a_text_and_a_long_description(tmp_path):
    interaction = an_interaction("a " + "very " * 30 + "long one")
    interaction["response"]["body"] = {
        "content": f"token: {TOKEN}",
        "contentType": "text/plain",
        "encoded": False,
    }
    file = a_pact_file(tmp_path, interaction)

    data = drafted(pacts=[file], interaction=interaction["description"])["data"]

    assert TOKEN not in data["text"]
    assert "response body: a part of the text: looks like a secret" in " ".join(data["left_out"])
    assert data["file"] == f"test_a_{'very_' * 10}very.py"
