"""An entry says of which thing it is, by names, and what was before and after where something was changed."""

import pytest
from support.accounts import accounts, bearer
from support.audit_logs import NOW
from support.factories import a_publication

from broker.app import create_app
from broker.settings.settings import Settings

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEYS = ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",)
WEBHOOK = {
    "description": "Verify Shop",
    "events": [{"name": "contract_published"}],
    "request": {
        "method": "POST",
        "url": "https://ci.example.org/build?key=canary",
        "headers": {"Authorization": "Bearer canary-canary-1"},
        "body": {"password": "canary"},
    },
}


@pytest.fixture
def broker(database):
    """A broker that keeps a log without accounts, with a pact of Checkout 1 and Shop."""
    settings = Settings(audit="always", secrets_key=KEYS)
    client = create_app(settings, database, clock=lambda: NOW).test_client()
    assert client.post("/contracts/publish", json=a_publication()).status_code == 200
    return client


def newest(client, **more):
    """The newest entry."""
    answer = client.get("/audit?sort=-timestamp&size=1", **more)
    return answer.json["_embedded"]["entries"][0]


def about(client, **more):
    """What the newest entry is about, and what was before and after."""
    entry = newest(client, **more)
    subject = entry["subject"]
    return (subject["kind"], subject["name"]), entry.get("before"), entry.get("after")


def asked(client, method, path, document=None):
    """Return what a request is answered, which must succeed."""
    kind = "application/merge-patch+json" if method == "PATCH" else None
    answer = client.open(path, method=method, json=document, content_type=kind)
    assert answer.status_code < 300, answer.text
    return answer


def test_a_publication_names_application_and_version(broker):
    publication = a_publication()
    subject = ("version", f"{publication['pacticipantName']} / {publication['pacticipantVersionNumber']}")

    found, _, after = about(broker)

    assert found == subject
    assert after["providers"] == [contract["providerName"] for contract in publication["contracts"]]


def test_a_gate_is_named_and_its_change_told(broker):
    wish = {"metric": "success_rate", "threshold": 95, "days": 30}
    made = asked(broker, "POST", "/gates", wish)
    created = about(broker)
    asked(broker, "PUT", made.headers["Location"], {**wish, "threshold": 90})
    changed = about(broker)
    asked(broker, "DELETE", made.headers["Location"])
    deleted = about(broker)

    assert created[0][0] == "gate"
    assert "95" in created[0][1]
    assert (created[1], created[2]["threshold"], created[2]["metric"]) == (None, 95, "success_rate")
    assert (changed[1]["threshold"], changed[2]["threshold"]) == (95, 90)
    assert (deleted[1]["threshold"], deleted[2]) == (90, None)


def test_the_change_of_a_policy_is_told(broker):
    path = "/pacticipants/Shop/service-contract-policy"
    asked(broker, "PUT", "/pacticipants/Shop", {"name": "Shop"})
    asked(broker, "PUT", path, {"incompatible": "refuse"})
    changed = about(broker)
    asked(broker, "DELETE", path)

    assert changed[0] == ("service_contract_policies", "Shop")
    assert (changed[1]["incompatible"], changed[2]["incompatible"]) == ("warn", "refuse")
    _, before, after = about(broker)
    assert (before["incompatible"], after["incompatible"]) == ("refuse", "warn")


def test_the_change_of_a_webhook_is_told_without_what_may_be_secret(broker):
    made = asked(broker, "POST", "/webhooks", WEBHOOK)
    created, uuid = newest(broker), made.headers["Location"].rpartition("/")[2]
    elsewhere = {**WEBHOOK["request"], "url": "https://other.example.org/"}
    asked(broker, "PUT", made.headers["Location"], {**WEBHOOK, "request": elsewhere})
    changed = newest(broker)
    asked(broker, "DELETE", made.headers["Location"])
    deleted = newest(broker)

    assert created["subject"] == {"kind": "webhook", "name": uuid}
    assert created["after"]["description"] == "Verify Shop"
    assert created["after"]["events"] == ["contract_published"]
    assert changed["before"]["url"] == "https://ci.example.org/build?**********"
    assert (changed["after"]["method"], changed["after"]["url"]) == ("POST", "https://other.example.org/")
    assert deleted["before"] == changed["after"]
    assert "canary" not in str([created, changed, deleted])


def test_what_is_deployed_and_no_longer_is_named(broker):
    publication = a_publication()
    place = (
        f"/pacticipants/{publication['pacticipantName']}/versions/{publication['pacticipantVersionNumber']}"
    )
    environment = broker.get("/environments").json["_embedded"]["environments"]
    uuid = next(each["uuid"] for each in environment if each["name"] == "test")
    subject = f"{publication['pacticipantName']} / {publication['pacticipantVersionNumber']} / test"

    for kind, field in (("deployed", "currentlyDeployed"), ("released", "currentlySupported")):
        made = asked(broker, "POST", f"{place}/{kind}-versions/environment/{uuid}")
        recorded = about(broker)
        asked(broker, "PATCH", made.headers["Location"], {field: False})

        assert recorded == ((f"{kind}_versions", subject), None, None)
        assert about(broker) == ((f"{kind}_versions", subject), {field: True}, {field: False})


def test_a_result_names_the_version_that_was_verified(broker):
    publication = a_publication()
    provider = publication["contracts"][0]["providerName"]
    pact = broker.get(f"/pacts/provider/{provider}/consumer/{publication['pacticipantName']}/latest").json
    result = {"success": True, "providerApplicationVersion": "7.1"}
    asked(broker, "POST", pact["_links"]["pb:publish-verification-results"]["href"], result)

    subject, _, after = about(broker)

    name = f"{publication['pacticipantName']} / {provider} / 7.1"
    assert subject == ("verification_results", name)
    assert after["success"] is True
    assert after["consumerVersions"] in ([], [publication["pacticipantVersionNumber"]])


def test_a_token_is_told_by_its_prefix(database):
    root = bearer(accounts(database, now=NOW).token("administrator", name="root"))
    client = create_app(Settings(), database, clock=lambda: NOW).test_client()
    made = client.post("/tokens", json={"name": "laptop"}, headers=root).json

    _, _, after = about(client, headers=root)

    assert made["token"].startswith(after["prefix"])
    assert len(after["prefix"]) == 15
    assert made["token"] not in str(after)


def test_an_entry_has_the_id_of_its_request(broker):
    broker.post("/pacticipants", json={"name": "Given"}, headers={"X-Request-Id": "abc-1"})
    given = newest(broker)["requestId"]
    broker.post("/pacticipants", json={"name": "Made"}, headers={"X-Request-Id": "<script>"})
    made = newest(broker)["requestId"]

    assert given == "abc-1"
    assert len(made) == 32
