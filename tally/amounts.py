"""Amounts in words: how many, and how long ago."""

from datetime import datetime

_STEPS = ((60, "second"), (60, "minute"), (24, "hour"), (30, "day"), (12, "month"))


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago something was: "3 minutes ago"."""
    amount, unit = max(0, int((now - moment).total_seconds())), "year"
    for size, smaller in _STEPS:
        if amount < size:
            unit = smaller
            break
        amount //= size
    return "just now" if unit == "second" else f"{counted(amount, unit)} ago"


def short_age(moment: datetime, now: datetime) -> str:
    """Return how long ago something was, for a narrow column: "3 min", "12 d"."""
    amount = max(0, int((now - moment).total_seconds()))
    for size, unit in ((60, "s"), (60, "min"), (24, "h"), (365, "d")):
        if amount < size:
            return "now" if unit == "s" else f"{amount} {unit}"
        amount //= size
    return f"{amount} y"


def counted(amount: int, thing: str) -> str:
    """Return an amount with its noun: "1 pact", "2 pacts"."""
    return f"{amount:,} {thing}{'' if amount == 1 else 's'}"
