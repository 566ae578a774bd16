"""How much there is; and an error on purpose."""

import pytest
from support.factories import a_message_pact, a_pact, a_publication, a_verification_result, an_interaction
from support.sql_statements import sql_statements


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_an_empty_broker_counts_nothing(broker):
    answer = broker.get(broker.get("/").json["_links"]["pb:metrics"]["href"])

    counts = answer.json
    assert counts["pacticipants"] == {"count": 0, "withMainBranchSetCount": 0}
    assert counts["pactPublications"] == {"count": 0, "first": None, "last": None}
    assert counts["interactions"]["latestInteractionsAndMessagesCount"] == 0
    assert counts["environments"] == {"count": 2}
    assert counts["matrix"] == {"count": -1}


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_everything_is_counted(broker):
    for version, interactions in (("1", ["a"]), ("2", ["a", "b"]), ("3", ["a", "b"])):
        pact = a_pact(*map(an_interaction, interactions))
        broker.post("/contracts/publish", json=a_publication(pact, version=version, tags=["dev"]))
        broker.put(f"/pacticipants/Shop/versions/{version}/tags/production", json={})
    broker.post("/contracts/publish", json=a_publication(a_message_pact(consumer="Mail"), branch=None))
    latest = broker.get("/pacts/provider/Orders/consumer/Shop/latest").json
    for version, success in (("7", False), ("7", True), ("8", True)):
        url = latest["_links"]["pb:publish-verification-results"]["href"]
        broker.post(url, json=a_verification_result(version, success=success))

    counts = broker.get("/metrics").json

    assert counts["interactions"] == {
        "latestInteractionsCount": 2,
        "latestMessagesCount": 1,
        "latestInteractionsAndMessagesCount": 3,
    }
    assert counts["pacticipants"] == {"count": 3, "withMainBranchSetCount": 1}
    assert counts["integrations"] == {"count": 2}
    assert counts["pactVersions"] == {"count": 3}
    assert counts["pactPublications"]["count"] == 4
    assert counts["pactPublications"]["first"] <= counts["pactPublications"]["last"]
    assert counts["pactRevisionsPerConsumerVersion"] == {"distribution": {"1": 4}}
    results = counts["verificationResults"]
    assert (results["count"], results["successCount"], results["failureCount"]) == (3, 2, 1)
    assert results["distinctCount"] == 2
    assert counts["verificationResultsPerPactVersion"] == {"distribution": {"3": 1}}
    assert counts["pacticipantVersions"] == {
        "count": 6,
        "withUserCreatedBranchCount": 3,
        "withBranchCount": 3,
        "withBranchSetCount": 3,
    }
    assert counts["tags"] == {"count": 6, "distinctCount": 2, "distinctWithPacticipantCount": 2}
    assert counts["deployedVersions"] == {"count": 3, "userCreatedCount": 0, "currentlyDeployedCount": 1}
    assert counts["releasedVersions"] == {"count": 0, "currentlySupportedCount": 0}
    assert counts["webhooks"] == counts["triggeredWebhooks"] == counts["webhookExecutions"] == {"count": 0}


def test_counting_costs_four_statements(broker):
    with sql_statements() as seen:
        broker.get("/metrics")

    assert len(seen) == 4


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_error_can_be_asked_for_and_is_logged_with_its_reference(broker, caplog, method):
    answer = getattr(broker, method)("/test/error")

    assert answer.status_code == 500
    assert answer.json["error"]["reference"] in caplog.text
    assert "This error was requested" in caplog.text
    assert "This error was requested" not in answer.text
