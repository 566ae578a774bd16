"""Date expressions of generators ("tomorrow + 1 week @ noon"), and formats in the notation of Java."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta

from tally.matching.date_formats import DAYS, MONTHS

_PARTS = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letter>[A-Za-z])(?P=letter)*|(?P<other>[^'])")
_NAME = 3
_FULL_NAME = 4
_NOON = 12
_YEAR_MONTHS = 12


class DateError(ValueError):
    """An expression or a format that cannot be parsed."""


def formatted(then: datetime, pattern: str) -> str:
    """Return *then* in a format of Java, such as "yyyy-MM-dd'T'HH:mm:ssXXX"; raises DateError."""
    return "".join(_written(part, then) for part in _PARTS.finditer(pattern))


def _written(part: re.Match[str], then: datetime) -> str:
    if part["quoted"] is not None:
        return part["quoted"].replace("''", "'") or "'"
    if part["other"]:
        return part["other"] if part["other"] not in "[]" else ""
    if part["letter"] not in _LETTERS:
        raise DateError(f'the letter "{part["letter"]}" of the format {part.string!r} is not known')
    return _LETTERS[part["letter"]](then, len(part[0]))


def _year(then: datetime, letters: int) -> str:
    return f"{then.year % 100:02}" if letters == 2 else f"{then.year:0{letters}}"  # noqa: PLR2004 - "yy"


def _month(then: datetime, letters: int) -> str:
    return f"{then.month:0{letters}}" if letters < _NAME else _name(MONTHS[then.month - 1], letters)


def _name(name: str, letters: int) -> str:
    return name if letters >= _FULL_NAME else name[:_NAME]


def _offset(then: datetime, *, colon: bool = True, minutes: bool = True) -> str:
    text = then.strftime("%z")[:5] or "+0000"
    return text[:3] + ((":" if colon else "") + text[3:] if minutes else "")


def _iso_offset(then: datetime, letters: int) -> str:
    return _offset(then, colon=letters >= _NAME, minutes=letters > 1 or not _offset(then).endswith(":00"))


def _zulu_or_offset(then: datetime, letters: int) -> str:
    return "Z" if not then.utcoffset() else _iso_offset(then, letters)


_LETTERS: dict[str, Callable[[datetime, int], str]] = {
    "y": _year,
    "u": _year,
    "M": _month,
    "L": _month,
    "d": lambda then, letters: f"{then.day:0{letters}}",
    "D": lambda then, letters: f"{then.timetuple().tm_yday:0{letters}}",
    "E": lambda then, letters: _name(DAYS[then.weekday()], letters),
    "a": lambda then, _: "AM" if then.hour < _NOON else "PM",
    "H": lambda then, letters: f"{then.hour:0{letters}}",
    "k": lambda then, letters: f"{then.hour or 24:0{letters}}",
    "K": lambda then, letters: f"{then.hour % 12:0{letters}}",
    "h": lambda then, letters: f"{then.hour % 12 or 12:0{letters}}",
    "m": lambda then, letters: f"{then.minute:0{letters}}",
    "s": lambda then, letters: f"{then.second:0{letters}}",
    "S": lambda then, letters: f"{then.microsecond:06}000"[:letters],
    "n": lambda then, _: str(then.microsecond * 1000),
    "z": lambda then, _: then.tzname() or "UTC",
    "V": lambda then, _: then.tzname() or "UTC",
    "Z": lambda then, _: _offset(then, colon=False),
    "X": _zulu_or_offset,
    "x": _iso_offset,
}


_DAY_OF = {"now": 0, "today": 0, "yesterday": -1, "tomorrow": 1}
_HOUR_OF = {"midnight": 0, "noon": 12}
_STEP = re.compile(
    r"(?P<name>now|today|yesterday|tomorrow|midnight|noon)\b"
    r"|(?P<hour>\d{1,2})\s*o'?\s*clock(?:\s*(?P<half>am|pm))?"
    r"|(?P<sign>[+-])\s*(?P<count>\d+)\s*(?P<unit>[a-z]+)"
    r"|(?P<way>next|last)\s+(?P<what>[a-z]+)"
)


def moment(expression: str, now: datetime) -> datetime:
    """Return the time that *expression* names, such as "next monday", "+ 2 hours", "today @ 4 o'clock".

    What the expression does not name is taken from *now*. Raises DateError.
    """
    then, rest = now, expression.strip(" @").lower()
    while rest:
        step = _STEP.match(rest)
        if step is None:
            raise DateError(f"the expression {expression!r} cannot be read, from {rest!r}")
        then = _after(step, then)
        rest = rest[step.end() :].lstrip(" @")
    return then


def _after(step: re.Match[str], then: datetime) -> datetime:
    if step["name"] in _DAY_OF:
        return then + timedelta(days=_DAY_OF[step["name"]])
    if step["name"]:
        return _at_hour(then, _HOUR_OF[step["name"]])
    if step["hour"]:
        hour = int(step["hour"])
        return _at_hour(then, hour % _NOON + _NOON * (step["half"] == "pm") if step["half"] else hour)
    if step["way"]:
        return _moved(then, 1 if step["way"] == "next" else -1, step["what"])
    return _moved(then, int(step["sign"] + step["count"]), step["unit"])


def _at_hour(then: datetime, hour: int) -> datetime:
    try:
        return then.replace(hour=hour, minute=0, second=0, microsecond=0)
    except ValueError as error:
        raise DateError(f"there is no hour {hour}") from error


_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "fortnight": 1_209_600}


def _moved(then: datetime, count: int, unit: str) -> datetime:
    unit = unit.removesuffix("s")
    if unit in _SECONDS:
        return then + timedelta(seconds=count * _SECONDS[unit])
    if unit in {"millisecond", "milli"}:
        return then + timedelta(milliseconds=count)
    if unit in {"month", "year"}:
        return _months_later(then, count * (_YEAR_MONTHS if unit == "year" else 1))
    return _weekday(then, count, unit)


def _months_later(then: datetime, months: int) -> datetime:
    """Add *months*; a day that the month does not have becomes its last day."""
    year, month = divmod(then.year * _YEAR_MONTHS + then.month - 1 + months, _YEAR_MONTHS)
    day = min(then.day, monthrange(year, month + 1)[1])
    return then.replace(year=year, month=month + 1, day=day)


def _weekday(then: datetime, way: int, name: str) -> datetime:
    days = [day.lower() for day in DAYS]
    wanted = next((number for number, day in enumerate(days) if day[:_NAME] == name[:_NAME]), None)
    if wanted is None:
        raise DateError(f"the unit {name!r} is not known")
    ahead = (wanted - then.weekday()) % 7 or 7
    return then + timedelta(days=ahead if way > 0 else ahead - 7 if ahead < 7 else -7)  # noqa: PLR2004 - a week
