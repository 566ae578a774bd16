"""The page of the insights, which asks whether things get better."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from broker.domain.errors import ValidationError
from broker.domain.insights.counts import Counts, total
from broker.domain.insights.gates import GateState, Metric, StandingGate, state_of
from broker.domain.insights.periods import FEWEST, Window, day_of
from broker.domain.insights.question import (
    DurationLines,
    Filter,
    InsightQuestion,
    IntegrationDays,
    Lists,
    Period,
    Surroundings,
    filled,
)
from broker.domain.names import did_you_mean
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class Insights:
    """What the page shows. *counts* are those of the whole window; *has_more* says that a page follows."""

    chosen: Filter
    window: Window
    surroundings: Surroundings
    periods: Sequence[Period]
    lines: DurationLines | None
    integrations: Sequence[IntegrationDays]
    has_more: bool
    lists: Lists
    gates: Sequence[StandingGate]

    @property
    def counts(self) -> Counts:
        """What was counted in the whole window."""
        return total(period.counts for period in self.periods)

    @property
    def has_enough(self) -> bool:
        """Whether there are enough days to see how something changes."""
        since = self.surroundings.since
        return since is not None and (self.window.today - since).days + 1 >= FEWEST

    def gate_of(self, metric: Metric) -> StandingGate | None:
        """Return the gate for a metric that is nearest to the filter: of the service, the team, or all."""
        of_metric = [each for each in self.gates if each.gate.what.metric is metric]
        for name, scope in (("pacticipant", self.chosen.service), ("team", self.chosen.team)):
            own = [each for each in of_metric if scope and getattr(each.gate.what, name) == scope]
            if own:
                return own[0]
        return next((each for each in of_metric if each.gate.what.scope == "all services"), None)

    def state(self, gate: StandingGate, value: float | None) -> GateState:
        """Return how services stand; of the one that is chosen, whether this *value* keeps the gate."""
        return state_of(gate.gate.what, value) if self.chosen.service else gate.state

    @property
    def failing_gates(self) -> int:
        """How many gates some service fails."""
        return sum(each.state is GateState.FAILED for each in self.gates)


def insights(storage: Storage, question: InsightQuestion, now: datetime) -> Insights:
    """Return what the page shows. Raises ValidationError for a name that is not known."""
    chosen, window = question.chosen, Window(day_of(now), question.days)
    first = datetime.combine(window.first, time(), UTC)
    surroundings = storage.insight_surroundings.find(chosen, first)
    names = surroundings.names
    _check(chosen, surroundings)
    periods = filled(window, storage.insight_history.counts(chosen, names, window))
    integrations, has_more = storage.insight_history.integrations(question, names, window)
    lists = storage.insight_lists.find(chosen, names, window, first, most=question.most)
    return Insights(
        chosen,
        window,
        surroundings,
        periods,
        _lines(storage, chosen, window, lists, periods=periods),
        integrations,
        has_more,
        lists,
        storage.quality_gates.standing(),
    )


def _lines(
    storage: Storage, chosen: Filter, window: Window, lists: Lists, *, periods: Sequence[Period]
) -> DurationLines | None:
    """Return how long verifying the chosen service took, or the one with the slowest interaction."""
    if chosen.service:
        return DurationLines(chosen.service, [(each.start, each.counts.durations) for each in periods])
    if not lists.slow:
        return None
    return storage.insight_history.lines(lists.slow[0].provider, window)


def _check(chosen: Filter, surroundings: Surroundings) -> None:
    names = surroundings.names
    errors = {}
    for name, value, number in (
        ("service", chosen.service, names.service_id),
        ("consumer", chosen.consumer, names.consumer_id),
    ):
        if value and number is None:
            errors[name] = [f"is no application that is known: {value}"]
    for name, value, known in (
        ("team", chosen.team, names.teams),
        ("environment", chosen.environment, names.environments),
    ):
        if value and value not in known:
            hint = did_you_mean(value, known) or (f"; known are {', '.join(known[:10])}" if known else "")
            errors[name] = [f"is not known: {value}{hint}"]
    if errors:
        raise ValidationError(errors)
