"""What cannot be compared is unknown, and never compatible."""

import time

import pytest
from support.comparison_documents import a_pact, an_api, answered, asking, described, getting, ref, schemas

from tally.comparison.comparing import compare
from tally.comparison.unreadable import parse_what_can_be_read
from tally.errors import InvalidContractError
from tally.service_contract.parsing import parse_service_contract

DOCUMENT = an_api({"/": getting({"type": "object", "properties": {"a": {"type": "string"}}})})


def test_an_interaction_of_a_plugin_is_unknown(compared):
    plugged = {**answered({"a": "x"}), "type": "Synchronous/HTTP", "pluginConfiguration": {"protobuf": {}}}

    comparison = compared(a_pact(plugged, specification="4.0"), DOCUMENT)

    (found,) = comparison["interactions"]
    assert (comparison["verdict"], found["verdict"]) == ("unknown", "warning")
    assert 'the plugin "protobuf"' in found["findings"][0]["text"]


def test_an_interaction_that_crashes_is_unknown_with_the_reason(compared, monkeypatch):
    def crash(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("tally.comparison.comparing.compare_http", crash)

    comparison = compared(a_pact(answered({"a": "x"})), DOCUMENT)

    assert comparison["verdict"] == "unknown"
    assert comparison["interactions"][0]["findings"][0]["code"] == "comparison.failed"
    assert "ZeroDivisionError: division by zero" in comparison["interactions"][0]["findings"][0]["text"]


def test_an_error_elsewhere_outweighs_what_is_unknown(compared):
    plugged = {**answered({"a": "x"}), "type": "Synchronous/HTTP", "pluginConfiguration": {"protobuf": {}}}
    wrong = {**answered({"a": 1}), "type": "Synchronous/HTTP"}

    assert compared(a_pact(plugged, wrong, specification="4.0"), DOCUMENT)["verdict"] == "incompatible"


def test_what_no_document_is_about_is_unknown(compared):
    message = {
        "type": "Asynchronous/Messages",
        "contents": {"content": {"a": 1}, "contentType": "application/json"},
    }
    pact = a_pact({**answered({"a": "x"}), "type": "Synchronous/HTTP"}, message, specification="4.0")

    comparison = compared(pact, DOCUMENT)

    assert comparison["verdict"] == "unknown"
    assert comparison["interactions"][1]["findings"][0]["code"] == "message.spec.missing"


def test_interactions_that_cannot_be_read_do_not_hide_the_others():
    pact = a_pact(answered({"a": "x"}), {"type": "what is this"}, specification="4.0")

    comparison = compare(parse_what_can_be_read(pact), parse_service_contract(DOCUMENT))

    assert [each.verdict.value for each in comparison.interactions] == ["ok", "warning"]
    assert comparison.verdict.value == "unknown"
    assert "interactions[1].type" in comparison.interactions[1].findings[0].text


@pytest.mark.parametrize("document", [[], {}, {"consumer": {"name": "a"}}, a_pact({"type": "x"})])
def test_what_is_no_pact_is_refused(document):
    with pytest.raises(InvalidContractError):
        parse_what_can_be_read(document)


def nested(levels):
    models = {f"L{n}": {"anyOf": [ref(f"L{n + 1}"), ref(f"L{n + 1}")]} for n in range(levels)}
    return {**models, f"L{levels}": {"type": "object", "properties": {"a": {"type": "string"}}}}


def recursive(kinds):
    branches = [ref(f"K{n}") for n in range(kinds)]
    return {
        f"K{n}": {"type": "object", "properties": {"k": {"const": n}, "of": {"oneOf": branches}}}
        for n in range(kinds)
    }


def chained(length):
    chain = {f"C{n}": {"properties": {"next": ref(f"C{n + 1}")}} for n in range(length)}
    return {**chain, f"C{length}": {"type": "object"}}


def shared(levels):
    own = {f"S{n}": {"allOf": [ref(f"S{n + 1}"), ref(f"S{n + 1}")]} for n in range(levels)}
    return {**own, f"S{levels}": {"type": "object", "properties": {"a": {"type": "string"}}}}


@pytest.mark.parametrize(
    ("models", "root", "body"),
    [
        (nested(14), "L0", {"a": "x"}),
        (recursive(12), "K0", {"k": 0, "of": {"k": 1, "of": {"k": 2}}}),
        (chained(600), "C0", {"next": {"next": {}}}),
        (shared(14), "S0", {"a": "x"}),
        ({"A": {"allOf": [ref("A"), {"type": "object", "properties": {"a": {}}}]}}, "A", {"a": 1}),
        ({"A": ref("B"), "B": ref("A")}, "A", {"a": 1}),
        (
            {"A": {"properties": {"a": {"pattern": "^(a+)+$", "type": "string"}}}},
            "A",
            {"a": "a" * 5000 + "!"},
        ),
    ],
)
def test_hostile_documents_take_little_time(compared, models, root, body):
    document = an_api({"/": getting(ref(root))}, "3.1.0", **schemas(**models))
    pact = a_pact(answered(body, matchingRules={"$.body": {"match": "type"}}))
    started = time.process_time()

    comparison = compared(pact, document)

    assert time.process_time() - started < 4
    assert comparison["interactions"][0]["findings"] or comparison["verdict"] == "compatible"


def test_a_large_pact_takes_little_time(compared):
    interactions = [asking(f"GET /{n}", 200, query=f"a={n}") for n in range(2000)]
    document = an_api({f"/{n}": {"get": {"responses": {"200": described()}}} for n in range(0, 2000, 2)})
    started = time.process_time()

    comparison = compared(a_pact(*interactions), document)

    assert time.process_time() - started < 4
    assert len(comparison["interactions"]) == 2000
