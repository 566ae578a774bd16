"""The resource: what it takes, what it shows, and executing it at once (reference §10.1)."""

import pytest
from support.factories import a_publication
from support.receivers import answering, receiving

from broker.app import create_app
from broker.domain.webhooks.parameters import NAMES
from broker.settings.settings import Settings

KEY = "Zx0Ni_OBPFXRFFRtpLHHRlFQJkEPYv3T1oZL5GkcuEM="
UUID = "a-chosen-uuid-of-enough-letters"
LOCAL = {"webhook_host_whitelist": ("127.0.0.0/8",), "webhook_scheme_whitelist": ("http",)}


@pytest.fixture
def client(database):
    return lambda **settings: create_app(Settings(**settings), database).test_client()


def a_webhook(**changes):
    webhook = {
        "description": "verify",
        "events": [{"name": "contract_published"}],
        "request": {
            "method": "POST",
            "url": "https://ci.example.org/hook",
            "headers": {"Content-Type": "application/json", "Authorization": "Bearer x"},
            "body": {"url": "${pactbroker.pactUrl}"},
            "username": "me",
            "password": "mine",
        },
    }
    return {**webhook, **changes}


def publish(broker):
    assert broker.post("/contracts/publish", json=a_publication()).status_code == 200


def test_a_webhook_is_created_and_read_with_its_secrets_starred(broker):
    publish(broker)

    created = broker.post("/webhooks/provider/Orders/consumer/Shop", json=a_webhook())

    assert created.status_code == 201
    read = broker.get(created.headers["Location"]).json
    assert read == created.json
    assert read["consumer"] == {"name": "Shop"}
    assert read["provider"] == {"name": "Orders"}
    assert read["enabled"] is True
    assert read["request"] == {
        "method": "POST",
        "url": "https://ci.example.org/hook",
        "headers": {"content-type": "application/json", "authorization": "**********"},
        "body": {"url": "${pactbroker.pactUrl}"},
        "username": "me",
        "password": "**********",
    }
    assert read["events"] == [{"name": "contract_published"}]
    assert {"self", "pb:execute", "pb:consumer", "pb:provider", "pb:pact-webhooks", "pb:webhooks"} <= set(
        read["_links"]
    )


def test_defaults_are_the_pact_brokers(broker):
    created = broker.post("/webhooks", json={"request": {"url": "https://ci.example.org"}}).json

    assert created["description"] == "POST ci.example.org"
    assert created["events"] == [{"name": "contract_content_changed"}]
    assert created["request"] == {"method": "POST", "url": "https://ci.example.org"}
    assert "consumer" not in created
    assert "provider" not in created


@pytest.mark.parametrize(
    ("path", "alone"),
    [
        ("/webhooks/provider/Orders/consumer/Shop", {"consumer": "Shop", "provider": "Orders"}),
        ("/pacts/provider/Orders/consumer/Shop/webhooks", {"consumer": "Shop", "provider": "Orders"}),
        ("/webhooks/provider/Orders", {"provider": "Orders"}),
        ("/webhooks/consumer/Shop", {"consumer": "Shop"}),
    ],
)
def test_a_scoped_list_has_exactly_its_scope(broker, path, alone):
    publish(broker)
    for scope in ("", "/provider/Orders", "/consumer/Shop", "/provider/Orders/consumer/Shop"):
        broker.post(f"/webhooks{scope}", json=a_webhook(description=scope or "all"))

    listed = broker.get(path).json["_links"]

    [link] = listed["pb:webhooks"]
    found = broker.get(link["href"]).json
    assert {role: found[role]["name"] for role in ("consumer", "provider") if role in found} == alone
    assert listed["pb:create"]["href"] == listed["self"]["href"]
    assert len(broker.get("/webhooks").json["_links"]["pb:webhooks"]) == 4


def test_names_in_the_body_override_the_path(broker):
    publish(broker)

    created = broker.post("/webhooks/consumer/Shop", json=a_webhook(consumer={"name": "Orders"})).json

    assert created["consumer"] == {"name": "Orders"}


