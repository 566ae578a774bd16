"""A plain JSON Schema of the messages on one channel, read into an operation."""

from dataclasses import replace
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft
from tally.json_schema.metaschemas import check_schema
from tally.json_schema.self_contained import SchemaReader
from tally.pact import Body, Presence
from tally.service_contract.examples import JSON, with_examples
from tally.service_contract.facts import budget, conditions, contract_states, dependencies
from tally.service_contract.model import (
    Direction,
    Message,
    MessageExample,
    MessageOperation,
    ServiceContract,
    Specification,
)
from tally.service_contract.parts import DocumentPart
from tally.service_contract.references import check_references, resources_of
from tally.service_contract.structure import check_part, check_schema_of

CHANNEL = "x-contract-channel"
DIRECTION = "x-contract-direction"


def read_json_schema(document: dict[str, Any]) -> ServiceContract:
    """Return the contract of one operation. Raises InvalidContractError, which names the place."""
    resources = resources_of(document, Draft.DRAFT_2020_12)
    check_part("json-schema", "document", document, "")
    check_schema(document, "", resources.root.draft)
    check_references(resources)
    home = "$defs" if "$defs" in document else "definitions"
    schemas = SchemaReader(resources, home=home, check=check_schema_of)
    root = DocumentPart(document, "")
    direction = Direction(document.get(DIRECTION, Direction.BOTH.value))
    channel = document[CHANNEL]
    content_type = document.get("x-contract-content-type", JSON)
    message = Message(
        document.get("x-contract-message", document.get("title", "message")),
        content_type,
        schemas.read(document, ""),
        schemas.read(document.get("x-contract-headers", True), "/x-contract-headers"),
        headers_pointer="/x-contract-headers",
    )
    operation = MessageOperation(
        id=document.get("x-contract-operation", f"{direction.value} {channel}"),
        direction=direction,
        channel=channel,
        messages=(message,),
        errors=conditions(document.get("x-contract-errors", {}), {}, []),
        budget=budget(document.get("x-contract-budget")),
        required=document.get("x-contract-required", False),
        channel_name=channel,
    )
    return ServiceContract(
        Specification.JSON_SCHEMA,
        (_with_examples(with_examples(operation, root, "x-contract-examples"), document),),
        document.get("title"),
        None,
        dependencies(root, "x-contract-dependencies"),
        contract_states(root, "x-contract-states", schemas),
        document.get("x-contract-role", "provider"),
        f"/{home}",
        tuple(dict.fromkeys(schemas.warnings)),
    )


def directed(
    document: dict[str, Any], channel: str | None = None, direction: Direction | None = None
) -> dict[str, Any]:
    """Return a plain JSON Schema that says which channel its messages are on, and who writes them.

    None says nothing. Raises InvalidContractError when the document says something else already.
    """
    said = ({CHANNEL: channel} if channel else {}) | ({DIRECTION: direction.value} if direction else {})
    for key, value in said.items():
        if document.get(key, value) != value:
            raise InvalidContractError(f"/{key}: the document says {document[key]!r}, not {value!r}")
    return {**document, **said}


def _with_examples(operation: MessageOperation, document: dict[str, Any]) -> MessageOperation:
    """Add the `examples` of the schema itself."""
    (message,) = operation.messages
    examples = document.get("examples", [])
    own = tuple(
        MessageExample(
            f"example {index + 1}",
            Body(Presence.PRESENT, value, message.content_type),
            message=message.name,
            pointer=f"/examples/{index}",
            strict=False,
        )
        for index, value in enumerate(examples if isinstance(examples, list) else [])
    )
    return replace(operation, messages=(replace(message, examples=message.examples + own),))
