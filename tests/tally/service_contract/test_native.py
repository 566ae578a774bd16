import pytest
from support.contract_documents import a_message_operation, a_native, a_native_operation

from tally.errors import InvalidContractError
from tally.json_schema.validation import Validator
from tally.pact import ProviderState
from tally.service_contract.checks import check_service_contract
from tally.service_contract.model import (
    Budget,
    Dependency,
    Direction,
    ErrorCondition,
    Header,
    PartEncoding,
    SecurityScheme,
    Specification,
)
from tally.service_contract.parsing import parse_service_contract
from tally.service_contract.structure import published_schema


def test_a_native_document_says_what_an_operation_takes_and_gives():
    operation = a_native_operation(
        method="POST",
        request={"contentType": "application/vnd.order+json", "schema": {"$ref": "#/schemas/Order"}},
        responses={
            "201": {
                "schema": {"type": "object"},
                "headers": {"Location": {"schema": {"type": "string"}, "required": True}},
            },
            "204": {},
        },
    )

    contract = parse_service_contract(
        a_native(operation, service="Orders", schemas={"Order": {"type": "object"}})
    )

    (parsed,) = contract.operations
    assert (contract.specification, contract.service) == (Specification.NATIVE, "Orders")
    assert (parsed.id, parsed.kind, parsed.method, parsed.pointer) == (
        "getOrder",
        "http",
        "POST",
        "/operations/0",
    )
    assert parsed.request.required
    assert parsed.request.content[0].content_type == "application/vnd.order+json"
    assert parsed.request.content[0].schema == {
        "$ref": "#/$defs/Order",
        "$defs": {"Order": {"type": "object"}},
    }
    created, empty = parsed.responses
    assert created.content[0].content_type == "application/json"
    assert [(header.name, header.required) for header in created.headers] == [("Location", True)]
    assert empty.content == ()


def test_parameters_of_the_path_are_required_without_saying_so():
    parameters = [{"name": "id", "in": "path"}, {"name": "page", "in": "query"}]

    (operation,) = parse_service_contract(a_native(a_native_operation(parameters=parameters))).operations

    assert [parameter.required for parameter in operation.parameters] == [True, False]


def test_an_example_has_states_a_request_and_a_response():
    (operation,) = parse_service_contract(a_native()).operations

    (example,) = operation.examples
    assert example.name == "an open order"
    assert example.states == (ProviderState("an order exists", {"id": 7}),)
    assert example.request.path == {"id": 7}
    assert (example.response.status, example.response.body.value) == ("200", {"id": 7})
    assert example.pointer == "/operations/0/examples/0"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"serviceContract": "2"}, "^/serviceContract: '1' was expected"),
        ({"serviceContract": "1"}, "^/: 'operations' is a required property"),
        ({"serviceContract": "1", "operations": []}, "^/operations: "),
        (a_native(a_native_operation(method="get")), "^/operations/0/method: 'get' is not one of"),
        (a_native(a_native_operation(kind="rpc")), "^/operations/0/kind: 'rpc' is not one of"),
        (a_native(a_native_operation(methd="GET")), "'methd'; did you mean 'method'"),
        (a_native(a_message_operation(direction="send")), "^/operations/0/direction: 'send' is not one of"),
        (
            a_native(a_message_operation(security=[["key"]])),
            "^/operations/0/security/0/0: no security scheme 'key' is described",
        ),
        (
            a_native(dependencies=[{"service": "Payments", "versions": "1.4+"}]),
            "^/dependencies/0/versions: '1.4\\+' is no range of versions",
        ),
        (
            a_native(a_native_operation(responses={"404": {"error": "gone"}})),
            "^/operations/0/responses/404/error: no error condition is called 'gone'",
        ),
        (
            a_native(a_native_operation(examples=[{"name": "a", "error": "gone"}])),
            "^/operations/0/examples/0/error: no response reports 'gone'",
        ),
        (
            a_native(a_native_operation(request={"schema": {}, "content": {"text/plain": {}}})),
            "^/operations/0/request",
        ),
        (
            a_native(a_message_operation(messages=[{"name": "M"}, {"name": "M"}])),
            "^/operations/0/messages/1/name: 'M' is also the name of /operations/0/messages/0",
        ),
        (a_native(dialect="x"), "^/dialect: 'x' is no dialect that is understood"),
        (
            a_native(**{"x-contract-role": "consumer"}),
            "Additional properties are not allowed: 'x-contract-role'",
        ),
        (a_native(a_native_operation(path="orders")), "^/operations/0/path: "),
        (
            a_native(a_native_operation(answers={})),
            "^/operations/0: Additional properties are not allowed: 'answers'",
        ),
        (
            a_native(a_native_operation(responses={"200": {"schema": {"type": 1}}})),
            "^/operations/0/responses/200/schema",
        ),
        (
            a_native(a_native_operation(examples=[{"name": "a"}])),
            "^/operations/0/examples/0: 'response' is a required",
        ),
        (
            a_native(a_native_operation(request={"schema": {"$ref": "#/schemas/Order"}})),
            r"^/operations/0/request/schema/\$ref: '#/schemas/Order' points at nothing",
        ),
    ],
)
def test_what_is_no_native_document_is_refused_by_the_place(document, message):
    with pytest.raises(InvalidContractError, match=message):
        parse_service_contract(document)


