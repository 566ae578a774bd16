"""The decision itself, by the table of cases in tests/data/decisions/can-i-deploy.txt."""

import pytest
from support.decision_cases import read
from support.decision_model import Model

from broker.domain.decisions.can_i_deploy import can_i_deploy

CASES = read()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_can_i_deploy(case):
    model = Model()
    for verb, words in case.events:
        getattr(model, verb)(*words)

    situation = model.situation(case.question)
    decision = can_i_deploy(case.question, situation, every_version_counts=not case.one_is_enough)

    assert decision.deployable is case.deployable
    assert case.counts == {
        "successful": decision.success,
        "failed": decision.failed,
        "unknown": decision.unknown,
        "ignored": len(decision.ignored),
    }
    assert [reason.text for reason in decision.reasons] == case.reasons


def test_the_table_is_read_to_its_end():
    assert len(CASES) >= 120
    assert all(case.reasons for case in CASES)
    assert len({case.title for case in CASES}) == len(CASES)
