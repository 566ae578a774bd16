import pytest
from support.contract_documents import a_message, an_asyncapi

from tally.errors import InvalidContractError
from tally.pact import ProviderState
from tally.service_contract.checks import check_service_contract
from tally.service_contract.model import Direction, SecurityScheme, Specification
from tally.service_contract.parsing import parse_service_contract


def parsed(document):
    (operation,) = parse_service_contract(document).operations
    return operation


def with_operation(**changes):
    document = an_asyncapi()
    document["operations"]["orderPaid"] |= changes
    return document


def with_message(message, **changes):
    document = an_asyncapi(**changes)
    document["channels"]["paid"]["messages"]["OrderPaid"] = message
    return document


def test_an_operation_says_what_is_written_to_which_channel():
    contract = parse_service_contract(an_asyncapi())

    (operation,) = contract.message_operations
    assert (contract.specification, contract.service, contract.version) == (
        Specification.ASYNCAPI,
        "Orders",
        "1",
    )
    assert (operation.id, operation.kind, operation.direction) == ("orderPaid", "message", Direction.SENT)
    assert (operation.channel, operation.channel_name) == ("orders.{region}.paid", "paid")
    assert operation.title == "sends orders.{region}.paid"
    assert operation.pointer == "/operations/orderPaid"
    (message,) = operation.messages
    assert (message.name, message.content_type) == ("OrderPaid", "application/json")
    assert message.payload["required"] == ["orderId"]
    assert message.pointer == "/channels/paid/messages/OrderPaid"
    (region,) = operation.parameters
    assert (region.name, region.location, region.schema) == (
        "region",
        "channel",
        {"type": "string", "enum": ["eu", "us"]},
    )


def test_an_example_of_a_message_can_be_replayed():
    example = {"payload": {"orderId": 7}, "headers": {"a": "b"}, "x-contract-states": ["an order exists"]}

    (found,) = parsed(with_message(a_message(examples=[example]))).examples

    assert (found.name, found.message, found.headers) == ("example 1", "OrderPaid", {"a": "b"})
    assert (found.payload.value, found.payload.content_type) == ({"orderId": 7}, "application/json")
    assert found.states == (ProviderState("an order exists"),)
    assert found.pointer == "/channels/paid/messages/OrderPaid/examples/0"


def test_a_request_has_a_reply():
    document = with_operation(
        action="receive",
        reply={
            "channel": {"$ref": "#/channels/quotes"},
            "messages": [{"$ref": "#/channels/quotes/messages/B"}],
        },
    )
    document["channels"]["quotes"] = {
        "address": "quotes",
        "messages": {"A": {}, "B": {"payload": {"type": "null"}}},
    }

    operation = parsed(document)

    assert (operation.kind, operation.direction, operation.reply_channel) == (
        "request-reply",
        Direction.RECEIVED,
        "quotes",
    )
    assert [(reply.name, reply.payload) for reply in operation.replies] == [("B", {"type": "null"})]


def test_a_reply_to_an_address_in_the_message_may_be_anything():
    operation = parsed(with_operation(reply={"address": {"location": "$message.header#/replyTo"}}))

    assert operation.kind == "request-reply"
    assert operation.reply_channel is None


def test_references_lead_to_components_of_any_kind():
    document = an_asyncapi(
        channels={"paid": {"$ref": "#/components/channels/paid"}},
        components={
            "channels": {
                "paid": {"address": "p", "messages": {"OrderPaid": {"$ref": "#/components/messages/M"}}}
            },
            "messages": {
                "M": {
                    "payload": {"$ref": "#/components/schemas/Order"},
                    "headers": {"$ref": "#/components/schemas/H"},
                }
            },
            "schemas": {"Order": {"items": [{"$ref": "#/components/schemas/H"}]}, "H": {"type": "object"}},
        },
    )

    operation = parsed(document)

    (message,) = operation.messages
    assert (operation.channel, message.name) == ("p", "OrderPaid")
    assert message.payload == {
        "$ref": "#/$defs/Order",
        "$defs": {"Order": {"prefixItems": [{"$ref": "#/$defs/H"}]}, "H": {"type": "object"}},
    }
    assert message.headers == {"$ref": "#/$defs/H", "$defs": {"H": {"type": "object"}}}


def test_what_a_trait_says_holds_unless_the_message_says_otherwise():
    headers = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    message = a_message(traits=[{"$ref": "#/components/messageTraits/T"}], headers={"required": ["at"]})
    document = with_message(
        message, components={"messageTraits": {"T": {"headers": headers, "contentType": "text/plain"}}}
    )

    (read,) = parsed(document).messages

    assert read.headers == {**headers, "required": ["at"]}
    assert read.content_type == "application/json"


def test_any_one_of_the_security_schemes_suffices():
    document = with_operation(
        security=[
            {"$ref": "#/components/securitySchemes/key"},
            {"type": "oauth2", "scopes": ["write"], "flows": {}},
        ]
    )
    document["components"] = {
        "securitySchemes": {"key": {"type": "httpApiKey", "in": "header", "name": "X-Key"}}
    }

    assert parsed(document).security == (
        (SecurityScheme("key", "httpApiKey", "header", "X-Key"),),
        (SecurityScheme("oauth2", "oauth2", scopes=("write",)),),
    )


