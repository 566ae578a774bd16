"""Matchers of dates and times, in the letters of Java's DateTimeFormatter."""

import datetime as dt

from consumer_sdk.errors import DeclarationError
from consumer_sdk.match.matcher import Matcher
from tally.matching.date_formats import DateFormatError, follows

TIMESTAMP_FORMAT = "yyyy-MM-dd'T'HH:mm:ssXXX"
"""ISO 8601 with an offset, as the specification writes formats: 2026-01-31T12:00:00+00:00."""
DATE_FORMAT = "yyyy-MM-dd"
TIME_FORMAT = "HH:mm:ss"


def timestamp(example: str | dt.datetime, pattern: str = TIMESTAMP_FORMAT) -> Matcher[str]:
    """Accept a date with a time, written as *pattern* says (letters of Java's DateTimeFormatter)."""
    text = example.isoformat(timespec="seconds") if isinstance(example, dt.datetime) else example
    return _dated("timestamp", text, pattern)


def date(example: str | dt.date, pattern: str = DATE_FORMAT) -> Matcher[str]:
    """Accept a date, written as *pattern* says."""
    text = example.isoformat() if type(example) is dt.date else example
    return _dated("date", text, pattern)


def time(example: str | dt.time, pattern: str = TIME_FORMAT) -> Matcher[str]:
    """Accept a time of day, written as *pattern* says."""
    text = example.isoformat(timespec="seconds") if isinstance(example, dt.time) else example
    return _dated("time", text, pattern)


def _dated(rule: str, example: object, pattern: str) -> Matcher[str]:
    """Raise DeclarationError when no provider can satisfy the format, or the example does not."""
    if not isinstance(example, str) or not isinstance(pattern, str):
        wrong = pattern if isinstance(example, str) else example
        raise DeclarationError(
            f"{rule}: {wrong!r} ({type(wrong).__name__}) is no {rule}, and no text of one."
        )
    try:
        is_followed = follows(example, pattern)
    except DateFormatError as error:
        raise DeclarationError(f"{rule}: {pattern!r} is no format: {error}.") from error
    if not is_followed:
        raise DeclarationError(f"{rule}: the example {example!r} is not written as {pattern!r}.")
    return Matcher(rule, example, {"format": pattern})
