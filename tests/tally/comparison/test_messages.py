import pytest
from support.comparison_documents import a_pact

USER = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "email": {"type": "string"}},
}


def a_document(channels, operations):
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Users", "version": "1"},
        "channels": channels,
        "operations": operations,
    }


def a_channel(address, **messages):
    return {"address": address, "messages": messages}


def an_operation(channel, *messages, action="send", **more):
    references = [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages]
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": references, **more}


def a_message(content, *, operation=None, metadata=None, **more):
    comments = {"references": {"AsyncAPI": {"operationId": operation}}} if operation else {}
    return {
        "type": "Asynchronous/Messages",
        "comments": comments,
        "contents": {"content": content, "contentType": "application/json", "encoded": False},
        "metadata": metadata or {},
        **more,
    }


def v4(*interactions):
    return a_pact(*interactions, specification="4.0")


HEADERS = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
CREATED = {"payload": USER, "headers": HEADERS}
DELETED = {"payload": {"type": "object", "properties": {"gone": {"type": "boolean"}}}}
EVENTS = a_document(
    {
        "users": a_channel("users.{region}", created=CREATED, deleted=DELETED),
        "other": a_channel("other", x=DELETED),
    },
    {
        "sendUsers": an_operation("users", "created", "deleted"),
        "sendOther": an_operation("other", "x"),
        "receiveOther": an_operation("other", "x", action="receive"),
    },
)


def codes(found):
    return [each["code"] for each in found["findings"] if each["question"] == "possible"]


@pytest.mark.parametrize(
    ("interaction", "expected"),
    [
        (a_message({"id": "1"}, operation="sendUsers", metadata={"kind": "a"}), ["message.matched"]),
        (a_message({}, operation="sendUsers", metadata={"kind": "a"}), ["message.matched"]),
        (a_message({"gone": True}, operation="sendUsers"), ["message.matched"]),
        (
            a_message({"id": 1}, operation="sendUsers", metadata={"kind": "a"}),
            ["message.no.match", "message.payload.incompatible"],
        ),
        (
            a_message({"id": "1"}, operation="sendUsers", metadata={"kind": 1, "more": "x"}),
            ["message.no.match", "message.headers.incompatible", "message.headers.incompatible"],
        ),
        (a_message({"id": "1"}, operation="sendNothing"), ["message.operation.unknown"]),
        (
            {**a_message({"id": "1"}), "comments": {"references": {"AsyncAPI": {"operation": "x"}}}},
            ["message.references.missing"],
        ),
        (a_message({"gone": True}, operation="receiveOther"), ["message.matched"]),
        (a_message({"id": "1"}, metadata={"kind": "a"}), ["message.matched"]),
        (a_message({"id": "1"}, metadata={"kind": "a", "topic": "users.eu"}), ["message.matched"]),
        (
            a_message({"id": "1"}, metadata={"kind": "a", "topic": "other"}),
            ["message.no.match", "message.payload.incompatible"],
        ),
        (
            a_message({"id": "1"}, metadata={"kind": "a", "kafka_topic": "unknown"}),
            ["message.channel.unknown", "message.matched"],
        ),
        (a_message({"id": "1"}, metadata={"kind": "a", "subject": "about it"}), ["message.matched"]),
        (a_message({"unknown": 1}), ["message.no.match", "message.payload.incompatible"]),
        (
            a_message({"id": "1"}, operation="sendUsers", metadata={"contentType": "application/json"}),
            ["message.matched"],
        ),
    ],
)
def test_a_message_is_found_by_operation_channel_or_content(compared, interaction, expected):
    (found,) = compared(v4(interaction), EVENTS)["interactions"]

    assert codes(found) == expected


def test_a_message_that_the_provider_only_receives_is_a_warning(compared):
    document = a_document(
        {"c": a_channel("c", m=CREATED)}, {"take": an_operation("c", "m", action="receive")}
    )

    (found,) = compared(v4(a_message({"id": "1"}, metadata={"kind": "a"})), document)["interactions"]

    assert (codes(found), found["verdict"]) == (["message.direction.unknown", "message.matched"], "warning")


def test_a_message_of_another_content_type_is_another(compared):
    message = {**DELETED, "contentType": "application/json"}
    document = a_document({"c": a_channel("c", m=message)}, {"send": an_operation("c", "m")})
    interaction = a_message("<a/>", operation="send")
    interaction["contents"]["contentType"] = "application/xml"

    (found,) = compared(v4(interaction), document)["interactions"]

    assert codes(found) == ["message.no.match", "message.payload.content-type"]


