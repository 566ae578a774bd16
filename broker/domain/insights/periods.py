"""Days, weeks and months, for which results are counted. All are of UTC."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from tally.values import dataclass

DAY, WEEK = 1, 7
"""For how many days a row of counters is."""
SPANS = (DAY, WEEK)
MOST_DAILY = 62
"""Up to so many days are shown day by day, more of them week by week: a year has about as many bars."""
FEWEST, USUAL, MOST = 7, 60, 730
"""How many days a question may be about."""


def day_of(moment: datetime) -> date:
    """Return the day that a moment is in, in UTC."""
    return moment.astimezone(UTC).date()


def start_of(day: date, span: int) -> date:
    """Return the first day of the period that the day is in: itself, or the Monday before it."""
    return day if span == DAY else day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    """Return the first day of its month."""
    return day.replace(day=1)


@dataclass(frozen=True)
class Window:
    """So many *days* until *today*, which is one of them; in weeks, the first one is whole."""

    today: date
    days: int

    @property
    def span(self) -> int:
        """How long each of its periods is."""
        return DAY if self.days <= MOST_DAILY else WEEK

    @property
    def first(self) -> date:
        """The first day of the first period."""
        return start_of(self.today - timedelta(days=self.days - 1), self.span)

    def starts(self) -> list[date]:
        """Return the first day of each period, in order."""
        first, step = self.first, self.span
        return [first + timedelta(days) for days in range(0, (self.today - first).days + 1, step)]

    def months(self) -> list[date]:
        """Return the first day of each month that the window has a day of, newest first."""
        return list(_months(self.today, self.first))


def _months(newest: date, oldest: date) -> Iterator[date]:
    month = month_of(newest)
    while month >= month_of(oldest):
        yield month
        month = month_of(month - timedelta(days=1))
