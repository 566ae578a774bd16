"""What a developer reads when something does not match."""

import pytest
from support.matching_examples import json_body, one, rules

from tally.matching import Mismatch, match_message, match_request, match_response
from tally.pact import Message, Request, Response


def body_messages(expected, actual, paths=None):
    wanted = Response(body=json_body(expected), rules=rules(body=paths or {}))
    return [mismatch.message for mismatch in match_response(wanted, Response(body=json_body(actual)))]


def test_a_mismatch_names_the_place_and_both_values():
    expected = Response(body=json_body({"items": [{"price": 10}]}))
    actual = Response(body=json_body({"items": [{"price": 12}]}))

    assert match_response(expected, actual) == (
        Mismatch("body", "$.items[0].price", 10, 12, "Expected 10 at $.items[0].price, but got 12"),
    )


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        ({"a": 1}, {}, "Expected 1 at $.a, but the key is missing"),
        ({"unit price": 1}, {}, "Expected 1 at $['unit price'], but the key is missing"),
        ({"it's": 1}, {}, """Expected 1 at $["it's"], but the key is missing"""),
        ([1, 2], [1], "Expected 2 items at $, but got 1: [1]"),
        ([1], [1, 2], "Expected 1 item at $, but got 2: [1, 2]"),
        ([], [1], "Expected an empty list at $, but got 1: [1]"),
        ({"a": {}}, {"a": []}, "Expected an object at $.a, but got []"),
        ({"a": [1]}, {"a": "x"}, 'Expected a list, such as [1], at $.a, but got "x"'),
        (1, 1.0, "Expected 1 at $, but got 1.0"),
        (1, True, "Expected 1 at $, but got true"),
        (None, 0, "Expected null at $, but got 0"),
        ({"a": "x"}, {"a": None}, 'Expected "x" at $.a, but got null'),
    ],
)
def test_without_rules_a_body_is_the_example(expected, actual, message):
    assert body_messages(expected, actual) == [message]


def test_long_values_are_shortened():
    (message,) = body_messages("short", "x" * 1000)

    assert len(message) < 250
    assert " … " in message


def test_every_difference_is_reported():
    expected = {"a": 1, "b": [1, 2], "c": {"d": "x"}}
    actual = {"a": 2, "b": [3, 2, 1], "c": {}}

    assert body_messages(expected, actual) == [
        "Expected 1 at $.a, but got 2",
        "Expected 1 at $.b[0], but got 3",
        "Expected 2 items at $.b, but got 3: [3, 2, 1]",
        'Expected "x" at $.c.d, but the key is missing',
    ]


def test_a_request_refuses_what_it_does_not_expect_and_a_response_does_not():
    expected, actual = json_body({"a": 1}), json_body({"a": 1, "b": {"c": 2}})

    assert match_response(Response(body=expected), Response(body=actual)) == ()
    assert match_message(Message(body=expected), Message(body=actual)) == ()
    (mismatch,) = match_request(Request(body=expected), Request(body=actual))
    assert mismatch.message == 'Expected nothing at $.b, but got {"c": 2}'


def test_parts_of_a_request_are_named():
    expected = Request(method="POST", path="/orders", query={"page": ("1",), "tag": ("a",)})
    actual = Request(method="put", path="/order", query={"page": ("2",), "more": ("x", None)})

    assert [(m.kind, m.path, m.message) for m in match_request(expected, actual)] == [
        ("method", "", 'Expected "POST" as the method, but got "PUT"'),
        ("path", "", 'Expected "/orders" as the path, but got "/order"'),
        ("query", "page", 'Expected "1" in the query parameter "page", but got "2"'),
        ("query", "tag", 'Expected the query parameter "tag" with "a", but it is missing'),
        ("query", "more", 'Expected the query parameter "more" to be absent, but got "x", ""'),
    ]


def test_the_second_value_of_a_parameter_is_named():
    expected, actual = Request(query={"id": ("1", "2")}), Request(query={"id": ("1", "3")})

    (mismatch,) = match_request(expected, actual)

    assert mismatch.message == 'Expected "2" in the query parameter "id" (value 2), but got "3"'


def test_an_old_query_is_compared_as_a_whole():
    expected, actual = Request(query_string="a=1&b=2"), Request(query_string="b=2&a=1")

    (mismatch,) = match_request(expected, actual)

    assert mismatch.message == 'Expected "a=1&b=2" as the query, but got "b=2&a=1"'


def test_status_and_headers_of_a_response_are_named():
    expected = Response(200, {"Content-Type": ("application/json",), "X-Page": ("1",)})
    actual = Response(404, {"content-type": ("text/html",)})

    assert [(m.kind, m.path, m.message) for m in match_response(expected, actual)] == [
        ("status", "", "Expected 200 as the status, but got 404"),
        (
            "header",
            "Content-Type",
            'Expected "application/json" in the header "Content-Type", but got "text/html"',
        ),
        ("header", "X-Page", 'Expected the header "X-Page" with "1", but it is missing'),
    ]


def test_a_response_without_a_status_accepts_any():
    assert match_response(Response(), Response(500)) == ()


