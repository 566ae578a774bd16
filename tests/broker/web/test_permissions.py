"""What a permission is asked for beside the names in a path, and what somebody is told who lacks one."""

import base64
import json

import pytest
from support.accounts import accounts, bearer
from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, a_verification_result
from support.filling_forms import Person

from broker.app import create_app
from broker.domain.verifications.url_metadata import Metadata, encode
from broker.settings.settings import Settings

WRITER, READER = "settings-token-1234", "settings-token-5678"
SETTINGS = {
    "api_tokens": (f"ci:write:{WRITER}", f"eyes:read:{READER}"),
    "webhook_host_whitelist": ("webhooks.invalid",),
}


@pytest.fixture
def world(database):
    """Two teams: payments has Shop and Orders, search has Finder. Shop 1 and 2 have different pacts."""
    client = create_app(Settings(**SETTINGS), database).test_client()
    for version, path in (("1", "/orders/1"), ("2", "/orders/2")):
        pact = a_pact()
        pact["interactions"][0]["request"]["path"] = path
        assert (
            client.post(
                "/contracts/publish", json=a_publication(pact, version=version), headers=bearer(WRITER)
            ).status_code
            == 200
        )
    client.post("/pacticipants", json={"name": "Finder"}, headers=bearer(WRITER))
    made = accounts(database)
    made.team("payments", "Shop", "Orders")
    made.team("search", "Finder")
    made.person("root", "administrator")
    return made


@pytest.fixture
def client(database, world):  # noqa: ARG001 - there are accounts before it starts
    return create_app(Settings(**SETTINGS), database).test_client()


def refusal(answer):
    assert answer.status_code == 403, answer.text
    return answer.json["error"]


def a_webhook(**criteria):
    return {
        "events": [{"name": "provider_verification_published"}],
        "request": {"method": "POST", "url": "https://webhooks.invalid/", "body": {}},
        **criteria,
    }


def a_service_contract(**changes):
    names = {"pacticipantName": "Orders", "pacticipantVersionNumber": "7", "content": an_openapi()}
    return {**names, **changes}


def test_a_refusal_names_the_permission_and_who_grants_it(client, world):
    token = world.token("publisher", team="search")

    said = refusal(client.put("/pacticipants/Shop", json={"displayName": "Ours"}, headers=bearer(token)))

    assert said == (
        "publisher-search may not do this: it needs the permission 'publish' for Shop. An administrator of "
        "the team payments can grant it."
    )


def test_what_no_team_owns_is_granted_by_an_administrator_of_the_broker(client, world):
    client.post("/pacticipants", json={"name": "Nobodys"}, headers=bearer(WRITER))

    answer = client.put(
        "/pacticipants/Nobodys", json={}, headers=bearer(world.token("publisher", team="search"))
    )

    assert "for Nobodys. An administrator of the broker can grant it" in refusal(answer)


def test_the_limits_of_a_token_are_named_as_such(client, world):
    token = world.token("publisher", team="payments", scopes=["read"])

    answer = client.put("/pacticipants/Shop", json={}, headers=bearer(token))

    assert "the permission 'publish'. This token has other scopes" in refusal(answer)


@pytest.mark.parametrize("on_conflict", ["overwrite", "merge"])
def test_the_consumer_in_the_body_of_a_publication_must_be_theirs(client, world, on_conflict):
    publication = a_publication(version="1", tags=["prod"], branch="main")
    publication["contracts"][0]["onConflict"] = on_conflict

    answer = client.post(
        "/contracts/publish", json=publication, headers=bearer(world.token("publisher", team="search"))
    )

    assert "'publish' for Shop" in refusal(answer)


def test_all_that_took_part_in_a_scenario_must_be_theirs(client, world):
    def publish(*names):
        participants = [{"pacticipantName": name, "pacticipantVersionNumber": "1"} for name in names]
        body = {"title": "buys", "success": True, "durationMs": 1, "participants": participants}
        return client.post("/scenario-results", json=body, headers=bearer(token))

    token = world.token("publisher", team="payments")

    assert publish("Shop", "Orders").status_code == 201
    assert "'verify' for Finder" in refusal(publish("Shop", "Finder"))
    assert client.get("/pacticipants/Finder/versions/1", headers=bearer(token)).status_code == 404


def test_a_publication_with_results_of_the_provider_needs_both_permissions(client, world):
    """Otherwise a token that is limited to publishing could say that its own tests passed."""
    token = world.token("publisher", team="payments", scopes=["publish"])
    contract = {"content": base64.b64encode(json.dumps(an_openapi()).encode()).decode()}
    contract |= {"contentType": "application/json", "specification": "oas"}
    results = {"success": True, "content": "YQ==", "contentType": "text/plain", "verifier": "tests"}

    def publish(**changes):
        body = {"pacticipantVersionNumber": "9", "branch": "main", "contract": {**contract, **changes}}
        return client.post("/provider-contracts/provider/Orders/publish", json=body, headers=bearer(token))

    assert "'verify' for Orders" in refusal(publish(selfVerificationResults=results))
    assert publish().status_code in {200, 201}


