"""The parameters of a tool: what its function declares, as JSON Schema, and the check of what was sent."""

import difflib
import inspect
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from jsonschema_rs import validator_for

from tally.assistants.answers import ToolError, quoted

SOURCES = "sources"
"""The first parameter of each tool's function: the server passes it, assistants do not see it."""
LONGEST_TEXT = 100_000
_TYPES = {str: "string", int: "integer", bool: "boolean", float: "number", dict: "object"}
_PAGES = {"page": {"minimum": 1}}


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
    """Return the arguments. Raises ToolError that names each field that is wrong, missing or not known."""
    given = {name: value for name, value in arguments.items() if value is not None}
    known = schema["properties"]
    problems = [_unknown(name, known) for name in given if name not in known]
    problems += [
        f"{name} is missing: {known[name]['description']}" for name in schema["required"] if name not in given
    ]
    if not problems:
        errors = validator_for(dict(schema)).iter_errors(given)
        problems = [f"{'/'.join(map(str, each.instance_path))}: {each.message}"[:300] for each in errors]
    if problems:
        raise ToolError(" ".join(text if text.endswith((".", "?")) else f"{text}." for text in problems[:10]))
    return given


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
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else f" It takes {', '.join(known) or 'nothing'}."
    return f"There is no parameter {quoted(name)}.{hint}"
