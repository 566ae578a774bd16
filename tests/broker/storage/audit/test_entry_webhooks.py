"""Webhooks of the event `audit_entry_created`: one delivery for each entry that is sealed."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from support.accounts import accounts, bearer
from support.audit_logs import NOW, add, an_entry, seal, sealed_log
from support.factories import a_publication
from support.old_databases import left_at
from support.receivers import receiving, wait_until
from support.webhook_worker import LOCAL, webhook

from broker.app import create_app
from broker.background import clean_up
from broker.background.worker import working
from broker.domain.audit.entry_filter import EntryFilter
from broker.domain.retention.policy import Policy
from broker.settings.settings import Settings
from broker.storage.migrations import upgrade
from broker.storage.tables import deliveries, delivery_attempts

EVENT = {"events": [{"name": "audit_entry_created"}]}
URL = "http://127.0.0.1:9/"
RAW = {
    "method": "POST",
    "url": URL,
    "headers": {"Content-Type": "text/plain"},
    "body": "${pactbroker.auditEntry}",
}


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def broker(database):
    """A client of a broker that keeps a log, although it has no accounts yet."""
    return create_app(Settings(audit="always", **LOCAL), database).test_client()


def sent(database):
    """The parameters of all deliveries, the oldest first."""
    with database.reading() as storage:
        rows = storage.connection.execute(select(deliveries.c.parameters).order_by(deliveries.c.id))
        return [json.loads(row.parameters) for row in rows]


def test_each_entry_is_sent_once_when_it_is_sealed(database, broker):
    broker.post("/webhooks", json=webhook(URL, **EVENT))
    add(database, "A", "B")
    assert sent(database) == []

    seal(database)
    seal(database)

    found = sent(database)
    about = [(each["auditAction"], each["auditSubject"]) for each in found]
    assert about[1:] == [("publish", "A"), ("publish", "B")]
    assert found[1]["eventName"] == "audit_entry_created"
    assert (found[1]["auditActor"], found[1]["auditOutcome"]) == ("ada", "done")
    assert json.loads(found[1]["auditEntry"])["uuid"] == found[1]["auditEntryUuid"]
    assert found[1]["consumerName"] == found[1]["pactUrl"] == ""


def test_without_such_a_webhook_nothing_is_written(database, broker):
    broker.post("/webhooks", json=webhook(URL))
    disabled = webhook(URL, **EVENT, enabled=False)
    broker.post("/webhooks", json=disabled)

    sealed_log(database, ["A"])

    assert sent(database) == []


def test_what_is_sent_makes_no_entry_and_so_nothing_follows_from_itself(database, receiver):
    settings = Settings(audit="always", **LOCAL)
    broker = create_app(settings, database).test_client()
    request = {**RAW, "url": receiver.url}
    created = broker.post("/webhooks", json=webhook(receiver.url, **EVENT, request=request)).json

    with working(database, settings):
        wait_until(lambda: receiver.received)
        history = created["_links"]["self"]["href"] + "/triggered-webhooks"
        found = wait_until(lambda: finished(broker, history))
        add(database, "B")
        wait_until(lambda: len(receiver.received) == 2)

    assert [(item["status"], item["eventName"]) for item in found] == [("success", "audit_entry_created")]
    first, second = (json.loads(request.body) for request in receiver.received)
    assert (first["action"], second["subject"]["name"]) == ("webhooks.create", "B")
    with database.reading() as storage:
        assert len(storage.audit_entries.newest_first(EntryFilter(), 10)) == 2
        assert not storage.audit_entries.any_unsealed()


def finished(broker, history):
    found = broker.get(history).json["_embedded"]["triggeredWebhooks"]
    return found if found and all(item["status"] == "success" for item in found) else None


def test_deliveries_are_shown_without_a_pair(database, broker):
    created = broker.post("/webhooks", json=webhook(URL, **EVENT)).json
    seal(database)
    history = created["_links"]["self"]["href"] + "/triggered-webhooks"
    (listed,) = broker.get(history).json["_embedded"]["triggeredWebhooks"]

    logs = broker.get(listed["_links"]["pb:logs"]["href"], headers={"Accept": "application/hal+json"}).json
    uuid = created["_links"]["self"]["href"].rpartition("/")[2]
    pages = [
        broker.get(path, headers={"Accept": "text/html"})
        for path in (f"/webhooks/{uuid}", "/webhooks", listed["_links"]["pb:logs"]["href"])
    ]

    assert logs["eventName"] == "audit_entry_created"
    assert "consumerName" not in logs
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "udit entry created" in pages[0].text


@pytest.mark.parametrize("pair", [{"consumer": {"label": "x"}}, {"provider": {"label": "y"}}], ids=str)
def test_a_webhook_that_is_for_somebody_is_refused(broker, pair):
    answer = broker.post("/webhooks", json=webhook(URL, **EVENT, **pair))

    assert answer.status_code == 400
    assert answer.json["errors"] == {
        "events": ["audit_entry_created is about no pacticipant: leave out consumer and provider"]
    }


def test_only_who_may_read_the_whole_log_creates_changes_and_removes_one(database):
    world = accounts(database)
    root = bearer(world.token("administrator"))
    settings = Settings(api_tokens=("old:write:canary-0123456789",), **LOCAL)
    broker = create_app(settings, database).test_client()
    url = broker.post("/webhooks", json=webhook(URL, **EVENT), headers=root).json["_links"]["self"]["href"]
    other = broker.post("/webhooks", json=webhook(URL), headers=root).json["_links"]["self"]["href"]
    for_events = webhook(URL, events=[*EVENT["events"], {"name": "contract_published"}])
    old = {"Authorization": "Bearer canary-0123456789"}

    answers = [
        broker.post("/webhooks", json=for_events, headers=old),
        broker.put(other, json=for_events, headers=old),
        broker.put("/webhooks/0123456789abcdef", json=for_events, headers=old),
        broker.put(url, json=webhook(URL), headers=old),
        broker.delete(url, headers=old),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert all("'accounts'" in answer.text for answer in answers)
    assert broker.put(other, json=webhook(URL), headers=old).status_code == 200
    assert broker.put(url, json=for_events, headers=root).status_code == 200
    assert broker.delete(url, headers=root).status_code == 204


def test_a_publication_is_told_of_no_webhook_that_is_only_for_the_log(broker):
    broker.post("/webhooks", json=webhook(URL, **EVENT))

    notices = broker.post("/contracts/publish", json=a_publication()).json["notices"]

    assert any(
        "No webhooks" in notice["text"] or "no webhook" in notice["text"].lower() for notice in notices
    )


def test_a_clean_up_removes_deliveries_that_are_old(database, broker):
    broker.post("/webhooks", json=webhook(URL, **EVENT))
    seal(database)
    with database.transaction() as storage:
        old = deliveries.update().values(due_at=None, created_at=NOW - timedelta(days=9))
        storage.connection.execute(old)

    clean_up.clean(database, Policy((), overwritten_days=7), NOW)

    assert sent(database) == []


def test_an_upgrade_keeps_deliveries_and_their_attempts(database, tmp_path):
    stamps = {"created_at": NOW, "updated_at": NOW}
    shop = {"id": 1, "name": "Shop", "display_name": "Shop", **stamps}
    delivery = {
        "id": 5,
        "uuid": "d",
        "webhook_uuid": "w",
        "consumer_id": 1,
        "provider_id": 1,
        "name": "n",
        "event": "contract_published",
        "trigger_type": "x",
        "parameters": b"{}",
        "receiver": "r:443",
        "status": "success",
        "attempts": 1,
        "claims": 1,
        "created_at": NOW,
        "answer": "200 OK",
    }
    attempt = {"id": 9, "triggered_webhook_id": 5, "success": True, "logs": "sent", "created_at": NOW}
    rows = {"pacticipants": [shop], "triggered_webhooks": [delivery], "webhook_executions": [attempt]}
    with left_at("0021", database, tmp_path, rows) as old:
        upgrade(old)

        with old.reading() as storage:
            (kept,) = storage.connection.execute(select(deliveries))
            (logged,) = storage.connection.execute(select(delivery_attempts))
        with old.transaction() as storage:
            storage.audit_entries.add(an_entry("A"))

        assert (kept.id, kept.uuid, kept.answer, kept.consumer_id) == (5, "d", "200 OK", 1)
        assert (logged.id, logged.triggered_webhook_id, logged.logs) == (9, 5, "sent")
