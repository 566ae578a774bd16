import pytest

from tally.errors import InvalidContractError
from tally.service_contract.checks import check_service_contract
from tally.service_contract.json_schema_document import directed
from tally.service_contract.model import Direction, Specification
from tally.service_contract.parsing import parse_service_contract

SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"$ref": "#/$defs/Id"}},
    "$defs": {"Id": {"type": "integer"}},
}


def parsed(document):
    (operation,) = parse_service_contract(document).operations
    return operation


@pytest.mark.parametrize("direction", [None, *Direction])
def test_a_plain_schema_says_what_is_on_a_channel(direction):
    document = directed(SCHEMA, "orders.paid", direction)

    contract = parse_service_contract(document)

    (operation,) = contract.message_operations
    assert contract.specification is Specification.JSON_SCHEMA
    assert (operation.channel, operation.direction) == ("orders.paid", direction or Direction.BOTH)
    assert operation.id == f"{operation.direction.value} orders.paid"
    (message,) = operation.messages
    assert (message.name, message.content_type) == ("message", "application/json")
    assert message.payload == SCHEMA


def test_a_plain_schema_may_be_of_an_older_draft():
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Paid",
        "items": [{"$ref": "#/definitions/Id"}],
        "definitions": {"Id": {"type": "integer"}},
    }

    (message,) = parsed(directed(schema, "c")).messages

    assert message.name == "Paid"
    assert message.payload == {
        "title": "Paid",
        "prefixItems": [{"$ref": "#/$defs/Id"}],
        "$defs": {"Id": {"type": "integer"}},
    }


def test_its_examples_can_be_replayed():
    examples = [{"name": "paid", "payload": {"id": 7}, "headers": {"at": "x"}, "states": ["an order exists"]}]
    document = directed({**SCHEMA, "examples": [{"id": 1}, {}], "x-contract-examples": examples}, "c")

    assert [(example.name, example.pointer, example.strict) for example in parsed(document).examples] == [
        ("paid", "/x-contract-examples/0", True),
        ("example 1", "/examples/0", False),
        ("example 2", "/examples/1", False),
    ]
    assert check_service_contract(document) == (
        "/examples/1: example 'example 2', payload: 'id' is a required property",
    )


def test_a_keyword_that_its_draft_does_not_know_is_a_warning():
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"kind": {"const": "a"}}}

    (warning,) = check_service_contract(directed(schema, "c"))

    draft = "http://json-schema.org/draft-04/schema"
    assert warning == f"/properties/kind/const: says nothing in {draft}; a later draft knows it"


def test_a_channel_that_contradicts_the_document_is_refused():
    document = directed(SCHEMA, "a", Direction.SENT)

    assert directed(document, "a") == document
    with pytest.raises(InvalidContractError, match=r"^/x-contract-channel: the document says 'a', not 'b'"):
        directed(document, "b")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x-contract-channel": ""}, "^/x-contract-channel: "),
        ({"x-contract-direction": "out"}, "^/x-contract-direction: 'out' is not one of"),
        ({"x-contract-directon": "sent"}, "'x-contract-directon'"),
        ({"type": "strin"}, "^/type: 'strin'"),
        ({"properties": {"id": {"$ref": "#/$defs/Nothing"}}}, r"^/properties/id/\$ref: .*points at nothing"),
        ({"$schema": "https://example.org/x"}, r"^/\$schema: .*is no dialect that is understood"),
        ({"x-contract-headers": {"type": "x"}}, "^/x-contract-headers/type: 'x'"),
        (
            {"x-contract-examples": [{"name": "a", "payload": {}}]},
            "^/x-contract-examples/0: example 'a', payload: 'id'",
        ),
    ],
)
def test_what_is_no_contract_is_refused_by_the_place(changes, message):
    with pytest.raises(InvalidContractError, match=message):
        check_service_contract({**directed(SCHEMA, "c"), **changes})
