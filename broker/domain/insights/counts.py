"""Counters of results: what is added up when results are counted."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime

from broker.domain.insights.durations import Durations, added, without
from broker.domain.insights.measured import MeasuredInteraction, turned
from broker.domain.insights.periods import SPANS, day_of, month_of, start_of
from tally.values import dataclass

ALL = 0
"""Stands for all consumers, or all providers, in the key of a counter."""


@dataclass(frozen=True)
class ResultToCount:
    """A result that was not counted yet. *before* is what the one that it replaced said, if any."""

    consumer_id: int
    provider_id: int
    success: bool
    pending: bool
    created_at: datetime
    interactions: list[MeasuredInteraction]
    before: list[MeasuredInteraction] | None = None
    before_success: bool | None = None


@dataclass(frozen=True)
class PublicationToCount:
    """A publication of a pact that was not counted yet; *size* is its bytes."""

    consumer_id: int
    provider_id: int
    interactions: int
    size: int
    created_at: datetime


@dataclass(frozen=True)
class Counts:
    """How many results passed, failed, or failed while the pact was pending.

    *interactions* are how often one was verified, *flaky* how often its verdict turned without any change.
    """

    passed: int = 0
    failed: int = 0
    pending: int = 0
    interactions: int = 0
    flaky: int = 0
    durations: Durations = field(default_factory=Durations)

    @property
    def results(self) -> int:
        """How many results there are."""
        return self.passed + self.failed + self.pending

    @property
    def success_rate(self) -> float | None:
        """The percentage of results that passed; those of pending pacts count when they pass."""
        judged = self.passed + self.failed
        return 100 * self.passed / judged if judged else None

    @property
    def flaky_share(self) -> float | None:
        """The percentage of verified interactions whose verdict turned."""
        return 100 * self.flaky / self.interactions if self.interactions else None


def total(several: Iterable[Counts]) -> Counts:
    """Return what was counted in all of them."""
    found = list(several)
    return Counts(
        sum(each.passed for each in found),
        sum(each.failed for each in found),
        sum(each.pending for each in found),
        sum(each.interactions for each in found),
        sum(each.flaky for each in found),
        added(each.durations for each in found),
    )


@dataclass(frozen=True)
class Key:
    """What a counter is of: a pair, all consumers of a provider, or everything; in one day or week."""

    consumer_id: int
    provider_id: int
    span: int
    start: date


@dataclass(frozen=True)
class InteractionKey:
    """An interaction of a pair, in one month."""

    consumer_id: int
    provider_id: int
    key: str
    month: date


@dataclass(frozen=True)
class InteractionCounts:
    """How often an interaction was verified, failed, and turned; *id* is the newest that it has."""

    id: str
    name: str
    runs: int
    failures: int
    flaky: int
    durations: Durations


@dataclass(frozen=True)
class Additions:
    """What counting some results adds to the counters."""

    counts: Mapping[Key, Counts]
    interactions: Mapping[InteractionKey, InteractionCounts]


def additions(results: Iterable[ResultToCount]) -> Additions:
    """Add results up."""
    counts: dict[Key, list[Counts]] = {}
    interactions: dict[InteractionKey, InteractionCounts] = {}
    for result in results:
        flaky = _turned(result)
        of_one = _counts(result, flaky)
        for key in keys_of(result.consumer_id, result.provider_id, day_of(result.created_at)):
            counts.setdefault(key, []).append(of_one)
        for interaction in result.interactions:
            place = InteractionKey(
                result.consumer_id, result.provider_id, interaction.key, month_of(day_of(result.created_at))
            )
            new = _of_interaction(interaction, is_flaky=interaction.identity in flaky)
            interactions[place] = joined(interactions.get(place), new)
    return Additions({key: total(found) for key, found in counts.items()}, interactions)


def keys_of(consumer_id: int, provider_id: int, day: date) -> list[Key]:
    """Return every counter that a result of this pair and day is counted in."""
    pairs = ((consumer_id, provider_id), (ALL, provider_id), (ALL, ALL))
    return [Key(*pair, span, start_of(day, span)) for pair in pairs for span in SPANS]


def joined(earlier: InteractionCounts | None, new: InteractionCounts) -> InteractionCounts:
    """Return the counters of an interaction with what is *new*."""
    if earlier is None:
        return new
    return InteractionCounts(
        new.id or earlier.id,
        new.name,
        earlier.runs + new.runs,
        earlier.failures + new.failures,
        earlier.flaky + new.flaky,
        added((earlier.durations, new.durations)),
    )


def _turned(result: ResultToCount) -> set[str]:
    return turned(result.interactions, result.before) if result.before is not None else set()


def _counts(result: ResultToCount, flaky: set[str]) -> Counts:
    passed = int(result.success)
    pending = int(not result.success and result.pending)
    times = [each.milliseconds for each in result.interactions if each.milliseconds is not None]
    has_turned = result.before_success is not None and result.before_success is not result.success
    return Counts(
        passed,
        1 - passed - pending,
        pending,
        # A result that names no interaction counts as one.
        max(1, len(result.interactions)),
        len(flaky) if result.interactions else int(has_turned),
        Durations.of(times),
    )


def _of_interaction(interaction: MeasuredInteraction, *, is_flaky: bool) -> InteractionCounts:
    times = [] if interaction.milliseconds is None else [interaction.milliseconds]
    return InteractionCounts(
        interaction.id,
        interaction.name,
        1,
        int(not interaction.success),
        int(is_flaky),
        Durations.of(times),
    )


def less(counts: Counts, removed: Counts) -> Counts:
    """Return the counts without those of something that was deleted."""
    return Counts(
        max(0, counts.passed - removed.passed),
        max(0, counts.failed - removed.failed),
        max(0, counts.pending - removed.pending),
        max(0, counts.interactions - removed.interactions),
        max(0, counts.flaky - removed.flaky),
        without(counts.durations, removed.durations),
    )
