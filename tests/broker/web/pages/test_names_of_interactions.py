"""Verifiers may tell of interactions by their ids alone; people read their descriptions."""

import pytest
from support.factories import a_pact, a_verification_result, an_interaction

MISMATCH = {"attribute": "body", "identifier": "$.id", "description": "Expected 1 but was 2"}


@pytest.fixture
def _failed(publish, broker):
    published = publish(a_pact(an_interaction("a tea")), branch="main")
    failed = {
        "interactionId": published["interactions"][0]["_id"],
        "success": False,
        "mismatches": [MISMATCH],
    }
    url = published["_links"]["pb:publish-verification-results"]["href"]
    answer = broker.post(url, json=a_verification_result("o1", success=False, testResults=[failed]))
    assert answer.status_code == 201, answer.text


@pytest.mark.usefixtures("_failed")
@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_the_overview_says_which_interaction_failed(visit):
    assert "1 of 1 interaction: a tea" in visit("/").text


@pytest.mark.usefixtures("_failed")
@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_decision_says_which_interaction_failed(broker):
    query = "?q[][pacticipant]=Shop&q[][version]=1&q[][pacticipant]=Orders&q[][version]=o1"

    answer = broker.get(f"/matrix{query}").json

    (obstacle,) = answer["tally:explanation"]
    assert "a tea" in str(obstacle)
