"""Generators: the pact has the example, and each verification makes another value in its place.

    {"id": generate.uuid("8e2a5b1c-…"), "path": generate.provider_state("/orders/${id}", "/orders/7")}

Each has the matching rule that fits what it makes.
"""

import re
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from consumer_sdk import match
from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import Matcher
from consumer_sdk.match.dates import DATE_FORMAT, TIME_FORMAT, TIMESTAMP_FORMAT
from tally.matching.regular_expressions import for_python

T = TypeVar("T")
UuidFormat = Literal["simple", "lower-case-hyphenated", "upper-case-hyphenated", "URN"]
DataType = Literal["STRING", "INTEGER", "FLOAT", "DECIMAL", "BOOLEAN", "RAW"]

_EXPRESSION = re.compile(r"\$\{[^{}]+\}")
_LARGEST = 2_147_483_647
_MOST_DIGITS = 300
_UUIDS = {
    "simple": "^[0-9a-fA-F]{32}$",
    "lower-case-hyphenated": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    "upper-case-hyphenated": "^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$",
    "URN": "^urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
}


def random_int(example: int, *, minimum: int = 0, maximum: int = _LARGEST) -> Matcher[int]:
    """Make a whole number between the two; accept any whole number, as no rule of a pact knows limits."""
    matcher = match.integer(example)
    for limit in (minimum, maximum):
        match.integer(limit)
    if not minimum <= example <= maximum:
        raise DeclarationError(f"random_int: {example} is not between {minimum} and {maximum}.")
    return _made(matcher, "RandomInt", min=minimum, max=maximum)


def random_decimal(example: float, *, digits: int = 10) -> Matcher[Any]:
    """Make a number with a fraction and this many digits altogether; accept any number with a fraction."""
    _refuse_count("random_decimal", digits, least=2, most=_MOST_DIGITS)
    return _made(match.decimal(example), "RandomDecimal", digits=digits)


def random_hexadecimal(example: str, *, digits: int = 10) -> Matcher[str]:
    """Make a text of hexadecimal digits; accept any of them."""
    _refuse_count("random_hexadecimal", digits)
    return _made(match.hexadecimal(example), "RandomHexadecimal", digits=digits)


def random_string(example: str, *, size: int = 20) -> Matcher[str]:
    """Make a text of letters and digits; accept any text."""
    _refuse_count("random_string", size)
    return _made(match.like(example), "RandomString", size=size)


def random_boolean(example: bool) -> Matcher[bool]:  # noqa: FBT001 - the example is the only argument
    """Make true or false; accept both."""
    return _made(match.boolean(example), "RandomBoolean")


def regex(example: str, pattern: str) -> Matcher[str]:
    """Make a text that *pattern* matches; accept any of them."""
    matcher = match.regex(example, pattern)
    return _made(matcher, "Regex", regex=matcher.attributes["regex"])


def uuid(example: str, written: UuidFormat | None = None) -> Matcher[str]:
    """Make a UUID, *written* in one of the four ways (V4; without it, in lower case); accept any of them."""
    if written is None:
        return _made(match.uuid(example), "Uuid")
    if written not in _UUIDS:
        raise DeclarationError(f"uuid: {written!r} is not known; known are {', '.join(_UUIDS)}.")
    return _made(match.regex(example, _UUIDS[written]), "Uuid", format=written)


def date(example: str, pattern: str = DATE_FORMAT, *, expression: str | None = None) -> Matcher[str]:
    """Make a date, from today or from an *expression* such as "today + 1 week"; accept any date."""
    return _dated(match.date(example, pattern), "Date", pattern, expression)


def time(example: str, pattern: str = TIME_FORMAT, *, expression: str | None = None) -> Matcher[str]:
    """Make a time of day, from now or from an *expression* such as "now + 1 hour"; accept any time."""
    return _dated(match.time(example, pattern), "Time", pattern, expression)


def timestamp(
    example: str, pattern: str = TIMESTAMP_FORMAT, *, expression: str | None = None
) -> Matcher[str]:
    """Make a date with a time, from now or from an *expression*, such as "now + 1 day"; accept any."""
    return _dated(match.timestamp(example, pattern), "DateTime", pattern, expression)


def provider_state(expression: str, example: T, *, data_type: DataType | None = None) -> Matcher[T]:
    """Take a value that the provider's state returned: "${id}", or a text with it, "/orders/${id}".

    The consumer's test has the *example*, and must send just that. An answer may have any value of its type.
    """
    if not isinstance(expression, str) or not _EXPRESSION.search(expression):
        raise DeclarationError(
            f"provider_state: {expression!r} names no value of a state; write it as ${{name}}."
        )
    said = {"dataType": data_type} if data_type else {}
    return _made(Matcher("", example), "ProviderState", expression=expression, **said)


def mock_server_url(example: str, pattern: str) -> Matcher[str]:
    """Put the provider's own address before the part of a URL that the group of *pattern* captures.

    ``generate.mock_server_url("http://localhost/orders/7", r".*(/orders/\\d+)$")``
    """
    matcher = match.regex(example, pattern)
    if re.compile(for_python(pattern)).groups != 1:
        raise DeclarationError(
            f"mock_server_url: {pattern!r} needs one group, around the path that stays: '.*(/orders/.*)'."
        )
    return _made(matcher, "MockServerURL", example=example, regex=matcher.attributes["regex"])


def _dated(matcher: Matcher[str], kind: str, pattern: str, expression: str | None) -> Matcher[str]:
    if expression is None:
        return _made(matcher, kind, format=pattern)
    from tally.generators.dates import DateError, moment  # noqa: PLC0415 - few pacts have expressions

    try:
        moment(expression, datetime.now(UTC))
    except (DateError, AttributeError, OverflowError) as error:
        raise DeclarationError(f"{matcher.rule}: {expression!r} names no moment: {error}.") from error
    return _made(matcher, kind, format=pattern, expression=expression)


def _made(matcher: Matcher[T], kind: str, **attributes: Any) -> Matcher[T]:
    return Matcher(matcher.rule, matcher.example, matcher.attributes, generator={"type": kind, **attributes})


def _refuse_count(name: str, count: int, *, least: int = 1, most: int = 10_000_000) -> None:
    if not isinstance(count, int) or not least <= count <= most:
        raise DeclarationError(f"{name}: {count} is not between {least} and {most}.")