@pytest.mark.parametrize(
    ("status", "actual", "message"),
    [
        ("success", 404, "Expected a success (200 to 299) as the status, but got 404"),
        ("error", 200, "Expected an error (400 or above) as the status, but got 200"),
        ([200, 201], 204, "Expected one of the statuses 200, 201 as the status, but got 204"),
        ("good", 200, 'Cannot compare what is as the status: "status" of the rule is "good"; known are info'),
    ],
)
def test_a_status_can_have_a_rule(status, actual, message):
    expected = Response(200, rules=rules(status=one("statusCode", status=status)))

    (mismatch,) = match_response(expected, Response(actual))

    assert mismatch.message.startswith(message)


def test_a_path_can_have_a_rule():
    expected = Request(path="/orders/1", rules=rules(path=one("regex", regex=r"/orders/\d+")))

    assert match_request(expected, Request(path="/orders/22")) == ()
    (mismatch,) = match_request(expected, Request(path="/orders/x"))
    assert (
        mismatch.message
        == r'Expected a value that matches /\/orders\/\d+/ as the path, but got "/orders/x"'.replace(
            r"\/", "/"
        )
    )


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        (("a, b",), ("a", "b"), True),
        (("a", "b"), ("a,b",), True),
        (("a", "b"), ("b", "a"), False),
        (('"x,y"; q=1',), ('"x, y"; q=1',), False),
    ],
)
def test_a_header_of_several_values_may_come_on_several_lines(expected, actual, same):
    mismatches = match_response(Response(headers={"Vary": expected}), Response(headers={"vary": actual}))

    assert (mismatches == ()) is same


def test_rules_of_headers_and_queries_read_numbers_from_text():
    by_name = {"page": one("integer")}
    expected = Request(
        query={"page": ("1",)}, headers={"Page": ("1",)}, rules=rules(query=by_name, header=by_name)
    )

    assert match_request(expected, Request(query={"page": ("22",)}, headers={"Page": ("22",)})) == ()
    wrong = Request(query={"page": ("x",)}, headers={"Page": ("1.5",)})
    assert [mismatch.message for mismatch in match_request(expected, wrong)] == [
        'Expected an integer in the query parameter "page", but got "x"',
        'Expected an integer in the header "Page", but got "1.5"',
    ]


@pytest.mark.parametrize(
    ("rule", "fits", "unfit"),
    [
        ("number", ["1", "-1.5e3"], ["x", "1,5"]),
        ("decimal", ["1.5", "1"], [".", ""]),
        ("boolean", ["true"], ["yes"]),
    ],
)
def test_text_is_read_as_what_a_rule_wants(rule, fits, unfit):
    expected = Request(query={"value": ("?",)}, rules=rules(query={"value": one(rule)}))

    assert [text for text in fits if match_request(expected, Request(query={"value": (text,)}))] == []
    assert [text for text in unfit if not match_request(expected, Request(query={"value": (text,)}))] == []


def test_a_rule_can_be_about_one_value_of_a_name():
    expected = Request(query={"id": ("1", "2")}, rules=rules(query={"id[1]": one("integer")}))

    assert match_request(expected, Request(query={"id": ("1", "7")})) == ()
    assert match_request(expected, Request(query={"id": ("7", "2")})) != ()


def test_a_rule_of_a_header_sees_several_lines_as_one():
    expected = Response(
        headers={"Vary": ("a, b",)}, rules=rules(header={"vary": one("regex", regex="[a-z, ]+")})
    )

    assert match_response(expected, Response(headers={"Vary": ("x", "y")})) == ()


def test_metadata_is_compared_by_name():
    expected = Message(metadata={"topic": "orders", "key": 1, "contentType": "application/json"})
    actual = Message(body=json_body({}), metadata={"topic": "payments"})

    assert [(m.kind, m.path, m.message) for m in match_message(expected, actual)] == [
        ("metadata", "topic", 'Expected "orders" in the metadata "topic", but got "payments"'),
        ("metadata", "key", 'Expected the metadata "key", but it is missing'),
    ]


def test_the_content_type_of_a_message_may_have_more_parameters():
    expected = Message(metadata={"contentType": "application/json"})

    assert (
        match_message(expected, Message(metadata={"Content-Type": "application/json; charset=utf-8"})) == ()
    )
    (mismatch,) = match_message(expected, Message(metadata={"contentType": "text/csv"}))
    assert mismatch.message == 'Expected "application/json" in the metadata "contentType", but got "text/csv"'


def test_metadata_can_have_rules():
    expected = Message(
        metadata={"topic": "orders"}, rules=rules(metadata={"topic": one("regex", regex="ord.*")})
    )

    assert match_message(expected, Message(metadata={"topic": "ordering"})) == ()
    assert match_message(expected, Message(metadata={"topic": "payments"})) != ()


@pytest.mark.parametrize("rule", ["integer", "number", "decimal"])
def test_metadata_has_types_and_a_number_as_text_is_no_number(rule):
    expected = Message(metadata={"n": 4.5}, rules=rules(metadata={"n": one(rule)}))

    fits = {"integer": 42, "number": 1, "decimal": 1.5}[rule]
    assert match_message(expected, Message(metadata={"n": fits})) == ()
    (mismatch,) = match_message(expected, Message(metadata={"n": str(fits)}))
    assert mismatch.path == "n"