def test_a_server_asks_for_its_own_security_as_well():
    document = with_operation(security=[{"$ref": "#/components/securitySchemes/key"}])
    document["components"] = {
        "securitySchemes": {"key": {"type": "apiKey", "in": "user"}, "cert": {"type": "X509"}}
    }
    document["servers"] = {
        "a": {"host": "a", "protocol": "kafka", "security": [{"$ref": "#/components/securitySchemes/cert"}]},
        "b": {"host": "b", "protocol": "kafka"},
    }

    key, cert = SecurityScheme("key", "apiKey", "user"), SecurityScheme("cert", "X509")
    assert parsed(document).security == ((cert, key), (key,))
    document["channels"]["paid"]["servers"] = [{"$ref": "#/servers/a"}]
    assert parsed(document).security == ((cert, key),)
    del document["operations"]["orderPaid"]["security"]
    assert parsed(document).security == ((cert,),)


@pytest.mark.parametrize(
    ("form", "schema", "expected"),
    [
        ("application/vnd.aai.asyncapi;version=3.0.0", {"items": [True]}, {"prefixItems": [True]}),
        ("application/schema+json;version=draft-07", {"items": [True]}, {"prefixItems": [True]}),
        (
            "application/schema+json;version=draft-04",
            {"minimum": 1, "exclusiveMinimum": True},
            {"exclusiveMinimum": 1},
        ),
        ("application/schema+yaml;version=2020-12", {"prefixItems": [True]}, {"prefixItems": [True]}),
        (
            "application/vnd.oai.openapi;version=3.0.3",
            {"type": "string", "nullable": True},
            {"type": ["string", "null"]},
        ),
        ("application/vnd.oai.openapi+yaml; version=3.1.0", {"prefixItems": [True]}, {"prefixItems": [True]}),
    ],
)
@pytest.mark.parametrize("shared", [True, False])
def test_a_schema_has_the_dialect_of_its_format(form, schema, expected, *, shared):
    written = {"schemaFormat": form, "schema": schema}
    payload = {"$ref": "#/components/schemas/S"} if shared else written

    (message,) = parsed(
        with_message(a_message(payload=payload, examples=[]), components={"schemas": {"S": written}})
    ).messages

    assert message.payload == expected


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (with_operation(action="publish"), "^/operations/orderPaid/action: 'publish' is not one of"),
        (
            with_operation(channel={"$ref": "#/channels/nowhere"}),
            r"^/operations/orderPaid/channel/\$ref: .*points at nothing",
        ),
        (
            with_operation(messages=[{"$ref": "#/info"}]),
            r"^/operations/orderPaid/messages/0/\$ref: '#/info' is not a message of the channel",
        ),
        (
            with_message(a_message(payload={"type": "strin"})),
            "^/channels/paid/messages/OrderPaid/payload/type: 'strin'",
        ),
        (
            with_message(
                a_message(payload={"schemaFormat": "application/vnd.apache.avro;version=1.9.0", "schema": {}})
            ),
            "^/channels/paid/messages/OrderPaid/payload/schemaFormat: .*avro.*is not read: JSON Schema",
        ),
        (an_asyncapi(channel={}), "^/: Additional properties are not allowed: 'channel'"),
        (an_asyncapi(asyncapi=3), "^/asyncapi: 3 is not a text"),
    ],
)
def test_what_is_no_contract_is_refused_by_the_place(document, message):
    with pytest.raises(InvalidContractError, match=message):
        parse_service_contract(document)


def test_asyncapi_lets_its_own_examples_contradict_so_that_is_a_warning():
    document = with_message(a_message(examples=[{"name": "odd", "payload": {}}]))

    (warning,) = check_service_contract(document)

    place = "/channels/paid/messages/OrderPaid/examples/0"
    assert warning == f"{place}: example 'odd', payload: 'orderId' is a required property"


def test_an_address_and_its_parameters_that_disagree_are_a_warning():
    document = an_asyncapi()
    document["channels"]["paid"]["parameters"] = {"country": {}}

    undescribed, unused = check_service_contract(document)

    place, channel = "/operations/orderPaid", "channel orders.{region}.paid"
    assert undescribed == f"{place}: the {channel} has no parameter 'region', so it may be anything"
    assert unused == f"{place}: the parameter 'country' has no {{country}} in the {channel}"


def test_examples_written_to_be_replayed_must_agree():
    document = with_operation(**{"x-contract-examples": [{"name": "odd", "payload": {"orderId": "x"}}]})

    with pytest.raises(
        InvalidContractError,
        match=r"^/operations/orderPaid/x-contract-examples/0: example 'odd', payload/orderId: 'x' is not",
    ):
        check_service_contract(document)


def test_an_example_of_a_request_names_its_reply():
    document = with_operation(
        action="receive",
        reply={"channel": {"$ref": "#/channels/quotes"}},
        **{"x-contract-examples": [{"name": "e", "payload": {"orderId": 1}, "reply": {"payload": 12}}]},
    )
    document["channels"]["quotes"] = {
        "address": "quotes",
        "messages": {"Q": {"payload": {"type": "integer"}}},
    }

    assert check_service_contract(document) == ()
    example = parsed(document).examples[-1]
    assert (example.message, example.reply.message, example.reply.payload.value) == ("OrderPaid", "Q", 12)


def test_an_example_of_an_unknown_message_is_refused():
    document = with_operation(**{"x-contract-examples": [{"name": "odd", "message": "Nothing"}]})

    with pytest.raises(
        InvalidContractError,
        match=r"/x-contract-examples/0/message: there is no message 'Nothing' here \(OrderPaid\)",
    ):
        parse_service_contract(document)
