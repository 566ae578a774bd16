"""The relations of every document: exactly the Pact Broker's (reference §4), and ours with our prefix."""

import pytest
from support import databases
from support.difficult_names import PLAIN
from support.factories import a_pact, a_publication
from support.surveyed_broker import SurveyedBroker

from broker.storage.database import Database

PAIR = "/pacts/provider/Orders/consumer/Shop"
VERSION = {
    "self",
    "pb:pacticipant",
    "pb:tag",
    "pb:latest-verification-results-where-pacticipant-is-consumer",
    "pb:pact-versions",
    "pb:deployed-environments",
    "pb:released-environments",
}
SINGLE_VERSION = VERSION | {"pb:record-deployment", "pb:record-release"}
VERSIONS = {"self", "pb:pacticipant", "pb:versions", "pacticipant", "versions"}
PACTICIPANT = {
    "self",
    "pb:versions",
    "versions",
    "pb:branches",
    "pb:version",
    "pb:version-tag",
    "pb:branch-version",
    "pb:label",
    "pb:can-i-deploy-badge",
    "pb:can-i-deploy-branch-to-environment-badge",
}
PACTICIPANTS = {"self", "pb:pacticipants-with-label", "pb:pacticipants", "pacticipants"}
PACT = {
    "self",
    "pb:consumer",
    "pb:provider",
    "pb:consumer-version",
    "pb:pact-version",
    "pb:latest-pact-version",
    "pb:all-pact-versions",
    "pb:latest-untagged-pact-version",
    "pb:latest-tagged-pact-version",
    "pb:previous-distinct",
    "pb:diff-previous-distinct",
    "pb:diff",
    "pb:pact-webhooks",
    "pb:consumer-webhooks",
    "pb:provider-webhooks",  # reference §16, 4
    "pb:tag-prod-version",
    "pb:tag-version",
    "pb:publish-verification-results",
    "pb:latest-verification-results",
    "pb:triggered-webhooks",
    "pb:matrix-for-consumer-version",
}
PACTS = {"self", "consumer", "provider", "pact-versions"}
PROVIDER_PACTS = {"self", "pb:provider", "pb:pacts", "provider", "pacts"}
RESULT = {"self", "pb:pact-version", "pb:triggered-webhooks"}
ENVIRONMENT = {
    "self",
    "pb:currently-deployed-deployed-versions",
    "pb:currently-supported-released-versions",
    "pb:environments",
}
WEBHOOKS = {"self", "pb:create", "pb:webhooks"}
WEBHOOK = {"self", "pb:execute", "pb:consumer", "pb:provider", "pb:pact-webhooks", "pb:webhooks"}
TRIGGERED = {"self", "pb:logs", "logs", "pb:webhook"}
# Path -> the relations of the document, and of what it embeds, by the keys that lead there.
DOCUMENTS = {
    "/pacticipants": {"": PACTICIPANTS, "pacticipants": PACTICIPANT},
    "/pacticipants/label/team": {"": PACTICIPANTS, "pacticipants": PACTICIPANT},
    "/pacticipants/Shop": {
        "": PACTICIPANT | {"pb:deployed-environments"},
        "latestVersion": {"self"},
        "latest-version": {"self"},
        "labels": {"self"},
    },
    "/pacticipants/Shop/labels/team": {"": {"self", "pacticipant"}},
    "/labels": {"": {"self"}},
    "/pacticipants/Shop/versions": {
        "": VERSIONS,
        "versions": VERSION,
        "versions.branches": {"self"},
        "versions.branchVersions": {"self"},
        "versions.tags": {"self"},
    },
    "/pacticipants/Shop/branches/main/versions": {"": VERSIONS, "versions": VERSION},
    "/pacticipants/Shop/tags/test/versions": {"": VERSIONS, "versions": VERSION},
    "/pacticipants/Shop/environments/{environment}/versions": {"": VERSIONS, "versions": VERSION},
    "/pacticipants/Shop/versions/1.0": {"": SINGLE_VERSION, "tags": {"self"}},
    "/pacticipants/Shop/latest-version": {"": SINGLE_VERSION},
    "/pacticipants/Shop/latest-version/test": {"": SINGLE_VERSION},
    "/pacticipants/Shop/branches/main/latest-version": {"": SINGLE_VERSION},
    "/pacticipants/Shop/branches": {"": {"self", "pb:branches"}, "branches": {"self", "pb:latest-version"}},
    "/pacticipants/Shop/branches/main": {"": {"self", "pb:latest-version"}},
    "/pacticipants/Shop/branches/main/versions/1.0": {"": {"self", "pb:branch", "pb:version"}},
    "/pacticipants/Shop/versions/1.0/tags/test": {"": {"self", "version", "pacticipant"}},
    f"{PAIR}/version/1.0": {"": PACT},
    f"{PAIR}/pact-version/{{sha}}": {"": PACT},
    f"{PAIR}/pact-version/{{sha}}/metadata/Y3ZuPTEuMA": {"": PACT | {"pb:consumer-versions"}},
    f"{PAIR}/latest": {"": PACT},
    f"{PAIR}/latest/test": {"": PACT},
    f"{PAIR}/latest-untagged": {"": PACT},
    f"{PAIR}/branch/main/latest": {"": PACT},
    f"{PAIR}/version/1.0/previous-distinct": {"": PACT},
    f"{PAIR}/versions": {"": PACTS, "pacts": {"self"}, "pacts.consumerVersion": {"self"}},
    f"{PAIR}/branch/main": {"": PACTS},
    f"{PAIR}/branch/versions": {"": PACTS},
    f"{PAIR}/branch/latest/versions": {"": PACTS},
    f"{PAIR}/branch/main/latest/versions": {"": PACTS},
    f"{PAIR}/tag/test": {"": {"self", "pb:consumer", "pb:provider", "pb:pact-versions"}},
    "/pacts/latest": {"": {"self", "pb:pacts", "pacts"}},
    "/pacts/provider/Orders": {"": PROVIDER_PACTS},
    "/pacts/provider/Orders/tag/test": {"": PROVIDER_PACTS},
    "/pacts/provider/Orders/latest": {"": PROVIDER_PACTS},
    "/pacts/provider/Orders/latest/test": {"": PROVIDER_PACTS},
    "/pacts/provider/Orders/branch": {"": PROVIDER_PACTS},
    "/pacts/provider/Orders/branch/main": {"": PROVIDER_PACTS},
    "/pacts/provider/Orders/branch/latest": {"": PROVIDER_PACTS},
    "/pacts/provider/Orders/branch/main/latest": {"": PROVIDER_PACTS},
    "/pacts/provider/Orders/for-verification": {"": {"self"}, "pacts": {"self"}},
    f"{PAIR}/pact-version/{{sha}}/verification-results/1": {"": RESULT},
    f"{PAIR}/pact-version/{{sha}}/verification-results/latest": {"": RESULT},
    f"{PAIR}/latest/verification-results/latest": {"": RESULT},
    f"{PAIR}/version/1.0/verification-results/latest": {"": RESULT},
    "/verification-results/consumer/Shop/version/1.0/latest": {"": {"self"}, "verificationResults": RESULT},
    "/environments": {"": {"self", "pb:environments"}, "environments": ENVIRONMENT},
    "/environments/{environment}": {"": ENVIRONMENT},
    "/environments/{environment}/deployed-versions/currently-deployed": {
        "": {"self"},
        "deployedVersions": {"self"},
        "deployedVersions.pacticipant": {"self"},
        "deployedVersions.version": {"self"},
    },
    "/environments/{environment}/released-versions/currently-supported": {
        "": {"self"},
        "releasedVersions": {"self"},
        "releasedVersions.version": {"self"},
    },
    "/pacticipants/Shop/versions/1.0/deployed-versions/environment/{environment}": {
        "": {"self"},
        "deployedVersions": {"self"},
    },
    "/deployed-versions/{deployment}": {
        "": {"self"},
        "pacticipant": {"self"},
        "version": {"self"},
        "environment": {"self"},
    },
    "/released-versions/{release}": {"": {"self"}, "environment": {"self"}},
    "/integrations": {
        "": {"self"},
        "integrations": {"pb:dashboard", "pb:matrix", "pb:group", "pb:delete_integration"},
    },
    "/webhooks": {"": WEBHOOKS},
    "/webhooks/provider/Orders": {"": WEBHOOKS},
    "/webhooks/consumer/Shop": {"": WEBHOOKS},
    "/webhooks/provider/Orders/consumer/Shop": {"": WEBHOOKS},
    "/webhooks/{webhook}": {"": WEBHOOK},
    "/webhooks/a-webhook-for-labels": {
        "": {"self", "pb:execute", "pb:consumers", "pb:providers", "pb:webhooks"}
    },
    f"{PAIR}/version/1.0/triggered-webhooks": {"": {"self"}, "triggeredWebhooks": TRIGGERED},
    f"{PAIR}/webhooks/status": {
        "": {"self", "pb:error-logs", "pb:pact-webhooks", "pb:pact-version", "pb:consumer", "pb:provider"},
        "triggeredWebhooks": TRIGGERED,
    },
    "/triggered-webhooks/{triggered}/logs": {"": {"self", "pb:webhook"}},
    "/metrics": {"": {"self"}},
    "/health/live": {"": {"self"}},
    "/health/ready": {"": {"self"}},
    "/diagnostic/status/heartbeat": {"": {"self"}},
    "/diagnostic/status/dependencies": {"": {"self"}},
}


