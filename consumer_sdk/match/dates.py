"""Matchers of dates and times, in the letters of Java's DateTimeFormatter."""

import datetime as dt
import re

from consumer_sdk.errors import DeclarationError
from consumer_sdk.match.matcher import Matcher
from tally.matching.date_formats import DateFormatError, follows

TIMESTAMP_FORMAT = "yyyy-MM-dd'T'HH:mm:ssXXX"
"""ISO 8601 with an offset, as the specification writes formats: 2026-01-31T12:00:00+00:00."""
DATE_FORMAT = "yyyy-MM-dd"
TIME_FORMAT = "HH:mm:ss"

_QUOTED = re.compile("'[^']*'")
_OF_A_ZONE = re.compile("[XxZzV]")
_LETTERS = re.compile(r"([A-Za-z])\1*")
_MOST = {"a": 1, "D": 3, **dict.fromkeys("dHhKkmsL", 2)}
"""The most letters that Java and Pact's core read; all others they read at any length."""
_SOME_DAY = dt.date(2000, 1, 1)


def timestamp(example: str | dt.datetime, pattern: str = TIMESTAMP_FORMAT) -> Matcher[str]:
    """Accept a date with a time, written as *pattern* says (letters of Java's DateTimeFormatter)."""
    if isinstance(example, dt.datetime):
        iso = example.isoformat(timespec="seconds")
        example = iso if pattern == TIMESTAMP_FORMAT else _written("timestamp", example, pattern)
    return _dated("timestamp", example, pattern)


def date(example: str | dt.date, pattern: str = DATE_FORMAT) -> Matcher[str]:
    """Accept a date, written as *pattern* says."""
    if type(example) is dt.date:  # a datetime is one, too, and has more to say
        example = _written("date", dt.datetime.combine(example, dt.time()), pattern)
    return _dated("date", example, pattern)


def time(example: str | dt.time, pattern: str = TIME_FORMAT) -> Matcher[str]:
    """Accept a time of day, written as *pattern* says."""
    if isinstance(example, dt.time):
        example = _written("time", dt.datetime.combine(_SOME_DAY, example), pattern)
    return _dated("time", example, pattern)


def _written(rule: str, then: dt.datetime, pattern: str) -> str:
    """Return a value as *pattern* says; raises DeclarationError for a zone that it does not have."""
    from tally.generators.dates import DateError, formatted  # noqa: PLC0415 - few tests give values

    try:
        if then.tzinfo is None and _OF_A_ZONE.search(_QUOTED.sub("", pattern)):
            raise DeclarationError(f"{rule}: {pattern!r} has a time zone, but {then} has none: give it one.")
        return formatted(then, pattern)
    except (DateError, TypeError) as error:
        raise DeclarationError(f"{rule}: {pattern!r} is no format: {error}.") from error


def _dated(rule: str, example: object, pattern: str) -> Matcher[str]:
    """Raise DeclarationError when no provider can satisfy the format, or the example does not."""
    if not isinstance(example, str) or not isinstance(pattern, str):
        wrong = pattern if isinstance(example, str) else example
        raise DeclarationError(
            f"{rule}: {wrong!r} ({type(wrong).__name__}) is no {rule}, and no text of one."
        )
    _refuse_unread(rule, pattern)
    try:
        is_followed = follows(example, pattern)
    except DateFormatError as error:
        raise DeclarationError(f"{rule}: {pattern!r} is no format: {error}.") from error
    if not is_followed:
        raise DeclarationError(f"{rule}: the example {example!r} is not written as {pattern!r}.")
    return Matcher(rule, example, {"format": pattern})


def _refuse_unread(rule: str, pattern: str) -> None:
    """Raise DeclarationError for a format that Java or Pact's core cannot read: nothing would satisfy it."""
    bare = _QUOTED.sub("", pattern)
    runs = [found[0] for found in _LETTERS.finditer(bare)]
    if not runs:
        raise DeclarationError(
            f"{rule}: {pattern!r} is no format: it has no letter; did you mean match.equal?"
        )
    if "[" in bare or "]" in bare:
        raise DeclarationError(
            f"{rule}: {pattern!r} has a part in brackets, which Pact's core does not read: "
            "join two matchers with match.any_of."
        )
    for run in runs:
        letter = run[0]
        if len(run) > _MOST.get(letter, len(run)):
            raise DeclarationError(
                f"{rule}: {pattern!r} is no format: {run!r} are too many letters; the most is "
                f"{letter * _MOST[letter]!r}."
            )
        if run in {"y", "u"}:
            raise DeclarationError(
                f"{rule}: {pattern!r}: programs read {run!r} differently; write {run * 4!r}."
            )
