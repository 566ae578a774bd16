"""What is sent, made so that every client can read it: plain JSON, nothing invisible, never too long."""

import json
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from itertools import islice
from math import isfinite
from pathlib import PurePath
from typing import Any

import orjson

MOST_CHARACTERS = 25_000
"""Of one answer, in UTF-16 code units, as JavaScript counts: assistants refuse longer ones."""
_STEPS = (
    *((MOST_CHARACTERS, MOST_CHARACTERS, 40), (200, 4_000, 40), (100, 2_000, 20), (50, 1_000, 12)),
    *((25, 500, 8), (12, 250, 6), (5, 200, 4), (3, 120, 3)),
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
    for step in _STEPS:
        copying = _Copying(*step)
        with suppress(_TooLongError):
            found: dict[str, Any] = copying.copy(document, 0)
            if copying.hides:
                found["hidden"] = "Invisible characters are written as <U+…>."
            if copying.cuts:
                found["cut"] = "Lists and texts are cut where they say so: ask for less, or for a page."
            if _fits(found):
                return found
    return {
        "summary": visible(str(document.get("summary", "")))[:2_000],
        "cut": "The rest is too long for one answer: ask for less, such as one version.",
    }


def _fits(document: dict[str, Any]) -> bool:
    return units(text_of(document)) <= MOST_CHARACTERS


def units(text: str) -> int:
    """Return how long a text is where a character outside of the Basic Multilingual Plane counts as two."""
    return len(text.encode("utf-16-le")) // 2


class _TooLongError(Exception):
    """There is more than can be sent, so that the rest need not be looked at."""


class _Copying:
    """A copy as plain JSON, with at most *most* items of each list, and the beginnings of *longest* texts."""

    def __init__(self, most: int, longest: int, deepest: int) -> None:
        self._most, self._longest, self._deepest = most, longest, deepest
        self._left = MOST_CHARACTERS
        self.cuts = False
        self.hides = False

    def copy(self, value: Any, depth: int) -> Any:
        self._spend(1)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Enum):
            return self.copy(value.value, depth)
        if isinstance(value, int | float):
            number = _number(value)
            return self._text(number, self._longest) if isinstance(number, str) else number
        if isinstance(value, str | date | PurePath):
            text = value.isoformat() if isinstance(value, date) else str(value)
            return self._text(text, self._longest)
        return self._container(value, depth)

    def _container(self, value: Any, depth: int) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            value = {field.name: getattr(value, field.name) for field in fields(value)}
        if not isinstance(value, Mapping | list | tuple | AbstractSet):
            raise TypeError(f"{type(value).__name__} is no JSON")
        if value and depth >= self._deepest:
            self.cuts = True
            return "…"
        rest = len(value) - self._most
        self.cuts = self.cuts or rest > 0
        if isinstance(value, Mapping):
            return self._mapping(value, depth) | ({"…": f"and {rest} more"} if rest > 0 else {})
        kept = [self.copy(item, depth + 1) for item in islice(value, self._most)]
        return kept + ([f"… and {rest} more"] if rest > 0 else [])

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in islice(value.items(), self._most):
            name = self._text(str(key), max(60, self._longest // 4))
            while name in found:  # what told the keys apart is cut
                name += "'"
            found[name] = self.copy(item, depth + 1)
        return found

    def _text(self, text: str, longest: int) -> str:
        if len(text) > longest:
            self.cuts = True
            text = f"{text[:longest]}… ({len(text) - longest} characters more)"
        self._spend(len(text))
        shown = visible(text)
        self.hides = self.hides or shown != text
        return shown

    def _spend(self, characters: int) -> None:
        self._left -= characters
        if self._left < 0:
            raise _TooLongError


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
