"""Whose webhooks and secrets are, who may change and send them, and where a secret may go."""

import pytest
from support.factories import a_pact, a_publication
from support.teams_and_tokens import NOW, TeamsAndTokens

from broker.domain.webhooks.concurrency import SendingCapacity
from broker.services.webhooks import deliver
from broker.settings.settings import Settings

ROLES = {
    "ann": [("administrator", None)],
    "shop-lead": [("team-administrator", "shop")],
    "orders-lead": [("team-administrator", "orders")],
    "both": [("team-administrator", "shop"), ("team-administrator", "orders")],
    "publisher": [("publisher", "shop")],
}
HOST = "hooks.example.org"
BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def world(database):
    return TeamsAndTokens(database, roles=ROLES, owned={"shop": ["Shop", "Till"], "orders": ["Orders"]})


def a_webhook(**changes):
    request = {"method": "POST", "url": f"https://{HOST}/build?job=1", "headers": {"x-job": "night"}}
    return {"consumer": {"name": "Shop"}, **changes, "request": {**request, **changes.get("request", {})}}


def created(client, **changes):
    answer = client.post("/webhooks", json=a_webhook(**changes))
    assert answer.status_code == 201, answer.json
    return f"/webhooks/{answer.json['uuid']}"


def statuses(world, ask):
    return {name: ask(world.asking_as(name)).status_code for name in ROLES}


@BOTH
def test_a_new_webhook_belongs_to_the_only_team_of_its_author(world):
    assert world.asking_as("shop-lead").post("/webhooks", json=a_webhook()).json["team"] == "shop"
    assert "team" not in world.asking_as("ann").post("/webhooks", json=a_webhook()).json
    assert world.asking_as("both").post("/webhooks", json=a_webhook(team="Shop")).json["team"] == "shop"
    unclear = world.asking_as("both").post("/webhooks", json=a_webhook())
    assert unclear.json["errors"] == {"team": ["is missing: you may do this for several teams, orders, shop"]}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 201),
        ({"provider": {"name": "Shop"}, "consumer": None}, 201),
        ({"consumer": {"name": "Orders"}, "provider": {"name": "Till"}}, 201),
        ({"provider": {"label": "any"}}, 201),
        ({"consumer": None}, 403),
        ({"consumer": {"label": "shop"}}, 403),
        ({"consumer": {"name": "Orders"}}, 403),
        ({"consumer": {"name": "Nobody"}}, 403),
        ({"team": "orders", "consumer": {"name": "Orders"}}, 403),
        ({"team": None}, 403),
        ({"team": "nobody"}, 400),
        ({"team": 1}, 400),
        ({"team": ["shop"]}, 400),
    ],
)
def test_the_webhook_of_a_team_names_one_of_its_applications(world, changes, status):
    lead = world.asking_as("shop-lead")
    stored = created(lead)

    assert lead.post("/webhooks", json=a_webhook(**changes)).status_code == status
    unsaved = lead.post("/webhooks/execute?dryRun=true", json=a_webhook(**changes))
    assert unsaved.status_code == (200 if status == 201 else status)
    changed = lead.put(stored, json=a_webhook(**changes))
    assert changed.status_code == (200 if status == 201 else status)


def test_administrators_have_webhooks_by_label_and_for_all(world):
    ann = world.asking_as("ann")

    assert created(ann, consumer=None)
    assert created(ann, consumer={"label": "shop"}, team="shop")


@BOTH
def test_only_who_may_change_webhooks_of_its_team_changes_sends_or_deletes_one(world):
    stored = created(world.asking_as("shop-lead"))
    allowed = {"ann": 200, "shop-lead": 200, "both": 200, "orders-lead": 403, "publisher": 403}

    assert statuses(world, lambda client: client.put(stored, json=a_webhook())) == allowed
    assert statuses(world, lambda client: client.post(f"{stored}/execute?dryRun=true")) == allowed
    assert world.asking_as("orders-lead").delete(stored).status_code == 403
    assert world.asking_as("shop-lead").delete(stored).status_code == 204


def test_webhooks_of_the_whole_broker_are_changed_by_administrators_alone(world):
    stored = created(world.asking_as("ann"))
    allowed = {"ann": 200, "shop-lead": 403, "both": 403, "orders-lead": 403, "publisher": 403}

    assert statuses(world, lambda client: client.put(stored, json=a_webhook())) == allowed
    assert statuses(world, lambda client: client.post(f"{stored}/execute?dryRun=true")) == allowed


def test_who_moves_a_webhook_may_change_those_of_both_teams(world):
    stored = created(world.asking_as("shop-lead"))
    of_orders = a_webhook(team="orders", provider={"name": "Orders"})

    assert world.asking_as("shop-lead").put(stored, json=of_orders).status_code == 403
    assert world.asking_as("orders-lead").put(stored, json=of_orders).status_code == 403
    assert world.asking_as("shop-lead").get(stored).json["team"] == "shop"
    assert world.asking_as("both").put(stored, json=of_orders).json["team"] == "orders"
    assert world.asking_as("both").put(stored, json=a_webhook(provider={"name": "Orders"})).json["team"] == (
        "orders"
    )


