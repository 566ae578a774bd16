import pytest
from support.contract_documents import a_native, a_native_operation

from tally.errors import InvalidContractError
from tally.pact import ProviderState
from tally.service_contract.model import Specification
from tally.service_contract.parsing import parse_service_contract


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
        (a_native(a_native_operation(kind="message")), "^/operations/0/kind: 'http' was expected"),
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
