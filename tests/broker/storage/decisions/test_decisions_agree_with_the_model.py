"""The storage finds, in random worlds, exactly what a model of a few lines finds."""

import pytest
from hypothesis import given
from support.databases import NEW_DATABASE
from support.decision_worlds import QUESTIONS, possible
from support.decisions_over_http import Api, happen, matrix_query
from support.searching import search

from broker.app import create_app
from broker.domain.decisions.can_i_deploy import can_i_deploy
from broker.settings.settings import Settings
from broker.storage.database import Database


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@given(case=QUESTIONS)
@search(30, is_fixed=True)
def test_the_broker_decides_as_the_model_does(kind, case):
    model = possible(case)
    situation = model.situation(case.question)
    expected = can_i_deploy(case.question, situation, every_version_counts=not case.one_is_enough)

    with NEW_DATABASE[kind]() as url:
        answer = ask(url, case)

    summary = answer["summary"]
    assert summary["deployable"] is expected.deployable
    assert (summary["success"], summary["failed"]) == (expected.success, expected.failed)
    assert summary["unknown"] == expected.unknown
    assert summary["reason"].splitlines() == [reason.text for reason in expected.reasons]
    assert [told(row) for row in answer["matrix"]] == [
        *(in_short(row, ignored=False) for row in expected.considered),
        *(in_short(row, ignored=True) for row in expected.ignored),
    ]


def ask(url, case):
    database = Database(url)
    every_version_counts = not case.one_is_enough
    app = create_app(Settings(unverified_in_environment_is_unknown=every_version_counts), database)
    client = app.test_client()
    happen(case, Api(client))
    answer = client.get("/matrix?" + matrix_query(case))
    database.close()
    assert answer.status_code == 200, answer.text
    return answer.json


def told(row):
    provider_version, result = row["provider"]["version"], row["verificationResult"]
    return (
        row["consumer"]["name"],
        row["consumer"]["version"]["number"],
        row["provider"]["name"],
        provider_version and provider_version["number"],
        result and result["success"],
        row.get("ignored", False),
    )


def in_short(row, *, ignored):
    return (
        row.consumer,
        row.consumer_version.number,
        row.provider,
        row.provider_version and row.provider_version.number,
        row.verdict.value,
        ignored,
    )
