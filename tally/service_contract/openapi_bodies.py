"""Parameters, bodies, headers and responses of OpenAPI 3."""

from typing import Any

from tally.json_schema.schema import Schema
from tally.json_schema.self_contained import SchemaReader
from tally.service_contract.encodings import encodings
from tally.service_contract.examples import states
from tally.service_contract.model import (
    Header,
    Link,
    MediaType,
    NamedValue,
    OperationResponse,
    Parameter,
    RequestBody,
)
from tally.service_contract.parts import DocumentPart, References

_DEFAULT_STYLE = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


class BodyReader:
    """Read what operations take and give."""

    def __init__(self, references: References, schemas: SchemaReader) -> None:
        self._references = references
        self._schemas = schemas
        # What operations share is read once.
        self._parameters: dict[tuple[str, bool], Parameter] = {}
        self._responses: dict[tuple[str, str], OperationResponse] = {}
        self._requests: dict[str, RequestBody] = {}

    def parameter(self, part: DocumentPart, *, shared: bool) -> Parameter:
        """Return a parameter; *shared* says that it is declared for all operations of its path."""
        found = self._references.follow("parameter", part)
        key = (found.pointer, shared)
        if key not in self._parameters:
            self._parameters[key] = self._parameter(found, shared=shared)
        return self._parameters[key]

    def _parameter(self, found: DocumentPart, *, shared: bool) -> Parameter:
        written = found.value
        described = self._described(found)
        schema, examples = self._schema_and_examples(described, "readOnly")
        style = written.get("style", _DEFAULT_STYLE.get(written["in"], "form"))
        return Parameter(
            name=written["name"],
            location=written["in"],
            required=written.get("required", False),
            schema=schema,
            style="json" if "content" in written else style,
            explode=written.get("explode", style in {"form", "cookie"}),
            examples=examples,
            shared=shared,
            pointer=found.pointer,
            schema_pointer=described / "schema",
            may_be_empty=written["in"] == "query" and written.get("allowEmptyValue") is True,
        )

    def request(self, part: DocumentPart) -> RequestBody:
        """Return the body of a request."""
        body = self._references.follow("requestBody", part)
        if body.pointer not in self._requests:
            self._requests[body.pointer] = RequestBody(
                self._content(body, "readOnly"), body.value.get("required", False), body.pointer
            )
        return self._requests[body.pointer]

    def response(self, status: str, part: DocumentPart) -> OperationResponse:
        """Return one answer."""
        response = self._references.follow("response", part)
        key = (status, response.pointer)
        if key not in self._responses:
            self._responses[key] = self._response(status, response)
        return self._responses[key]

    def _response(self, status: str, response: DocumentPart) -> OperationResponse:
        headers = tuple(
            self._header(name, header)
            for name, header in response.named("headers")
            if name.lower() != "content-type"
        )
        return OperationResponse(
            status,
            self._content(response, "writeOnly"),
            headers,
            error=response.value.get("x-contract-error"),
            links=tuple(self._link(name, link) for name, link in response.parts("links")),
            pointer=response.pointer,
        )

    def _header(self, name: str, part: DocumentPart) -> Header:
        header = self._references.follow("header", part)
        described = self._described(header)
        schema, _ = self._schema_and_examples(described, "")
        return Header(
            name,
            schema,
            header.value.get("required", False),
            header.value.get("explode", False),
            header.pointer,
            described / "schema",
        )

    def _described(self, part: DocumentPart) -> DocumentPart:
        """Return what has the schema of a parameter or header: itself, or its only media type."""
        for _, content in part.named("content"):
            return self._references.follow("mediaType", content)
        return part

    def _link(self, name: str, part: DocumentPart) -> Link:
        link = self._references.follow("link", part)
        written = link.value
        return Link(
            name,
            written.get("operationId") or written.get("operationRef", ""),
            written.get("parameters", {}),
            written.get("requestBody"),
            link.pointer,
        )

    def _content(self, holder: DocumentPart, ignore_required: str) -> tuple[MediaType, ...]:
        return tuple(
            self._media_type(content_type, part, ignore_required)
            for content_type, part in holder.named("content")
        )

    def _media_type(self, content_type: str, part: DocumentPart, ignore_required: str) -> MediaType:
        found = self._references.follow("mediaType", part)
        schema, examples = self._schema_and_examples(found, ignore_required)
        items = None
        if "itemSchema" in found.value:
            items = self._schemas.read(
                found.value["itemSchema"], found / "itemSchema", ignore_required=ignore_required
            )
        encoding = encodings(found, self._header)
        return MediaType(content_type, schema, examples, encoding, items, found.pointer, found / "schema")

    def _schema_and_examples(
        self, part: DocumentPart, ignore_required: str
    ) -> tuple[Schema, dict[str | None, NamedValue]]:
        written = part.value
        schema = self._schemas.read(
            written.get("schema", True), part / "schema", ignore_required=ignore_required
        )
        examples: dict[str | None, NamedValue] = {}
        for name, example in part.named("examples"):
            value = self._references.follow("example", example).value
            if "value" in value or "dataValue" in value:
                said = value.get("dataValue", value.get("value"))
                examples[name] = NamedValue(said, states(value.get("x-contract-states", [])))
        if "example" in written:
            examples[None] = NamedValue(written["example"])
        elif isinstance(schema, dict) and schema.get("examples"):
            examples[None] = NamedValue(schema["examples"][0])
        return schema, examples


def by_name(parameters: list[Parameter], ignored: frozenset[str]) -> tuple[Parameter, ...]:
    """Return each parameter once, the last one with its name and location; none of the *ignored* headers."""
    found: dict[tuple[str, str], Parameter] = {}
    for parameter in parameters:
        if parameter.location != "header" or parameter.name.lower() not in ignored:
            found[parameter.location, parameter.name] = parameter
    return tuple(found.values())


Written = dict[str, Any]