def test_others_see_of_a_webhook_what_readers_see(world):
    stored = created(world.asking_as("shop-lead"))

    def seen(name):
        request = world.asking_as(name).get(stored).json["request"]
        return request["url"], request["headers"]["x-job"]

    assert seen("shop-lead") == (f"https://{HOST}/build?job=1", "night")
    assert seen("orders-lead") == seen("publisher") == (f"https://{HOST}/build?**********", "**********")


def test_the_pages_of_a_webhook_are_those_of_its_team(world):
    stored = created(world.asking_as("shop-lead"))
    as_page = {"headers": {"Accept": "text/html"}}

    def text(name, url):
        return world.asking_as(name).get(url, **as_page)

    assert f"{stored}/edit" in text("shop-lead", stored).text
    assert f"{stored}/edit" not in text("orders-lead", stored).text
    assert text("shop-lead", f"{stored}/edit").status_code == 200
    assert text("orders-lead", f"{stored}/edit").status_code == 403
    assert text("orders-lead", f"{stored}/test").status_code == 403


def put_secret(client, name="token", **changes):
    return client.put(f"/secrets/{name}", json={"value": "s3cr3t-value", **changes})


@BOTH
def test_a_secret_of_a_team_lists_its_hosts(world):
    lead = world.asking_as("shop-lead")

    refused = put_secret(lead)
    stored = put_secret(lead, hosts=[HOST.upper(), "*.example.net"])
    renewed = put_secret(lead, description="new")

    assert refused.json["errors"] == {"hosts": ["are missing: a secret of a team lists where it may be sent"]}
    assert (stored.status_code, stored.json["team"], stored.json["hosts"]) == (
        201,
        "shop",
        [HOST, "*.example.net"],
    )
    assert (renewed.json["team"], renewed.json["hosts"]) == ("shop", [HOST, "*.example.net"])
    assert "s3cr3t" not in stored.text + renewed.text
    assert put_secret(lead, hosts=[]).status_code == 400


def test_a_secret_is_changed_and_deleted_by_who_may_change_those_of_its_team(world):
    put_secret(world.asking_as("shop-lead"), hosts=[HOST])
    put_secret(world.asking_as("ann"), "old")

    assert put_secret(world.asking_as("orders-lead"), hosts=[HOST]).status_code == 403
    assert put_secret(world.asking_as("orders-lead"), hosts=[HOST], team="orders").status_code == 403
    assert put_secret(world.asking_as("shop-lead"), team=None).status_code == 403
    assert put_secret(world.asking_as("shop-lead"), "old", team="shop", hosts=[HOST]).status_code == 403
    assert world.asking_as("orders-lead").delete("/secrets/token").status_code == 403
    assert world.asking_as("shop-lead").delete("/secrets/old").status_code == 403
    assert world.asking_as("publisher").delete("/secrets/token").status_code == 403
    assert world.asking_as("shop-lead").delete("/secrets/token").status_code == 204
    assert world.asking_as("shop-lead").delete("/secrets/none").status_code == 404


@pytest.mark.parametrize(
    "host",
    ["https://example.org", "example.org/x", "example.org:443", "*", "*.", "*.org", "a.*.org", "", " ", "a b",
     "user@example.org", "exämple.org", "${pactbroker.consumerName}", "a" * 254, 7, None, "example.org."],
)  # fmt: skip
def test_what_is_no_host_is_refused(world, host):
    answer = put_secret(world.asking_as("shop-lead"), hosts=[host])

    assert answer.status_code == 400
    assert list(answer.json["errors"]) == ["hosts"]


SECRET_HEADER = {"headers": {"authorization": "Bearer ${secret.token}"}}


@pytest.mark.parametrize(
    ("author", "changes", "sentence"),
    [
        ("shop-lead", {"request": SECRET_HEADER}, None),
        ("shop-lead", {"signingSecret": "token"}, None),
        ("orders-lead", {"request": SECRET_HEADER, "consumer": {"name": "Orders"}},
         "the secret 'token' is of another team: only webhooks of that team may use it"),
        ("orders-lead", {"signingSecret": "token", "consumer": {"name": "Orders"}},
         "the secret 'token' is of another team: only webhooks of that team may use it"),
        ("ann", {"request": SECRET_HEADER},
         "the secret 'token' is of another team: only webhooks of that team may use it"),
        ("shop-lead", {"signingSecret": "old"},
         "the secret 'old' is of no team: only webhooks of no team may use it"),
        ("ann", {"signingSecret": "old"}, None),
        ("shop-lead", {"request": {**SECRET_HEADER, "url": "https://evil.example.com"}},
         "the secret 'token' may not be sent to evil.example.com: its hosts are hooks.example.org"),
        ("shop-lead", {"signingSecret": "token", "request": {"url": "https://hooks.example.org.evil.com"}},
         "the secret 'token' may not be sent to hooks.example.org.evil.com: its hosts are hooks.example.org"),
        ("shop-lead", {"request": {"headers": {"host": "evil.example.com", "x": "${secret.token}"}}},
         "the secret 'token' may not be sent to evil.example.com: its hosts are hooks.example.org"),
        ("shop-lead", {"request": {"headers": {"host": "${pactbroker.eventName}", "x": "${secret.token}"}}},
         "the secret 'token' may not be sent to ${pactbroker.eventname}: its hosts are hooks.example.org"),
    ],
)  # fmt: skip
def test_a_webhook_uses_secrets_of_its_team_for_their_hosts(world, author, changes, sentence):
    put_secret(world.asking_as("shop-lead"), hosts=[HOST])
    put_secret(world.asking_as("ann"), "old")
    client = world.asking_as(author)

    stored = client.post("/webhooks", json=a_webhook(**changes))
    tried = client.post("/webhooks/execute?dryRun=true", json=a_webhook(**changes))

    assert "s3cr3t-value" not in stored.text + tried.text
    assert tried.status_code == 200
    if sentence is None:
        assert stored.status_code == 201
        assert "error" not in tried.json
    else:
        assert stored.json["errors"] == {"request": [sentence]}
        assert tried.json["success"] is False
        if "${" not in sentence:
            assert sentence in tried.json["error"]["message"]
            assert sentence in tried.json["logs"]


