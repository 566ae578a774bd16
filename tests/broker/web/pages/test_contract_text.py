"""A contract as text that a person reads."""

import pytest

from broker.web.pages.contract_text import message_text, request_text, response_text, rules
from tally.pact import (
    Body,
    MatchingRules,
    Message,
    Presence,
    Request,
    Response,
    Rule,
    RuleSet,
)


def json_body(value):
    return Body(Presence.PRESENT, value, "application/json")


def test_a_request_reads_as_it_is_sent():
    request = Request(
        "post",
        "/orders",
        {"expand": ("items", "the rest & more"), "all": (None,)},
        {"Accept": ("text/plain", "application/json")},
        json_body({"name": "Zoë"}),
    )

    assert request_text(request) == (
        "POST /orders?expand=items&expand=the rest %26 more&all\n"
        "Accept: text/plain, application/json\n"
        "\n"
        '{\n  "name": "Zoë"\n}'
    )


def test_a_response_without_a_body_is_its_status_and_headers():
    assert response_text(Response(204, {"ETag": ("1",)})) == "status 204\nETag: 1"
    assert response_text(Response()) == "any status"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (Body(), ""),
        (Body(Presence.EMPTY), ""),
        (Body(Presence.NULL), "\n\nnull"),
        (Body(Presence.PRESENT, "Hello", "text/plain"), "\n\nHello"),
        (json_body("Hello"), '\n\n"Hello"'),
        (Body(Presence.PRESENT, b"\x00" * 1200, "image/png"), "\n\n1,200 bytes of image/png"),
        (Body(Presence.PRESENT, b"\x00", None), "\n\n1 byte of unknown content"),
    ],
)
def test_a_body_is_shown_by_its_kind(body, text):
    assert response_text(Response(200, body=body)) == "status 200" + text


def test_a_message_has_its_metadata_before_its_content():
    message = Message(json_body(1), {"topic": "orders", "retries": 3})

    assert message_text(message) == "topic: orders\nretries: 3\n\n1"
    assert message_text(Message()) == "no content"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule("type"), "a value of the same type"),
        (Rule("type", {"min": 2}), "a list of the same type, at least 2 long"),
        (Rule("type", {"max": 3}), "a list of the same type, at most 3 long"),
        (Rule("type", {"min": 0, "max": 3}), "a list of the same type, 0 to 3 long"),
        (Rule("regex", {"regex": r"\d+"}), r"text that matches \d+"),
        (Rule("include", {"value": "tea"}), "text that contains tea"),
        (Rule("date", {"format": "yyyy"}), "a date in the form yyyy"),
        (Rule("timestamp", {"timestamp": "yyyy"}), "a date and time in the form yyyy"),
        (Rule("time"), "a time"),
        (Rule("integer"), "an integer"),
        (Rule("eachKey", {"rules": [{"match": "regex", "regex": "x"}]}), "each key: text that matches x"),
        (Rule("eachValue", {"rules": [{"match": "type"}, 1]}), "each value: a value of the same type"),
        (Rule("eachValue"), "eachValue"),
        (Rule("statusCode", {"status": "success"}), 'statusCode (status "success")'),
    ],
)
def test_a_rule_is_told_in_words(rule, words):
    assert rules(MatchingRules(body={"$.a": RuleSet((rule,))})) == [("body $.a", words)]


def test_every_part_that_has_rules_is_named():
    one = RuleSet((Rule("integer"),))
    either = RuleSet((Rule("integer"), Rule("null")), "OR")

    found = rules(
        MatchingRules(
            body={"$.id": either},
            header={"x-id": one},
            query={"q": one},
            metadata={"key": one},
            path=one,
            status=one,
        )
    )

    assert found == [
        ("path", "an integer"),
        ("status", "an integer"),
        ("header x-id", "an integer"),
        ("query q", "an integer"),
        ("metadata key", "an integer"),
        ("body $.id", "an integer or null"),
    ]
