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


def counted(amount: int, thing: str) -> str:
    """Return an amount with its noun: "1 pact", "2 pacts"."""
    return f"{amount:,} {thing}{'' if amount == 1 else 's'}"
