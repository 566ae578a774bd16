"""Parameters, bodies, headers and responses of OpenAPI 2."""

from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.schema import Schema
from tally.json_schema.self_contained import SchemaReader
from tally.service_contract.model import (
    Header,
    MediaType,
    NamedValue,
    OperationResponse,
    Parameter,
    PartEncoding,
    RequestBody,
)
from tally.service_contract.parts import DocumentPart, References

_OF_PARAMETERS = frozenset(
    ["name", "in", "description", "required", "collectionFormat", "allowEmptyValue", "schema"]
)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# How lists are written, and whether each item is written for itself.
_STYLES = {
    "csv": ("form", False),
    "multi": ("form", True),
    "pipes": ("pipeDelimited", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
}


class SwaggerBodies:
    """Read what operations take and give."""

    def __init__(self, root: DocumentPart, references: References, schemas: SchemaReader) -> None:
        self._root = root
        self._references = references
        self._schemas = schemas

    def parameter(self, found: DocumentPart, *, shared: bool) -> Parameter:
        """Return a parameter that is neither the body nor in a form."""
        written = found.value
        location = written["in"]
        style, explode = _STYLES[written.get("collectionFormat", "csv")]
        if location in {"path", "header"} and style == "form":
            style = "simple"
        return Parameter(
            name=written["name"],
            location=location,
            required=written.get("required", False),
            schema=self._schema(found),
            style=style,
            explode=explode,
            examples=_unnamed(written.get("x-example")),
            shared=shared,
            pointer=found.pointer,
            schema_pointer=found.pointer,
            may_be_empty=location == "query" and written.get("allowEmptyValue") is True,
        )

    def request(self, parameters: list[DocumentPart], operation: DocumentPart) -> RequestBody | None:
        """Return the body that the parameters of a request describe, if any does.

        Raises InvalidContractError for two bodies, or a body and a form.
        """
        bodies = [part for part in parameters if part.value["in"] == "body"]
        fields = [part for part in parameters if part.value["in"] == "formData"]
        for other in (bodies[1:] or fields) if bodies else ():
            raise InvalidContractError(
                f"{other.pointer}: a request has one body, and {bodies[0].pointer} is it"
            )
        if bodies:
            return self._body(bodies[0], operation)
        return self._form(fields, operation) if fields else None

    def _body(self, part: DocumentPart, operation: DocumentPart) -> RequestBody:
        schema = self._schemas.read(part.value.get("schema", {}), part / "schema", ignore_required="readOnly")
        examples = _first(schema)
        return RequestBody(
            tuple(
                MediaType(
                    content_type, schema, examples, pointer=part.pointer, schema_pointer=part / "schema"
                )
                for content_type in self._types("consumes", operation)
            ),
            part.value.get("required", False),
            part.pointer,
        )

    def _form(self, fields: list[DocumentPart], operation: DocumentPart) -> RequestBody:
        """Return one body whose properties are the fields of a form."""
        properties = {part.value["name"]: self._schema(part) for part in fields}
        required = [part.value["name"] for part in fields if part.value.get("required")]
        schema: Schema = {"type": "object", "properties": properties, "required": required}
        is_file = any(part.value.get("type") == "file" for part in fields)
        types = [each for each in self._types("consumes", operation) if each in _FORMS]
        if not types:
            types = [_FORMS[1] if is_file else _FORMS[0]]
        encoding = {
            part.value["name"]: PartEncoding(
                style=_STYLES[part.value["collectionFormat"]][0],
                explode=_STYLES[part.value["collectionFormat"]][1],
            )
            for part in fields
            if "collectionFormat" in part.value
        }
        place = fields[0].pointer
        content = tuple(
            MediaType(content_type, schema, encoding=encoding, pointer=place, schema_pointer=place)
            for content_type in types
        )
        return RequestBody(content, bool(required), place)

    def response(self, status: str, part: DocumentPart, operation: DocumentPart) -> OperationResponse:
        """Return one answer."""
        response = self._references.follow("response", part)
        written = response.value
        return OperationResponse(
            status,
            self._content(response, operation),
            tuple(
                Header(
                    name,
                    self._schema(header),
                    header.value.get("x-contract-required", False),
                    pointer=header.pointer,
                    schema_pointer=header.pointer,
                )
                for name, header in response.named("headers")
                if name.lower() != "content-type"
            ),
            written.get("x-contract-error"),
            pointer=response.pointer,
        )

    def _content(self, response: DocumentPart, operation: DocumentPart) -> tuple[MediaType, ...]:
        """Return the bodies of an answer; without a schema there is none, but nobody says so."""
        if "schema" not in response.value:
            return ()
        schema = self._schemas.read(
            response.value["schema"], response / "schema", ignore_required="writeOnly"
        )
        examples = response.value.get("examples", {})
        types = dict.fromkeys([*self._types("produces", operation), *examples])
        return tuple(
            MediaType(
                content_type,
                schema,
                _unnamed(examples[content_type]) if content_type in examples else _first(schema),
                pointer=response.pointer,
                schema_pointer=response / "schema",
            )
            for content_type in types
        )

    def _types(self, key: str, operation: DocumentPart) -> list[str]:
        """Return the media types of an operation, or else of the document; JSON when nothing is said."""
        holder = operation if key in operation.value else self._root
        return holder.value.get(key) or ["application/json"]

    def _schema(self, part: DocumentPart) -> Schema:
        """Return the schema that the keywords of a parameter or a header make."""
        schema = {key: value for key, value in part.value.items() if key not in _OF_PARAMETERS}
        return self._schemas.read(schema, part.pointer)


def _unnamed(value: Any) -> dict[str | None, NamedValue]:
    return {} if value is None else {None: NamedValue(value)}


def _first(schema: Schema) -> dict[str | None, NamedValue]:
    if isinstance(schema, dict) and schema.get("examples"):
        return {None: NamedValue(schema["examples"][0])}
    return {}