@pytest.mark.parametrize("url", ["https://${secret.token}", "https://hooks.example.org${pactbroker.x}/",
                                 "https://hooks.example.org@evil.com/", "https://evil.com\\@hooks.example.org",
                                 "https://hooks.example.org\\.evil.com/${secret.token}"])  # fmt: skip
def test_no_parameter_and_no_spelling_leads_a_secret_elsewhere(world, url):
    lead = world.asking_as("shop-lead")
    put_secret(lead, hosts=[HOST])
    sent = a_webhook(request={"url": url, **SECRET_HEADER})

    assert lead.post("/webhooks", json=sent).status_code == 400
    tried = lead.post("/webhooks/execute?dryRun=true", json=sent)
    assert tried.status_code == 400 or tried.json["success"] is False


@BOTH
def test_a_delivery_whose_secret_may_not_go_there_any_more_fails_and_says_so(world, database):
    lead = world.asking_as("shop-lead")
    put_secret(lead, hosts=[HOST])
    created(lead, request=SECRET_HEADER)
    lead.post("/contracts/publish", json=a_publication(a_pact()))
    put_secret(lead, hosts=["elsewhere.example.org"])

    with database.transaction() as storage:
        (delivery,) = deliver.claim(storage, SendingCapacity(5, frozenset(), frozenset()), Settings())
    attempt = deliver.attempt_once(delivery, world.settings, lambda: NOW)

    assert attempt.success is False
    assert attempt.request is None
    assert attempt.error == (
        "It was not sent: the secret 'token' may not be sent to hooks.example.org: its hosts are "
        "elsewhere.example.org"
    )
    assert attempt.error in attempt.log.ending(NOW, "The end")
    with database.transaction() as storage:
        deliver.record(storage, delivery, attempt, settings=world.settings, now=NOW)
    logs = f"/triggered-webhooks/{delivery.claimed.uuid}/logs"
    assert "The secret" in lead.get(logs).text or "the secret 'token'" in lead.get(logs).text
    assert "s3cr3t-value" not in lead.get(logs).text


def test_only_who_may_change_a_webhook_sends_its_deliveries_again(world, database):
    lead = world.asking_as("shop-lead")
    created(lead)
    lead.post("/contracts/publish", json=a_publication(a_pact()))
    with database.transaction() as storage:
        (delivery,) = deliver.claim(storage, SendingCapacity(5, frozenset(), frozenset()), Settings())
        attempt = deliver.failed_unexpectedly(NOW)
        settings = Settings(webhook_retry_schedule=())
        deliver.record(storage, delivery, attempt, settings=settings, now=NOW)
    again = f"/triggered-webhooks/{delivery.claimed.uuid}/redeliver"

    assert world.asking_as("orders-lead").post(again).status_code == 403
    assert world.asking_as("publisher").post(again).status_code == 403
    assert lead.post(again).status_code == 200


def test_what_was_kept_for_one_receiver_is_given_anew_for_another(world):
    lead = world.asking_as("shop-lead")
    secret = {"headers": {"authorization": "Bearer abcdefgh123"}, "username": "u", "password": "abcdefgh456"}
    stored = created(lead, request=secret)
    starred = {"headers": {"authorization": "**********"}, "username": "u"}

    changed = lead.put(stored, json=a_webhook(request={**starred, "url": "https://evil.example.com/"}))
    lead.put(stored, json=a_webhook(request=starred))
    sent = lead.post(f"{stored}/execute?dryRun=true")
    unsaved = lead.post("/webhooks/execute?dryRun=true", json=a_webhook(request=starred))

    assert "header authorization" in changed.json["notices"][0]["text"]
    assert "password" in changed.json["notices"][0]["text"]
    for answer in (sent, unsaved):
        assert "abcdefgh" not in answer.text
