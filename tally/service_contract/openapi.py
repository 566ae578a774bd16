"""OpenAPI 3.0 and 3.1 documents, read into operations."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.pointers import pointer
from tally.json_schema.schema import Schema
from tally.service_contract.dialect import SchemaReader
from tally.service_contract.examples import contract_example, states
from tally.service_contract.model import (
    Header,
    HttpOperation,
    MediaType,
    NamedValue,
    OperationResponse,
    Parameter,
    RequestBody,
    ServiceContract,
    Specification,
)
from tally.service_contract.openapi_examples import paired_examples
from tally.service_contract.references import check_references, resolve
from tally.service_contract.structure import check_part

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SECTIONS = {
    "example": "examples",
    "header": "headers",
    "parameter": "parameters",
    "pathItem": "pathItems",
    "requestBody": "requestBodies",
    "response": "responses",
}
_LONGEST_CHAIN = 20
_DEFAULT_STYLE = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
# Header parameters with these names say nothing (OpenAPI, "Parameter Object"): other parts of it do.
_IGNORED_HEADERS = frozenset(["accept", "authorization", "content-type"])


def read_openapi(document: dict[str, Any]) -> ServiceContract:
    """Return the contract. Raises InvalidContractError, which names the place.

    `servers` do not count: the address of a provider, with what its paths begin with, is whoever verifies'.
    """
    language = f"openapi-{str(document.get('openapi'))[:3]}"
    if language not in {"openapi-3.0", "openapi-3.1"}:
        raise InvalidContractError(
            f"/openapi: version {document.get('openapi')!r} is not supported; 3.0 and 3.1 are"
        )
    check_part(language, "document", document, "")
    check_references(document)
    reader = _Reader(document, language)
    info = document.get("info", {})
    operations = tuple(reader.operations())
    return ServiceContract(Specification.OPENAPI, operations, info.get("title"), info.get("version"))


@dataclass(frozen=True)
class _DocumentPart:
    """A part of the document with its references followed, and the pointer of where it is used."""

    value: dict[str, Any]
    pointer: str

    def __truediv__(self, key: str | int) -> str:
        return f"{self.pointer}{pointer([key])}"


class _Reader:
    def __init__(self, document: dict[str, Any], language: str) -> None:
        self._document = document
        self._language = language
        self._schemas = SchemaReader(
            document,
            home="components/schemas",
            check=partial(check_part, language, "schema"),
            openapi_30=language == "openapi-3.0",
        )

    def operations(self) -> list[HttpOperation]:
        found = []
        for template, written in self._document["paths"].items():
            if template.startswith("/"):
                item = self._follow("pathItem", written, pointer(["paths", template]))
                found += [
                    self._operation(method, template, item) for method in _METHODS if method in item.value
                ]
        return found

    def _follow(self, kind: str, written: dict[str, Any], place: str) -> _DocumentPart:
        """Follow references from *written*; keys of a path item beside its `$ref` are kept."""
        value, checked = written, True
        beside: dict[str, Any] = {}
        for _ in range(_LONGEST_CHAIN):
            if "$ref" not in value:
                if not checked:
                    check_part(self._language, kind, value, f"{place}/$ref")
                return _DocumentPart({**value, **beside}, place)
            reference = value["$ref"]
            if kind == "pathItem":
                beside = {**{key: item for key, item in value.items() if key != "$ref"}, **beside}
            home = f"#/components/{_SECTIONS[kind]}/"
            checked = reference.startswith(home) and "/" not in reference.removeprefix(home)
            value = resolve(self._document, reference, place=place)
            if not isinstance(value, dict):
                raise InvalidContractError(f"{place}/$ref: {reference!r} is not a {kind}")
        raise InvalidContractError(f"{place}/$ref: the references lead in a circle")

    def _operation(self, method: str, template: str, item: _DocumentPart) -> HttpOperation:
        place = _DocumentPart(item.value[method], item / method)
        written = place.value
        operation = HttpOperation(
            id=written.get("operationId", f"{method.upper()} {template}"),
            method=method.upper(),
            path=template,
            parameters=self._parameters(item, place),
            request=self._request(written, place / "requestBody"),
            responses=tuple(
                self._response(status, response, f"{place / 'responses'}{pointer([status])}")
                for status, response in written["responses"].items()
                if not status.startswith("x-")
            ),
            pointer=place.pointer,
        )
        explicit = tuple(
            contract_example(example, content_type=_only_type(operation.request), pointer=f"{at}/{index}")
            for at in [place / "x-contract-examples"]
            for index, example in enumerate(written.get("x-contract-examples", []))
        )
        return HttpOperation(**{**vars(operation), "examples": explicit + paired_examples(operation)})

    def _parameters(self, item: _DocumentPart, operation: _DocumentPart) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for holder in (item, operation):
            for index, written in enumerate(holder.value.get("parameters", [])):
                place = f"{holder / 'parameters'}/{index}"
                parameter = self._parameter(self._follow("parameter", written, place))
                if parameter.location != "header" or parameter.name.lower() not in _IGNORED_HEADERS:
                    found[parameter.location, parameter.name] = parameter
        return tuple(found.values())

    def _parameter(self, place: _DocumentPart) -> Parameter:
        written = place.value
        schema, examples = self._schema_and_examples(place, "readOnly")
        for media_type, content in written.get("content", {}).items():
            inner = _DocumentPart(content, f"{place / 'content'}{pointer([media_type])}")
            schema, examples = self._schema_and_examples(inner, "readOnly")
        style = written.get("style", _DEFAULT_STYLE[written["in"]])
        return Parameter(
            name=written["name"],
            location=written["in"],
            required=written.get("required", False),
            schema=schema,
            style="json" if "content" in written else style,
            explode=written.get("explode", style == "form"),
            examples=examples,
        )

    def _request(self, operation: dict[str, Any], place: str) -> RequestBody | None:
        if "requestBody" not in operation:
            return None
        body = self._follow("requestBody", operation["requestBody"], place)
        return RequestBody(self._content(body, "readOnly"), body.value.get("required", False))

    def _response(self, status: str, written: dict[str, Any], place: str) -> OperationResponse:
        response = self._follow("response", written, place)
        headers = tuple(
            self._header(name, self._follow("header", header, f"{place}/headers{pointer([name])}"))
            for name, header in response.value.get("headers", {}).items()
            if name.lower() != "content-type"
        )
        return OperationResponse(status, self._content(response, "writeOnly"), headers)

    def _header(self, name: str, place: _DocumentPart) -> Header:
        schema = self._schemas.read(place.value.get("schema", True), place / "schema")
        return Header(name, schema, place.value.get("required", False))

    def _content(self, holder: _DocumentPart, ignore_required: str) -> tuple[MediaType, ...]:
        return tuple(
            MediaType(
                media_type,
                *self._schema_and_examples(
                    _DocumentPart(written, f"{holder / 'content'}{pointer([media_type])}"), ignore_required
                ),
            )
            for media_type, written in holder.value.get("content", {}).items()
        )

    def _schema_and_examples(
        self, place: _DocumentPart, ignore_required: str
    ) -> tuple[Schema, dict[str | None, NamedValue]]:
        written = place.value
        schema = self._schemas.read(
            written.get("schema", True), place / "schema", ignore_required=ignore_required
        )
        examples: dict[str | None, NamedValue] = {}
        for name, example in written.get("examples", {}).items():
            value = self._follow("example", example, f"{place / 'examples'}{pointer([name])}").value
            if "value" in value:
                examples[name] = NamedValue(value["value"], states(value.get("x-contract-states", [])))
        if "example" in written:
            examples[None] = NamedValue(written["example"])
        elif isinstance(schema, dict) and schema.get("examples"):
            examples[None] = NamedValue(schema["examples"][0])
        return schema, examples


def _only_type(request: RequestBody | None) -> str | None:
    return request.content[0].content_type if request and request.content else None
