"""AsyncAPI 3.0 and 3.1 documents, read into operations."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft
from tally.json_schema.pointers import pointer_parts
from tally.json_schema.resources import Resources
from tally.json_schema.self_contained import SchemaReader
from tally.service_contract.asyncapi_messages import MessageReader
from tally.service_contract.asyncapi_security import ChannelSecurity
from tally.service_contract.examples import with_examples
from tally.service_contract.facts import budget, conditions, contract_states, dependencies, errors
from tally.service_contract.model import (
    Direction,
    Message,
    MessageOperation,
    Parameter,
    ServiceContract,
    Specification,
)
from tally.service_contract.parts import DocumentPart, References
from tally.service_contract.references import check_references, resources_of
from tally.service_contract.size import Counter
from tally.service_contract.structure import check_is_text, check_part, check_schema_of
from tally.service_contract.traits import with_traits

_HOMES = {
    "channel": "components/channels",
    "message": "components/messages",
    "messageTrait": "components/messageTraits",
    "operation": "components/operations",
    "operationTrait": "components/operationTraits",
    "parameter": "components/parameters",
    "reply": "components/replies",
    "securityScheme": "components/securitySchemes",
    "server": "components/servers",
}
_HOME = "components/schemas"
_OF_PARAMETERS = ("default", "enum", "examples")
_DIRECTIONS = {"send": Direction.SENT, "receive": Direction.RECEIVED}


def read_asyncapi(document: dict[str, Any]) -> ServiceContract:
    """Return the contract. Raises InvalidContractError, which names the place."""
    check_is_text(document, "asyncapi", "3.0.0")
    version = document["asyncapi"]
    if version[:4] not in {"3.0.", "3.1."}:
        raise InvalidContractError(f"/asyncapi: version {version!r} is not supported; 3.0 and 3.1 are")
    resources = resources_of(document, Draft.DRAFT_7)
    check_part("asyncapi", "document", document, "")
    check_references(resources)
    reader = _Reader(document, resources)
    root = DocumentPart(document, "")
    operations = tuple(reader.operations())
    return ServiceContract(
        Specification.ASYNCAPI,
        operations,
        document["info"].get("title"),
        document["info"].get("version"),
        dependencies(root, "x-contract-dependencies"),
        contract_states(root, "x-contract-states", reader.schemas),
        document.get("x-contract-role", "provider"),
        f"/{_HOME}",
        tuple(dict.fromkeys(reader.schemas.warnings)),
    )


class _Reader:
    def __init__(self, document: dict[str, Any], resources: Resources) -> None:
        self._root = DocumentPart(document, "")
        self.schemas = SchemaReader(resources, home=_HOME, check=check_schema_of, check_all=True)
        self._references = References(resources, _HOMES, partial(check_part, "asyncapi"))
        self._messages = MessageReader(
            self._references, self.schemas, content_type=document.get("defaultContentType")
        )
        self._security = ChannelSecurity(self._root, self._references)
        self._counter = Counter()
        self._messages_of: dict[str, dict[str, tuple[str, DocumentPart]]] = {}
        self._errors = errors(document.get("x-contract-errors", {}))

    def operations(self) -> Iterator[MessageOperation]:
        for name, part in self._root.parts("operations"):
            yield self._operation(name, self._references.follow("operation", part))

    def _operation(self, name: str, part: DocumentPart) -> MessageOperation:
        self._counter.operation()
        operation = with_traits(part, "operationTrait", self._references)
        written = operation.value
        channel = self._channel(operation, part)
        messages = self._of_channel(part, channel)
        replies, reply_channel = self._reply(part)
        return with_examples(
            MessageOperation(
                id=name,
                direction=_DIRECTIONS[written["action"]],
                channel=_address(channel),
                messages=messages,
                replies=replies,
                reply_channel=_address(reply_channel) if reply_channel else None,
                parameters=self._parameters(channel),
                security=self._security.of(operation, channel),
                errors=conditions(written.get("x-contract-errors", {}), self._errors, (*messages, *replies)),
                budget=budget(written.get("x-contract-budget")),
                required=written.get("x-contract-required", False),
                deprecated=written.get("x-contract-deprecated", False),
                channel_name=pointer_parts(channel.pointer)[-1],
                pointer=part.pointer,
            ),
            part,
            "x-contract-examples",
        )

    def _channel(self, holder: DocumentPart, place: DocumentPart) -> DocumentPart:
        return self._references.follow("channel", DocumentPart(holder.value["channel"], place / "channel"))

    def _of_channel(self, holder: DocumentPart, channel: DocumentPart) -> tuple[Message, ...]:
        """Return the messages that *holder* names, or else all of the channel."""
        known = self._known(channel)
        self._counter.parts(len(holder.value.get("messages", known)), holder.pointer)
        if "messages" not in holder.value:
            return tuple(self._messages.message(name, part) for name, part in known.values())
        found = []
        for part in holder.items("messages"):
            address = self._references.address(part)
            if address not in known:
                raise InvalidContractError(
                    f"{part / '$ref'}: {part.value['$ref']!r} is not a message of the channel "
                    f"{channel.pointer or '/'}"
                )
            found.append(self._messages.message(*known[address]))
        return tuple(found)

    def _known(self, channel: DocumentPart) -> dict[str, tuple[str, DocumentPart]]:
        """Return the messages of a channel, with their names, by pointer."""
        if channel.pointer not in self._messages_of:
            self._messages_of[channel.pointer] = {
                part.pointer: (name, part) for name, part in channel.parts("messages")
            }
        return self._messages_of[channel.pointer]

    def _reply(self, operation: DocumentPart) -> tuple[tuple[Message, ...], DocumentPart | None]:
        if "reply" not in operation.value:
            return (), None
        reply = self._references.follow("reply", operation.part("reply"))
        if "channel" in reply.value:
            channel = self._channel(reply, reply)
            return self._of_channel(reply, channel) or (Message("reply", pointer=reply.pointer),), channel
        messages = tuple(
            self._messages.message(self._references.address(part).rpartition("/")[2], part)
            for part in reply.items("messages")
        )
        return messages or (Message("reply", pointer=reply.pointer),), None

    def _parameters(self, channel: DocumentPart) -> tuple[Parameter, ...]:
        found = []
        for name, part in channel.named("parameters"):
            parameter = self._references.follow("parameter", part)
            said = {key: parameter.value[key] for key in _OF_PARAMETERS if key in parameter.value}
            schema = {"type": "string", **said}
            found.append(
                Parameter(
                    name,
                    "channel",
                    required=True,
                    schema=schema,
                    pointer=parameter.pointer,
                    schema_pointer=parameter.pointer,
                )
            )
        return tuple(found)


def _address(channel: DocumentPart) -> str:
    """Return the address of a channel; of one that is known when it runs, the name of the channel."""
    address = channel.value.get("address")
    return address if isinstance(address, str) else channel.pointer.rpartition("/")[2]
