"""OpenAPI 2.0 (Swagger) documents, read into operations."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft
from tally.json_schema.self_contained import SchemaReader
from tally.service_contract.examples import http_examples
from tally.service_contract.facts import budget, conditions, contract_states, dependencies, errors
from tally.service_contract.model import HttpOperation, ServiceContract, Specification
from tally.service_contract.openapi_bodies import by_name
from tally.service_contract.openapi_examples import paired_examples
from tally.service_contract.parts import DocumentPart, References
from tally.service_contract.references import check_references, resources_of
from tally.service_contract.security import SecurityReader
from tally.service_contract.servers import default_base_path, ignores_case
from tally.service_contract.size import Counter
from tally.service_contract.structure import check_part, check_schema_of
from tally.service_contract.swagger_bodies import SwaggerBodies

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_HOMES = {"parameter": "parameters", "response": "responses"}
_HOME = "definitions"
_IGNORED_HEADERS = frozenset(["accept", "authorization", "content-type"])


def read_swagger(document: dict[str, Any]) -> ServiceContract:
    """Return the contract. Raises InvalidContractError, which names the place."""
    if document["swagger"] not in ("2.0", 2.0, 2):
        raise InvalidContractError(f"/swagger: version {document['swagger']!r} is not supported; 2.0 is")
    resources = resources_of(document, Draft.OPENAPI_2)
    check_part("swagger", "document", document, "")
    check_references(resources)
    root = DocumentPart(document, "")
    schemas = SchemaReader(resources, home=_HOME, check=check_schema_of)
    reader = _Reader(root, References(resources, _HOMES, partial(check_part, "swagger")), schemas)
    operations = tuple(reader.operations())
    info = document.get("info", {})
    return ServiceContract(
        Specification.OPENAPI,
        operations,
        info.get("title"),
        info.get("version"),
        dependencies(root, "x-contract-dependencies"),
        contract_states(root, "x-contract-states", schemas),
        document.get("x-contract-role", "provider"),
        f"/{_HOME}",
        tuple(dict.fromkeys(reader.security.warnings)),
    )


class _Reader:
    def __init__(self, root: DocumentPart, references: References, schemas: SchemaReader) -> None:
        self._root = root
        self._references = references
        self._bodies = SwaggerBodies(root, references, schemas)
        schemes = DocumentPart(root.value.get("securityDefinitions", {}), "/securityDefinitions")
        self.security = SecurityReader(root, references, schemes)
        self._counter = Counter()
        self._errors = errors(root.value.get("x-contract-errors", {}))

    def operations(self) -> Iterator[HttpOperation]:
        for template, part in self._root.parts("paths"):
            item = self._references.follow("pathItem", part)
            for method in _METHODS:
                if method in item.value:
                    yield self._operation(method, template, item)

    def _operation(self, method: str, template: str, item: DocumentPart) -> HttpOperation:
        part = item.part(method)
        written = part.value
        self._counter.operation()
        count = sum(
            len(each.get(key, ())) for each, key in ((item.value, "parameters"), (written, "parameters"))
        )
        self._counter.parts(count + len(written["responses"]), part.pointer)
        parameters = {
            (found.value["in"], found.value["name"]): (found, shared)
            for holder, shared in ((item, True), (part, False))
            for found in (
                self._references.follow("parameter", parameter) for parameter in holder.items("parameters")
            )
        }
        responses = tuple(
            self._bodies.response(status, response, part) for status, response in part.parts("responses")
        )
        operation = HttpOperation(
            id=written.get("operationId", f"{method.upper()} {template}"),
            method=method.upper(),
            path=template,
            parameters=by_name(
                [
                    self._bodies.parameter(parameter, shared=shared)
                    for parameter, shared in parameters.values()
                    if parameter.value["in"] not in {"body", "formData"}
                ],
                _IGNORED_HEADERS,
            ),
            request=self._bodies.request([parameter for parameter, _ in parameters.values()], part),
            responses=responses,
            security=self.security.of(part),
            errors=conditions(written.get("x-contract-errors", {}), self._errors, responses),
            budget=budget(written.get("x-contract-budget")),
            required=written.get("x-contract-required", False),
            deprecated=written.get("deprecated", False),
            base_path=written.get("x-contract-base-path", default_base_path(self._root.value)).rstrip("/"),
            ignores_case=ignores_case(self._root.value),
            produces=tuple(written.get("produces", self._root.value.get("produces", ()))),
            pointer=part.pointer,
        )
        explicit = http_examples(operation, part, "x-contract-examples")
        return replace(operation, examples=explicit + paired_examples(operation))
