"""Quality gates: what a service has to keep, and whether it does."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from broker.domain.insights.counts import Counts
from tally.values import dataclass

TEAM = "team:"
"""What labels that name a team begin with."""
FEWEST_DAYS, USUAL_DAYS, MOST_DAYS = 1, 30, 90


class Metric(StrEnum):
    """What a gate measures."""

    SUCCESS_RATE = "success_rate"
    P95 = "p95"
    RESULT_AGE = "result_age"
    COVERAGE = "coverage"
    FLAKY_SHARE = "flaky_share"


@dataclass(frozen=True)
class MetricRule:
    """How a metric is judged and written. *highest* is the largest threshold that means something."""

    title: str
    unit: str
    at_least: bool
    highest: float
    has_days: bool


RULES: Mapping[Metric, MetricRule] = {
    Metric.SUCCESS_RATE: MetricRule("success rate", "%", at_least=True, highest=100, has_days=True),
    Metric.P95: MetricRule("p95 of a verification", "ms", at_least=False, highest=86_400_000, has_days=True),
    Metric.RESULT_AGE: MetricRule(
        "age of the newest result", "days", at_least=False, highest=3650, has_days=False
    ),
    Metric.COVERAGE: MetricRule(
        "coverage of the service contract", "%", at_least=True, highest=100, has_days=False
    ),
    Metric.FLAKY_SHARE: MetricRule(
        "share of flaky interactions", "%", at_least=False, highest=100, has_days=True
    ),
}


class GateState(StrEnum):
    """Whether a service keeps a gate. Without data that is unknown, which is no pass."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class GateDescription:
    """A gate for all services, for those of a *team*, or for one; *threshold* in the unit of the metric."""

    metric: Metric
    threshold: float
    days: int = USUAL_DAYS
    pacticipant: str | None = None
    team: str | None = None

    @property
    def rule(self) -> MetricRule:
        """How it is judged."""
        return RULES[self.metric]

    @property
    def title(self) -> str:
        """What it asks for, in words."""
        bound = "at least" if self.rule.at_least else "at most"
        during = f" over {self.days} days" if self.rule.has_days else ""
        return f"{self.rule.title} {bound} {limit_shown(self)}{during}"

    @property
    def scope(self) -> str:
        """Whom it is for, in words."""
        if self.pacticipant is not None:
            return self.pacticipant
        return "all services" if self.team is None else f"{TEAM}{self.team}"


@dataclass(frozen=True)
class Gate:
    """A gate that is stored; *pacticipant_id* is None unless it is for one service."""

    id: int
    uuid: str
    what: GateDescription
    pacticipant_id: int | None
    base_url: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class StandingGate:
    """A gate, and how many services are in each state."""

    gate: Gate
    counts: Mapping[GateState, int]

    def services(self, state: GateState) -> int:
        """Return how many services are in this state."""
        return self.counts.get(state, 0)

    @property
    def state(self) -> GateState:
        """The worst state of a service; unknown also when there is none."""
        for state in (GateState.FAILED, GateState.UNKNOWN, GateState.PASSED):
            if self.services(state):
                return state
        return GateState.UNKNOWN


@dataclass(frozen=True)
class GatedService:
    """A service that gates may be for."""

    id: int
    name: str
    teams: frozenset[str] = frozenset()

    def is_concerned(self, gate: Gate) -> bool:
        """Return whether the gate is for this service."""
        if gate.pacticipant_id is not None:
            return gate.pacticipant_id == self.id
        return gate.what.team is None or gate.what.team in self.teams


@dataclass(frozen=True)
class Facts:
    """What is known of a service: counts by the days that they are of.

    *result_age* is how many days ago the consumer was verified that was not verified for longest; *coverage*
    is a percentage. None is unknown.
    """

    counts: Mapping[int, Counts] = field(default_factory=dict)
    result_age: float | None = None
    coverage: float | None = None


@dataclass(frozen=True)
class Judgement:
    """How a gate was judged; *value* in the unit of the metric, None when it is unknown."""

    state: GateState
    value: float | None = None


def judge(what: GateDescription, facts: Facts) -> Judgement:
    """Return whether the facts keep the gate."""
    value = _value(what, facts)
    return Judgement(state_of(what, value), value)


