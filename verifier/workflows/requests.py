"""The request of a step: its parameters and its payload, with the values of expressions filled in."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import field
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from tally.json_schema.pointers import pointer_parts
from tally.pact import Body, Presence, Request
from tally.pact.bodies import FORM, NOT_JSON, is_json, is_xml, media_type, parse_json
from tally.service_contract.model import ExampleRequest, HttpOperation
from tally.values import dataclass
from tally.workflows.expressions import NO_VALUE, Scope
from tally.workflows.model import Payload, Step, Workflow
from tally.workflows.templates import as_text, filled
from verifier.contracts.requests import request_of

_INDEX = re.compile(r"0|[1-9][0-9]*")


class PayloadError(Exception):
    """A payload that cannot be written; the text says why."""


@dataclass(frozen=True)
class StepRequest:
    """The request of a step in the form of a contract, and the values that expressions may ask for."""

    request: Request
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = NO_VALUE


def step_request(workflow: Workflow, step: Step, operation: HttpOperation, scope: Scope) -> StepRequest:
    """Return the request. Raises NoValueError for an expression without a value, PayloadError."""
    given: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in (*workflow.parameters, *step.parameters):
        if parameter.location:
            given[parameter.location][parameter.name] = filled(parameter.value, scope)
    body, value = _body(step.payload, operation, scope)
    example = ExampleRequest(given["path"], given["query"], given["header"], given["cookie"], body)
    return StepRequest(request_of(operation, example), given["path"], given["query"], value)


def _body(payload: Payload | None, operation: HttpOperation, scope: Scope) -> tuple[Body, Any]:
    """Return the body to send, and the value that $request.body stands for."""
    if payload is None:
        return Body(), NO_VALUE
    content_type = payload.content_type or _declared_type(operation)
    value = _value(payload, content_type, scope)
    if is_json(content_type):
        if value is None:
            return Body(Presence.NULL, None, content_type), None
        return Body(Presence.PRESENT, value, content_type), value
    if isinstance(value, dict | list) and media_type(content_type) == FORM:
        return Body(Presence.PRESENT, _form(value), content_type), value
    if isinstance(value, dict | list):
        raise PayloadError(
            f"the payload is {'an object' if isinstance(value, dict) else 'a list'}, and the type "
            f"{content_type} is written as text: write the payload as a text, with {{$…}} in it"
        )
    return Body(Presence.PRESENT, as_text(value), content_type), value


def _declared_type(operation: HttpOperation) -> str:
    """Return the only media type that the operation takes, or JSON where there are several."""
    types = [content.content_type for content in operation.request.content] if operation.request else []
    plain = [each for each in types if "*" not in each]
    return next((each for each in plain if is_json(each)), plain[0] if plain else "application/json")


def _value(payload: Payload, content_type: str, scope: Scope) -> Any:
    if isinstance(payload.value, str):
        value = filled(payload.value, scope, written=lambda inner: _embedded(inner, content_type))
        if isinstance(value, str) and is_json(content_type):
            value = _read_as_json(value)
    else:
        value = filled(payload.value, scope)
    if payload.replacements:
        value = deepcopy(value)
        for replacement in payload.replacements:
            value = _replaced(value, replacement.target, filled(replacement.value, scope))
    return value


def _read_as_json(text: str) -> Any:
    """Return the value that a text payload is: of a template, or a JSON string."""
    value = parse_json(text)
    if value is not NOT_JSON:
        return value
    if text.lstrip()[:1] in {"{", "[", '"'}:
        raise PayloadError(f"the payload is no JSON after its expressions were filled in: {text[:200]}")
    return text


def _embedded(value: Any, content_type: str) -> str:
    """Return *value* as it is written inside a payload that is a text."""
    text = as_text(value)
    if is_json(content_type):
        return json.dumps(value, ensure_ascii=False)[1:-1] if isinstance(value, str) else text
    if is_xml(content_type):
        return escape(text, {'"': "&quot;"})
    return quote(text, safe="", errors="replace") if media_type(content_type) == FORM else text


def _form(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        raise PayloadError("the payload is a list, and a form has names: write an object")
    return {
        name: [as_text(each) for each in item] if isinstance(item, list) else _field(item)
        for name, item in value.items()
    }


def _field(value: Any) -> str:
    return "" if value is None else as_text(value)


def _replaced(value: Any, target: str, new: Any) -> Any:
    """Set *new* at the JSON pointer *target* of *value*, whose parent has to be there."""
    *parents, last = pointer_parts(target)
    holder = value
    for part in parents:
        holder = _inside(holder, part, target)
    if isinstance(holder, dict):
        holder[last] = new
    elif isinstance(holder, list) and last == "-":
        holder.append(new)
    elif isinstance(holder, list) and _INDEX.fullmatch(last) and int(last) < len(holder):
        holder[int(last)] = new
    else:
        raise PayloadError(f"the payload has no place {target} for a replacement")
    return value


def _inside(holder: Any, part: str, target: str) -> Any:
    if isinstance(holder, dict) and part in holder:
        return holder[part]
    if isinstance(holder, list) and _INDEX.fullmatch(part) and int(part) < len(holder):
        return holder[int(part)]
    raise PayloadError(f"the payload has no place {target} for a replacement")
