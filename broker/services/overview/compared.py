"""The status of pacts where providers have service contracts: as decisions are, with the newest documents."""

from collections.abc import Sequence
from dataclasses import replace

from broker.domain.decisions.evidence import Kind, judge
from broker.domain.overview.summaries import IntegrationSummary, ResultSummary
from broker.storage.overview.compared import NewestComparison
from broker.storage.storage import Storage


def with_comparisons(
    storage: Storage, integrations: Sequence[IntegrationSummary]
) -> list[IntegrationSummary]:
    """Return the integrations with what the comparisons of their latest pacts say: one statement."""
    pacts = {(found.consumer, found.provider, found.pact.sha): found for found in integrations if found.pact}
    compared = storage.compared_pacts.newest(pacts.keys())
    results = {
        (consumer, provider): decided(pacts[consumer, provider, sha].result, found)
        for (consumer, provider, sha), found in compared.items()
        if (consumer, provider, sha) in pacts
    }
    return [
        replace(found, result=results.get((found.consumer, found.provider), found.result))
        for found in integrations
    ]


def decided(replayed: ResultSummary | None, found: NewestComparison) -> ResultSummary | None:
    """Return what decides about a pact: a replay, or the comparison as a result of the provider's version."""
    judgement = judge(None if replayed is None else replayed.success, found.evidence)
    if judgement.kind is not Kind.COMPARED or judgement.success is None:
        return replayed
    return ResultSummary(
        found.version, found.branch, judgement.success, pending=False, verified_at=found.compared_at
    )
