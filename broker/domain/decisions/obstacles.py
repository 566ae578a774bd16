"""Obstacles to a deployment: since when, what failed, which webhooks were sent, and who can act."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from broker.domain.decisions import comparison_findings
from broker.domain.decisions.can_i_deploy import Decision
from broker.domain.decisions.evidence import Doubt, Kind
from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.reasons import AboutRow, NeverVerified
from broker.domain.pacts.outline import NO_OUTLINE, Outline
from broker.domain.verifications import interaction_outcomes
from broker.domain.verifications.failing_since import Since
from broker.domain.verifications.interaction_outcomes import Problem
from broker.domain.webhooks.delivery import UNFINISHED, Status
from tally.values import dataclass

MOST = 20
"""How many obstacles are explained. With more, nobody reads them one by one."""


@dataclass(frozen=True)
class Failure:
    """A failed result: since when this version fails, and JSON about each interaction.

    *outline* is of the content, where it is a result of a pact. *began* is the first result of the run of
    failures on its branch, if that is known.
    """

    first_failed_at: datetime
    test_results: bytes | None
    build_url: str | None
    began: Since | None = None
    outline: Outline = NO_OUTLINE


@dataclass(frozen=True)
class PactDelivery:
    """A delivery about the publication of a pact; *answer* is what the last attempt brought.

    *provider_version* is the version that the event asked to verify the pact; None for other events.
    """

    uuid: str
    title: str
    status: Status
    triggered_at: datetime
    event: str = ""
    provider_version: str | None = None
    answer: str | None = None


@dataclass(frozen=True)
class KeepingVersion:
    """The version of a provider that verified a pact successfully last, and its newest branch."""

    number: str
    branch: str | None

    def __str__(self) -> str:
        return f"{self.number} on branch {self.branch}" if self.branch else self.number


FailureKey = tuple[Kind, int]
"""The number of a failed result, or of a comparison that found what does not fit."""
Deliveries = Mapping[tuple[int, str], Sequence[PactDelivery]]
"""By the id of the consumer version and the name of the provider."""
KeepingVersions = Mapping[tuple[int, str], KeepingVersion]
"""By the same."""
TEAM = "team:"
"""How the labels begin that name the team of an application."""
Teams = Mapping[str, Sequence[str]]
"""The labels that name teams, by the name of the application."""


@dataclass(frozen=True)
class Obstacle:
    """A pact without a result, or with a failed one. *verifiers* are the versions that have to verify it.

    *since* is when the pact was published, or when its verification failed first. *interactions* are those
    that failed, by their description. *kept_by* is a version of the provider that keeps the pact, and that
    the decision did not consider. *teams* are those of the two applications. *began* says with which version
    of the provider the failures on its branch began.
    """

    row: Row
    since: datetime
    verifiers: tuple[str, ...] = ()
    interactions: Mapping[str, Sequence[Problem]] = field(default_factory=dict)
    build_url: str | None = None
    deliveries: tuple[PactDelivery, ...] = ()
    kept_by: KeepingVersion | None = None
    teams: Teams = field(default_factory=dict)
    began: Since | None = None

    @property
    def newest_deliveries(self) -> tuple[PactDelivery, ...]:
        """The newest of equal deliveries, without those that asked versions that the question is not about.

        When a pact is published again, its webhooks are sent again.
        """
        found: dict[tuple[str, str, str | None], PactDelivery] = {}
        for sent in self.deliveries:
            if sent.provider_version is None or sent.provider_version in self.verifiers:
                found.setdefault((sent.title, sent.event, sent.provider_version), sent)
        return tuple(found.values())

    @property
    def under_way(self) -> bool | None:
        """Whether a result may still come by itself; None when the broker cannot know.

        A webhook that arrived may have started a build that verifies the pact. One that failed says nothing:
        it may have been a notification, and a build may have begun without any webhook.
        """
        if self.row.verdict is Verdict.FAILED:
            return False
        may_come = any(item.status in {*UNFINISHED, Status.SUCCESS} for item in self.deliveries)
        return True if may_come else None


def rows_of_obstacles(decision: Decision) -> list[Row]:
    """Return the rows that need an explanation."""
    return [reason.row for reason in decision.reasons if isinstance(reason, AboutRow)][:MOST]


def failure_of(row: Row) -> FailureKey | None:
    """Return where to look up what failed in the row; None when nothing did, or nothing more is known."""
    if row.verdict is not Verdict.FAILED:
        return None
    part = row.contract
    number = row.result_number
    if part is not None and part.kind is Kind.SERVICE_CONTRACT:
        number = part.document.result_number if part.document else None
    elif part is not None and part.doubt is Doubt.NOT_KEPT:
        number = part.evidence.broken[0].result_number if part.evidence else None
        return None if number is None else (Kind.SERVICE_CONTRACT, number)
    elif part is not None and part.kind is Kind.COMPARED:
        number = part.evidence.comparison.id if part.evidence and part.evidence.comparison else None
    return None if number is None else (row.kind, number)


def obstacles(
    decision: Decision,
    failures: Mapping[FailureKey, Failure],
    deliveries: Deliveries,
    keeping: KeepingVersions,
    *,
    teams: Teams,
) -> tuple[Obstacle, ...]:
    """Return the obstacles of a decision."""
    about_rows = [reason for reason in decision.reasons if isinstance(reason, AboutRow)][:MOST]
    considered = {
        (row.provider, row.provider_version.number)
        for row in (*decision.considered, *decision.ignored)
        if row.provider_version
    }
    found = []
    for reason in about_rows:
        kept_by = keeping.get((reason.row.consumer_version.id, reason.row.provider))
        if kept_by and (reason.row.provider, kept_by.number) in considered:
            kept_by = None
        pair = {name: teams[name] for name in (reason.row.consumer, reason.row.provider) if name in teams}
        found.append(replace(_obstacle(reason, failures, deliveries), kept_by=kept_by, teams=pair))
    return tuple(found)


def _obstacle(reason: AboutRow, failures: Mapping[FailureKey, Failure], deliveries: Deliveries) -> Obstacle:
    row = reason.row
    about_pact = () if row.subject else tuple(deliveries.get((row.consumer_version.id, row.provider), ()))
    key = failure_of(row)
    failure = failures.get(key) if key else None
    number = row.provider_version.number if row.provider_version else ""
    if key is not None and failure is not None:
        if key[0] is Kind.COMPARED:
            what = comparison_findings.failed(failure.test_results)
        else:
            what = interaction_outcomes.failed(failure.test_results, failure.outline.descriptions)
        return Obstacle(
            row,
            failure.first_failed_at,
            (number,),
            what,
            failure.build_url,
            about_pact,
            began=failure.began,
        )
    if row.subject:
        return Obstacle(row, row.published_at, (number,) if number else ())
    verifiers = reason.candidates if isinstance(reason, NeverVerified) else ()
    return Obstacle(row, row.published_at, verifiers, deliveries=about_pact)
