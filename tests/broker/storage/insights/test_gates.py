"""Quality gates through the API: how they are judged, and what webhooks are told, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy import select
from support.contract_documents import an_openapi, an_operation
from support.insights import Publisher, a_test
from support.insights import count as count_at

from broker.app import create_app
from broker.background.counter import Counter
from broker.domain import limits
from broker.domain.webhooks.parameters import CURRENTLY_DEPLOYED, NAMES
from broker.settings.settings import Settings
from broker.storage.tables import deliveries

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
EVENTS = ("quality_gate_failed", "quality_gate_recovered")


class Clock:
    """The time, which a test sets."""

    now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def broker(database, clock):
    return create_app(Settings(), database, clock=clock).test_client()


@pytest.fixture
def publisher(broker):
    return Publisher(broker)


@pytest.fixture
def count(database, clock):
    return lambda: count_at(database, clock)


@pytest.fixture
def gate(broker):
    """Create a gate, and return it."""

    def create(metric="success_rate", threshold=90, **more):
        answer = broker.post("/gates", json={"metric": metric, "threshold": threshold, **more})
        assert answer.status_code == 201, answer.text
        return answer.json

    return create


@pytest.fixture
def hook(broker):
    def create(**changes):
        request = {"url": "https://ci.example.org"}
        body = {"events": [{"name": name} for name in EVENTS], "request": request, **changes}
        assert broker.post("/webhooks", json=body).status_code == 201

    return create


@pytest.fixture
def told(database):
    """Return the events so far, with their parameters."""

    def read():
        statement = select(deliveries.c.event, deliveries.c.parameters).order_by(deliveries.c.id)
        with database.connection() as connection:
            return [(row.event, orjson.loads(row.parameters)) for row in connection.execute(statement)]

    return read


@pytest.fixture
def states(broker):
    """Return the states of the gates of a service, and whether it passes."""

    def read(name="Orders"):
        found = broker.get(f"/pacticipants/{name}/gates").json
        return [gate["state"] for gate in found["_embedded"]["gates"]], found["passed"]

    return read


def publish_results(publisher, passed, failed, provider="Orders", **more):
    url = publisher.pact(provider=provider)
    for number in range(passed + failed):
        publisher.result(url, f"{provider}.{number}", success=number < passed, **more)


@pytest.mark.parametrize(
    ("metric", "threshold", "state", "shown"),
    [
        ("success_rate", 75, "passed", "75 %"),
        ("success_rate", 75.1, "failed", "75 %"),
        ("p95", 2000, "passed", "986 ms"),
        ("p95", 900, "failed", "986 ms"),
        ("result_age", 2, "passed", "2 days"),
        ("result_age", 1, "failed", "2 days"),
        ("flaky_share", 1, "passed", "0 %"),
        ("coverage", 50, "unknown", "unknown"),
    ],
)
def test_a_gate_is_judged_by_what_was_counted(
    broker, publisher, clock, gate, metric, threshold, state, shown, count
):
    publish_results(publisher, 3, 1, tests=[a_test("a", 1000)])
    count()
    clock.now += timedelta(days=2)
    gate(metric, threshold)

    found = broker.get("/pacticipants/Orders/gates").json

    (judged,) = found["_embedded"]["gates"]
    assert (judged["state"], judged["shown"]) == (state, shown)
    assert found["passed"] is (state == "passed")
    assert found["uncounted"] == 0


def test_results_of_other_days_do_not_count(publisher, clock, gate, states, count):
    publish_results(publisher, 0, 3)
    count()
    clock.now += timedelta(days=7)
    gate(days=7)

    assert states() == (["unknown"], False)


def test_an_interaction_that_turned_is_flaky(publisher, gate, states, count):
    url = publisher.pact()
    publisher.result(url, "1", tests=[a_test("a"), a_test("b")])
    publisher.result(url, "1", success=False, tests=[a_test("a", success=False), a_test("b")])
    count()
    gate("flaky_share", 24.9)
    gate("flaky_share", 25)

    assert states() == (["failed", "passed"], False)


def test_what_a_verified_service_contract_covers(broker, gate, states):
    paths = {
        f"/{name}": {"get": an_operation(operationId=name, parameters=[])} for name in ("first", "second")
    }
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi(paths)}
    published = broker.post("/service-contracts/publish", json=body).json
    gate("coverage", 50)
    gate("coverage", 51)
    assert states() == (["unknown", "unknown"], False)

    result = {
        "success": False,
        "providerApplicationVersion": "1",
        "testResults": [
            {"interactionId": f"first/{kind}/1", "success": False} for kind in ("valid", "invalid")
        ],
    }
    place = published["_links"]["tally:publish-verification-results"]["href"]
    assert broker.post(place, json=result).status_code == 201

    assert states() == (["passed", "failed"], False)


def test_an_integration_that_was_never_verified_is_as_old_as_its_pact(publisher, clock, gate, states, count):
    publish_results(publisher, 1, 0)
    publisher.pact("Mobile")
    clock.now += timedelta(days=3)
    publish_results(publisher, 1, 0)
    count()
    gate("result_age", 2)

    assert states() == (["failed"], False)


def test_a_gate_is_for_all_for_a_team_or_for_one(broker, publisher, gate, states, count):
    for provider in ("Orders", "Stock"):
        publish_results(publisher, 1, 0, provider)
    broker.put("/pacticipants/Stock/labels/team:selling", json={})
    count()
    gate()
    gate(team="selling")
    gate(pacticipantName="Orders")

    assert [len(states(name)[0]) for name in ("Orders", "Stock", "Shop")] == [2, 2, 0]
    assert states("Shop") == ([], None)
    assert [each["services"]["passed"] for each in broker.get("/gates").json["_embedded"]["gates"]] == [
        2,
        1,
        1,
    ]


def test_a_gate_that_turns_is_told_once_each_time(publisher, gate, hook, told, count):
    hook()
    publish_results(publisher, 9, 1)
    count()
    created = gate(threshold=90)
    assert told() == []

    publish_results(publisher, 0, 3)
    count()
    publish_results(publisher, 0, 3)
    count()
    [(event, parameters)] = told()
    assert event == "quality_gate_failed"
    assert parameters.keys() == set(NAMES) - {CURRENTLY_DEPLOYED}
    assert parameters["qualityGate"] == "success rate at least 90 % over 30 days"
    assert parameters["qualityGateValue"] == "69.2 %"
    assert parameters["qualityGateUrl"] == created["_links"]["self"]["href"]
    assert (parameters["providerName"], parameters["consumerName"]) == ("Orders", "")
    assert parameters["githubVerificationStatus"] == "failure"

    publish_results(publisher, 100, 0)
    count()
    assert [event for event, _ in told()] == ["quality_gate_failed", "quality_gate_recovered"]


def test_many_that_judge_at_once_tell_of_a_turn_once(database, clock, publisher, gate, hook, told, count):
    hook()
    publish_results(publisher, 1, 0)
    gate("result_age", 2)
    count()
    clock.now += timedelta(days=3)

    counters = [Counter(database, clock=clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(database.retrying.run, counter.turn) for counter in counters]:
            future.result()

    assert [event for event, _ in told()] == ["quality_gate_failed"]


def test_a_turn_that_is_not_committed_is_told_later(
    database, clock, publisher, gate, hook, told, monkeypatch
):
    hook()
    gate()
    publish_results(publisher, 0, 1)
    counter = Counter(database, clock=clock)
    with monkeypatch.context() as patched:
        patched.setattr("broker.storage.webhooks.outbox.Outbox.add", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            counter.turn()
    assert told() == []

    counter.turn()

    assert [event for event, _ in told()] == ["quality_gate_failed"]


def test_webhooks_of_others_are_told_nothing(publisher, gate, hook, told, count):
    publisher.pact(provider="Stock")
    publish_results(publisher, 0, 1)
    hook(provider={"name": "Stock"})
    hook(consumer={"name": "Shop"})
    hook(consumer={"label": "nobody"})
    gate()
    count()

    assert [parameters["consumerName"] for _, parameters in told()] == ["Shop"]


def test_a_gate_is_changed_and_deleted(broker, publisher, gate, states, count):
    publish_results(publisher, 1, 1)
    count()
    place = gate(threshold=90)["_links"]["self"]["href"]
    assert states() == (["failed"], False)

    read = broker.get(place).json
    changed = broker.put(place, json={**read, "threshold": 40})

    assert (changed.status_code, changed.json["threshold"]) == (200, 40)
    assert states() == (["passed"], True)
    assert [each["pacticipantName"] for each in broker.get(place).json["_embedded"]["states"]] == ["Orders"]
    broker.put(place, json={"metric": "success_rate", "threshold": 40, "team": "nobody"})
    assert broker.get(place).json["services"] == {"passed": 0, "failed": 0, "unknown": 0}
    assert broker.delete(place).status_code == 204
    assert [broker.delete(place).status_code, broker.get(place).status_code] == [404, 404]


def test_deleting_a_service_deletes_its_gates(broker, publisher, gate, count):
    publish_results(publisher, 1, 1)
    count()
    gate(pacticipantName="Orders")
    gate()

    assert broker.delete("/pacticipants/Orders").status_code == 204

    assert [each.get("pacticipantName") for each in broker.get("/gates").json["_embedded"]["gates"]] == [None]
    assert broker.get("/pacticipants/Orders/gates").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "metric"),
        ({"metric": "speed", "threshold": 1}, "metric"),
        ({"metric": "p95"}, "threshold"),
        ({"metric": "p95", "threshold": "1"}, "threshold"),
        ({"metric": "success_rate", "threshold": 101}, "threshold"),
        ({"metric": "success_rate", "threshold": -1}, "threshold"),
        ({"metric": "success_rate", "threshold": True}, "threshold"),
        ({"metric": "success_rate", "threshold": 90, "days": 0}, "days"),
        ({"metric": "success_rate", "threshold": 90, "days": 91}, "days"),
        ({"metric": "success_rate", "threshold": 90, "days": 1.5}, "days"),
        ({"metric": "coverage", "threshold": 90, "days": 3}, "days"),
        ({"metric": "success_rate", "threshold": 90, "pacticipantName": "Nobody"}, "pacticipantName"),
        ({"metric": "success_rate", "threshold": 90, "pacticipantName": 3}, "pacticipantName"),
        ({"metric": "success_rate", "threshold": 90, "pacticipantName": "a", "team": "b"}, "team"),
        ({"metric": "success_rate", "threshold": 90, "teams": "b"}, "teams"),
    ],
)
def test_what_is_no_gate_is_refused_by_field(broker, body, field):
    answer = broker.post("/gates", json=body)

    assert answer.status_code == 400
    assert field in answer.json["errors"]
    assert broker.get("/gates").json["_embedded"]["gates"] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_there_are_not_too_many_gates(broker, gate, monkeypatch):
    monkeypatch.setattr(limits, "GATES", 2)
    gate()
    gate()

    answer = broker.post("/gates", json={"metric": "p95", "threshold": 3})

    assert answer.status_code == 422
    assert "delete one first" in answer.json["errors"]["gates"][0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_how_many_results_are_not_counted_yet_is_said(broker, publisher, gate):
    publish_results(publisher, 2, 0)
    gate()

    found = broker.get("/pacticipants/Orders/gates").json

    assert (found["uncounted"], found["passed"]) == (2, False)
    assert found["reason"] == "Success rate is unknown: there is no result in these days"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_prometheus_is_told_how_gates_stand(broker, publisher, gate, count):
    publish_results(publisher, 1, 1)
    count()
    gate(threshold=90)

    text = broker.get("/metrics", headers={"Accept": "text/plain"}).text

    lines = [line for line in text.splitlines() if line.startswith("tally_quality_gate_services{")]
    assert sorted(line[-3:] for line in lines) == ["0.0", "0.0", "1.0"]
    assert all(
        'gate="success rate at least 90 % over 30 days",scope="all services"' in line for line in lines
    )
    assert ["failed" in line for line in lines if line.endswith("1.0")] == [True]
    assert "tally_results_uncounted 0.0" in text
