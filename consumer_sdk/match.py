"""Matchers: an example for the consumer's test, and the rule that the provider's answer must satisfy.

    {"id": match.integer(7), "items": match.each_like({"sku": "tea"})}

Without a matcher a value must be equal. Matchers nest, and may stand for a path, a header, a query value,
a body or a message's metadata. The rules are those of the Pact specification.
"""

import datetime as dt
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Any

from consumer_sdk.errors import DeclarationError
from tally.matching.date_formats import DateFormatError, follows
from tally.matching.regular_expressions import RegexError, for_python, full_match, is_plain

TIMESTAMP_FORMAT = "yyyy-MM-dd'T'HH:mm:ssXXX"
"""ISO 8601 with an offset, as the specification writes formats: 2026-01-31T12:00:00+00:00."""

_MOST = int(sys.float_info.max)
_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


@dataclass(frozen=True)
class Matcher:
    """An *example*, and the *rule* (a name of the specification) with its *attributes*."""

    rule: str
    example: Any
    attributes: Mapping[str, Any] = field(default_factory=dict)


def like(example: object) -> Matcher:
    """Accept any value of the same type, at every level below too."""
    return Matcher("type", example)


def each_like(example: object, *, minimum: int = 1, maximum: int | None = None) -> Matcher:
    """Accept a list of *minimum* to *maximum* items that are all like *example*.

    The consumer's test sees *minimum* items, but at least one.
    """
    if minimum < 0 or (maximum is not None and maximum < max(minimum, 1)):
        raise DeclarationError(f"each_like: between {minimum} and {maximum} items is impossible.")
    # Rules inside the example are written once; what follows the first item only makes up the number.
    items = [example, *[example_of(example)] * (minimum - 1)]
    limits = {"min": minimum} if maximum is None else {"min": minimum, "max": maximum}
    return Matcher("type", items, limits)


def array_containing(*variants: object) -> Matcher:
    """Accept a list in which every variant has an item that is like it; others may be there, in any order."""
    return Matcher("arrayContains", list(variants), {"variants": list(variants)})


def each_key(example: Mapping[str, object], rule: Matcher) -> Matcher:
    """Accept an object of which every key satisfies *rule*."""
    return Matcher("eachKey", dict(example), {"rules": [rule]})


def each_value(example: Mapping[str, object], rule: Matcher) -> Matcher:
    """Accept an object of which every value satisfies *rule*."""
    return Matcher("eachValue", dict(example), {"rules": [rule]})


def regex(example: str, pattern: str) -> Matcher:
    """Accept text in which *pattern* is found; write ``^`` and ``$`` to match all of it.

    Raises DeclarationError when it is not found in *example*.
    """
    try:
        # Python reads words of other languages otherwise, such as [[:alpha:]].
        found = re.search(for_python(pattern), example) if is_plain(pattern) else full_match(pattern)(example)
    except (re.error, RegexError) as error:
        raise DeclarationError(f"regex: {pattern!r} is no regular expression: {error}.") from error
    if not found:
        raise DeclarationError(f"regex: the example {example!r} does not match {pattern!r}.")
    return Matcher("regex", example, {"regex": pattern})


def integer(example: int) -> Matcher:
    """Accept a number without a fraction."""
    return Matcher("integer", example)


def decimal(example: float | Decimal) -> Matcher:
    """Accept a number with a fraction: 4.5, but not 4."""
    if isinstance(example, int):
        raise DeclarationError(f"decimal: the example {example!r} has no fraction; did you mean number?")
    return Matcher("decimal", example)


def number(example: float | Decimal) -> Matcher:
    """Accept any number."""
    return Matcher("number", example)


def boolean(example: bool) -> Matcher:  # noqa: FBT001 - the example is the only argument
    """Accept true and false."""
    return Matcher("boolean", example)


def null() -> Matcher:
    """Accept null alone."""
    return Matcher("null", None)


def includes(text: str) -> Matcher:
    """Accept text that contains *text*."""
    return Matcher("include", text)


def uuid(example: str) -> Matcher:
    """Accept a UUID with hyphens, in either case."""
    return regex(example, _UUID)


def timestamp(example: str | dt.datetime, pattern: str = TIMESTAMP_FORMAT) -> Matcher:
    """Accept a date with a time, written as *pattern* says (letters of Java's DateTimeFormatter)."""
    text = example if isinstance(example, str) else example.isoformat(timespec="seconds")
    return _dated("timestamp", text, pattern)


def date(example: str | dt.date, pattern: str = "yyyy-MM-dd") -> Matcher:
    """Accept a date, written as *pattern* says."""
    return _dated("date", str(example), pattern)


def time(example: str | dt.time, pattern: str = "HH:mm:ss") -> Matcher:
    """Accept a time of day, written as *pattern* says."""
    text = example if isinstance(example, str) else example.isoformat(timespec="seconds")
    return _dated("time", text, pattern)


def _dated(rule: str, example: str, pattern: str) -> Matcher:
    """Raise DeclarationError when no provider can satisfy the format, or the example does not."""
    try:
        is_followed = follows(example, pattern)
    except DateFormatError as error:
        raise DeclarationError(f"{rule}: {pattern!r} is no format: {error}.") from error
    if not is_followed:
        raise DeclarationError(f"{rule}: the example {example!r} is not written as {pattern!r}.")
    return Matcher(rule, example, {"format": pattern})


def example_of(value: object) -> Any:
    """Return *value* with every matcher replaced by its example."""
    if isinstance(value, Matcher):
        return example_of(value.example)
    if isinstance(value, Mapping):
        return {key: example_of(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [example_of(item) for item in value]
    return value


def integration_json(value: object) -> Any:
    """Return *value* in the form in which Pact's core takes matchers inside of JSON.

    Raises DeclarationError for a value that JSON has no form for, naming its place.
    """
    return _integration_json(value, "$")


def _integration_json(value: object, place: str) -> Any:
    if isinstance(value, Matcher):
        attributes = {key: _integration_json(item, place) for key, item in value.attributes.items()}
        # The variants of arrayContains are its example as well.
        example = {} if "variants" in attributes else {"value": _integration_json(value.example, place)}
        return {"pact:matcher:type": value.rule, **example, **attributes}
    if isinstance(value, Mapping):
        return {str(key): _integration_json(item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_integration_json(item, f"{place}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, float | Decimal) and isfinite(float(value)):
        return float(value)
    if isinstance(value, int) and abs(value) > _MOST:
        raise DeclarationError(
            f"At {place}: the mock server, as most programs, holds no number over 1.8e308."
        )
    if value is None or isinstance(value, str | int):
        return value
    raise DeclarationError(
        f"At {place}: {value!r} ({type(value).__name__}) has no form in JSON; "
        "give what goes over the wire, for example str(value)."
    )