def test_places_are_those_of_the_file(compared):
    of_v3 = a_pact(specification="3.0.0") | {
        "messages": [{"description": "created", "contents": {"id": 1}, "metaData": {"kind": 1}}]
    }

    v3 = compared(of_v3, EVENTS)["interactions"][0]["findings"]
    found = compared(v4(a_message({"id": 1}, metadata={"kind": 1})), EVENTS)["interactions"][0]["findings"]

    assert [each["pact"] for each in v3] == [
        "/messages/0",
        "/messages/0/contents/id",
        "/messages/0/metaData/kind",
    ]
    assert [each["pact"] for each in found] == [
        "/interactions/0",
        "/interactions/0/contents/content/id",
        "/interactions/0/metadata/kind",
    ]
    assert found[1]["document"] == "/channels/users/messages/created/payload/properties/id/type"


def test_what_a_message_does_not_promise_is_listed(compared):
    rules = {
        "body": {"$": {"matchers": [{"match": "type"}]}},
        "metadata": {"kind": {"matchers": [{"match": "regex", "regex": "a|b"}]}},
    }
    interaction = a_message({"id": "1", "email": "a@b"}, metadata={"kind": "a"}, matchingRules=rules)

    (found,) = compared(v4(interaction), EVENTS)["interactions"]

    listed = [
        (each["pact"], each["reason"]) for each in found["findings"] if each["question"] == "guaranteed"
    ]
    assert found["verdict"] == "ok"
    assert listed == [
        ("/interactions/0/contents/content/email", "may-be-absent"),
        ("/interactions/0/metadata/kind", "pattern"),
    ]


QUOTE = {"payload": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}}
PRICE = {
    "payload": {
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}},
    }
}
QUOTES = a_document(
    {"quotes": a_channel("quotes", quote=QUOTE), "prices": a_channel("prices", price=PRICE)},
    {
        "quote": an_operation(
            "quotes",
            "quote",
            action="receive",
            reply={
                "channel": {"$ref": "#/channels/prices"},
                "messages": [{"$ref": "#/channels/prices/messages/price"}],
            },
        ),
        "listen": an_operation("quotes", "quote", action="receive"),
    },
)


def a_question(request, *replies, operation=None):
    comments = {"references": {"AsyncAPI": {"operationId": operation}}} if operation else {}

    def contents(content):
        return {"contents": {"content": content, "contentType": "application/json", "encoded": False}}

    return {
        "type": "Synchronous/Messages",
        "comments": comments,
        "request": contents(request),
        "response": [contents(reply) for reply in replies],
    }


@pytest.mark.parametrize(
    ("interaction", "verdict", "places"),
    [
        (a_question({"sku": "a"}, {"amount": 1}), "ok", []),
        (a_question({"sku": "a"}, {"amount": "1"}), "error",
         ["/interactions/0/response/0/contents/content/amount"]),
        (a_question({}, {"amount": 1}), "error", ["/interactions/0/request/contents/content"]),
        (a_question({"sku": "a"}, {"amount": 1}, {"other": 1}), "error",
         ["/interactions/0/response/1/contents/content/other"]),
        (a_question({"sku": "a"}, {"amount": 1}, operation="listen"), "error", ["/interactions/0/response"]),
        (a_question({"sku": "a"}, operation="listen"), "ok", []),
    ],
)  # fmt: skip
def test_a_request_and_its_replies_are_compared(compared, interaction, verdict, places):
    (found,) = compared(v4(interaction), QUOTES)["interactions"]

    errors = [each for each in found["findings"] if each["severity"] == "error"]
    assert found["verdict"] == verdict
    assert [each["pact"] for each in errors if each["code"] != "message.no.match"] == places


def test_an_address_may_have_many_parameters(compared):
    address = "/".join(f"{{p{number}}}.x" for number in range(40))
    document = a_document(
        {"many": a_channel(address, created=CREATED), "other": a_channel("other", x=DELETED)},
        {"send": an_operation("many", "created"), "sendOther": an_operation("other", "x")},
    )
    channel = "/".join("v.x" for _ in range(40))

    (right,) = compared(v4(a_message({"id": "1"}, metadata={"topic": channel})), document)["interactions"]
    (wrong,) = compared(v4(a_message({"gone": True}, metadata={"topic": channel})), document)["interactions"]

    assert (right["verdict"], wrong["verdict"]) == ("ok", "error")


def test_a_plain_schema_is_a_channel(compared):
    schema = {**USER, "x-contract-channel": "users", "x-contract-direction": "sent"}
    pact = v4(a_message({"id": "1"}), a_message({"id": 1}))

    ok, wrong = compared(pact, schema)["interactions"]

    assert (ok["verdict"], wrong["verdict"]) == ("ok", "error")
    payload = "message.payload.incompatible"
    places = {each["document"] for each in wrong["findings"] if each["code"] == payload}
    assert places == {"/properties/id/type"}
