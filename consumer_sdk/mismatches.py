"""Say in words how the consumer's code differs from what the test declares."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from consumer_sdk.declarations import DeclaredRequest, HttpDeclaration
from consumer_sdk.match import example_of

MISSING = "MissingRequest"
_NOISE = {"accept-encoding", "connection", "content-length", "host", "user-agent"}


def explain(mismatches: Iterable[Any], declared: Sequence[HttpDeclaration]) -> str:
    """Return the text for the user; *mismatches* are those of pact-python's mock server."""
    lines = ["The consumer's code did not do what the test declares."]
    for mismatch in mismatches:
        lines += ["", *_explained(mismatch, declared)]
    return "\n".join(lines)


def _explained(mismatch: Any, declared: Sequence[HttpDeclaration]) -> list[str]:
    if mismatch.type == "RequestMismatch":
        described = _described(mismatch.method, mismatch.path, declared)
        title = f"Sent, but not as declared: {described}"
        return [title, *(f"  {_detail(detail)}" for detail in mismatch.mismatches)]
    if mismatch.type == MISSING:
        return [f"Declared, but not sent: {_described(mismatch.method, mismatch.path, declared)}"]
    known = [f"  declared is  {_title(interaction)}" for interaction in declared]
    return [f"Sent, but not declared: {_sent(mismatch.request)}", *_parts(mismatch.request), *known]


def _described(method: str, path: str, declared: Sequence[HttpDeclaration]) -> str:
    same = [
        i for i in declared if i.request and (i.request.method, example_of(i.request.path)) == (method, path)
    ]
    return " or ".join(map(_title, same)) or f"{method} {path}"


def _title(interaction: HttpDeclaration) -> str:
    request = interaction.request or DeclaredRequest()
    query = urlencode(example_of(request.query), doseq=True)
    path = example_of(request.path) + (f"?{query}" if query else "")
    return f'{request.method} {path} ("{interaction.description}")'


def _sent(request: dict[str, Any]) -> str:
    query = urlencode(request.get("query", {}), doseq=True)
    return f"{request['method']} {request['path']}" + (f"?{query}" if query else "")


def _parts(request: dict[str, Any]) -> list[str]:
    headers = {
        name: value for name, value in request.get("headers", {}).items() if name.lower() not in _NOISE
    }
    lines = [f"  header {name}: {value}" for name, value in sorted(headers.items())]
    body = request.get("body")
    return [*lines, f"  body: {json.dumps(body)}"] if body else lines


def _detail(mismatch: Any) -> str:
    place = {
        "QueryMismatch": "query {0.parameter}",
        "HeaderMismatch": "header {0.key}",
        "BodyMismatch": "body {0.path}",
    }.get(mismatch.type, "content type")
    compared = f"declared {mismatch.expected or 'nothing'}, sent {mismatch.actual or 'nothing'}"
    return f"{place.format(mismatch)}: {compared} ({mismatch.mismatch})"
