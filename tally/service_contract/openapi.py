"""OpenAPI 3.0, 3.1 and 3.2 documents, read into operations."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft, draft_called
from tally.json_schema.resources import Resources
from tally.json_schema.self_contained import SchemaReader
from tally.service_contract.examples import http_examples
from tally.service_contract.facts import budget, conditions, contract_states, dependencies, errors
from tally.service_contract.links import with_links
from tally.service_contract.model import HttpOperation, ServiceContract, Specification
from tally.service_contract.openapi_bodies import BodyReader, by_name
from tally.service_contract.openapi_examples import names_meant, names_of_examples, paired_examples
from tally.service_contract.parts import DocumentPart, References
from tally.service_contract.references import check_references, resources_of
from tally.service_contract.security import SecurityReader
from tally.service_contract.servers import base_paths, default_base_path, ignores_case
from tally.service_contract.size import Counter
from tally.service_contract.structure import check_is_text, check_part, check_schema_of

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_HOMES = {
    "example": "components/examples",
    "header": "components/headers",
    "link": "components/links",
    "mediaType": "components/mediaTypes",
    "parameter": "components/parameters",
    "pathItem": "components/pathItems",
    "requestBody": "components/requestBodies",
    "response": "components/responses",
    "securityScheme": "components/securitySchemes",
}
_HOME = "components/schemas"
_LANGUAGES = frozenset(["openapi 3.0", "openapi 3.1", "openapi 3.2"])
_CHECKED_AS_A_WHOLE = frozenset([Draft.DRAFT_2020_12, Draft.OPENAPI_30])
# Header parameters with these names say nothing (OpenAPI, "Parameter Object"): other parts of it do.
_IGNORED_HEADERS = frozenset(["accept", "authorization", "content-type"])


def read_openapi(document: dict[str, Any]) -> ServiceContract:
    """Return the contract. Raises InvalidContractError, which names the place."""
    check_is_text(document, "openapi", "3.1.0")
    language = f"openapi {str(document.get('openapi'))[:3]}"
    if language not in _LANGUAGES:
        raise InvalidContractError(
            f"/openapi: version {document.get('openapi')!r} is not supported; 3.0, 3.1 and 3.2 are"
        )
    draft = _draft(document, language)
    resources = resources_of(document, draft)
    check_part(language if draft in _CHECKED_AS_A_WHOLE else f"{language}-any", "document", document, "")
    if "paths" not in document and (
        language == "openapi 3.0" or not {"components", "webhooks"} & document.keys()
    ):
        raise InvalidContractError("/: 'paths' is a required property")
    check_references(resources)
    reader = _Reader(DocumentPart(document, ""), language, resources)
    info = document.get("info", {})
    root = DocumentPart(document, "")
    operations = with_links(tuple(reader.operations()), resources)
    return ServiceContract(
        Specification.OPENAPI,
        operations,
        info.get("title"),
        info.get("version"),
        dependencies(root, "x-contract-dependencies"),
        contract_states(root, "x-contract-states", reader.schemas),
        document.get("x-contract-role", "provider"),
        f"/{_HOME}",
        tuple(dict.fromkeys([*reader.security.warnings, *reader.schemas.warnings])),
    )


class _Reader:
    def __init__(self, root: DocumentPart, language: str, resources: Resources) -> None:
        self._root, document = root, root.value
        self.schemas = SchemaReader(
            resources,
            home=_HOME,
            check=check_schema_of,
            check_all=resources.root.draft not in _CHECKED_AS_A_WHOLE,
        )
        self._references = References(resources, _HOMES, partial(check_part, language))
        self._bodies = BodyReader(self._references, self.schemas)
        self.security = SecurityReader(
            self._root,
            self._references,
            DocumentPart(
                document.get("components", {}).get("securitySchemes", {}), "/components/securitySchemes"
            ),
        )
        self._counter = Counter()
        self._errors = errors(document.get("x-contract-errors", {}))

    def operations(self) -> Iterator[HttpOperation]:
        for template, part in self._root.parts("paths"):
            item = _PathItem(self._references.chain("pathItem", part))
            found = [
                self._operation(method, template, item, operation) for method, operation in item.operations()
            ]
            for operation in found:
                self._counter.examples(names_of_examples(operation), operation.pointer)
            yield from _with_examples(found)

    def _operation(self, method: str, template: str, item: "_PathItem", part: DocumentPart) -> HttpOperation:
        written = part.value
        self._counter.operation()
        shared, own = list(item.items("parameters")), list(part.items("parameters"))
        self._counter.parts(len(shared) + len(own) + len(written.get("responses", ())), part.pointer)
        parameters = [
            *(self._bodies.parameter(parameter, shared=True) for parameter in shared),
            *(self._bodies.parameter(parameter, shared=False) for parameter in own),
        ]
        responses = tuple(
            self._bodies.response(status, response) for status, response in part.parts("responses")
        )
        operation = HttpOperation(
            id=written.get("operationId", f"{method} {template}"),
            method=method,
            path=template,
            parameters=by_name(parameters, _IGNORED_HEADERS),
            request=self._bodies.request(part.part("requestBody")) if "requestBody" in written else None,
            responses=responses,
            security=self.security.of(part),
            errors=conditions(
                written.get("x-contract-errors", {}),
                self._errors,
                responses,
            ),
            budget=budget(written.get("x-contract-budget")),
            required=written.get("x-contract-required", False),
            deprecated=written.get("deprecated", False),
            base_path=written.get("x-contract-base-path", default_base_path(self._root.value)).rstrip("/"),
            ignores_case=ignores_case(self._root.value),
            servers=base_paths(part, item, self._root),
            pointer=part.pointer,
        )
        explicit = http_examples(operation, part, "x-contract-examples")
        return replace(operation, examples=explicit)


def _with_examples(operations: list[HttpOperation]) -> Iterator[HttpOperation]:
    """Yield the operations of one path with the examples that the document pairs by name."""
    for operation in operations:
        others = [names_meant(other) for other in operations if other is not operation]
        paired = paired_examples(operation, frozenset().union(*others))
        yield replace(operation, examples=operation.examples + paired)


class _PathItem:
    """A path item, and those that its `$ref` leads to: what stands beside a `$ref` comes first."""

    def __init__(self, chain: tuple[DocumentPart, ...]) -> None:
        self._chain = chain

    def operations(self) -> Iterator[tuple[str, DocumentPart]]:
        """Yield each operation with its method."""
        for method in _METHODS:
            for part in self._having(method):
                yield method.upper(), part.part(method)
        for part in self._having("additionalOperations"):
            yield from part.parts("additionalOperations")

    def items(self, key: str) -> Iterator[DocumentPart]:
        """Yield the parts of the list under *key*; none when it is missing."""
        for part in self._having(key):
            yield from part.items(key)

    def _having(self, key: str) -> tuple[DocumentPart, ...]:
        return tuple(part for part in self._chain if key in part.value)[:1]


def _draft(document: dict[str, Any], language: str) -> Draft:
    if language == "openapi 3.0":
        return Draft.OPENAPI_30
    try:
        return draft_called(document.get("jsonSchemaDialect", Draft.DRAFT_2020_12.value))
    except InvalidContractError as error:
        raise InvalidContractError(f"/jsonSchemaDialect: {error}") from error
