"""Examples of types without parts: texts, numbers, moments and identifiers, within limits."""

import datetime as dt
import ipaddress
import math
import pathlib
import re
import uuid
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from random import Random
from typing import Any, TypeVar

from tally.json_schema.patterns import text_matching
from tally.type_hints.limits import Limits

MONDAY = dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)
"""The moment of examples, never the present one."""
_T = TypeVar("_T", dt.datetime, dt.date, dt.timedelta)
_SPAN = 999
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Wish:
    """What an example is for: the *name* of its field, its *limits*, and the source of its chance."""

    name: str
    limits: Limits
    random: Random


def text(wish: Wish) -> str | None:
    """Return text that is called like its field, or None when no text is found for a pattern."""
    limits = wish.limits
    if limits.pattern is not None:
        return _text_of_pattern(wish)
    found = f"{wish.name} {wish.random.randint(1, _SPAN)}"
    if limits.min_length is not None:
        found += "".join(wish.random.choices(_LETTERS, k=max(0, limits.min_length - len(found))))
    if limits.max_length is not None and len(found) > limits.max_length:
        found = "".join(wish.random.choices(_LETTERS, k=limits.max_length))
    return next((each for each in _forms(found) if limits.problem(each) is None), found)


def _forms(found: str) -> list[str]:
    """Return the text in the forms that tests of annotated-types ask for."""
    plain = "".join(letter for letter in found if letter.isalnum())
    digits = "".join(str(ord(letter) % 10) for letter in found)
    return [found, found.lower(), found.upper(), found.title(), plain, plain.lower(), plain.upper(), digits]


def _text_of_pattern(wish: Wish) -> str | None:
    """Return a text that has the form and the length; some patterns leave the length open."""
    for _ in range(_SPAN):
        found = text_matching(str(wish.limits.pattern), wish.random)
        if found is None or wish.limits.problem(found) is None:
            return found
        least = wish.limits.min_length or 0
        padded = found + "".join(wish.random.choices(_LETTERS, k=max(0, least - len(found))))
        if wish.limits.problem(padded) is None:
            return padded
    return None


def binary(wish: Wish) -> bytes:
    """Return the text as bytes."""
    return (text(wish) or "").encode()


def _bounds(limits: Limits, step: Fraction) -> tuple[Fraction, Fraction]:
    """Return the lowest and the highest multiple of *step* within the limits."""
    low = None if limits.ge is None else Fraction(str(limits.ge))
    high = None if limits.le is None else Fraction(str(limits.le))
    if limits.gt is not None:
        above = (math.floor(Fraction(str(limits.gt)) / step) + 1) * step
        low = above if low is None else max(low, above)
    if limits.lt is not None:
        below = (math.ceil(Fraction(str(limits.lt)) / step) - 1) * step
        high = below if high is None else min(high, below)
    if low is None:
        low = step if high is None or high >= step else high - _SPAN * step
    first = math.ceil(low / step) * step
    last = first + _SPAN * step if high is None else math.floor(high / step) * step
    return first, last


def _multiple(wish: Wish, step: Fraction) -> Fraction | None:
    """Return a multiple of *step* within the limits, or None when there is none."""
    first, last = _bounds(wish.limits, step)
    if last < first:
        return None
    steps = min(math.floor((last - first) / step), 10**6)
    return first + wish.random.randint(0, steps) * step


def integer(wish: Wish) -> int | None:
    """Return an integer."""
    step = wish.limits.multiple_of
    exact = Fraction(1) if step is None else Fraction(str(step))
    found = _multiple(wish, exact if exact.denominator == 1 else exact * exact.denominator)
    return None if found is None else int(found)


def real(wish: Wish) -> float | None:
    """Return a number, with a fraction where the limits allow it."""
    found = _exact(wish)
    return None if found is None else float(found)


def decimal(wish: Wish) -> Decimal | None:
    """Return a decimal with its digits."""
    return _exact(wish)


