"""Parameters, bodies, headers and responses of native documents."""

from tally.json_schema.self_contained import SchemaReader
from tally.service_contract.encodings import encodings
from tally.service_contract.examples import JSON
from tally.service_contract.model import (
    Header,
    Link,
    MediaType,
    OperationResponse,
    Parameter,
    RequestBody,
)
from tally.service_contract.parts import DocumentPart


class NativeBodies:
    """Read what operations take and give."""

    def __init__(self, schemas: SchemaReader) -> None:
        self._schemas = schemas

    def parameter(self, part: DocumentPart) -> Parameter:
        """Return a parameter."""
        written = part.value
        location = written["in"]
        style = written.get("style", "form" if location in {"query", "cookie"} else "simple")
        return Parameter(
            name=written["name"],
            location=location,
            required=written.get("required", location == "path"),
            schema=self._schemas.read(written.get("schema", True), part / "schema"),
            style=style,
            explode=written.get("explode", style == "form"),
            pointer=part.pointer,
            schema_pointer=part / "schema",
        )

    def request(self, part: DocumentPart) -> RequestBody:
        """Return the body of a request."""
        anything = MediaType(JSON, pointer=part.pointer, schema_pointer=part / "schema")
        content = self._content(part, "readOnly") or (anything,)
        return RequestBody(content, part.value.get("required", True), part.pointer)

    def response(self, status: str, part: DocumentPart) -> OperationResponse:
        """Return one answer."""
        return OperationResponse(
            status,
            self._content(part, "writeOnly"),
            tuple(self._header(name, header) for name, header in part.named("headers")),
            part.value.get("error"),
            tuple(
                Link(
                    name,
                    link.value["operation"],
                    link.value.get("parameters", {}),
                    link.value.get("body"),
                    link.pointer,
                )
                for name, link in part.named("links")
            ),
            part.pointer,
        )

    def _content(self, holder: DocumentPart, ignore_required: str) -> tuple[MediaType, ...]:
        """Return the bodies by media type; the only one may be written without its `content`."""
        if "content" in holder.value:
            return tuple(
                self._media_type(content_type, part, ignore_required)
                for content_type, part in holder.named("content")
            )
        if not {"schema", "contentType"} & holder.value.keys():
            return ()
        return (self._media_type(holder.value.get("contentType", JSON), holder, ignore_required),)

    def _media_type(self, content_type: str, part: DocumentPart, ignore_required: str) -> MediaType:
        schema = self._schemas.read(
            part.value.get("schema", True), part / "schema", ignore_required=ignore_required
        )
        encoding = encodings(part, self._header)
        return MediaType(
            content_type, schema, encoding=encoding, pointer=part.pointer, schema_pointer=part / "schema"
        )

    def _header(self, name: str, part: DocumentPart) -> Header:
        schema = self._schemas.read(part.value.get("schema", True), part / "schema")
        return Header(
            name,
            schema,
            part.value.get("required", False),
            part.value.get("explode", False),
            part.pointer,
            part / "schema",
        )