def test_an_administrator_with_a_token_for_one_application_changes_nothing_of_all(client, world):
    token = world.token("administrator", pacticipants=["Shop"])

    gate = {"metric": "success_rate", "threshold": 90, "pacticipantName": "Shop"}
    assert "'administer'" in refusal(client.post("/gates", json=gate, headers=bearer(token)))
    assert "'publish' for Orders" in refusal(
        client.put("/pacticipants/Orders", json={}, headers=bearer(token))
    )
    assert client.put("/pacticipants/Shop", json={}, headers=bearer(token)).status_code == 200


class TestLabels:
    """A label that chooses for webhooks is one of their settings."""

    @pytest.fixture(autouse=True)
    def a_label_that_chooses(self, client):
        webhook = a_webhook(consumer={"label": "notified"})
        assert client.post("/webhooks", json=webhook, headers=bearer(WRITER)).status_code == 201

    @pytest.mark.parametrize("side", ["consumer", "provider"])
    def test_it_is_not_changed_by_a_publisher(self, client, world, side):
        token = world.token("publisher", team="payments")
        client.post("/webhooks", json=a_webhook(**{side: {"label": "chosen"}}), headers=bearer(WRITER))

        said = refusal(client.put("/pacticipants/Shop/labels/chosen", json={}, headers=bearer(token)))

        assert "the permission 'webhooks' for Shop. An administrator of the team payments" in said

    def test_it_is_not_taken_away_by_a_publisher(self, client, world):
        client.put("/pacticipants/Shop/labels/notified", json={}, headers=bearer(WRITER))
        token = world.token("publisher", team="payments")

        assert "'webhooks'" in refusal(
            client.delete("/pacticipants/Shop/labels/notified", headers=bearer(token))
        )
        labels = client.get("/pacticipants/Shop", headers=bearer(token)).json["_embedded"]["labels"]
        assert [label["name"] for label in labels] == ["notified"]

    def test_it_is_changed_by_an_administrator_of_the_team(self, client, world):
        token = world.token("team-administrator", team="payments")

        assert (
            client.put("/pacticipants/Shop/labels/notified", json={}, headers=bearer(token)).status_code
            == 201
        )
        assert client.delete("/pacticipants/Shop/labels/notified", headers=bearer(token)).status_code == 204

    def test_other_labels_are_changed_by_a_publisher(self, client, world):
        token = world.token("publisher", team="payments")

        assert client.put("/pacticipants/Shop/labels/ours", json={}, headers=bearer(token)).status_code == 201

    def test_nor_by_the_form_of_the_application(self, client, world):
        token = world.token("publisher", team="payments")
        person = Person(client, auth=("anybody", token))

        person.visit("/pacticipants/Shop/edit")
        person.send(labels="notified")
        assert person.answer.status_code == 403
        person.visit("/pacticipants/Shop/edit")
        person.send(labels="ours")
        assert person.answer.status_code == 200


def test_a_result_is_about_no_version_that_never_had_its_pact(client, world):
    """The URL of a result names consumer versions: whoever sends it could name any."""
    client.post("/webhooks", json=a_webhook(), headers=bearer(WRITER))
    pact = client.get("/pacts/provider/Orders/consumer/Shop/version/1", headers=bearer(WRITER)).json
    sha = (
        pact["_links"]["pb:publish-verification-results"]["href"].split("/pact-version/")[1].partition("/")[0]
    )
    place = f"/pacts/provider/Orders/consumer/Shop/pact-version/{sha}"
    metadata = encode(Metadata(consumer_versions=("1", "2")))

    answer = client.post(
        f"{place}/metadata/{metadata}/verification-results",
        json=a_verification_result("5"),
        headers=bearer(world.token("publisher", team="payments")),
    )

    def triggered(version):
        path = f"/pacts/provider/Orders/consumer/Shop/version/{version}/triggered-webhooks"
        return len(client.get(path, headers=bearer(WRITER)).json["_embedded"]["triggeredWebhooks"])

    assert answer.status_code == 201
    assert (triggered("1"), triggered("2")) == (1, 0)


