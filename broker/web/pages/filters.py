"""How single values read on a page."""

import json
from datetime import datetime
from shlex import quote

_STEPS = ((60, "second"), (60, "minute"), (24, "hour"), (30, "day"), (12, "month"))
_SHA_LENGTH = 40
_LONGEST_NUMBER = 50
_KEPT = 24


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago something was: "3 minutes ago"."""
    amount, unit = max(0, int((now - moment).total_seconds())), "year"
    for size, smaller in _STEPS:
        if amount < size:
            unit = smaller
            break
        amount //= size
    return "just now" if unit == "second" else f"{counted(amount, unit)} ago"


def counted(amount: int, thing: str) -> str:
    """Return an amount with its noun: "1 pact", "2 pacts"."""
    return f"{amount:,} {thing}{'' if amount == 1 else 's'}"


def short(number: str) -> str:
    """Return a version number as it fits a table: a commit by its first 7 characters (reference §11.4)."""
    if len(number) == _SHA_LENGTH and all(character in "0123456789abcdef" for character in number):
        return number[:7]
    return number if len(number) <= _LONGEST_NUMBER else f"{number[:_KEPT]}…{number[-_KEPT:]}"


def is_web_address(url: str) -> bool:
    """Return whether a link may lead there: other schemes, such as javascript:, could run a script."""
    return url.lower().startswith(("http://", "https://"))


def as_json(value: object) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def pretty(value: object) -> str:
    """Return a value as JSON on many lines."""
    return json.dumps(value, indent=2, ensure_ascii=False)


FILTERS = {"pretty": pretty, "counted": counted, "short": short, "json": as_json, "shell": quote}
TESTS = {"web_address": is_web_address}
