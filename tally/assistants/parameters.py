"""The parameters of a tool: what its function declares, as JSON Schema, and the check of what was sent."""

import difflib
import inspect
import json
from collections.abc import Callable, Mapping
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from jsonschema_rs import validator_for

from tally.assistants.answers import ToolError, quoted
from tally.json_text import refuse_halves

SOURCES = "sources"
"""The first parameter of each tool's function: the server passes it, assistants do not see it."""
LONGEST_TEXT = 100_000
_TYPES = {str: "string", int: "integer", bool: "boolean", float: "number", dict: "object"}
_MEANT = {
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "number": "a number",
    "object": "an object",
    "array": 'a list, such as ["…"]',
}
_IN_TEXTS: Mapping[str, Any] = {
    "integer": int,
    "boolean": bool,
    "number": (int, float),
    "object": dict,
    "array": list,
}
"""What assistants send as a text of JSON in place of the value, and which Python types that then has."""
_PAGES = {"page": {"minimum": 1, "maximum": 1_000_000}}
_MOST_PROBLEMS = 10


def schema_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the JSON Schema of the arguments. Others than those of the function are not allowed.

    A parameter is `Annotated[type, "what it means"]`: a text, a number, a Boolean, a list of texts, one of
    some literal texts, or an object.
    """
    hints = get_type_hints(function, include_extras=True)
    properties, required = {}, []
    for name, parameter in inspect.signature(function).parameters.items():
        if name == SOURCES:
            continue
        properties[name] = _schema(hints[name]) | _PAGES.get(name, {})
        if parameter.default is parameter.empty:
            required.append(name)
        elif parameter.default not in {None, ()}:
            properties[name]["default"] = parameter.default
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def checked(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments, as the types that the schema has.

    Of another type may be only what can mean one thing: JSON in a text where a number, a Boolean, a list or
    an object is due, a whole number where a text is. Null is the same as nothing, but an empty text is not:
    it may be a name that somebody forgot. Raises ToolError that names each field that is wrong, missing or
    not known.
    """
    known, required = schema["properties"], schema["required"]
    given = {
        name: _meant(value, known[name]) if name in known else value
        for name, value in arguments.items()
        if value is not None
    }
    problems = [_unknown(name, known) for name in given if name not in known]
    problems += [f"{name} is missing: {known[name]['description']}" for name in required if name not in given]
    problems = problems or _wrong(schema, given)
    if problems:
        shown = [text if text.endswith((".", "?")) else f"{text}." for text in problems[:_MOST_PROBLEMS]]
        raise ToolError(" ".join(shown))
    return given


def _meant(value: Any, field: Mapping[str, Any]) -> Any:
    """Return the value that was meant; one that could be meant otherwise as it is."""
    kind = field["type"]
    if kind == "string":
        return str(value) if type(value) is int and abs(value) < 2**63 and "enum" not in field else value
    if isinstance(value, str):
        try:
            read = json.loads(value.lower() if kind == "boolean" else value)
        except (ValueError, RecursionError):
            return value
        fits = isinstance(read, _IN_TEXTS[kind]) and isinstance(read, bool) == (kind == "boolean")
        value = read if fits else value
    if kind == "array" and isinstance(value, list):
        return [_meant(item, field["items"]) for item in value]
    return int(value) if kind == "integer" and isinstance(value, float) and value.is_integer() else value


def _wrong(schema: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    problems = []
    for name, value in given.items():
        if isinstance(value, float) and not isfinite(value):
            problems.append(f"{name}: it must be a number that JSON has")
        try:
            refuse_halves(value)
        except (RecursionError, ValueError) as error:
            problems.append(f"{name} cannot be read: {str(error)[:300]}")
    if problems:
        return problems
    try:
        # The masked message names no value: it may be long, and is what somebody else wrote.
        found = list(validator_for(dict(schema), mask="it").iter_errors(given))
    except ValueError:
        return [f"{', '.join(given)}: one of these is nested too deeply"]
    return [f"{'/'.join(map(str, error.instance_path))}: {_message(error, given)}" for error in found]


def _message(error: Any, given: Mapping[str, Any]) -> str:
    if type(error.kind).__name__ != "Type":
        return str(error.message)[:300]
    value: Any = given
    for part in error.instance_path:
        value = value[part]
    meant = _MEANT[error.kind.types[0]]
    if meant == _MEANT["string"] and isinstance(value, float):
        return 'it must be a text, not a number: write it in quotes, such as "1.10"'
    return f"it must be {meant}"


def _schema(hint: Any) -> dict[str, Any]:
    if get_origin(hint) is Annotated:
        inner, description = get_args(hint)
        return _schema(inner) | {"description": description}
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        [only] = [each for each in arguments if each is not NoneType]
        return _schema(only)
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is not None and issubclass(origin, list | tuple):
        return {"type": "array", "items": _schema(arguments[0]), "maxItems": 1000}
    found: dict[str, Any] = {"type": _TYPES[origin or hint]}
    return found | ({"maxLength": LONGEST_TEXT} if hint is str else {})


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name[:100], known, n=1)
    hint = f" Did you mean {near[0]}?" if near else f" It takes {', '.join(known) or 'nothing'}."
    return f"There is no parameter {quoted(name)}.{hint}"
