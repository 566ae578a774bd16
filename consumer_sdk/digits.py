"""Numbers as the test declares them: Pact's core reads all as doubles or 64 bits, and writes those."""

from collections.abc import Mapping
from decimal import Decimal
from math import isclose
from typing import Any

from consumer_sdk.declarations import DeclaredPart, HttpDeclaration, MessageDeclaration
from consumer_sdk.match import example_of
from tally import json_text
from tally.json_text import WrittenFloat

_ROUNDING = 1e-14
"""The core's parser is quick, and may take a neighbour of the nearest double."""
Declared = HttpDeclaration | MessageDeclaration


def with_digits(interaction: Mapping[str, Any], declared: Declared) -> dict[str, Any]:
    """Return the interaction of a pact file with the numbers of bodies, states and metadata as declared."""
    found = dict(interaction)
    states = [{"params": example_of(parameters)} for _, parameters in declared.states]
    if "providerStates" in found:
        found["providerStates"] = _restored(found["providerStates"], states)
    if isinstance(declared, HttpDeclaration):
        for name, part in (("request", declared.request), ("response", declared.response)):
            if part is not None and name in found:
                found[name] = _part(found[name], part)
        return found
    found["contents"] = _body(found.get("contents"), declared.content)
    if "metadata" in found:
        found["metadata"] = _restored(found["metadata"], example_of(declared.metadata))
    return found


def content_with_digits(content: bytes, declared: object) -> bytes:
    """Return the content of a message, if it is JSON with the numbers as declared."""
    try:
        found = json_text.read(content.decode())
    except (ValueError, RecursionError):
        return content
    restored = json_text.compact(_restored(found, _value_of(declared)))
    return content if restored == json_text.compact(found) else restored.encode()


def _part(found: Mapping[str, Any], declared: DeclaredPart) -> dict[str, Any]:
    return {**found, "body": _body(found["body"], declared.body)} if "body" in found else dict(found)


def _body(found: Any, declared: object) -> Any:
    """Return a body with its numbers, which a file of V4 has in an envelope."""
    wanted = _value_of(declared)
    if isinstance(found, dict) and "content" in found and "encoded" in found:
        return {**found, "content": _restored(found["content"], wanted)}
    return _restored(found, wanted)


def _value_of(body: object) -> Any:
    """Return the example of a body: JSON that was given as text is read."""
    if not isinstance(body, str | bytes):
        return example_of(body)
    try:
        return json_text.read(body if isinstance(body, str) else body.decode())
    except (ValueError, RecursionError):
        return body


def _restored(found: Any, declared: Any) -> Any:
    """Return *found* with the numbers that, as doubles, are those declared in the same places."""
    if isinstance(found, dict) and isinstance(declared, Mapping):
        names = {str(name): item for name, item in declared.items()}
        return {name: _restored(item, names[name]) if name in names else item for name, item in found.items()}
    if isinstance(found, list) and isinstance(declared, list | tuple):
        rest = found[len(declared) :]
        return [_restored(*pair) for pair in zip(found, declared, strict=False)] + rest
    if _is_number(found) and _is_number(declared) and isclose(found, declared, rel_tol=_ROUNDING):
        return WrittenFloat(str(declared)) if isinstance(declared, Decimal) else declared
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
