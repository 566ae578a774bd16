"""Dates and times in Java's format patterns ("yyyy-MM-dd'T'HH:mm:ssXXX"), compiled to a check."""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""The names of months and days, whatever the language of the machine."""
_MONTH_NUMBER = {name[:3].lower(): number for number, name in enumerate(MONTHS, start=1)}
_HOURS_AND_MINUTES = r"[+-](?:0\d|1[0-8])"
_FULL = 4
_YEAR_OF_TWO_DIGITS = 2000


class DateFormatError(ValueError):
    """A format pattern that cannot be read; the text names the letter."""


def _number(lowest: int, highest: int) -> Callable[[int], str]:
    """Return patterns for numbers of a range, with as many digits as letters; one letter allows any."""

    def pattern(letters: int) -> str:
        digits = {str(n).zfill(letters) for n in range(lowest, highest + 1)}
        if letters == 1:
            digits |= {str(n).zfill(2) for n in range(lowest, highest + 1)}
        return "(?:" + "|".join(sorted(digits, key=len, reverse=True)) + ")"

    return pattern


def _names(names: tuple[str, ...]) -> Callable[[int], str]:
    def pattern(letters: int) -> str:
        return "(?i:" + "|".join(name if letters >= _FULL else name[:3] for name in names) + ")"

    return pattern


def _year(letters: int) -> str:
    if letters == 2:  # noqa: PLR2004 - "yy"
        return r"(?P<year>\d{2})"
    return rf"(?P<year>[+-]\d{{{letters},9}}|\d{{{letters}{'' if letters > 1 else ',9'}}})"


def _month(letters: int) -> str:
    inner = _number(1, 12)(letters) if letters <= 2 else _names(MONTHS)(letters)  # noqa: PLR2004 - "MM"
    return f"(?P<month>{inner})"


def _iso_offset(letters: int) -> str:
    minutes = {1: r"(?:[0-5]\d)?", 2: r"[0-5]\d", 3: r":[0-5]\d", 4: r"[0-5]\d(?:[0-5]\d)?"}
    return _HOURS_AND_MINUTES + minutes.get(letters, r":[0-5]\d(?::[0-5]\d)?")


def _offset(letters: int) -> str:
    if letters == _FULL:
        return rf"GMT(?:{_HOURS_AND_MINUTES}:[0-5]\d)?"
    return _iso_offset(2) if letters < _FULL else f"(?:Z|{_iso_offset(5)})"


_LETTERS: dict[str, Callable[[int], str]] = {
    "G": lambda _: "(?i:AD|BC|CE|BCE|Anno Domini|Before Christ)",
    "y": _year,
    "u": _year,
    "Y": lambda letters: _year(letters).replace("?P<year>", "?:"),
    "M": _month,
    "L": _month,
    "w": _number(1, 53),
    "W": _number(0, 6),
    "D": _number(1, 366),
    "d": lambda letters: f"(?P<day>{_number(1, 31)(letters)})",
    "F": _number(1, 5),
    "E": _names(DAYS),
    "e": _number(1, 7),
    "a": lambda _: r"(?i:AM|PM|a\.m\.|p\.m\.)",
    "H": _number(0, 23),
    "k": _number(1, 24),
    "K": _number(0, 11),
    "h": _number(1, 12),
    "m": _number(0, 59),
    "s": _number(0, 60),
    "S": lambda letters: rf"\d{{{letters}}}",
    "n": lambda _: r"\d{1,9}",
    "z": lambda _: rf"(?:[A-Za-z][A-Za-z_ /]*(?:{_HOURS_AND_MINUTES}:?[0-5]\d)?)",
    "V": lambda _: r"(?:Z|[A-Za-z]+(?:[/_+-][A-Za-z0-9_+-]+)*)",
    "Z": _offset,
    "X": lambda letters: f"(?:Z|{_iso_offset(letters)})",
    "x": _iso_offset,
}

_PARTS = re.compile(
    r"'(?P<quoted>(?:[^']|'')*)'|(?P<letter>[A-Za-z])(?P=letter)*|(?P<optional>[\[\]])|(?P<other>[^'])"
)


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the regular expression for a format pattern. Raises DateFormatError."""
    found: set[str] = set()
    parts = [_part(part, found) for part in _PARTS.finditer(pattern)]
    try:
        return re.compile("".join(parts))
    except re.error as error:
        raise DateFormatError(f'the format "{pattern}" cannot be read ({error})') from error


def _part(part: re.Match[str], found: set[str]) -> str:
    if part["quoted"] is not None:
        return re.escape(part["quoted"].replace("''", "'") or "'")
    if part["optional"]:
        return "(?:" if part["optional"] == "[" else ")?"
    if part["other"]:
        return re.escape(part["other"])
    letter = part["letter"]
    if letter not in _LETTERS:
        raise DateFormatError(f'the letter "{letter}" of the format is not known')
    expression = _LETTERS[letter](len(part[0]))
    name = re.search(r"\?P<(\w+)>", expression)
    if name and name[1] in found:
        return expression.replace(f"?P<{name[1]}>", "?:")
    found.update(name.groups() if name else ())
    return expression


def follows(text: str, pattern: str) -> bool:
    """Whether *text* is a date or time in this format; a day that does not exist is none.

    Raises DateFormatError.
    """
    match = compiled(pattern).fullmatch(text)
    if match is None:
        return False
    parts = match.groupdict()
    if parts.get("day") is None or parts.get("month") is None:
        return True
    return _exists(parts.get("year"), parts["month"], int(parts["day"]))


def _exists(year: str | None, month: str, day: int) -> bool:
    number = _YEAR_OF_TWO_DIGITS if year is None else int(year)
    if year is not None and len(year) == 2:  # noqa: PLR2004 - "yy"
        number += _YEAR_OF_TWO_DIGITS
    in_calendar = number % 400 + 2000  # the calendar repeats; datetime.date knows the years 1 to 9999
    try:
        date(in_calendar, int(month) if month.isdecimal() else _MONTH_NUMBER[month[:3].lower()], day)
    except ValueError:
        return False
    return True
