"""The same table of cases as for the pure decision, through the API, on both databases."""

import pytest
from support.decision_cases import read
from support.decisions_over_http import Api, happen, matrix_query, short_query

from broker.app import create_app
from broker.settings.settings import Settings

CASES = read()


def urls(case):
    """Return where the case is asked: it can be asked shortly where it is one version's."""
    short = short_query(case)
    return ["/matrix?" + matrix_query(case), *(["/can-i-deploy?" + short] if short else [])]


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
def test_the_matrix_and_can_i_deploy_answer(case, database):
    settings = Settings(unverified_in_environment_is_unknown=not case.one_is_enough)
    client = create_app(settings, database).test_client()
    happen(case, Api(client))

    for url in urls(case):
        answer = client.get(url)

        assert answer.status_code == 200, answer.text
        check(answer.json, case)


def test_most_cases_can_be_asked_shortly():
    assert sum(len(urls(case)) == 2 for case in CASES) >= 45
