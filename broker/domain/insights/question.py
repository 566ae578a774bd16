"""What the page of the insights is asked about, and what it shows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from broker.domain.insights.counts import Counts
from broker.domain.insights.durations import Durations
from broker.domain.insights.periods import Window
from tally.values import dataclass


@dataclass(frozen=True)
class Filter:
    """Which results count: by what was typed; *service* and *consumer* are names. "" is all."""

    service: str = ""
    team: str = ""
    environment: str = ""
    consumer: str = ""


@dataclass(frozen=True)
class InsightQuestion:
    """About which results and days the page is, and how many rows its tables have.

    Integrations are a list of pages, with so many *strips* on each.
    """

    chosen: Filter
    days: int
    page: int = 1
    most: int = 10
    strips: int = 12


@dataclass(frozen=True)
class KnownNames:
    """What there is to choose from, and the ids of what was chosen; None for what is not there."""

    teams: Sequence[str]
    environments: Sequence[str]
    service_id: int | None = None
    consumer_id: int | None = None


@dataclass(frozen=True)
class Surroundings:
    """What is known beside the counters.

    *since* is the first day that was counted, *quiet* how many integrations have had no result in the window.
    """

    names: KnownNames
    since: date | None = None
    uncounted: int = 0
    quiet: int = 0
    webhook_failures: int = 0
    webhooks_given_up: int = 0


@dataclass(frozen=True)
class Period:
    """What was counted from *start* on."""

    start: date
    counts: Counts


@dataclass(frozen=True)
class IntegrationDays:
    """The results of an integration, by the first day of each period that has any."""

    consumer: str
    provider: str
    periods: Mapping[date, Counts]
    result_at: datetime | None


@dataclass(frozen=True)
class SlowInteraction:
    """An interaction, and its p95 in milliseconds in the month that it was slowest in."""

    consumer: str
    provider: str
    identity: str
    name: str
    milliseconds: float
    runs: int


@dataclass(frozen=True)
class FlakyInteraction:
    """An interaction whose verdict turned without any change, *turns* times in so many *runs*."""

    consumer: str
    provider: str
    identity: str
    name: str
    turns: int
    runs: int


@dataclass(frozen=True)
class OldResult:
    """An integration, and since when it is waiting for a result; *is_verified* unless it never had one."""

    consumer: str
    provider: str
    at: datetime
    is_verified: bool


@dataclass(frozen=True)
class GrownContract:
    """An integration whose pact has more interactions or bytes than at the beginning of the window."""

    consumer: str
    provider: str
    interactions: int
    more_interactions: int
    size: int
    more_bytes: int


@dataclass(frozen=True)
class Lists:
    """The first of each table of the page."""

    slow: Sequence[SlowInteraction]
    flaky: Sequence[FlakyInteraction]
    old: Sequence[OldResult]
    grown: Sequence[GrownContract]


def filled(window: Window, found: Mapping[date, Counts]) -> list[Period]:
    """Return each period of the window, also those without results."""
    return [Period(start, found.get(start, Counts())) for start in window.starts()]


@dataclass(frozen=True)
class DurationLines:
    """How long verifying a provider took, by the first day of each period."""

    provider: str
    periods: Sequence[tuple[date, Durations]]