def _exact(wish: Wish) -> Decimal | None:
    limits = wish.limits
    places = 2 if limits.decimal_places is None else limits.decimal_places
    if limits.max_digits is not None:
        places = min(places, max(0, limits.max_digits - 1))
    steps = [Fraction(str(limits.multiple_of))] if limits.multiple_of else []
    steps = steps or [Fraction(1, 10**places), Fraction(1, 10**6), Fraction(1, 10**15)]
    for step in steps:
        found = _multiple(wish, step)
        if found is not None:
            return _as_decimal(found, places)
    return None


def _as_decimal(value: Fraction, places: int) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    rounded = exact.quantize(
        Decimal(1).scaleb(-places), rounding=ROUND_FLOOR if value >= 0 else ROUND_CEILING
    )
    return rounded if rounded == exact else exact


def boolean(wish: Wish) -> bool:
    """Return true or false."""
    return wish.random.random() < 0.5  # noqa: PLR2004 - as often as not


def moment(wish: Wish) -> dt.datetime:
    """Return a moment with a time zone, unless the limits have none."""
    found = MONDAY + dt.timedelta(minutes=wish.random.randint(0, _SPAN))
    for bound in (wish.limits.ge, wish.limits.gt, wish.limits.le, wish.limits.lt):
        if isinstance(bound, dt.datetime):
            found = found.replace(tzinfo=bound.tzinfo)
    return _moved(found, wish.limits, dt.timedelta(minutes=1))


def date(wish: Wish) -> dt.date:
    """Return a day."""
    return _moved(
        MONDAY.date() + dt.timedelta(days=wish.random.randint(0, _SPAN)), wish.limits, dt.timedelta(1)
    )


def duration(wish: Wish) -> dt.timedelta:
    """Return some minutes."""
    step = dt.timedelta(minutes=1)
    return _moved(step * wish.random.randint(1, _SPAN), wish.limits, step)


def _moved(value: _T, limits: Limits, step: dt.timedelta) -> _T:
    """Return a value within the limits, next to a bound when it is not."""
    if limits.problem(value) is None:
        return value
    candidates: list[Any] = [limits.ge, limits.le]
    candidates += [limits.gt + step] if limits.gt is not None else []
    candidates += [limits.lt - step] if limits.lt is not None else []
    return next((each for each in candidates if each is not None and limits.problem(each) is None), value)


def _time(wish: Wish) -> dt.time:
    return moment(Wish(wish.name, Limits(), wish.random)).time()


def identifier(wish: Wish) -> uuid.UUID:
    """Return a UUID, of version 4 where the limits say no other."""
    return uuid.UUID(int=wish.random.getrandbits(128), version=wish.limits.uuid_version or 4)


def _address(wish: Wish) -> str:
    return f"192.0.2.{wish.random.randint(1, 254)}"


EXAMPLES: dict[Any, Callable[[Wish], Any]] = {
    bool: boolean,
    int: integer,
    float: real,
    Decimal: decimal,
    Fraction: lambda wish: Fraction(wish.random.randint(1, _SPAN), 4),
    complex: lambda wish: complex(wish.random.randint(1, _SPAN), 1),
    str: text,
    bytes: binary,
    bytearray: lambda wish: bytearray(binary(wish)),
    dt.datetime: moment,
    dt.date: date,
    dt.time: _time,
    dt.timedelta: duration,
    uuid.UUID: identifier,
    ipaddress.IPv4Address: lambda wish: ipaddress.IPv4Address(_address(wish)),
    ipaddress.IPv6Address: lambda wish: ipaddress.IPv6Address(f"2001:db8::{wish.random.randint(1, _SPAN)}"),
    ipaddress.IPv4Network: lambda _: ipaddress.IPv4Network("192.0.2.0/24"),
    ipaddress.IPv6Network: lambda _: ipaddress.IPv6Network("2001:db8::/32"),
    re.Pattern: lambda wish: re.compile(wish.name),
    Hashable: text,
    pathlib.Path: lambda wish: pathlib.Path(wish.name),
    pathlib.PurePath: lambda wish: pathlib.PurePosixPath(wish.name),
    pathlib.PurePosixPath: lambda wish: pathlib.PurePosixPath(wish.name),
}
"""How an example of each type is made; one returns None when the limits allow no value that is found."""
