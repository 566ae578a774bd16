"""Runtime expressions ("$response.body#/id"): what they are, and the values that they stand for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import lru_cache
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.pointers import pointer_parts
from tally.values import dataclass

WHOLE = frozenset({"url", "method", "statusCode"})
_ROOTS = (
    "$url, $method, $statusCode, $request, $response, $inputs, $outputs, $steps, $workflows, "
    "$sourceDescriptions and $components"
)
_NAMED = frozenset({"inputs", "outputs", "steps", "workflows", "sourceDescriptions", "components"})
_PARTS = {"request": ("header.", "query.", "path.", "body"), "response": ("header.", "body")}
_WORD = re.compile(r"\$([A-Za-z]+)")
_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")
_DEREFERENCE = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_INDEX = re.compile(r"0|[1-9][0-9]*")


class NoValue:
    """The type of `NO_VALUE`."""

    def __repr__(self) -> str:
        return "no value"


NO_VALUE = NoValue()
"""What an expression stands for when there is nothing: no such output, no such header, …"""


class NoValueError(Exception):
    """An expression that is needed stands for nothing; the text is the expression."""


@dataclass(frozen=True)
class Expression:
    """A runtime expression. *name* is what follows *root*; *pointer* what follows a "#"."""

    text: str
    root: str
    name: str = ""
    pointer: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Exchanged:
    """What a step sent and received. The names of headers are in lower case."""

    url: str
    method: str
    status: int
    request_headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, Any] = field(default_factory=dict)
    request_body: Any = NO_VALUE
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: Any = NO_VALUE


@dataclass(frozen=True, kw_only=True)
class WorkflowValues:
    """What is known of a workflow that has ended."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The values that expressions may stand for. *steps* are outputs by step; *sources* are URLs by name."""

    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    steps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    workflows: Mapping[str, WorkflowValues] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exchanged: Exchanged | None = None


