"""The routes of an application and what is written about them -> an OpenAPI 3.1 document."""

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from werkzeug.routing import Map, Rule

from broker.domain.access import Access
from broker.settings.settings import Settings
from broker.web import routes
from broker.web.content_types import EXTENDED, HAL
from broker.web.description import (
    account_schemas,
    answers,
    audit_schemas,
    insight_schemas,
    path_schemas,
    refusals,
    requests,
    trust_schemas,
    webhook_schemas,
)
from broker.web.description.access import access_needed
from broker.web.description.notation import ANYTHING, TEXT, Schema, schema
from broker.web.description.operation import ApiOperation, QueryParameter
from broker.web.description.parameters import IN_HEADER, IN_PATH

Document = dict[str, Any]
Operations = Mapping[str, ApiOperation]
"""What the views say of themselves, by endpoint."""

VERSION = "3.1.0"
_VARIABLE = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"\w+")
ABOUT = """The API of a Pact Broker, extended with service contracts. Start at the index and follow its links.

A method that a path does not support is answered with 405 and the header `Allow`. HEAD is answered as GET,
without the body. Names in paths are percent-encoded, slashes too. After an identifier or a fixed part, a path
may end with an extension that says which content type is wanted: `.json`, `.csv`, `.svg`, `.yaml`."""
OPTIONS = "OPTIONS"
_NAMES_METHODS = ApiOperation("Name the methods of this address", types=())
_METHODS = {
    name: {"description": "The methods, separated by commas", "schema": TEXT}
    for name in ("Allow", "Access-Control-Allow-Methods")
}
_SCHEMAS = (
    requests.SCHEMAS
    | answers.SCHEMAS
    | webhook_schemas.SCHEMAS
    | insight_schemas.SCHEMAS
    | audit_schemas.SCHEMAS
    | trust_schemas.SCHEMAS
    | account_schemas.SCHEMAS
    | {"OpenAPI": {"type": "object"}}
)


def described(url_map: Map, operations: Operations) -> Iterator[tuple[Rule, str, ApiOperation]]:
    """Yield every route of the API, with each of its methods."""
    for rule in url_map.iter_rules():
        operation = operations.get(rule.endpoint)
        if operation is not None:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, operation


def document(
    url_map: Map, operations: Operations, configured: Settings, *, address: str, release: str
) -> Document:
    """Return the description of the API at *address*, as it is under these settings."""
    paths: dict[str, Document] = {}
    schemes = _schemes(configured)
    to_strangers = refusals.references((401, 429) if configured.failed_logins_per_minute else (401,))
    for rule, method, operation in described(url_map, operations):
        path = routes.template_of(rule.rule)
        of_path = paths.setdefault(path, {})
        for name in (method,) if of_path else (method, OPTIONS):  # which the first view of a path stands for
            found = _operation(rule.endpoint, name, path, _NAMES_METHODS if name == OPTIONS else operation)
            if schemes and access_needed(configured, operation, name) == Access.NONE:
                found["security"] = []
            elif schemes:
                found["responses"] = dict(sorted((found["responses"] | to_strangers).items()))
            of_path[name.lower()] = found
    return {
        "openapi": VERSION,
        "info": {"title": "Tallystick", "version": release, "description": ABOUT},
        "servers": [{"url": address}],
        "security": [{name: []} for name in schemes],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": _SCHEMAS,
            "responses": refusals.components(),
            "securitySchemes": schemes,
        },
    }


def _schemes(configured: Settings) -> Document:
    schemes = {
        "basic": (configured.users, {"type": "http", "scheme": "basic"}),
        "token": (configured.tokens, {"type": "http", "scheme": "bearer"}),
    }
    return {name: scheme for name, (known, scheme) in schemes.items() if known}


def _operation(endpoint: str, method: str, path: str, operation: ApiOperation) -> Document:
    in_path = _VARIABLE.findall(path)
    parameters = [
        *(_in_path(name, method) for name in in_path),
        *map(_in_query, operation.query),
        *_in_header(method),
    ]
    found: Document = {
        "operationId": f"{method.lower()}-{'-'.join(_WORD.findall(path)) or 'index'}",
        "summary": operation.summary,
        "tags": [endpoint.partition(".")[0].replace("_", " ")],
        "parameters": parameters,
        "responses": _responses(operation, method, in_path=bool(in_path)),
    }
    if operation.takes is not None:
        content = {kind: {"schema": schema(operation.takes)} for kind in operation.takes_types}
        found["requestBody"] = {"required": not operation.takes_nothing_too, "content": content}
    return found


def _in_path(name: str, method: str) -> Document:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": IN_PATH.get(name, ""),
        "schema": path_schemas.in_path(name, method),
    }


def _in_query(given: QueryParameter) -> Document:
    return {"name": given.name, "in": "query", "description": given.description, "schema": given.schema}


def _in_header(method: str) -> Iterator[Document]:
    for name, (description, methods, form) in IN_HEADER.items():
        if method in methods:
            yield {"name": name, "in": "header", "description": description, "schema": form}


def _responses(operation: ApiOperation, method: str, *, in_path: bool) -> Document:
    found = {status: _answer(status, operation.answers, operation.types) for status in operation.statuses} | {
        status: _answer(status, name, (HAL,) if name else ()) for status, name in operation.also
    }
    if method == "GET":
        found[304] = _answer(304, None, ())
    refused = refusals.of_operation(operation, method, in_path=in_path)
    answered = {str(status): answer for status, answer in found.items()}
    if method == OPTIONS:
        answered["200"]["headers"] = _METHODS
    return dict(sorted((refused | answered).items()))


def _answer(status: int, name: str | None, types: Sequence[str]) -> Document:
    answer: Document = {"description": HTTPStatus(status).phrase}
    if types and status != HTTPStatus.NO_CONTENT:
        answer["content"] = {kind: {"schema": _shape(name, kind)} for kind in types}
    return answer


def _shape(name: str | None, kind: str) -> Schema:
    if kind == EXTENDED:
        return schema("Extended")
    is_json = kind.endswith("json")
    return schema(name) if is_json and name else ANYTHING if is_json else {"type": "string"}
