import os
import re
import signal
from datetime import timedelta

import pytest
import requests
from sqlalchemy import insert
from support.factories import NOON, a_pact, a_publication
from support.metrics import PLAIN, documented, fallen, read, samples, shown
from support.receivers import wait_until
from support.serving import serving

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.tables import deliveries, webhooks

PROMETHEUS = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1"


@pytest.fixture
def measured(database):
    return create_app(Settings(), database, clock=lambda: NOON).test_client()


def requests_counted(found, **labels):
    return found.get(("tally_request_duration_seconds_count", tuple(sorted(labels.items()))), 0)


def test_requests_are_counted_by_method_route_and_status(measured):
    measured.post("/contracts/publish", json=a_publication())
    for name in ("Shop", "Orders", "Nobody"):
        measured.get(f"/pacticipants/{name}")
    measured.get("/no/such/path")

    found = read(measured)

    one = "/pacticipants/{pacticipant}"
    assert requests_counted(found, method="POST", route="/contracts/publish", status="200") == 1
    assert requests_counted(found, method="GET", route=one, status="200") == 2
    assert requests_counted(found, method="GET", route=one, status="404") == 1
    assert requests_counted(found, method="", route="", status="404") == 1


def test_a_page_has_the_route_that_a_browser_asks_for(measured):
    measured.post("/contracts/publish", json=a_publication())
    answers = [
        measured.get("/pacticipants/Shop", headers={"Accept": accept}).content_type
        for accept in ("text/html", "application/hal+json")
    ]

    found = read(measured)

    assert [answer.partition(";")[0] for answer in answers] == ["text/html", "application/hal+json"]
    one = "/pacticipants/{pacticipant}"
    assert requests_counted(found, method="GET", route=one, status="200") == 2
    assert "/-pages" not in str(found.keys())


def test_paths_and_methods_that_do_not_exist_make_no_series_of_their_own(measured):
    before = len(read(measured))

    for number in range(20):
        measured.open(f"/no/such/path/{number}", method=f"METHOD{number}")

    assert len(read(measured)) - before < 30


def test_names_make_no_series_of_their_own(measured):
    def publish(name):
        body = a_publication(a_pact(consumer=name, provider=f"{name} API"), version=name, branch=name)
        assert measured.post("/contracts/publish", json=body).status_code == 200
        assert measured.get(f"/pacticipants/{name}").status_code == 200

    publish("canary0")
    read(measured)  # which is a request itself
    before = read(measured).keys()
    for number in range(1, 5):
        publish(f"canary{number}")
    after = read(measured).keys()

    assert after == before
    assert "canary" not in str(after)


def test_prometheus_gets_its_own_format_and_others_json(measured):
    scraped = measured.get("/metrics", headers={"Accept": PROMETHEUS})

    assert scraped.content_type.startswith("application/openmetrics-text")
    assert scraped.text.endswith("# EOF\n")
    assert measured.get("/metrics", headers=PLAIN).content_type.startswith("text/plain")
    for accept in ("*/*", "application/json", "application/hal+json"):
        assert measured.get("/metrics", headers={"Accept": accept}).json["pacticipants"]["count"] == 0


def test_connections_are_counted(measured, database):
    with database.reading():
        found = read(measured)

    assert found["tally_database_up", ()] == 1
    assert found["tally_database_connections", (("state", "used"),)] == 1


def a_delivery(number, due_at):
    return {
        "uuid": str(number),
        "webhook_uuid": "1",
        "consumer_id": 1,
        "provider_id": 2,
        "name": "x",
        "event": "contract_published",
        "trigger_type": "resource_creation",
        "parameters": b"{}",
        "receiver": "example.org:443",
        "status": "retrying",
        "attempts": 0,
        "claims": 0,
        "due_at": due_at,
        "created_at": NOON,
    }


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_the_queue_of_webhooks_is_measured(measured, database):
    measured.post("/contracts/publish", json=a_publication())
    now = database.now()
    rows = [a_delivery(n, now + timedelta(seconds=s)) for n, s in enumerate((-90, -10, 0, 60))]
    with database.connection() as connection:
        connection.execute(insert(deliveries), [*rows, a_delivery(9, None)])
        connection.commit()

    found = read(measured)

    assert found["tally_webhooks_queued", (("when", "due"),)] == 3
    assert found["tally_webhooks_queued", (("when", "later"),)] == 1
    assert 90 <= found["tally_webhooks_late_seconds", ()] < 120


