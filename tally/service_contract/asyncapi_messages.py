"""Messages of AsyncAPI 3."""

from typing import Any

from tally.json_schema.schema import Schema
from tally.json_schema.self_contained import SchemaReader
from tally.pact import Body, Presence
from tally.service_contract.examples import JSON, states
from tally.service_contract.model import Message, MessageExample
from tally.service_contract.parts import DocumentPart, References
from tally.service_contract.traits import with_traits


class MessageReader:
    """Read messages; *content_type* is that of messages that do not say."""

    def __init__(self, references: References, schemas: SchemaReader, *, content_type: str | None) -> None:
        self._references = references
        self._schemas = schemas
        self._content_type = content_type
        self._known: dict[tuple[str, str], Message] = {}

    def message(self, name: str, part: DocumentPart) -> Message:
        """Return what is called *name* on its channel."""
        own = self._references.follow("message", part)
        if (name, own.pointer) not in self._known:
            self._known[name, own.pointer] = self._message(name, own)
        return self._known[name, own.pointer]

    def _message(self, name: str, own: DocumentPart) -> Message:
        written = with_traits(own, "messageTrait", self._references)
        content_type = written.value.get("contentType", self._content_type)
        payload, payload_pointer = self._schema(written, "payload")
        headers, headers_pointer = self._schema(written, "headers")
        return Message(
            name,
            content_type,
            payload,
            headers,
            tuple(
                _example(example, f"{written / 'examples'}/{index}", (name, index, content_type))
                for index, example in enumerate(written.value.get("examples", []))
            ),
            error=written.value.get("x-contract-error"),
            pointer=own.pointer,
            payload_pointer=payload_pointer,
            headers_pointer=headers_pointer,
        )

    def _schema(self, message: DocumentPart, key: str) -> tuple[Schema, str]:
        """Return a schema and its pointer."""
        if key not in message.value:
            return True, message / key
        part = message.part(key)
        last = self._references.follow("schema", part)
        if isinstance(last.value, dict) and "schemaFormat" in last.value and "schema" in last.value:
            part = last.part("schema")
        return self._schemas.read(part.value, part.pointer), part.pointer


def _example(written: dict[str, Any], place: str, of: tuple[str, int, str | None]) -> MessageExample:
    message, index, content_type = of
    payload = Body()
    if "payload" in written:
        payload = Body(Presence.PRESENT, written["payload"], content_type or JSON)
    return MessageExample(
        written.get("name", f"example {index + 1}"),
        payload,
        written.get("headers", {}),
        states(written.get("x-contract-states", [])),
        message=message,
        pointer=place,
        strict=False,
    )
