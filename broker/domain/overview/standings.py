"""How integrations stand: on main, and in environments. The storage keeps it, pages show it."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from broker.domain.overview.summaries import PactStatus
from broker.domain.pacts.outline import NO_OUTLINE, Outline
from broker.domain.verifications import interaction_outcomes
from tally.values import dataclass

WORST_FIRST = (
    PactStatus.FAILED,
    PactStatus.PENDING,
    PactStatus.NEVER,
    PactStatus.CHANGED,
    PactStatus.VERIFIED,
)
RANK = {status: rank for rank, status in enumerate(WORST_FIRST)}
"""The place of each verdict among them: how it is stored, and sorted."""
MOST_NAMES = 5
"""Failed interactions that are named; the others are only counted."""
LONGEST_NAME = 120
LONGEST_MISMATCH = 300


@dataclass(frozen=True)
class FailedInteractions:
    """Which interactions failed: their *names*, at most MOST_NAMES, and the first mismatch, cut when long."""

    count: int
    names: tuple[str, ...] = ()
    place: str = ""
    text: str = ""


def failed_interactions(
    test_results: bytes | None, outline: Outline = NO_OUTLINE
) -> FailedInteractions | None:
    """Return which interactions failed in a result of a content; None when it does not tell."""
    failed = interaction_outcomes.failed(test_results, outline.descriptions)
    if not failed:
        return None
    first = next((problem for problems in failed.values() for problem in problems), None)
    return FailedInteractions(
        len(failed),
        tuple(_cut(name, LONGEST_NAME) for name in list(failed)[:MOST_NAMES]),
        _cut(first.place, LONGEST_NAME) if first else "",
        _cut(first.text, LONGEST_MISMATCH) if first else "",
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class Standing(NamedTuple):
    """How an integration stands on main or, with an *environment*, there.

    Versions are numbers, None where there is none. For a failure, *since* is when the first of the results
    failed that have failed since, *since_version* the version of the provider that it is of, and *failures*
    what failed in the result that decided, if it tells.
    """

    integration_id: int
    consumer: str
    provider: str
    environment: str | None
    verdict: PactStatus
    consumer_version: str | None
    provider_version: str | None
    pact_version_id: int | None
    interactions: int
    since: datetime | None
    since_version: str | None
    failures: FailedInteractions | None
    result: int | None
    newest_results: tuple[PactStatus, ...]
    """Those of the integration whatever their versions, the oldest first; empty in an environment."""
    changed_at: datetime | None
    """When a pact or a result of the integration came last."""


class ShortStanding(NamedTuple):
    """How an integration stands in an environment, in short."""

    verdict: PactStatus
    pact_version_id: int | None


class Order(Enum):
    """How standings are sorted."""

    WORST = "worst"
    """By the verdict, the worst first, and by since when it is so."""
    CONSUMER = "consumer"
    PROVIDER = "provider"
    CHANGED = "changed"
    """By when a pact or a result came last."""


@dataclass(frozen=True)
class StandingFilter:
    """Which standings are asked for: on main or in an environment; of a *team*, which is a label.

    *consumer* and *provider* are whole names, *search* is a part of either.
    """

    environment: str | None = None
    verdict: PactStatus | None = None
    team: str | None = None
    search: str = ""
    consumer: str | None = None
    provider: str | None = None


@dataclass(frozen=True)
class StandingCounts:
    """How many integrations have which verdict."""

    by_verdict: Mapping[PactStatus, int]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.by_verdict.values())

    def of(self, verdict: PactStatus) -> int:
        """How many have this verdict."""
        return self.by_verdict.get(verdict, 0)
