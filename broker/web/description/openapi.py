"""The routes of an application and what is written about them -> an OpenAPI 3.1 document."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from werkzeug.routing import Map, Rule

from broker.domain.access import Access
from broker.settings import Settings
from broker.web import routes
from broker.web.content_types import EXTENDED, HAL, JSON, PLAIN, PROBLEM
from broker.web.description import answers, requests, webhook_schemas
from broker.web.description.access import access_needed
from broker.web.description.notation import ANYTHING, Schema, schema
from broker.web.description.operation import ApiOperation, QueryParameter
from broker.web.description.parameters import IN_HEADER, IN_PATH
from broker.web.lengths import LONGEST, STORING

Document = dict[str, Any]
Operations = Mapping[str, ApiOperation]
"""What the views say of themselves, by endpoint."""

VERSION = "3.1.0"
_VARIABLE = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"\w+")
ABOUT = """The API of a Pact Broker, extended with service contracts. Start at the index and follow its links.

A method that a path does not support is answered with 405 and the header `Allow`.
Names in paths are percent-encoded, slashes too."""
_SCHEMAS = requests.SCHEMAS | answers.SCHEMAS | webhook_schemas.SCHEMAS | {"OpenAPI": {"type": "object"}}
_REFUSALS: dict[int, tuple[str, dict[str, Schema]]] = {
    400: (
        "The request is malformed; the body names the field",
        {HAL: schema("Error"), JSON: schema("Error")},
    ),
    401: ("Credentials are missing, wrong, or may only read; the body says which", {JSON: schema("Error")}),
    403: ("The settings of the broker do not allow this", {HAL: schema("Error")}),
    404: ("The resource does not exist", {HAL: schema("Error"), JSON: schema("Error")}),
    406: ("The client does not accept UTF-8", {}),
    409: (
        "The request conflicts with what is stored",
        {HAL: schema("Conflict"), JSON: schema("Conflict"), PLAIN: {"type": "string"}},
    ),
    412: ("The condition in If-Match or If-None-Match does not hold", {JSON: schema("Error")}),
    413: ("The body is too large", {JSON: schema("Error")}),
    415: ("The content type of the body is not supported", {}),
    429: (
        "Too many wrong passwords: the header Retry-After says how many seconds to wait",
        {JSON: schema("Error")},
    ),
    422: (
        "The path is malformed, or the change is not possible",
        {HAL: schema("Error"), JSON: schema("Error")},
    ),
}


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
    refusals = _references((401, 429) if configured.failed_logins_per_minute else (401,))
    for rule, method, operation in described(url_map, operations):
        path = routes.template_of(rule.rule)
        found = _operation(rule.endpoint, method, path, operation)
        if schemes and access_needed(configured, operation, method) == Access.NONE:
            found["security"] = []
        elif schemes:
            found["responses"] = dict(sorted((found["responses"] | refusals).items()))
        paths.setdefault(path, {})[method.lower()] = found
    return {
        "openapi": VERSION,
        "info": {"title": "Tallystick", "version": release, "description": ABOUT},
        "servers": [{"url": address}],
        "security": [{name: []} for name in schemes],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": _SCHEMAS,
            "responses": {str(status): _refusal(status) for status in _REFUSALS},
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
    text: Schema = {"type": "string", "minLength": 1}
    if method in STORING and name in LONGEST:
        text["maxLength"] = LONGEST[name]
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": IN_PATH.get(name, ""),
        "schema": text,
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
    refused = {400, 406, *operation.refuses}
    if in_path:
        refused |= {404, 422}
    if method != "GET":
        refused |= {409, 422}  # because of its Idempotency-Key
    if method in STORING and operation.takes is not None:
        refused |= {413, 415}
    if method in {"PUT", "PATCH", "DELETE"}:
        refused.add(412)
    answers = {str(status): answer for status, answer in found.items()} | _references(refused)
    return dict(sorted(answers.items()))


def _references(statuses: Iterable[int]) -> Document:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


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


def _refusal(status: int) -> Document:
    description, content = _REFUSALS[status]
    answer: Document = {"description": description}
    if content:
        kinds = {**content, PROBLEM: schema("Problem")}
        answer["content"] = {kind: {"schema": shape} for kind, shape in kinds.items()}
    return answer
