"""What fires when, and what webhooks are told (reference §10.2 to §10.5)."""

import orjson
import pytest
from factories import a_pact, a_publication, a_verification_result, an_interaction
from sqlalchemy import select

from broker.app import create_app
from broker.settings import Settings
from broker.storage.tables import triggered_webhooks
from tally.hashing import content_hash

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
EVENTS = (
    "contract_published",
    "contract_content_changed",
    "contract_requiring_verification_published",
    "provider_verification_published",
    "provider_verification_succeeded",
    "provider_verification_failed",
)


@pytest.fixture
def broker(database):
    """A client of a broker with one webhook for all events, that nobody sends."""
    client = create_app(Settings(allow_dangerous_contract_modification=True), database).test_client()
    hook = {"events": [{"name": name} for name in EVENTS], "request": {"url": "https://ci.example.org"}}
    assert client.post("/webhooks", json=hook).status_code == 201
    return client


@pytest.fixture
def fired(database):
    """Return the events since the last call, with their parameters."""
    seen = [0]

    def since() -> list[tuple[str, dict[str, str]]]:
        table = triggered_webhooks.c
        statement = select(table.id, table.event, table.parameters).order_by(table.id)
        with database.connection() as connection:
            rows = connection.execute(statement.where(table.id > seen[0])).all()
        seen[0] = rows[-1].id if rows else seen[0]
        return [(row.event, orjson.loads(row.parameters)) for row in rows]

    return since


def names(found):
    return [event for event, _ in found]


def publish(broker, version="1", *pacts, **changes):
    answer = broker.post("/contracts/publish", json=a_publication(*pacts, version=version, **changes))
    assert answer.status_code == 200, answer.text
    return answer.json


def verify(broker, version="7", *, success=True, metadata="", **changes):
    sha = content_hash(a_pact())
    segment = f"/metadata/{metadata}" if metadata else ""
    answer = broker.post(
        f"/pacts/provider/Orders/consumer/Shop/pact-version/{sha}{segment}/verification-results",
        json=a_verification_result(version, success=success, **changes),
    )
    assert answer.status_code == 201, answer.text
    return answer.json


def provider_version(broker, number, branch="main"):
    assert broker.put(f"/pacticipants/Orders/branches/{branch}/versions/{number}", json={}).status_code == 201


def deploy(broker, number, environment="production", kind="deployed-versions"):
    version = broker.get(f"/pacticipants/Orders/versions/{number}").json
    relation = "pb:record-deployment" if kind == "deployed-versions" else "pb:record-release"
    [link] = [item for item in version["_links"][relation] if item["name"] == environment]
    assert broker.post(link["href"], json={}).status_code == 201


def test_a_new_pact_is_published_and_changed(broker, fired):
    publish(broker)

    assert names(fired()) == ["contract_published", "contract_content_changed"]


def test_the_same_content_for_another_version_has_not_changed(broker, fired):
    publish(broker)
    fired()

    publish(broker, "2")

    assert names(fired()) == ["contract_published"]


def test_the_same_publication_again_is_only_published(broker, fired):
    publish(broker)
    fired()

    publish(broker)

    assert names(fired()) == ["contract_published"]


def test_other_content_has_changed_overwritten_too(broker, fired):
    publish(broker)
    fired()
    other = a_pact(an_interaction("other"))

    publish(broker, "2", other)
    publish(broker, "1", other)

    assert names(fired()) == ["contract_published", "contract_content_changed"] * 2


def test_known_content_with_a_new_tag_has_changed(broker, fired):
    publish(broker, "1", tags=["dev"])
    publish(broker, "2", tags=["dev"])
    fired()

    publish(broker, "3", tags=["dev", "feature"])
    publish(broker, "4", tags=["dev", "feature"])

    assert names(fired()) == ["contract_published", "contract_content_changed", "contract_published"]


def test_versions_without_tags_are_compared_with_versions_without_tags(broker, fired):
    publish(broker, "1")
    publish(broker, "2", a_pact(an_interaction("other")), tags=["dev"])
    fired()

    publish(broker, "3")

    assert names(fired()) == ["contract_published"]


def test_a_pact_put_alone_fires_as_well(broker, fired):
    broker.put("/pacts/provider/Orders/consumer/Shop/version/1", json=a_pact())

    assert names(fired()) == ["contract_published", "contract_content_changed"]


def test_each_provider_version_that_counts_is_told_once(broker, fired):
    publish(broker, "0", a_pact(an_interaction("old")))
    for number in ("1", "2", "3"):
        provider_version(broker, number)
    deploy(broker, "1")
    deploy(broker, "3", "test")
    deploy(broker, "2", kind="released-versions")
    fired()

    publish(broker, "1")

    found = fired()
    assert names(found) == [
        "contract_published",
        *["contract_requiring_verification_published"] * 3,
        "contract_content_changed",
    ]
    told = [
        (item["providerVersionNumber"], item["providerVersionDescriptions"], item["providerVersionBranch"])
        for event, item in found
        if event == "contract_requiring_verification_published"
    ]
    assert told == [
        ("3", "latest from main branch, deployed in test", "main"),
        ("1", "deployed in production", "main"),
        ("2", "released in production", "main"),
    ]


@pytest.mark.parametrize("success", [True, False])
def test_a_provider_version_with_a_result_needs_no_other(broker, fired, success):
    publish(broker)
    provider_version(broker, "7")
    verify(broker, "7", success=success)
    fired()

    publish(broker, "2")

    assert names(fired()) == ["contract_published"]


def test_a_result_is_published_and_succeeds_or_fails(broker, fired):
    publish(broker)
    fired()

    verify(broker)
    verify(broker, success=False)

    assert names(fired()) == [
        "provider_verification_published",
        "provider_verification_succeeded",
        "provider_verification_published",
        "provider_verification_failed",
    ]


