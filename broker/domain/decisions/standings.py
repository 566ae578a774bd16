"""How an integration stands at a place, main or an environment: judged from facts, as decisions are."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from broker.domain.decisions.evidence import PairEvidence, judge
from broker.domain.overview.standings import RANK
from broker.domain.overview.summaries import PactStatus, status_of_content


# A renewal makes dozens of these, and a NamedTuple costs a fifth of a frozen dataclass.
class Replay(NamedTuple):
    """A result of replaying a pact. *version_id* is that of the provider."""

    id: int
    version_id: int
    success: bool
    pending: bool
    at: datetime

    @property
    def status(self) -> PactStatus:
        """What the result says of the content that it is about."""
        return status_of_content(success=self.success, pending=self.pending)


class Facts(NamedTuple):
    """What is known of a pact and a version of its provider that meet at a place.

    Without a pact, or without a version of the provider there, their ids are None. *met_at* is when the later
    of the two came. *replay* is their result, *evidence* what service contracts say of them. *earlier* is the
    newest result of the integration on the main branches, *failing_since* the first failure since the last
    success there. *was_verified* says whether any version has verified the pact.
    """

    consumer_version_id: int | None = None
    provider_version_id: int | None = None
    pact_version_id: int | None = None
    met_at: datetime | None = None
    replay: Replay | None = None
    evidence: PairEvidence | None = None
    earlier: Replay | None = None
    failing_since: Replay | None = None
    was_verified: bool = False


class Judged(NamedTuple):
    """A verdict with what it is about, by the storage's ids.

    *result* is the number of the result that decided, if one did. *since* is when what is said became so: for
    a failure, when the first of the results failed that have failed since, and in which version.
    """

    verdict: PactStatus
    consumer_version_id: int | None = None
    provider_version_id: int | None = None
    pact_version_id: int | None = None
    result: int | None = None
    since: datetime | None = None
    since_version_id: int | None = None


def on_main(facts: Facts) -> Judged:
    """Judge the pact of the consumer's main branch and the head of the provider's.

    While the two have no result, an earlier failure still stands, and an earlier success makes it CHANGED.
    """
    if facts.pact_version_id is None:
        return Judged(PactStatus.NEVER)
    if decided := _decided(facts):
        return decided
    if facts.earlier is None:
        return _judged(facts, PactStatus.NEVER)
    if facts.earlier.success:
        return _judged(facts, PactStatus.CHANGED)
    return _judged(facts, facts.earlier.status, facts.earlier)


def in_environment(found: Sequence[Facts]) -> Judged:
    """Judge every pact of the consumer with every version of the provider there: the worst counts."""
    judged = [_decided(facts) or _judged(facts, _undecided(facts)) for facts in found]
    return min(
        judged,
        key=lambda item: (
            RANK[item.verdict],
            -(item.consumer_version_id or 0),
            -(item.provider_version_id or 0),
        ),
    )


def _decided(facts: Facts) -> Judged | None:
    """Return what the result and the service contracts say, or None while they do not decide."""
    replay = facts.replay
    if facts.evidence is None:
        return _judged(facts, replay.status, replay) if replay else None
    judgement = judge(replay.success if replay else None, facts.evidence)
    if judgement.success is None:
        return None
    if replay and replay.success is judgement.success:
        return _judged(facts, replay.status, replay)
    # It was compared, or a document is not kept.
    verdict = PactStatus.VERIFIED if judgement.success else PactStatus.FAILED
    return Judged(
        verdict,
        facts.consumer_version_id,
        facts.provider_version_id,
        facts.pact_version_id,
        since=facts.evidence.comparison.created_at if facts.evidence.comparison else facts.met_at,
        since_version_id=facts.provider_version_id,
    )


def _undecided(facts: Facts) -> PactStatus:
    return PactStatus.CHANGED if facts.was_verified else PactStatus.NEVER


def _judged(facts: Facts, verdict: PactStatus, replay: Replay | None = None) -> Judged:
    since, version_id = facts.met_at, facts.provider_version_id
    if replay is not None:
        first = facts.failing_since if not replay.success and facts.failing_since else replay
        since, version_id = first.at, first.version_id
    return Judged(
        verdict,
        facts.consumer_version_id,
        facts.provider_version_id,
        facts.pact_version_id,
        replay.id if replay else None,
        since,
        version_id,
    )