@pytest.fixture(scope="module")
def broker():
    with databases.new_sqlite() as url:
        database = Database(url)
        yield SurveyedBroker(database, PLAIN)
        database.close()


def read(broker, path):
    return broker.app.test_client().get(
        path.format_map(vars(broker.world)), headers={"Accept": "application/hal+json"}
    )


def relations(document):
    return {name for name in document["_links"] if name != "curies" and not name.startswith("tally:")}


def embedded(document, keys):
    for key in filter(None, keys.split(".")):
        found = document["_embedded"][key]
        document = found[0] if isinstance(found, list) else found
    return document


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_has_the_relations_of_the_pact_brokers(broker, path):
    document = read(broker, path).json

    found = {keys: relations(embedded(document, keys)) for keys in DOCUMENTS[path]}

    assert found == DOCUMENTS[path]


def test_the_answer_to_a_publication_has_the_relations_of_the_pact_brokers(broker):
    # Of another pair: what the other tests read stays as it is, in whatever order they run.
    body = a_publication(a_pact(consumer="Till", provider="Prices"), tags=["a"])

    published = broker.app.test_client().post("/contracts/publish", json=body).json

    assert relations(published) == {
        "pb:pacticipant",
        "pb:pacticipant-version",
        "pb:pacticipant-version-tags",
        "pb:contracts",
    }
