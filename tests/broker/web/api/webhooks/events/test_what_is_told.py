"""What webhooks are told (reference §10.4)."""

import pytest
from support.contract_events import provider_version, publish, verify
from support.factories import a_verification_result

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def test_what_is_told_of_a_pact(broker, fired):
    broker.put("/pacticipants/Shop/labels/team-a", json={})
    publish(broker, "1", branch="feat/x", tags=["dev", "test"], buildUrl="https://ci/1")

    [(_, told), _] = fired()

    pact = told.pop("pactUrl")
    assert broker.get(pact).json["consumer"] == {"name": "Shop"}
    assert told == {
        "eventName": "contract_published",
        "consumerName": "Shop",
        "providerName": "Orders",
        "consumerVersionNumber": "1",
        "consumerVersionTags": "dev, test",
        "consumerVersionBranch": "feat/x",
        "consumerLabels": "team-a",
        "providerLabels": "",
        "providerVersionNumber": "",
        "providerVersionTags": "",
        "providerVersionBranch": "",
        "providerVersionDescriptions": "",
        "githubVerificationStatus": "pending",
        "bitbucketVerificationStatus": "INPROGRESS",
        "gitlabVerificationStatus": "pending",
        "azureDevOpsVerificationStatus": "pending",
        "verificationResultUrl": "",
        "serviceContractUrl": "",
        "comparisonUrl": "",
        "qualityGate": "",
        "qualityGateValue": "",
        "qualityGateUrl": "",
        "auditEntry": "",
        "auditEntryUuid": "",
        "auditEntryAt": "",
        "auditActor": "",
        "auditAction": "",
        "auditSubject": "",
        "auditOutcome": "",
        "buildUrl": "https://ci/1",
    }


def test_what_is_told_of_a_result(broker, fired):
    publish(broker)
    provider_version(broker, "7", "trunk")
    fired()

    result = verify(broker, "7", success=False, buildUrl="https://ci/7")

    [(_, told), _] = fired()
    assert told["verificationResultUrl"] == result["_links"]["self"]["href"]
    assert (told["providerVersionNumber"], told["providerVersionBranch"]) == ("7", "trunk")
    assert told["consumerVersionNumber"] == "1"
    assert told["buildUrl"] == "https://ci/7"
    assert told["githubVerificationStatus"] == "failure"
    assert told["bitbucketVerificationStatus"] == "FAILED"
    assert told["gitlabVerificationStatus"] == "failed"
    assert told["azureDevOpsVerificationStatus"] == "failed"


def test_a_pact_with_a_result_tells_it_the_main_branch_first(broker, fired):
    publish(broker)
    provider_version(broker, "7", "main")
    verify(broker, "7", success=True)
    provider_version(broker, "8", "feature")
    verify(broker, "8", success=False)
    fired()

    publish(broker, "2")

    [(_, told)] = fired()
    assert told["githubVerificationStatus"] == "success"
    assert told["providerVersionNumber"] == "7"
    assert told["verificationResultUrl"]


def test_a_result_that_is_posted_from_a_webhook_is_work_in_progress(broker, fired):
    publish(broker)
    [(_, told), _] = fired()
    pact = broker.get(told["pactUrl"]).json

    posted = broker.post(
        pact["_links"]["pb:publish-verification-results"]["href"], json=a_verification_result()
    )

    assert posted.status_code == 201
    assert "/metadata/" in told["pactUrl"]
