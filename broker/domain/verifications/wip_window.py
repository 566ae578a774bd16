"""Since when pacts are work in progress, if the broker chooses that (Pact Broker reference §6.6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from tally.values import dataclass

_SHARE = 0.8


@dataclass(frozen=True)
class WipWindow:
    """How many days back the window begins: at least, at most, and, if no pacts say, by *default*."""

    default: int = 7
    least: int = 7
    most: int = 14

    def earliest(self, now: datetime) -> datetime:
        """Return the earliest moment that it may begin at."""
        return now - timedelta(days=self.most)

    def begins(self, ages: Sequence[timedelta], now: datetime) -> datetime:
        """Return when it begins, so that four of five pacts of these ages are in it.

        *ages* are those of the pacts that nobody has verified.
        """
        if not ages:
            return now - timedelta(days=self.default)
        age = sorted(ages)[ceil(_SHARE * len(ages)) - 1]
        return now - min(max(age, timedelta(days=self.least)), timedelta(days=self.most))
