"""JSON as it was written: numbers keep their digits, and a key that occurs twice is refused.

2.300, 1E400 and an integer of any length are numbers of Python's types that know their text.
"""

import json
import re
from collections.abc import Callable, Iterator
from math import isinf
from typing import Any, NoReturn, Self

import orjson

from tally.values import dataclass

MOST_DIGITS = 4300
"""The longest integer that Python reads as one without being told."""
_DIGITS_OF_64_BITS = 18
_BEGINNING = 30
_HALF = re.compile("[\ud800-\udfff]")


class UnacceptableError(ValueError):
    """The text is JSON, but of a kind that programs read differently; the message names the place."""


class WrittenFloat(float):
    """A number with a fraction or an exponent, or of too many digits; infinite if no float can hold it."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Keep the text beside the value."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __repr__(self) -> str:
        """Return what was written."""
        return self.text


class WrittenInt(int):
    """An integer that has more than 64 bits, or is -0."""

    text: str

    def __new__(cls, text: str) -> Self:
        """Keep the text beside the value."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __repr__(self) -> str:
        """Return what was written."""
        return self.text


def read(text: str) -> Any:
    """Parse JSON; numbers keep their digits.

    Raises ValueError for what is not JSON, and UnacceptableError for a key that occurs twice in an object.
    """
    return _read(_EXACT, text)


def read_plainly(text: str) -> Any:
    """Parse JSON into numbers of Python's own types; integers of any size stay exact.

    Raises ValueError as `read` does, and UnacceptableError for numbers over 1.8e308, which most programs
    cannot hold.
    """
    return _read(_PLAIN, text)


def refuse_halves(value: object) -> None:
    """Raise ValueError, with the place, for half of a surrogate pair, which cannot be written as UTF-8."""
    place = _place(value, lambda item: isinstance(item, str) and bool(_HALF.search(item)))
    if place is not None:
        raise ValueError(f"half of a surrogate pair in {place or 'the document'}")


def as_written(value: object) -> orjson.Fragment:
    """Write a number as it was read: for orjson's `default`, with OPT_PASSTHROUGH_SUBCLASS."""
    if isinstance(value, WrittenFloat | WrittenInt):
        return orjson.Fragment(value.text)
    raise TypeError(f"{type(value).__name__} is not JSON")


def number_text(value: object) -> str:
    """Return a number as it was read, or else as Python writes it."""
    return value.text if isinstance(value, WrittenFloat | WrittenInt) else json.dumps(value)


def plain(value: Any) -> Any:
    """Return the value with numbers of Python's own types, for libraries that know no others."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, WrittenFloat):
        return float(value)
    return int(value) if isinstance(value, WrittenInt) else value


def pieces(value: object, *, indent: int = 2, sort_keys: bool = False) -> Iterator[str]:
    """Yield indented JSON piece by piece, as `json.dumps` writes it, with numbers as they were written."""
    yield from _pieces(value, "\n", " " * indent, sort_keys=sort_keys)


def indented(value: object, *, indent: int = 2) -> str:
    """Return indented JSON, with numbers as they were written."""
    return "".join(pieces(value, indent=indent))


def compact(value: object) -> str:
    """Return JSON on one line, with numbers as they were written; integers may be of any length."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_string(key)}:{compact(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    return number_text(value) if isinstance(value, float | int) else json.dumps(value, ensure_ascii=False)


def _pieces(value: object, line: str, indent: str, *, sort_keys: bool) -> Iterator[str]:
    if isinstance(value, dict) and value:
        inner = line + indent
        before = "{"
        for key, item in sorted(value.items()) if sort_keys else value.items():
            yield before + inner
            yield _string(key)
            yield ": "
            yield from _pieces(item, inner, indent, sort_keys=sort_keys)
            before = ","
        yield line + "}"
    elif isinstance(value, list) and value:
        inner = line + indent
        before = "["
        for item in value:
            yield before + inner
            yield from _pieces(item, inner, indent, sort_keys=sort_keys)
            before = ","
        yield line + "]"
    elif isinstance(value, WrittenFloat | WrittenInt):
        yield value.text
    else:
        yield json.dumps(value, ensure_ascii=False)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class _RefusedError(Exception):
    """A part of the document is refused; a second reading tells where."""


@dataclass(frozen=True, eq=False)
class _Fault:
    """Stands for a part of a document that is refused."""

    reason: str
    kind: type[ValueError] = UnacceptableError


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedError
    return found


def _constant(_: str) -> NoReturn:
    raise _RefusedError


def _fraction(text: str) -> float:
    value = float(text)
    return value if text == repr(value) and "e" not in text else WrittenFloat(text)


def _whole(text: str) -> float:
    if len(text) <= _DIGITS_OF_64_BITS and text != "-0":
        return int(text)
    return WrittenInt(text) if len(text) <= MOST_DIGITS else WrittenFloat(text)


def _limited_fraction(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise _RefusedError
    return value


def _limited_whole(text: str) -> int:
    if len(text) > _DIGITS_OF_64_BITS:
        _limited_fraction(text)
    return int(text)


_EXACT = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_fraction, parse_int=_whole
)
_PLAIN = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_constant,
    parse_float=_limited_fraction,
    parse_int=_limited_whole,
)


def _read(decoder: json.JSONDecoder, text: str) -> Any:
    try:
        return decoder.decode(text)
    except _RefusedError:
        raise _explained(text, limited=decoder is _PLAIN) from None


def _explained(text: str, *, limited: bool) -> ValueError:
    """Return what is refused first, and where."""

    def number(digits: str) -> object:
        too_large = limited and isinf(float(digits))
        return _Fault(f"the number {digits[:_BEGINNING]} is too large") if too_large else 0

    def an_object(pairs: list[tuple[str, Any]]) -> object:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                return _Fault(f"the key {_string(key)} occurs twice")
            found[key] = value
        return found

    document = json.JSONDecoder(
        object_pairs_hook=an_object,
        parse_constant=lambda name: _Fault(f"{name} is not a JSON number", ValueError),
        parse_float=number,
        parse_int=number,
    ).decode(text)
    first = next(iter(_faults(document)))
    return first.kind(f"{first.reason} in {_place(document, lambda item: item is first) or 'the document'}")


def _faults(value: object) -> Iterator[_Fault]:
    if isinstance(value, _Fault):
        yield value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from _faults(item)


def _place(value: object, wanted: Callable[[object], bool]) -> str | None:
    """Return the JSON pointer of the first part that is wanted or has such a key; "" is the document."""
    if wanted(value):
        return ""
    named = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    if any(wanted(name) for name in named):
        return ""
    for name, item in named.items():
        place = _place(item, wanted)
        if place is not None:
            return "/" + str(name).replace("~", "~0").replace("/", "~1") + place
    return None