def is_expression(text: str) -> bool:
    """Whether *text* is meant as a runtime expression: "$5" and "$ref" are none."""
    found = _WORD.match(text)
    if found is None:
        return False
    rest = text[found.end() :]
    known = found[1] in WHOLE or found[1] in _NAMED or found[1] in _PARTS
    return (known and (rest == "" or rest[0] in ".#[")) or rest[:1] == "."


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Return the expression that *text* is; raises InvalidContractError without a place."""
    found = _WORD.match(text)
    root, rest = (found[1], text[found.end() :]) if found else ("", text)
    if root in WHOLE and not rest:
        return Expression(text, root)
    if root in _NAMED and rest.startswith(".") and len(rest) > 1:
        name, pointer = _split(text, rest[1:])
        return Expression(text, root, name, pointer)
    if root in _PARTS and rest.startswith("."):
        return _part_of_exchange(text, root, rest[1:])
    if root in WHOLE | _NAMED | _PARTS.keys():
        raise InvalidContractError(f"{text!r} is no runtime expression: {_form_of(root)}")
    raise InvalidContractError(f"{text!r} is no runtime expression: these begin with {_ROOTS}")


def expressions_in(value: object) -> Iterator[str]:
    """Yield the text of each expression in *value*, also those inside texts ("{$inputs.id}")."""
    if isinstance(value, str):
        if is_expression(value):
            yield value
        else:
            yield from _EMBEDDED.findall(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from expressions_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from expressions_in(item)


def value_of(expression: Expression, scope: Scope) -> Any:
    """Return the value that *expression* stands for, or NO_VALUE."""
    if expression.root in WHOLE or expression.root.partition(".")[0] in _PARTS:
        found = _of_exchange(expression, scope.exchanged) if scope.exchanged else NO_VALUE
    else:
        found = _named_value(expression, scope)
    return at_pointer(found, expression.pointer) if expression.pointer else found


def at_pointer(value: Any, parts: tuple[str, ...]) -> Any:
    """Return what is at the JSON pointer in *value*, or NO_VALUE."""
    for part in parts:
        if isinstance(value, dict):
            value = value.get(part, NO_VALUE)
        elif isinstance(value, list) and _INDEX.fullmatch(part) and int(part) < len(value):
            value = value[int(part)]
        else:
            return NO_VALUE
    return value


def _split(text: str, rest: str) -> tuple[str, tuple[str, ...]]:
    name, mark, pointer = rest.partition("#")
    if mark and pointer and not pointer.startswith("/"):
        raise InvalidContractError(f"{text!r}: what follows '#' is a JSON pointer, and begins with '/'")
    return name, pointer_parts(pointer) if pointer else ()


def _part_of_exchange(text: str, root: str, rest: str) -> Expression:
    for part in _PARTS[root]:
        if part == "body" and (rest == "body" or rest[:5] in {"body#", "body.", "body["}):
            name, pointer = _split(text, rest[4:])
            return Expression(text, f"{root}.body", name, pointer)
        if part != "body" and rest.startswith(part) and len(rest) > len(part):
            name, pointer = (rest[len(part) :], ()) if part == "header." else _split(text, rest[len(part) :])
            return Expression(text, f"{root}.{part[:-1]}", name, pointer)
    raise InvalidContractError(f"{text!r} is no runtime expression: {_form_of(root)}")


def _form_of(root: str) -> str:
    if root in WHOLE:
        return f"write ${root}, with nothing behind it"
    if root in _PARTS:
        return "write " + " or ".join(
            f"${root}.{part}NAME" if part != "body" else f"${root}.body#/POINTER" for part in _PARTS[root]
        )
    forms = {
        "steps": "$steps.STEP.outputs.NAME",
        "workflows": "$workflows.WORKFLOW.outputs.NAME",
        "components": "$components.parameters.NAME",
        "sourceDescriptions": "$sourceDescriptions.NAME.url",
    }
    return f"write {forms.get(root, f'${root}.NAME')}"


def _of_exchange(expression: Expression, exchanged: Exchanged) -> Any:
    whole = {"url": exchanged.url, "method": exchanged.method, "statusCode": exchanged.status}
    if expression.root in whole:
        return whole[expression.root]
    named: dict[str, Mapping[str, Any]] = {
        "request.query": exchanged.query,
        "request.path": exchanged.path,
    }
    if expression.root in named:
        return _named(named[expression.root], expression.name)
    if expression.root == "request.header":
        return exchanged.request_headers.get(expression.name.lower(), NO_VALUE)
    if expression.root == "response.header":
        return exchanged.response_headers.get(expression.name.lower(), NO_VALUE)
    body = exchanged.request_body if expression.root == "request.body" else exchanged.response_body
    return _dereferenced(body, expression.name)


def _named_value(expression: Expression, scope: Scope) -> Any:
    name = expression.name
    if expression.root == "inputs":
        return _named(scope.inputs, name)
    if expression.root == "outputs":
        return _named(scope.outputs, name)
    if expression.root == "steps":
        return _under(scope.steps, name, "outputs")
    if expression.root == "workflows":
        outputs = {key: known.outputs for key, known in scope.workflows.items()}
        inputs = {key: known.inputs for key, known in scope.workflows.items()}
        found = _under(outputs, name, "outputs")
        return _under(inputs, name, "inputs") if found is NO_VALUE else found
    if expression.root == "components":
        return _named(scope.parameters, name.removeprefix("parameters."))
    return _named({f"{key}.url": url for key, url in scope.sources.items()}, name)


def _under(values: Mapping[str, Mapping[str, Any]], name: str, kind: str) -> Any:
    """Return the value of "KEY.outputs.NAME"; a key may hold dots, too."""
    for key in sorted(values, key=len, reverse=True):
        if name.startswith(f"{key}.{kind}."):
            return _named(values[key], name[len(key) + len(kind) + 2 :])
    return NO_VALUE


def _named(values: Mapping[str, Any], name: str) -> Any:
    """Return the value of *name*, or what is inside a value: "order.items[0].id"."""
    if name in values:
        return values[name]
    cuts = [at for at, character in enumerate(name) if character in ".[" and at]
    for cut in reversed(cuts):
        if name[:cut] in values:
            return _dereferenced(values[name[:cut]], name[cut:])
    return NO_VALUE


def _dereferenced(value: Any, path: str) -> Any:
    at = 0
    while at < len(path):
        step = _DEREFERENCE.match(path, at)
        if step is None:
            return NO_VALUE
        value = at_pointer(value, (step[1] if step[1] is not None else step[2],))
        at = step.end()
    return value
