"""What fires when (reference §10.2, §10.3)."""

import pytest
from support.contract_events import EVENTS, deploy, names, provider_version, publish, verify
from support.factories import a_pact, an_interaction

from broker.app import create_app
from broker.settings.settings import Settings

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


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


def test_a_tag_stands_for_a_main_branch_that_all_versions_left(broker, fired):
    publish(broker, "0", a_pact(an_interaction("old")))
    provider_version(broker, "1")
    broker.put("/pacticipants/Orders/versions/1/tags/main", json={})
    broker.delete("/pacticipants/Orders/branches/main/versions/1")
    fired()

    publish(broker, "1")

    [told] = [item for event, item in fired() if event == "contract_requiring_verification_published"]
    assert told["providerVersionNumber"] == "1"
    assert told["providerVersionDescriptions"] == "latest from main branch"


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