def test_a_result_is_told_for_each_consumer_version_it_was_made_for(broker, fired):
    publish(broker, "1", tags=["dev"])
    publish(broker, "2", tags=["prod"])
    fired()
    segment = "c1tdW2N2bl09MSZzW11bY3ZuXT0yJnNbXVtjdm5dPTI"  # s[][cvn]=1&s[][cvn]=2&s[][cvn]=2

    verify(broker, metadata=segment)

    told = [(event, item["consumerVersionNumber"], item["consumerVersionTags"]) for event, item in fired()]
    assert told == [
        (event, number, tag)
        for event in ("provider_verification_published", "provider_verification_succeeded")
        for number, tag in (("2", "prod"), ("1", "dev"))
    ]


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


NAMES_DEPLOYED = {
    "events": [{"name": "contract_published"}, {"name": "provider_verification_published"}],
    "request": {"url": "https://ci.example.org/${pactbroker.currentlyDeployedProviderVersionNumber}"},
}


def test_a_webhook_that_names_what_is_deployed_fires_once_for_each_deployed_version(broker, fired):
    [link] = broker.get("/webhooks").json["_links"]["pb:webhooks"]
    broker.put(link["href"], json=NAMES_DEPLOYED)
    publish(broker, "0")
    for number in ("6", "7"):
        provider_version(broker, number)
        deploy(broker, number, "production" if number == "6" else "test")
    assert fired() == [], "nothing was deployed when the pact was published"

    publish(broker)
    verify(broker, "7")

    told = [(event, item["currentlyDeployedProviderVersionNumber"]) for event, item in fired()]
    assert told == [
        (event, number)
        for event in ("contract_published", "provider_verification_published")
        for number in ("6", "7")
    ]
    shown = broker.post(link["href"] + "/execute?dryRun=true").json
    assert shown["request"]["url"] == "/6"


def test_a_disabled_webhook_and_one_for_others_do_not_fire(database, fired):
    broker = create_app(Settings(), database).test_client()
    publish(broker, "0")
    hook = {"events": [{"name": name} for name in EVENTS], "request": {"url": "https://ci.example.org"}}
    broker.post("/webhooks", json={**hook, "enabled": False})
    broker.post("/webhooks/provider/Shop", json=hook)

    publish(broker)

    assert fired() == []


def test_notices_say_which_webhooks_were_triggered(broker):
    notices = [item["text"].strip() for item in publish(broker)["notices"]]

    assert any(text.startswith("Events: contract_published (") for text in notices)
    lines = [text for text in notices if text.startswith('Webhook "POST ci.example.org" triggered by')]
    assert len(lines) == 2
    log = broker.get(lines[0].split()[-1], headers={"Accept": "text/plain"})
    assert log.text == "The webhook has not been executed yet.\n"


def test_notices_say_that_no_webhook_was_triggered(broker):
    [link] = broker.get("/webhooks").json["_links"]["pb:webhooks"]
    broker.put(link["href"], json={"request": {"url": "https://ci.example.org"}})
    publish(broker)

    notices = [item["text"].strip() for item in publish(broker)["notices"]]

    assert "There are webhooks for this pact, but none for these events" in notices


def test_what_was_triggered_is_listed_by_pact_by_result_and_by_webhook(broker):
    publish(broker)
    result = verify(broker)
    pact = broker.get("/pacts/provider/Orders/consumer/Shop/version/1").json
    [webhook] = broker.get("/webhooks").json["_links"]["pb:webhooks"]

    of_pact = broker.get(pact["_links"]["pb:triggered-webhooks"]["href"]).json
    of_result = broker.get(result["_links"]["pb:triggered-webhooks"]["href"]).json
    of_webhook = broker.get(webhook["href"] + "/triggered-webhooks").json

    events = [
        [item["eventName"] for item in found["_embedded"]["triggeredWebhooks"]]
        for found in (of_pact, of_result, of_webhook)
    ]
    verification = ["provider_verification_succeeded", "provider_verification_published"]
    publication = ["contract_content_changed", "contract_published"]
    assert events == [verification + publication, verification, verification + publication]
    assert of_pact["_embedded"]["triggeredWebhooks"][0]["attemptsRemaining"] == 7


def test_the_status_counts_the_newest_of_each_webhook_and_event(broker):
    publish(broker)
    publish(broker, "2")

    status = broker.get("/pacts/provider/Orders/consumer/Shop/webhooks/status").json

    assert status["summary"] == {"successful": 0, "failed": 0, "notRun": 2}
    assert len(status["_embedded"]["triggeredWebhooks"]) == 2
    assert status["_links"]["pb:error-logs"] == []
    assert status["_links"]["pb:pact-version"]["href"].endswith("/version/2")


def test_logs_are_text_or_hal(broker):
    publish(broker)
    status = broker.get("/pacts/provider/Orders/consumer/Shop/webhooks/status").json
    logs = status["_embedded"]["triggeredWebhooks"][0]["_links"]["pb:logs"]["href"]

    hal = broker.get(logs, headers={"Accept": "application/hal+json"})

    assert (hal.json["consumerName"], hal.json["providerName"], hal.json["executions"]) == (
        "Shop",
        "Orders",
        [],
    )
    assert broker.get(logs).mimetype == "text/plain"
    assert broker.get("/triggered-webhooks/no/logs").status_code == 404


def test_an_unfinished_delivery_cannot_be_sent_again(broker):
    publish(broker)
    status = broker.get("/pacts/provider/Orders/consumer/Shop/webhooks/status").json
    itself = status["_embedded"]["triggeredWebhooks"][0]["_links"]["self"]["href"]

    answer = broker.post(itself + "/redeliver")

    assert answer.status_code == 422
