"""Single values worth a try: limits that schemas mention, what is just beside them, and what is unlike."""

import math
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from tally.json_schema.patterns import texts_of
from tally.json_schema.scalars import FORMATS

Plain = dict[str, Any]
_LONGEST = 3_000
_LARGEST_EXACT = 2.0**53
_LARGEST = 1e200
_LEAST, _MOST = -(2**63), 2**64 - 1
_USUAL_NUMBERS = (0, 1, -1, 0.5, 2, 7, 100, -1.5, 0.25, 3_000_000_000, 2**70, 1e150, -1e150)
_USUAL_TEXTS = ("", "a", "any text", "0", "A1-_.", "é🫖", " a ", "2024-02-30", "\n", "true", "((", "a:b c")
_BESIDE = ("{}x", "x{}", "{}0", "{} ", "-{}", "{}\n", "{0}{0}")


def numbers(needed: Sequence[Plain], hints: Sequence[Plain]) -> Iterator[Any]:
    """Yield numbers near the limits that are mentioned, then usual ones; multiples of what is *needed*."""
    steps = [schema["multipleOf"] for schema in needed if schema.get("multipleOf")]
    integral = any(_types(schema) == {"integer"} for schema in needed)
    step = _common_multiple([*steps, *([1] if integral else [])])
    for value in dict.fromkeys((*_near(needed, hints), *_USUAL_NUMBERS)):
        for exact in _on_steps(Fraction(value), step):
            yield _plain(exact)


def _near(needed: Sequence[Plain], hints: Sequence[Plain]) -> Iterator[Any]:
    limits = sorted(set(_limits((*needed, *hints))))
    for value in limits:
        yield from (value, value + 1, value - 1, value + 0.5, value - 0.5, value * 2, value / 2)
    yield from (one / 2 + other / 2 for one, other in pairwise(limits))
    for schema in hints:
        step = schema.get("multipleOf")
        if step:
            for value in (0, *limits):
                near = math.floor(value / step) * step if abs(value) / step < _LARGEST_EXACT else value
                yield from (
                    near,
                    near + step,
                    near + step / 2,
                    near + step * 1.5,
                    near - step,
                    near - step / 2,
                )


def _limits(schemas: Iterable[Plain]) -> Iterator[Any]:
    for schema in schemas:
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            if is_number(schema.get(keyword)) and abs(schema[keyword]) < _LARGEST:
                yield schema[keyword]


def _common_multiple(steps: Sequence[Any]) -> Fraction | None:
    """Return the smallest number that is a multiple of all *steps*."""
    found: Fraction | None = None
    for step in steps:
        exact = Fraction(Decimal(repr(step)))
        if exact <= 0:
            return None
        if found is None:
            found = exact
        else:
            found = Fraction(
                math.lcm(found.numerator * exact.denominator, exact.numerator * found.denominator),
                found.denominator * exact.denominator,
            )
    return found


def _on_steps(value: Fraction, step: Fraction | None) -> Iterator[Fraction]:
    """Yield *value* if it is a multiple of *step*, or else the multiples around it."""
    if step is None or (value / step).denominator == 1:
        yield value
        return
    count = math.floor(value / step)
    yield from (count * step, (count + 1) * step)


def _plain(value: Fraction) -> Any:
    """Return a number that can be written as JSON everywhere: an integer of more than 64 bits is a float."""
    return int(value) if value.denominator == 1 and _LEAST <= value <= _MOST else float(value)


def texts(needed: Sequence[Plain], hints: Sequence[Plain], random: Random) -> Iterator[str]:
    """Yield texts: of the patterns, formats and lengths that are *needed*, then of those of *hints*."""
    found: list[str] = []
    for schema in (*needed, *hints):
        if isinstance(schema.get("pattern"), str):
            found += texts_of(schema["pattern"], random, 6)
        if isinstance(schema.get("format"), str):
            found += FORMATS.get(schema["format"], ())
    lengths = [
        schema[keyword] + more
        for schema in (*needed, *hints)
        for keyword in ("minLength", "maxLength")
        if is_number(schema.get(keyword)) and schema[keyword] < _LONGEST
        for more in (0, -1, 1)
    ]
    lengths = [int(length) for length in dict.fromkeys(lengths) if length >= 0]
    yield from found
    yield "text"
    yield from ("a" * length for length in lengths)
    yield from _USUAL_TEXTS
    yield from (letter * length for letter in "🫖(" for length in lengths)
    for text in found:
        yield from (form.format(text) for form in _BESIDE)
        yield text[:-1]
        yield text.upper()
        yield text.lower()
        yield from (text.ljust(length, text[-1:] or "a")[:length] for length in lengths)


def is_number(value: object) -> bool:
    """Whether it is a number of JSON: true is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _types(schema: Plain) -> set[str]:
    said = schema.get("type", ())
    return {said} if isinstance(said, str) else set(said)
