"""What an entry says of the state before and after: without secrets, and 8 KiB of JSON at most."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from itertools import islice
from math import isfinite
from typing import Any

from broker.domain.accounts.tokens import is_shown_prefix
from broker.domain.webhooks.secret_texts import STARS, is_secret, starred
from tally.hashing import canonical_json

MOST_BYTES = 8192
MOST_OF_A_TEXT = 1000
"""Characters of one text that are kept."""
LONGEST_TEXT = 65_536
"""Characters of a text that is looked through for secrets; nothing is kept of a longer one."""
MOST_ITEMS = 100
"""Items of one list, and keys of one object, that are kept."""
MOST_LEVELS = 10
MOST_VALUES = 2000
"""Values that are looked at: a large document must not hold up the transaction."""
_FEWER = ((300, 50, 6), (100, 20, 4), (30, 6, 2))
"""What is kept of values that are too long even so: characters, items, levels."""
_is_secret = lru_cache(maxsize=2048)(is_secret)  # the same few names come again and again
_UNREADABLE = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def details(value: Any) -> bytes | None:
    """Return *value* as canonical JSON of 8 KiB at most, None for None; what was cut is said in its place.

    Values of what is named like a secret, and what looks like a token wherever it is, are stars.
    """
    if value is None:
        return None
    for characters, items, levels in ((MOST_OF_A_TEXT, MOST_ITEMS, MOST_LEVELS), *_FEWER):
        text = canonical_json(_Plain(characters, items)(value, levels))
        if len(text) <= MOST_BYTES:
            return text
    return canonical_json({"cut": f"{len(text)} bytes"})


class _Plain:
    """Make a value of JSON of whatever a service has: no secret, and no more than so much."""

    def __init__(self, characters: int, items: int) -> None:
        self._characters = characters
        self._items = items
        self._left = MOST_VALUES

    def __call__(self, value: Any, levels: int, *, is_named: bool = False) -> Any:
        self._left -= 1
        if self._left < 0:
            return "…"
        if type(value) is str or value is None:
            return STARS if is_named and value else value and self._text(value)
        if isinstance(value, bool | int | float):
            is_shown = isinstance(value, bool) or not is_named
            return self._scalar(value) if is_shown else STARS
        if is_dataclass(value) and not isinstance(value, type):
            value = {field.name: getattr(value, field.name) for field in fields(value)}
        if isinstance(value, Mapping):
            return self._object(value, levels, is_named=is_named)
        if isinstance(value, Sequence | AbstractSet) and not isinstance(value, str | bytes | bytearray):
            return self._list(value, levels, is_named=is_named)
        return STARS if is_named else self._scalar(value)

    def _object(self, value: Mapping[Any, Any], levels: int, *, is_named: bool) -> Any:
        if not levels:
            return f"… ({len(value)} values)"
        kept = list(islice(value.items(), self._items))
        found = {
            _name(str(name), self._characters): self(
                item, levels - 1, is_named=is_named or _is_secret(str(name))
            )
            for name, item in kept
        }
        more = len(value) - len(kept)
        return {**found, "…": f"{more} more"} if more else found

    def _list(self, value: Sequence[Any] | AbstractSet[Any], levels: int, *, is_named: bool) -> Any:
        if not levels:
            return f"… ({len(value)} values)"
        items = sorted(value, key=str) if isinstance(value, AbstractSet) else list(value[: self._items])
        found = [self(item, levels - 1, is_named=is_named) for item in items[: self._items]]
        more = len(value) - len(found)
        return [*found, f"… ({more} more)"] if more else found

    def _scalar(self, value: Any) -> Any:
        value = value.value if isinstance(value, Enum) else value
        if isinstance(value, bool):
            return value
        if isinstance(value, datetime | date):
            return value.isoformat()
        if isinstance(value, int):
            return int(value) if abs(value) < 1 << 63 else self._text(str(value))
        if isinstance(value, float):
            return float(value) if isfinite(value) else str(value)
        if isinstance(value, str):
            return self._text(value)
        return f"({type(value).__name__})"

    def _text(self, text: str) -> str:
        return _shown(text, self._characters)


def _shown(text: str, most: int) -> str:
    if is_shown_prefix(text):
        return text
    if len(text) > LONGEST_TEXT:
        return f"… ({len(text)} characters)"
    text = starred(text).translate(_UNREADABLE)
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


_name = lru_cache(maxsize=2048)(_shown)