def a_webhook(number, failures, disabled_at=None):
    return {
        "uuid": f"hook {number}",
        "enabled": disabled_at is None and number != 1,
        "request": b"{}",
        "failures": failures,
        "disabled_at": disabled_at,
        "created_at": NOON,
        "updated_at": NOON,
    }


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_failures_are_told_by_webhook(measured, database):
    measured.post("/contracts/publish", json=a_publication())
    hooks = [a_webhook(1, 0), a_webhook(2, 3), a_webhook(3, 20, NOON), a_webhook(4, 0)]
    retried = [{**a_delivery(n, NOON), "webhook_uuid": "hook 4", "attempts": n} for n in range(3)]
    with database.connection() as connection:
        connection.execute(insert(webhooks), hooks)
        connection.execute(insert(deliveries), retried)
        connection.commit()

    found = read(measured)

    states = {
        name: found["tally_webhooks", (("state", name),)] for name in ("enabled", "disabled", "given_up")
    }
    assert states == {"enabled": 2, "disabled": 1, "given_up": 1}
    assert of_webhooks(found, "tally_webhook_failures") == {"hook 2": 3, "hook 3": 20}
    assert of_webhooks(found, "tally_webhook_retrying") == {"hook 4": 2}


def test_only_the_hundred_webhooks_that_fail_most_have_series(measured, database):
    with database.connection() as connection:
        connection.execute(insert(webhooks), [a_webhook(number, number) for number in range(150)])
        connection.commit()

    failures = of_webhooks(read(measured), "tally_webhook_failures")

    assert len(failures) == 100
    assert min(failures.values()) == 50


def of_webhooks(found, name):
    return {dict(labels)["uuid"]: value for (sample, labels), value in found.items() if sample == name}


def test_the_documentation_has_every_metric_and_no_other(live_broker):
    requests.get(f"{live_broker}/pacticipants", timeout=9)

    found = shown(requests.get(f"{live_broker}/metrics", timeout=9, headers=PLAIN).text)

    check_against_the_documentation(found)


def check_against_the_documentation(found):
    tables = documented()
    assert found.keys() == tables.keys()
    for name, metric in found.items():
        assert metric.kind == tables[name].kind, name
        # Without a sample it has no labels, such as the failures of webhooks when there are none.
        assert metric.labels in (tables[name].labels, frozenset()), name


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_several_processes_tell_one_sum_also_when_one_of_them_was_replaced(database_url, tmp_path):
    log = tmp_path / "log"

    def listening():
        return [int(found) for found in re.findall(r"Listening.* as process (\d+)", log.read_text())]

    environment = {"TALLY_WORKERS": "2", "TALLY_LOG_LEVEL": "debug"}
    with serving(database_url, log, environment=environment) as url:
        for _ in range(12):
            requests.get(f"{url}/pacticipants", timeout=9, headers={"Connection": "close"})
        wait_until(lambda: len(listening()) == 2)
        before = requests.get(f"{url}/metrics", timeout=9, headers=PLAIN).text
        os.kill(listening()[0], signal.SIGKILL)
        wait_until(lambda: len(listening()) == 3)
        after = requests.get(f"{url}/metrics", timeout=9, headers=PLAIN).text

    check_against_the_documentation(shown(before))
    check_against_the_documentation(shown(after))
    assert requests_counted(samples(before), method="GET", route="/pacticipants", status="200") == 12
    assert fallen(before, after) == set()
    assert processes(before) == processes(after) == {"main", "server-1", "server-2", "worker"}


def processes(text):
    return {dict(labels)["process"] for name, labels in samples(text) if name == "process_cpu_seconds_total"}
