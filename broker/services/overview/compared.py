"""The status of pacts where providers have service contracts: as decisions are, with the newest documents."""

from broker.domain.decisions.evidence import Kind, judge
from broker.domain.overview.summaries import ResultSummary
from broker.storage.overview.compared import NewestComparison


def decided(replayed: ResultSummary | None, found: NewestComparison) -> ResultSummary | None:
    """Return what decides about a pact: a replay, or the comparison as a result of the provider's version."""
    judgement = judge(None if replayed is None else replayed.success, found.evidence)
    if judgement.kind is not Kind.COMPARED or judgement.success is None:
        return replayed
    return ResultSummary(
        found.version, found.branch, judgement.success, pending=False, verified_at=found.compared_at
    )
