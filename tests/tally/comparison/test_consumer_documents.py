"""What a consumer says in a document of its own, against the document of the provider."""

import pytest
from support.contract_documents import a_message_operation, a_native, a_native_operation

from tally.comparison.consumer_documents import compare_consumer
from tally.comparison.findings import Policy
from tally.service_contract.parsing import parse_service_contract

ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "note": {"type": "string"}},
}


def an_operation(**changes):
    return a_native_operation(examples=[], **changes)


def compared(consumer, provider, policy=Policy.POSSIBLE):
    needs = parse_service_contract(a_native(consumer, role="consumer"))
    return compare_consumer(needs, parse_service_contract(a_native(provider)), policy).as_json()


def found_in(consumer, provider):
    (interaction,) = compared(consumer, provider)["interactions"]
    return interaction


def responding(schema, status="200"):
    return {status: {"schema": schema}}


@pytest.mark.parametrize(
    ("needed", "offered", "verdict", "codes"),
    [
        (ORDER, ORDER, "ok", []),
        ({"type": "object"}, ORDER, "ok", []),
        ({**ORDER, "required": ["id", "note"]}, ORDER, "ok", ["response.body.not-guaranteed"]),
        ({"type": "object", "required": ["other"]}, ORDER, "error", ["response.body.incompatible"]),
        ({"type": "array"}, ORDER, "error", ["response.body.incompatible"]),
    ],
)
def test_what_is_answered_may_and_must_be_what_is_needed(needed, offered, verdict, codes):
    found = found_in(an_operation(responses=responding(needed)), an_operation(responses=responding(offered)))

    assert (found["verdict"], [each["code"] for each in found["findings"]]) == (verdict, codes)


@pytest.mark.parametrize(
    ("sent", "taken", "verdict", "codes"),
    [
        ({"type": "integer"}, {"type": "number"}, "ok", []),
        ({"type": "number"}, {"type": "integer"}, "ok", ["request.body.wider-than-contract"]),
        ({"type": "string"}, {"type": "integer"}, "error", ["request.body.incompatible"]),
    ],
)
def test_what_is_sent_may_and_must_be_what_is_taken(sent, taken, verdict, codes):
    body = {"method": "POST", "path": "/orders", "parameters": []}

    found = found_in(
        an_operation(**body, request={"schema": sent}), an_operation(**body, request={"schema": taken})
    )

    assert (found["verdict"], [each["code"] for each in found["findings"]]) == (verdict, codes)


def test_parameters_of_the_path_are_those_at_the_same_place():
    consumer = an_operation(
        path="/orders/{number}", parameters=[{"name": "number", "in": "path", "schema": {"type": "string"}}]
    )

    found = found_in(consumer, an_operation())

    assert [each["code"] for each in found["findings"]] == ["request.path-or-method.unknown"]


def test_what_the_provider_requires_is_always_sent():
    required = {"name": "limit", "in": "query", "required": True, "schema": {"type": "integer"}}
    own = a_native_operation()["parameters"]
    provider = an_operation(parameters=[*own, required])

    without = found_in(an_operation(), provider)
    with_it = found_in(an_operation(parameters=[*own, required]), provider)

    assert (without["verdict"], with_it["verdict"]) == ("error", "ok")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"path": "/invoices/{id}"}, "request.path-or-method.unknown"),
        ({"responses": responding(ORDER, "404")}, "response.status.unknown"),
        (
            {"responses": {"200": {"headers": {"X-Total": {"required": True}}, "schema": {}}}},
            "response.header.unknown",
        ),
        (
            {"responses": {"200": {"contentType": "text/csv", "schema": {}}}},
            "response.content-type.incompatible",
        ),
    ],
)
def test_what_the_provider_does_not_have_is_an_error(changes, code):
    found = found_in(an_operation(**changes), an_operation())

    assert code in [each["code"] for each in found["findings"]]
    assert found["verdict"] == "error"


@pytest.mark.parametrize(
    ("direction", "channel", "payload", "verdict"),
    [
        ("received", "orders.paid", {"type": "object"}, "ok"),
        ("received", "orders.paid", {"type": "string"}, "error"),
        ("received", "orders.lost", {"type": "object"}, "error"),
        ("sent", "orders.paid", {"type": "object"}, "error"),
    ],
)
def test_messages_are_read_where_they_are_sent(direction, channel, payload, verdict):
    consumer = a_message_operation(
        direction=direction, channel=channel, messages=[{"name": "OrderPaid", "payload": payload}]
    )

    found = found_in(consumer, a_message_operation())

    assert found["verdict"] == verdict


def test_replies_are_compared():
    payload = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    question = {
        "kind": "request-reply",
        "channel": "quotes",
        "messages": [{"name": "Ask", "payload": payload}],
    }

    def asked(direction, **reply):
        return a_message_operation(id="quote", direction=direction, **question, **reply)

    replying = {"reply": {"messages": [{"name": "Quote", "payload": payload}]}}
    other = {"reply": {"messages": [{"name": "Quote", "payload": {"type": "string"}}]}}

    assert found_in(asked("sent", **replying), asked("received", **replying))["verdict"] == "ok"
    assert found_in(asked("sent", **other), asked("received", **replying))["verdict"] == "error"


def test_metadata_of_messages_are_compared():
    def paid(headers):
        message = {"name": "OrderPaid", "payload": {"type": "object"}, "headers": headers}
        return a_message_operation(messages=[message])

    needed = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    consumer = {**paid(needed), "direction": "received"}

    assert found_in(consumer, paid(needed))["findings"] == []
    listed = found_in(consumer, paid({"type": "object", "properties": {"kind": {"type": "string"}}}))
    assert [each["reason"] for each in listed["findings"]] == ["may-be-absent"]


def test_a_body_is_sent_where_one_is_taken():
    taking = {"method": "POST", "path": "/orders", "parameters": []}
    body = {"request": {"schema": {"type": "object"}}}

    without = found_in(an_operation(**taking), an_operation(**taking, **body))
    in_vain = found_in(an_operation(**taking, **body), an_operation(**taking))

    assert without["findings"][0]["code"] == "request.body.incompatible"
    assert in_vain["findings"][0]["code"] == "request.body.unknown"


def test_a_status_that_is_one_of_the_others_is_a_warning():
    found = found_in(
        an_operation(responses=responding(ORDER)), an_operation(responses=responding(ORDER, "default"))
    )

    assert (found["verdict"], found["findings"][0]["code"]) == ("warning", "response.status.default")


def test_what_cannot_be_proven_is_said():
    def coded(pattern):
        schema = {
            "type": "object",
            "required": ["c"],
            "properties": {"c": {"type": "string", "pattern": pattern}},
        }
        return an_operation(responses=responding(schema))

    (finding,) = found_in(coded("^(?!x)[a-z]+$"), coded("^[a-w][a-z]*$"))["findings"]

    assert (finding["severity"], finding["reason"]) == ("info", "unproven")


def test_the_policy_counts_here_too():
    consumer = an_operation(responses=responding({**ORDER, "required": ["note"]}))
    provider = an_operation(responses=responding(ORDER))

    assert compared(consumer, provider)["verdict"] == "compatible"
    assert compared(consumer, provider, Policy.GUARANTEED)["verdict"] == "incompatible"
