"""The rule for a pact and a version of its provider that has a service contract, case by case."""

from itertools import product

import pytest
from support.factories import NOON

from broker.domain.decisions.evidence import (
    ComparisonMade,
    ComparisonVerdict,
    DocumentEvidence,
    Doubt,
    Judgement,
    Kind,
    PairEvidence,
    judge,
)
from broker.domain.service_contracts.policy import Evidence

REPLAYS = (True, False, None)
COMPARISONS = (*ComparisonVerdict, None)
DOCUMENTS = tuple(product((True, False, None), repeat=2))
EVERYTHING = list(product(REPLAYS, COMPARISONS, DOCUMENTS, Evidence))


def judged(replayed, verdict, documents, policy):
    comparison = verdict and ComparisonMade(1, verdict, NOON)
    found = tuple(
        DocumentEvidence(f"document {number}", "openapi", "0", success)
        for number, success in enumerate(documents)
    )
    return judge(replayed, PairEvidence(policy, comparison, found))


def test_whatever_failed_fails():
    for replayed, verdict, documents, policy in EVERYTHING:
        if replayed is False or verdict is ComparisonVerdict.INCOMPATIBLE:
            assert judged(replayed, verdict, documents, policy).success is False
        elif replayed is None and False in documents:
            found = judged(replayed, verdict, documents, policy)
            assert found == Judgement(success=False, kind=Kind.COMPARED, doubt=Doubt.NOT_KEPT)


def test_a_replay_that_passed_passes_unless_the_comparison_failed():
    for _, verdict, documents, policy in EVERYTHING:
        found = judged(True, verdict, documents, policy)  # noqa: FBT003 - the result of the replay
        assert found.success is (verdict is not ComparisonVerdict.INCOMPATIBLE)


def test_without_a_replay_only_a_comparison_that_passed_is_a_yes():
    for _, verdict, documents, policy in EVERYTHING:
        found = judged(None, verdict, documents, policy)
        if found.success:
            assert (found.kind, verdict) == (Kind.COMPARED, ComparisonVerdict.COMPATIBLE)
            assert False not in documents
            assert policy is Evidence.PROMISE or (policy is Evidence.COMPARED and all(documents))


@pytest.mark.parametrize(
    ("verdict", "documents", "policy", "expected"),
    [
        ("compatible", [True], "compared", Judgement(success=True, kind=Kind.COMPARED)),
        ("compatible", [True, True], "compared", Judgement(success=True, kind=Kind.COMPARED)),
        ("compatible", [True, None], "compared", Judgement(None, doubt=Doubt.PROMISED)),
        ("compatible", [None], "promise", Judgement(True, Kind.COMPARED, Doubt.PROMISED)),  # noqa: FBT003 - the verdict
        ("compatible", [True], "promise", Judgement(success=True, kind=Kind.COMPARED)),
        ("compatible", [True], "replay", Judgement(None, doubt=Doubt.REPLAY_ASKED)),
        ("unknown", [True], "compared", Judgement(None, doubt=Doubt.UNDECIDED)),
        (None, [True], "compared", Judgement(None, doubt=Doubt.NOT_COMPARED)),
        (None, [True], "promise", Judgement(None, doubt=Doubt.NOT_COMPARED)),
        ("compatible", [], "compared", Judgement(None, doubt=Doubt.PROMISED)),
    ],
)
def test_what_decides_without_a_replay_and_without_failures(verdict, documents, policy, expected):
    compared = ComparisonVerdict(verdict) if verdict else None

    assert judged(None, compared, documents, Evidence(policy)) == expected