def test_an_unknown_pacticipant_in_the_path_is_not_found(broker):
    for path in ("/webhooks/provider/Nobody", "/webhooks/consumer/Nobody"):
        assert broker.get(path).status_code == 404
        assert broker.post(path, json=a_webhook()).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"request": None}, "request"),
        ({"request": {}}, "request.url"),
        ({"request": {"url": "nonsense"}}, "request.url"),
        ({"request": {"url": "http://ci.example.org"}}, "request.url"),
        ({"request": {"url": "https://${pactbroker.consumerName}"}}, "request.url"),
        ({"request": {"url": "https://ci.example.org", "method": "GET"}}, "request.method"),
        ({"request": {"url": "https://ci.example.org", "headers": {"a": 1}}}, "request.headers"),
        ({"request": {"url": "https://ci.example.org/${secret.no}"}}, "request"),
        ({"consumer": {"name": "Nobody"}}, "consumer.name"),
        ({"provider": {"name": "Nobody"}}, "provider.name"),
        ({"provider": {"name": "Nobody", "label": "x"}}, "provider.label"),
        ({"consumer": {}}, "consumer.name"),
        ({"events": []}, "events"),
        ({"events": [{"name": "something"}]}, "events"),
        ({"enabled": "yes"}, "enabled"),
    ],
)
def test_what_is_wrong_is_said_by_field(broker, changes, field):
    answer = broker.post("/webhooks", json=a_webhook(**changes))

    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]
    assert broker.get("/webhooks").json["_links"]["pb:webhooks"] == []


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("url", {"url": "https://ci.example.org/a?b=${pactbroker.pactUrll}"}),
        ("headers", {"headers": {"X-Pact": "${pactbroker.pactUrll}"}}),
        ("username", {"username": "${pactbroker.pactUrll}"}),
        ("password", {"password": "secret ${pactbroker.pactUrll}"}),
        ("body", {"body": "a text with ${pactbroker.pactUrll}"}),
        ("body", {"body": {"list": [{"deep": "${pactbroker.pactUrll}"}]}}),
        ("body", {"body": {"${pactbroker.pactUrll}": 1}}),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/webhooks"), ("PUT", f"/webhooks/{UUID}"), ("POST", "/webhooks/execute")]
)
def test_a_misspelt_parameter_is_refused_wherever_it_is(broker, method, path, field, changes):
    webhook = {"request": {"method": "POST", "url": "https://ci.example.org", **changes}}

    answer = broker.open(path, method=method, json=webhook)

    assert answer.status_code == 400
    assert answer.json["errors"] == {
        f"request.{field}": ["${pactbroker.pactUrll} is no parameter (did you mean 'pactUrl'?)"]
    }
    assert broker.get("/webhooks").json["_links"]["pb:webhooks"] == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{"])
def test_a_body_that_is_no_object_is_refused(broker, body):
    assert broker.post("/webhooks", data=body, content_type="application/json").status_code == 400


def test_a_uuid_may_be_chosen_and_stars_keep_what_is_stored(client):
    with receiving() as receiver:
        broker = client(**LOCAL)
        webhook = a_webhook()
        webhook["request"]["url"] = receiver.url
        created = broker.put(f"/webhooks/{UUID}", json=webhook)
        assert (created.status_code, "Location" in created.headers) == (201, False)
        shown = broker.get(f"/webhooks/{UUID}").json

        replaced = broker.put(f"/webhooks/{UUID}", json={**shown, "description": "anew"})

        assert (replaced.status_code, replaced.json["description"]) == (200, "anew")
        broker.post(f"/webhooks/{UUID}/execute")
        assert receiver.received[0].headers["authorization"] == "Bearer x"


def test_another_place_gets_nothing_that_was_stored_for_the_first(client):
    with receiving() as first, receiving() as second:
        broker = client(**LOCAL)
        webhook = a_webhook()
        webhook["request"]["url"] = first.url
        broker.put(f"/webhooks/{UUID}", json=webhook)
        shown = broker.get(f"/webhooks/{UUID}").json
        moved = {**shown, "request": {**shown["request"], "url": second.url}}

        answer = broker.put(f"/webhooks/{UUID}", json=moved)
        broker.post(f"/webhooks/{UUID}/execute")
        back = broker.put(
            f"/webhooks/{UUID}", json={**moved, "request": {"url": first.url, "username": "me"}}
        )
        broker.post(f"/webhooks/{UUID}/execute")

    assert (answer.status_code, back.status_code) == (200, 200)
    [notice] = answer.json["notices"]
    assert notice["type"] == "warning"
    assert second.url.removeprefix("http://") in notice["text"]
    assert "dropped: password, header authorization." in notice["text"]
    assert "password" not in answer.json["request"]
    assert answer.json["request"]["headers"] == {"content-type": "application/json"}
    assert "notices" not in back.json
    [sent], [returned] = second.received, first.received
    for request in (sent, returned):
        assert "Bearer" not in str(request.headers)
        assert request.headers["authorization"] == "Basic bWU6"  # "me:"


def test_secrets_that_are_given_again_go_to_the_other_place(client):
    with receiving() as receiver:
        broker = client(**LOCAL)
        webhook = a_webhook()
        broker.put(f"/webhooks/{UUID}", json={**webhook, "request": {"url": "http://127.0.0.1:1/"}})
        webhook["request"]["url"] = receiver.url

        moved = broker.put(f"/webhooks/{UUID}", json=webhook)
        broker.post(f"/webhooks/{UUID}/execute")

    assert "notices" not in moved.json
    assert receiver.received[0].headers["authorization"] == "Bearer x"


def test_stars_in_a_webhook_that_is_not_stored_are_sent_as_they_are(client):
    with receiving() as receiver:
        broker = client(**LOCAL)
        broker.put(
            f"/webhooks/{UUID}", json=a_webhook(request={**a_webhook()["request"], "url": receiver.url})
        )

        broker.post("/webhooks/execute", json=broker.get(f"/webhooks/{UUID}").json)

    assert receiver.received[0].headers["authorization"] == "**********"


def test_a_uuid_that_is_too_short_is_refused(broker):
    answer = broker.put("/webhooks/short", json=a_webhook())

    assert (answer.status_code, list(answer.json["errors"])) == (400, ["uuid"])


def test_a_deleted_webhook_is_gone(broker):
    broker.put(f"/webhooks/{UUID}", json=a_webhook())

    assert broker.delete(f"/webhooks/{UUID}").status_code == 204
    assert broker.get(f"/webhooks/{UUID}").status_code == 404
    assert broker.delete(f"/webhooks/{UUID}").status_code == 404


def test_a_label_is_a_scope(broker):
    publish(broker)
    broker.put("/pacticipants/Orders/labels/team-b", json={})
    created = broker.post("/webhooks", json=a_webhook(provider={"label": "team-b"})).json
    broker.post("/webhooks", json=a_webhook(provider={"label": "team-c"}))

    broker.post("/contracts/publish", json=a_publication(version="2"))

    [delivery] = triggered(broker, "2")
    assert delivery["_links"]["pb:webhook"]["href"] == created["_links"]["self"]["href"]
    assert created["_links"]["pb:providers"]["name"] == "team-b"


def test_executing_sends_the_latest_pact_at_once(client):
    with receiving(answering(201, b'{"done": true}')) as receiver:
        broker = client(**LOCAL)
        publish(broker)
        broker.put(f"/webhooks/{UUID}", json=local(receiver))

        answer = broker.post(f"/webhooks/{UUID}/execute")

        assert answer.status_code == 200
        assert answer.json["success"] is True
        assert answer.json["response"]["status"] == 201
        assert answer.json["response"]["body"] == {"done": True}
        assert answer.json["request"]["headers"]["authorization"] == "**********"
        assert "Bearer" not in answer.text
        assert answer.json["_links"]["webhook"]["href"].endswith(f"/webhooks/{UUID}")
        [request] = receiver.received
        assert request.json == {
            "event": "test",
            "consumer": "Shop",
            "version": "1",
            "pact": request.json["pact"],
        }
        assert broker.get(request.json["pact"]).status_code == 200


def test_an_unsaved_webhook_is_executed_with_invented_values(client):
    with receiving() as receiver:
        broker = client(**LOCAL)

        answer = broker.post("/webhooks/execute", json=local(receiver))

        assert answer.json["success"] is True
        assert receiver.received[0].json["consumer"] == "A consumer"
        assert broker.get("/webhooks").json["_links"]["pb:webhooks"] == []


def test_a_dry_run_shows_the_request_and_sends_nothing(client):
    with receiving() as receiver:
        broker = client(**LOCAL)
        broker.put(f"/webhooks/{UUID}", json=local(receiver))

        answer = broker.post(f"/webhooks/{UUID}/execute?dryRun=true").json

        assert answer["request"]["body"]["event"] == "test"
        assert answer["request"]["url"] == "/hook"
        assert receiver.received == []


@pytest.mark.parametrize("dry_run", ["1", "yes", ""])
def test_what_may_have_been_meant_as_a_dry_run_sends_nothing(client, dry_run):
    with receiving() as receiver:
        broker = client(**LOCAL)
        broker.put(f"/webhooks/{UUID}", json=local(receiver))

        for path in (f"/webhooks/{UUID}/execute", "/webhooks/execute"):
            answer = broker.post(f"{path}?dryRun={dry_run}", json=local(receiver))

            assert (answer.status_code, list(answer.json["errors"])) == (400, ["dryRun"])
        assert receiver.received == []


@pytest.mark.parametrize("is_published", [True, False])
def test_every_parameter_has_a_value(broker, is_published):
    if is_published:
        publish(broker)
    webhook = a_webhook()
    webhook["request"]["body"] = {name: f"${{pactbroker.{name}}}" for name in NAMES}

    answer = broker.post("/webhooks/execute?dryRun=true", json=webhook).json

    assert answer["request"]["body"].keys() == set(NAMES)
    assert "${" not in str(answer["request"]["body"])


def test_without_a_list_of_hosts_the_answer_is_hidden_and_private_addresses_refused(client):
    with receiving() as receiver:
        broker = client(webhook_scheme_whitelist=("http",))

        answer = broker.post("/webhooks/execute", json=local(receiver)).json

        assert answer["success"] is False
        assert "127.0.0.1, which is not public" in answer["logs"]
        assert "response" not in answer
        assert receiver.received == []


def test_a_name_that_means_a_private_address_is_refused_when_it_is_looked_up(client):
    with receiving() as receiver:
        broker = client(webhook_scheme_whitelist=("http",))
        webhook = local(receiver)
        webhook["request"]["url"] = receiver.url.replace("127.0.0.1", "localhost")

        answer = broker.post("/webhooks/execute", json=webhook).json

        assert "which is not public" in answer["error"]["message"]
        assert receiver.received == []


def test_a_host_outside_the_list_is_refused(client):
    broker = client(webhook_host_whitelist=("*.example.org",))

    refused = broker.post("/webhooks", json={"request": {"url": "https://ci.example.com"}})

    assert refused.json["errors"]["request.url"]
    assert broker.post("/webhooks", json=a_webhook()).status_code == 201


def test_a_secret_needs_a_key(broker):
    answer = broker.put("/secrets/ci", json={"value": "x"})

    assert answer.status_code == 422
    assert "TALLY_SECRETS_KEY" in answer.json["errors"]["value"][0]


def test_secrets_are_listed_replaced_and_removed_but_not_shown(client, database):
    broker = client(secrets_key=(KEY,))
    assert broker.put("/secrets/ci", json={"value": "top", "description": "for CI"}).status_code == 201
    assert broker.put("/secrets/ci", json={"value": "other"}).status_code == 200

    listed = broker.get("/secrets")

    assert [item["name"] for item in listed.json["_embedded"]["secrets"]] == ["ci"]
    assert "other" not in listed.text
    with database.reading() as storage:
        assert b"other" not in storage.secrets.tokens(["ci"])["ci"]
    assert broker.delete("/secrets/ci").status_code == 204
    assert broker.get("/secrets/ci").status_code == 404


def test_the_index_leads_to_webhooks(broker):
    links = broker.get("/").json["_links"]

    assert links["pb:webhooks"]["href"].endswith("/webhooks")
    assert links["pb:webhook"]["href"].endswith("/webhooks/{uuid}")


def local(receiver):
    webhook = a_webhook()
    webhook["request"]["url"] = receiver.url + "/hook"
    webhook["request"]["body"] = {
        "event": "${pactbroker.eventName}",
        "consumer": "${pactbroker.consumerName}",
        "version": "${pactbroker.consumerVersionNumber}",
        "pact": "${pactbroker.pactUrl}",
    }
    return webhook


def triggered(broker, version):
    listed = broker.get(f"/pacts/provider/Orders/consumer/Shop/version/{version}/triggered-webhooks").json
    return listed["_embedded"]["triggeredWebhooks"]