def _value(what: GateDescription, facts: Facts) -> float | None:
    if what.metric is Metric.RESULT_AGE:
        return facts.result_age
    if what.metric is Metric.COVERAGE:
        return facts.coverage
    counts = facts.counts.get(what.days, Counts())
    if what.metric is Metric.SUCCESS_RATE:
        return counts.success_rate
    if what.metric is Metric.FLAKY_SHARE:
        return counts.flaky_share
    return counts.durations.quantile(0.95)


@dataclass(frozen=True)
class JudgedState:
    """How a gate stands for a service, since when, and whether webhooks were told last that it failed."""

    judgement: Judgement
    told: bool
    since: datetime

    def after(self, now: Judgement, at: datetime) -> "JudgedState":
        """Return the state when it is judged anew."""
        since = self.since if now.state is self.judgement.state else at
        return JudgedState(now, told_after(now.state, told=self.told), since)


def state_of(what: GateDescription, value: float | None) -> GateState:
    """Return whether a value keeps the gate."""
    if value is None:
        return GateState.UNKNOWN
    is_kept = value >= what.threshold if what.rule.at_least else value <= what.threshold
    return GateState.PASSED if is_kept else GateState.FAILED


def told_after(state: GateState, *, told: bool) -> bool:
    """Return whether webhooks were told last that the gate failed, once they are told of this state.

    What is unknown tells nothing: a gate that failed, was unknown and passes has recovered.
    """
    return told if state is GateState.UNKNOWN else state is GateState.FAILED


@dataclass(frozen=True)
class Turn:
    """A gate that a service fails now, or keeps again."""

    gate: Gate
    service: GatedService
    judgement: Judgement


def shown(metric: Metric, value: float | None, limit: float | None = None) -> str:
    """Return a value with its unit, as people read it; never rounded to *limit*, or beyond it."""
    if value is None:
        return "unknown"
    unit, scale = RULES[metric].unit, 1
    if unit == "ms" and value >= _SECOND:
        unit, scale = "s", _SECOND
    number = _rounded(value / scale, None if limit is None else limit / scale, is_time=metric is Metric.P95)
    return f"{number} {'day' if unit == 'days' and number == '1' else unit}"


def limit_shown(what: GateDescription) -> str:
    """Return the threshold of a gate with its unit, not rounded."""
    return shown(what.metric, what.threshold, what.threshold)


_SECOND = 1000
_MOST_DECIMALS = 12


def _rounded(value: float, limit: float | None, *, is_time: bool) -> str:
    # Of a small share, the digits that tell 1.04 % from a limit of 1 %; of a time, about three digits.
    usual = 2 if value < 10 else 1 if value < 100 or not is_time else 0  # noqa: PLR2004 - one digit, two digits
    texts = (f"{value:.{decimals}f}" for decimals in range(usual, _MOST_DECIMALS))
    found = next((text for text in texts if _is_beside(value, float(text), limit)), repr(value))
    return found.rstrip("0").rstrip(".") if "." in found else found


def _is_beside(value: float, rounded: float, limit: float | None) -> bool:
    if limit is None:
        return True
    return (rounded < limit, rounded > limit) == (value < limit, value > limit)


def explained(what: GateDescription, judgement: Judgement) -> str:
    """Return why the gate is in its state, in a sentence."""
    if judgement.state is GateState.UNKNOWN:
        return f"{_capitalised(what.rule.title)} is unknown: {_MISSING[what.metric]}"
    bound = "at least" if what.rule.at_least else "at most"
    during = f" over {what.days} days" if what.rule.has_days else ""
    needed = f"{bound} {limit_shown(what)}"
    verb = "is" if judgement.state is GateState.PASSED else "must be"
    value = shown(what.metric, judgement.value, what.threshold)
    if judgement.state is GateState.PASSED:
        return f"{_capitalised(what.rule.title)} {verb} {value}{during}, {needed} as it must be"
    return f"{_capitalised(what.rule.title)} is {value}{during}, and {verb} {needed}"


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


_MISSING = {
    Metric.SUCCESS_RATE: "there is no result in these days",
    Metric.P95: "no result in these days says how long it took",
    Metric.RESULT_AGE: "no consumer has a pact with it",
    Metric.COVERAGE: "it has no service contract that was verified",
    Metric.FLAKY_SHARE: "there is no result in these days",
}
