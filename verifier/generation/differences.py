"""What is special about a generated value."""

import json
from collections.abc import Iterator
from typing import Any

from tally.json_schema.shapes import same

_LONGEST = 40
_MOST = 2
_ABSENT: Any = object()

Place = tuple[str | int, ...]


def different_places(usual: Any, value: Any) -> list[Place]:
    """Return where *value* differs from the usual one: what is not there, what is more, what is other."""
    return list(_places(usual, value, ()))


def _places(usual: Any, value: Any, place: Place) -> Iterator[Place]:
    if same(usual) == same(value):
        return
    if isinstance(usual, dict) and isinstance(value, dict):
        for name in dict.fromkeys((*usual, *value)):
            if name in usual and name in value:
                yield from _places(usual[name], value[name], (*place, name))
            else:
                yield (*place, name)
    elif isinstance(usual, list) and isinstance(value, list) and len(usual) == len(value):
        for index, (one, other) in enumerate(zip(usual, value, strict=True)):
            yield from _places(one, other, (*place, index))
    else:
        yield place


def at(value: Any, place: Place) -> Any:
    """Return what is at this place; a value that is none when there is nothing."""
    for part in place:
        held = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
        value = held.get(part, _ABSENT)
    return value


def with_usual(usual: Any, value: Any, place: Place) -> Any:
    """Return *value* with what the usual one has at this place."""
    if not place:
        return usual
    part, *rest = place
    if isinstance(value, list) and isinstance(part, int):
        inner = with_usual(usual[part], value[part], tuple(rest))
        return [*value[:part], inner, *value[part + 1 :]]
    if rest:
        return {**value, part: with_usual(usual[part], value[part], tuple(rest))}
    if part in usual:
        return {**value, part: usual[part]}
    return {name: item for name, item in value.items() if name != part}


def difference(usual: Any, value: Any) -> str:
    """Return how *value* differs from the usual one: "without body.note, query.limit=100"."""
    found = [described(place, at(value, place)) for place in different_places(usual, value)]
    if not found:
        return "everything"
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ", ".join(found[:_MOST]) + more


def described(place: Place, value: Any) -> str:
    """Return what is there: "body.note=null", "without body.note"."""
    # A body has its media type beside it, which readers know.
    parts = ("body", *place[2:]) if place[:2] == ("body", "value") else place
    named = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")
    return f"without {named}" if value is _ABSENT else f"{named}={shown(value)}"


def shown(value: object) -> str:
    """Return a value as JSON, cut when it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
