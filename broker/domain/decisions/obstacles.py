"""What stands in the way of a deployment: since when, what failed, and what is being done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from broker.domain.decisions.can_i_deploy import Decision
from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.reasons import AboutRow, NeverVerified
from broker.domain.verifications import interaction_outcomes
from broker.domain.verifications.interaction_outcomes import Problem
from broker.domain.webhooks.delivery import UNFINISHED, Status

MOST = 20
"""How many obstacles are explained; who is told of more looks for something else than a deployment."""


@dataclass(frozen=True)
class Failure:
    """What is known of a failed result: since when this version fails, and JSON about each interaction."""

    first_failed_at: datetime
    test_results: bytes | None
    build_url: str | None


@dataclass(frozen=True)
class Call:
    """A webhook that was triggered by the publication of a pact."""

    uuid: str
    name: str
    status: Status
    triggered_at: datetime


@dataclass(frozen=True)
class Obstacle:
    """A pact that is not verified, or not kept. *verifiers* are the versions that have to verify it.

    *since* is when the pact was published, or when it was first not kept. *interactions* are those that
    failed, by their description.
    """

    row: Row
    since: datetime
    verifiers: tuple[str, ...] = ()
    interactions: Mapping[str, Sequence[Problem]] = field(default_factory=dict)
    build_url: str | None = None
    calls: tuple[Call, ...] = ()

    @property
    def under_way(self) -> bool | None:
        """Whether something that was begun may change it; None when the broker cannot know.

        A webhook that arrived has begun a build, perhaps. One that failed for good has not.
        """
        if self.row.verdict is Verdict.FAILED:
            return False
        if not self.calls:
            return None
        return any(call.status in UNFINISHED or call.status is Status.SUCCESS for call in self.calls)


def rows_in_the_way(decision: Decision) -> list[Row]:
    """Return the rows that need an explanation."""
    return [reason.row for reason in decision.reasons if isinstance(reason, AboutRow)][:MOST]


def obstacles(
    decision: Decision, failures: Mapping[int, Failure], calls: Mapping[tuple[int, str], Sequence[Call]]
) -> tuple[Obstacle, ...]:
    """Return the obstacles of a decision.

    *failures* are by the number of the result, *calls* by the consumer version's id and the provider's name.
    """
    about_rows = [reason for reason in decision.reasons if isinstance(reason, AboutRow)][:MOST]
    return tuple(_obstacle(reason, failures, calls) for reason in about_rows)


def _obstacle(
    reason: AboutRow, failures: Mapping[int, Failure], calls: Mapping[tuple[int, str], Sequence[Call]]
) -> Obstacle:
    row = reason.row
    called = tuple(calls.get((row.consumer_version.id, row.provider), ()))
    failure = failures.get(row.result_number or 0)
    if failure is not None:
        number = row.provider_version.number if row.provider_version else ""
        failed = interaction_outcomes.failed(failure.test_results)
        return Obstacle(row, failure.first_failed_at, (number,), failed, failure.build_url, called)
    verifiers = reason.candidates if isinstance(reason, NeverVerified) else ()
    return Obstacle(row, row.published_at, verifiers, calls=called)