class TestCopies:
    """What copies from another broker chooses dates and owners."""

    HEADERS = ({"Tally-Import-Date": "2026-01-01T00:00:00+00:00"}, {"Tally-Import-Rehearsal": "{}"})

    @pytest.mark.parametrize("header", HEADERS)
    @pytest.mark.parametrize("role", ["reader", "publisher", "deployer", "team-administrator"])
    def test_they_are_for_administrators(self, client, world, header, role):
        token = world.token(role, team=None if role == "reader" else "payments")

        answer = client.put("/pacticipants/Shop/versions/9", json={}, headers={**bearer(token), **header})

        assert "'administer' for copies from another broker" in refusal(answer) or role in {
            "reader",
            "deployer",
        }
        assert client.get("/pacticipants/Shop/versions/9", headers=bearer(token)).status_code == 404

    @pytest.mark.parametrize("header", HEADERS)
    def test_nor_is_a_question_asked_in_the_past(self, client, world, header):
        answer = client.post(
            "/pacts/provider/Orders/for-verification",
            json={},
            headers={**bearer(world.token("reader")), **header},
        )

        assert "'administer'" in refusal(answer)

    @pytest.mark.parametrize("header", HEADERS)
    def test_administrators_and_writers_of_the_settings_copy(self, client, world, header):
        for token in (world.token("administrator"), WRITER):
            answer = client.put("/pacticipants/Shop/versions/9", json={}, headers={**bearer(token), **header})

            assert answer.status_code in {200, 201}


class TestCredentialsOfTheSettings:
    """They go on beside accounts."""

    def test_who_may_only_read_is_asked_to_log_in_for_a_change(self, client):
        answer = client.put("/pacticipants/Shop", json={}, headers=bearer(READER))

        assert answer.status_code == 401
        assert answer.json == {"error": "This token may only read"}
        assert client.get("/pacticipants/Shop", headers=bearer(READER)).status_code == 200

    @pytest.mark.parametrize("path", ["/trusts"])
    def test_who_may_write_changes_no_accounts(self, client, path):
        said = refusal(client.post(path, json={}, headers=bearer(WRITER)))

        assert "No user or token of the settings has it. Use an account" in said

    def test_who_is_not_known_is_told_so(self, client):
        assert client.put("/pacticipants/Shop", json={}).status_code == 401
        assert client.put("/pacticipants/Shop", json={}, headers=bearer("wrong")).status_code == 401
        assert client.get("/pacticipants/Shop").status_code == 401


def test_an_application_that_other_teams_have_pacts_with_is_deleted_only_by_an_administrator(client, world):
    lead, root = world.token("team-administrator", team="search"), world.token_of("root")
    pact = a_publication(a_pact(consumer="Finder", provider="Orders"))
    assert client.post("/contracts/publish", json=pact, headers=bearer(root)).status_code == 200

    error = refusal(client.delete("/pacticipants/Finder", headers=bearer(lead)))

    assert "'delete-pacticipant' for Orders" in error
    assert client.delete("/pacticipants/Finder", headers=bearer(root)).status_code == 204


HOOK_OF_SHOP = {"consumer": {"name": "Shop"}}
TOO_LIMITED = "This token is limited to some applications or environments. Use one that is not."


@pytest.mark.parametrize("name", ["root", "lea"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/webhooks", a_webhook(**HOOK_OF_SHOP)),
        ("POST", "/webhooks", a_webhook(**HOOK_OF_SHOP, team=None)),
        ("POST", "/webhooks/execute", a_webhook(**HOOK_OF_SHOP)),
        ("DELETE", "/teams/payments/pacticipants/Shop", None),
        ("POST", "/teams/payments/accounts", {"name": "shop-ci", "roles": []}),
    ],
)
def test_a_token_for_one_application_changes_nothing_that_is_for_more(
    world, client, name, method, path, body
):
    world.person("lea", "team-administrator", team="payments")
    token = world.token_of(name, pacticipants=["Orders"])

    answer = client.open(path, method=method, json=body, headers=bearer(token))

    assert TOO_LIMITED in refusal(answer)
    assert client.get("/teams/payments", headers=bearer(token)).status_code == 200


def test_a_token_for_one_environment_changes_no_environment(world, client):
    made = client.post("/environments", json={"name": "live", "production": True}, headers=bearer(WRITER))
    place = f"/environments/{made.json['uuid']}"
    token = world.token_of("root", environments=["test"])

    for method, body in (("PUT", {"name": "test2", "production": False}), ("DELETE", None)):
        assert TOO_LIMITED in refusal(client.open(place, method=method, json=body, headers=bearer(token)))
    assert client.get(place, headers=bearer(token)).json["name"] == "live"


def test_who_asks_is_told_what_a_limited_token_may_still_do(world, client):
    token = world.token_of("root", pacticipants=["Shop"])

    may = client.get("/me", headers=bearer(token)).json["may"]

    assert may["publish"] == may["delete-pacticipant"] == "all"
    assert {"webhooks", "manage-team", "administer", "accounts"}.isdisjoint(may)
