"""The same table of cases as for the pure decision, through the API, on both databases."""

import pytest
from support.decision_cases import read
from support.decisions_over_http import Api, happen, matrix_query, short_query

from broker.app import create_app
from broker.settings import Settings

CASES = read()
SHORT = [case for case in CASES if short_query(case)]


def decide(case, database, url):
    settings = Settings(unverified_in_environment_is_unknown=not case.one_is_enough)
    client = create_app(settings, database).test_client()
    happen(case, Api(client))
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.json


def check(answer, case):
    summary = answer["summary"]
    assert summary["deployable"] is case.deployable
    assert case.counts == {
        "successful": summary["success"],
        "failed": summary["failed"],
        "unknown": summary["unknown"],
        "ignored": summary.get("ignored", 0),
    }
    assert ("ignored" in summary) == bool(case.ignored)
    assert summary["reason"] == "\n".join(case.reasons)
    reasons = [notice["text"] for notice in answer["notices"] if notice["type"] != "prompt"]
    assert reasons == case.reasons


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_matrix_answers(case, database):
    check(decide(case, database, "/matrix?" + matrix_query(case)), case)


@pytest.mark.parametrize("case", SHORT, ids=lambda case: case.title)
def test_can_i_deploy_answers(case, database):
    check(decide(case, database, "/can-i-deploy?" + short_query(case)), case)


def test_most_cases_can_be_asked_shortly():
    assert len(SHORT) >= 45