def test_a_native_document_says_what_is_written_to_a_channel():
    operation = a_message_operation(
        channel={"address": "orders.{region}.paid", "parameters": {"region": {"enum": ["eu", "us"]}}},
        examples=[{"name": "e", "payload": {"orderId": 7}, "states": ["an order exists"]}],
        deprecated=True,
    )

    (parsed,) = parse_service_contract(a_native(operation)).message_operations

    assert (parsed.id, parsed.kind, parsed.title) == ("orderPaid", "message", "sends orders.{region}.paid")
    assert [(each.name, each.location, each.schema) for each in parsed.parameters] == [
        ("region", "channel", {"enum": ["eu", "us"]})
    ]
    assert [(each.name, each.content_type, each.pointer) for each in parsed.messages] == [
        ("OrderPaid", "application/json", "/operations/0/messages/0")
    ]
    assert [(each.name, each.payload.value, each.strict) for each in parsed.examples] == [
        ("e", {"orderId": 7}, True)
    ]
    assert parsed.deprecated


def test_a_native_document_says_what_is_answered():
    operation = a_message_operation(
        kind="request-reply",
        direction="received",
        reply={"channel": "quotes", "messages": [{"name": "Quote", "payload": {"type": "integer"}}]},
        examples=[{"name": "e", "payload": {"orderId": 7}, "reply": {"payload": "many"}}],
    )

    (parsed,) = parse_service_contract(a_native(operation)).message_operations

    assert (parsed.kind, parsed.direction, parsed.reply_channel) == (
        "request-reply",
        Direction.RECEIVED,
        "quotes",
    )
    assert [reply.name for reply in parsed.replies] == ["Quote"]
    with pytest.raises(InvalidContractError, match="example 'e', payload: 'many' is not of type 'integer'"):
        check_service_contract(a_native(operation))


def test_a_native_document_says_what_the_standards_cannot():
    document = a_native(
        a_native_operation(
            security=[["key", {"name": "login", "scopes": ["read"]}], []],
            required=True,
            basePath="/v1",
            budget={"p95Ms": 250, "maxBytes": 65536},
            responses={"200": {}, "404": {"error": "gone"}},
            errors={"late": {"when": "too late", "retry": True, "states": ["it is late"]}},
            examples=[{"name": "e", "error": "gone", "request": {"path": {"id": 9}}}],
        ),
        version="2.3.0",
        role="consumer",
        security={"key": {"type": "apiKey", "in": "header", "name": "X-Key"}, "login": {"type": "oauth2"}},
        states={"an order exists": {"params": {"$ref": "#/schemas/Params"}}},
        errors={"gone": {"when": "there is no such order"}},
        dependencies=[
            {"service": "Payments", "operations": ["authorise"], "versions": ">=1.4 <2"},
            {"service": "Mail", "channels": ["mail.outgoing"], "required": False},
        ],
        schemas={"Params": {"type": "object"}},
    )

    contract = parse_service_contract(document)

    (operation,) = contract.http_operations
    key = SecurityScheme("key", "apiKey", "header", "X-Key")
    assert operation.security == ((key, SecurityScheme("login", "oauth2", scopes=("read",))), ())
    assert (operation.required, operation.base_path) == (True, "/v1")
    assert operation.budget == Budget(p95_ms=250, samples=50, max_bytes=65536)
    assert operation.errors == (
        ErrorCondition("late", "too late", retry=True, states=(ProviderState("it is late"),)),
        ErrorCondition("gone", "there is no such order"),
    )
    assert [(each.response.status, each.error) for each in operation.examples] == [("404", "gone")]
    assert (contract.version, contract.role) == ("2.3.0", "consumer")
    assert contract.dependencies == (
        Dependency("Payments", ("authorise",), versions=">=1.4 <2", pointer="/dependencies/0"),
        Dependency("Mail", channels=("mail.outgoing",), required=False, pointer="/dependencies/1"),
    )
    (state,) = contract.states
    assert (state.name, state.parameters) == (
        "an order exists",
        {"$ref": "#/$defs/Params", "$defs": {"Params": {"type": "object"}}},
    )


def test_bodies_may_have_several_media_types():
    content = {
        "application/json": {"schema": {"type": "object"}},
        "multipart/form-data": {"encoding": {"file": {"contentType": "image/png", "headers": {"X-A": {}}}}},
    }

    (operation,) = parse_service_contract(
        a_native(a_native_operation(request={"content": content}, responses={"200": {"content": content}}))
    ).http_operations

    for holder in (operation.request, operation.responses[0]):
        first, second = holder.content
        place = f"{second.pointer}/encoding/file/headers/X-A"
        assert (first.content_type, first.schema) == ("application/json", {"type": "object"})
        assert second.encoding == {
            "file": PartEncoding(
                "image/png",
                headers=(Header("X-A", pointer=place, schema_pointer=f"{place}/schema"),),
            )
        }


def test_the_schemas_of_a_native_document_may_be_of_an_older_draft():
    responses = {"200": {"schema": {"items": [{"type": "string"}]}}}
    document = a_native(
        a_native_operation(responses=responses, examples=[]),
        dialect="http://json-schema.org/draft-07/schema#",
    )

    (operation,) = parse_service_contract(document).http_operations

    assert operation.responses[0].content[0].schema == {"prefixItems": [{"type": "string"}]}


def test_the_published_schema_is_complete_and_accepts_what_is_accepted():
    validator = Validator(published_schema())

    assert validator.accepts(a_native(a_native_operation(), a_message_operation()))
    assert not validator.accepts(a_native(a_native_operation(kind="rpc")))
