"""What is sent, made so that every client can read it: plain JSON, nothing invisible, never too long."""

import json
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from math import isfinite
from pathlib import PurePath
from typing import Any

import orjson

MOST_CHARACTERS = 25_000
"""Of one answer, in UTF-16 code units, as JavaScript counts: assistants refuse longer ones."""
_MOST_VALUES = 100_000
"""Values that are looked at: no answer can show more than an eighth of them."""
_MOST_ITEMS, _LONGEST_KEY, _DEEPEST = 1_000, 1_000, 40
_STEPS = (
    *((200, 4_000, 40), (100, 2_000, 20), (50, 1_000, 12), (25, 500, 8)),
    *((12, 250, 6), (5, 200, 4), (3, 120, 3)),
)
"""Most items, longest text and deepest level, each tried only if the one before is too long."""
_LARGEST_INTEGER = 2**63 - 1
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters, but not tabs and line breaks
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![^\x00-\x7f])[\u200c\u200d]"  # joiners are part of other scripts and of emoji
)
"""What no reader sees, or what changes the order of what is read; halves of surrogate pairs are no text."""


def text_of(document: Mapping[str, Any]) -> str:
    """Return the document as it is sent: JSON on one line."""
    return orjson.dumps(document).decode()


def visible(text: str) -> str:
    """Return the text with its invisible characters written as <U+200B>: nobody is told something unseen."""
    return _HIDDEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def fitted(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document as plain JSON of at most MOST_CHARACTERS; it says what was cut.

    Raises TypeError for a value that is no JSON.
    """
    reading = _Reading()
    found: dict[str, Any] = reading.plain(document, 0)
    if reading.hides:
        found["hidden"] = "Invisible characters are written as <U+…>."
    if not reading.is_cut and _fits(found):
        return found
    for most, longest, deepest in _STEPS:
        shorter: dict[str, Any] = _cut(found, most, longest, deepest)
        shorter["cut"] = "Lists and texts are cut where they say so: ask for less, or for a page."
        if _fits(shorter):
            return shorter
    return {
        "summary": str(found.get("summary", ""))[:2_000],
        "cut": "The rest is too long for one answer: ask for less, such as one version.",
    }


def _fits(document: dict[str, Any]) -> bool:
    return units(text_of(document)) <= MOST_CHARACTERS


def units(text: str) -> int:
    """Return how long a text is where a character outside of the Basic Multilingual Plane counts as two."""
    return len(text.encode("utf-16-le")) // 2


class _Reading:
    """A walk over what a tool returned, which ends however much there is."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES
        self.is_cut = False
        self.hides = False

    def plain(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Enum):
            return self.plain(value.value, depth)
        if isinstance(value, int | float):
            number = _number(value)
            return self._text(number, _LONGEST_KEY) if isinstance(number, str) else number
        if isinstance(value, str | date | PurePath):
            text = value.isoformat() if isinstance(value, date) else str(value)
            return self._text(text, MOST_CHARACTERS)
        return self._container(value, depth)

    def _container(self, value: Any, depth: int) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            value = {field.name: getattr(value, field.name) for field in fields(value)}
        is_mapping = isinstance(value, Mapping)
        if not is_mapping and not isinstance(value, list | tuple | AbstractSet):
            raise TypeError(f"{type(value).__name__} is no JSON")
        if value and (depth >= _DEEPEST or self._left <= 0):
            self.is_cut = True
            return "…"
        self.is_cut = self.is_cut or len(value) > _MOST_ITEMS
        items = list(value.items() if is_mapping else value)[:_MOST_ITEMS]
        rest = len(value) - len(items)
        if is_mapping:
            pairs = [(self._text(str(key), _LONGEST_KEY), self.plain(item, depth + 1)) for key, item in items]
            return _mapping(pairs, rest)
        return _list([self.plain(item, depth + 1) for item in items], rest)

    def _text(self, text: str, longest: int) -> str:
        if len(text) > longest:
            self.is_cut = True
            text = _shortened(text, longest)
        shown = visible(text)
        self.hides = self.hides or shown != text
        return shown


def _cut(value: Any, most: int, longest: int, deepest: int) -> Any:
    if isinstance(value, dict | list) and value and deepest <= 0:
        return "…"
    if isinstance(value, dict):
        pairs = [
            (_shortened(key, max(60, longest // 4)), _cut(item, most, longest, deepest - 1))
            for key, item in list(value.items())[:most]
        ]
        return _mapping(pairs, len(value) - len(pairs))
    if isinstance(value, list):
        kept = [_cut(item, most, longest, deepest - 1) for item in value[:most]]
        return _list(kept, len(value) - len(kept))
    return _shortened(value, longest) if isinstance(value, str) else value


def _mapping(pairs: Sequence[tuple[str, Any]], rest: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in pairs:
        name = key
        while name in found:  # what told the keys apart is cut
            name += "'"
        found[name] = item
    return found | ({"…": f"and {rest} more"} if rest > 0 else {})


def _list(items: list[Any], rest: int) -> list[Any]:
    return items + ([f"… and {rest} more"] if rest > 0 else [])


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest} characters more)"


def _number(number: int | float) -> int | float | str:  # noqa: PYI041 - they are told apart
    """Return a number that every client can read, or a text."""
    if isinstance(number, float):
        return float(number) if isfinite(number) else str(float(number))
    if abs(number) <= _LARGEST_INTEGER:
        return int(number)
    try:
        return json.dumps(int(number))
    except ValueError:  # Python writes no number of more than 4,300 digits
        return f"a number of about {int(number).bit_length() * 3 // 10} digits"
