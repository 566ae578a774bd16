"""Comparisons that a publication left to the worker: made later, once, and whatever happens meanwhile."""

import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, an_interaction
from support.receivers import wait_until

from broker import comparer
from broker.comparer import Comparer
from broker.services.service_contracts import comparing, judging_process
from broker.services.service_contracts.judging_process import JudgingProcess, TookTooLongError
from broker.storage.tables import comparisons_to_make

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
FITS = an_interaction("a fit", response={"status": 200})


def publish_pacts(broker, *consumers):
    for consumer in consumers:
        pact = a_pact(FITS, consumer=consumer)
        broker.post("/contracts/publish", json=a_publication(pact, branch="main"))


def publish_contract(broker, key="k-1"):
    """Publish; what is compared is left to a worker."""
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}
    return broker.post("/service-contracts/publish", json=body, headers={"Idempotency-Key": key}).json


def listed(broker):
    return broker.get("/pacticipants/Orders/versions/1/service-contract/comparisons").json


def verdicts(broker):
    return [item["verdict"] for item in listed(broker)["_embedded"]["comparisons"]]


@pytest.fixture
def due(database):
    """Let everything that is to be compared be due now."""

    def make():
        with database.transaction() as storage:
            storage.connection.execute(
                update(comparisons_to_make).values(due_at=datetime(2026, 1, 1, tzinfo=UTC))
            )

    return make


@pytest.fixture
def worker(database):
    """A comparer whose turns a test takes."""
    found = Comparer(database, clock=lambda: NOW)
    yield found
    found.stop()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_what_was_left_is_compared_in_the_background(broker, database, due):
    publish_pacts(broker, "Shop", "Web")
    publish_contract(broker)
    due()

    with comparer.comparing(database):
        wait_until(lambda: listed(broker)["underWay"] == 0)

    assert verdicts(broker) == ["compatible", "compatible"]


def test_nothing_is_made_before_its_time_and_nothing_twice(broker, worker, due):
    publish_pacts(broker, "Shop")
    publish_contract(broker)

    before = worker.turn()
    due()
    made, again = worker.turn(), worker.turn()

    assert (before, made, again) == (False, True, False)
    assert verdicts(broker) == ["compatible"]


def test_what_another_process_has_claimed_is_left_to_it(broker, database, due):
    publish_pacts(broker, "Shop")
    publish_contract(broker)
    due()

    with database.transaction() as storage:
        first = storage.pending_comparisons.claim(60, most=10)
    with database.transaction() as storage:
        second = storage.pending_comparisons.claim(60, most=10)

    assert (len(first), second) == (1, [])


def test_what_a_process_took_too_long_for_is_tried_again_and_then_unknown(
    broker, worker, due, monkeypatch, caplog
):
    publish_pacts(broker, "Shop", "Web")
    publish_contract(broker)
    compare = JudgingProcess.compare

    def slow_for_web(process, pact, *others):
        if b'"Web"' in pact:
            process.end()
            raise TookTooLongError
        return compare(process, pact, *others)

    monkeypatch.setattr(JudgingProcess, "compare", slow_for_web)
    for _ in range(2):
        due()
        worker.turn()

    assert sorted(verdicts(broker)) == ["compatible", "unknown"]
    unknown = listed(broker)["_embedded"]["comparisons"][1]
    reason = broker.get(unknown["_links"]["self"]["href"]).json["reason"]
    assert reason == "It took longer than 10 seconds, 2 times."
    assert "Comparing a pact of Web" in caplog.text


SILENT = "import time; print('{}', flush=True); time.sleep(60)"
"""A program that begins as one that compares, and then says nothing."""


def test_a_process_that_does_not_answer_is_ended(monkeypatch):
    monkeypatch.setattr(judging_process, "COMMAND", (sys.executable, "-c", SILENT))
    process = JudgingProcess()

    with pytest.raises(TookTooLongError):
        process.compare(b"{}", "a", {"openapi": b"{}"}, 0.1)

    assert not process.is_running


def test_a_pact_that_is_deleted_meanwhile_is_forgotten(broker, database, due):
    publish_pacts(broker, "Shop")
    publish_contract(broker)
    due()
    with database.transaction() as storage:
        (claimed,) = storage.pending_comparisons.claim(60, most=10)

    broker.delete("/pacticipants/Shop")

    with database.transaction() as storage:
        assert storage.pending_comparisons.remove(claimed) is False
    assert listed(broker)["underWay"] == 0


def test_an_error_is_logged_and_work_goes_on(broker, database, due, monkeypatch, caplog):
    publish_pacts(broker, "Shop")
    publish_contract(broker)
    due()
    fails = iter([RuntimeError("out of order")])
    make_due = comparing.make_due

    def failing_once(*arguments):
        for error in fails:
            raise error
        make_due(*arguments)

    monkeypatch.setattr(comparing, "make_due", failing_once)
    monkeypatch.setattr(comparer, "AFTER_AN_ERROR", 0.01)

    with comparer.comparing(database):
        wait_until(lambda: listed(broker)["underWay"] == 0)

    assert "Contracts cannot be compared at the moment" in caplog.text


def test_a_publication_with_many_consumers_leaves_all_of_them_to_be_made_at_once(broker, worker, monkeypatch):
    monkeypatch.setattr(comparing, "FEW", 2)
    publish_pacts(broker, "A", "B", "C")
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}

    answer = broker.post("/service-contracts/publish", json=body).json

    assert answer["comparisonsUnderWay"] == 3
    assert "3 comparisons are under way: see" in answer["notices"][-1]["text"]
    assert worker.turn()
    assert len(verdicts(broker)) == 3


def test_a_process_that_cannot_be_started_keeps_no_publication_from_being_stored(broker, monkeypatch):
    publish_pacts(broker, "Shop")
    monkeypatch.setattr(judging_process, "COMMAND", ("/nowhere/python",))
    monkeypatch.setattr(judging_process.PROCESSES, "take", JudgingProcess)

    answer = broker.post(
        "/service-contracts/publish",
        json={"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()},
    )

    assert answer.status_code == 200
    assert answer.json["comparisonsUnderWay"] == 1
