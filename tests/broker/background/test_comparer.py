"""Comparisons that a publication left to the worker: made later, once, and whatever happens meanwhile."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy import select, update
from support.contract_documents import an_openapi
from support.decisions_over_http import Api
from support.factories import a_pact, a_publication, an_interaction
from support.receivers import wait_until

from broker.background.comparer import Comparer
from broker.services.service_contracts import comparing, judging, judging_process
from broker.services.service_contracts.judging_process import JudgingProcess, TookTooLongError
from broker.storage.tables import comparisons_to_make
from broker.web import comparing_at_once
from tally.comparison import comparing as tally_comparing

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
FITS = an_interaction("a fit", response={"status": 200})


def publish_pacts(broker, *consumers):
    for consumer in consumers:
        pact = a_pact(FITS, consumer=consumer)
        broker.post("/contracts/publish", json=a_publication(pact, branch="main"))


def publish_contract(broker):
    """Publish; what is compared is left to a worker, as by a process that ends before it has compared."""
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(comparing_at_once, "make_at_once", lambda *_, **__: [])
        return broker.post("/service-contracts/publish", json=body).json


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

    with Comparer(database).running():
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


QUESTION = "/can-i-deploy?pacticipant=Web&version=1&environment=production"


@pytest.fixture
def slow(monkeypatch):
    """Comparisons of Web take too long while the list that is returned has an item."""
    compare, is_slow = JudgingProcess.compare, [True]

    def compare_slowly(process, pact, *others):
        if is_slow and b'"Web"' in pact:
            process.end()
            raise TookTooLongError
        return compare(process, pact, *others)

    monkeypatch.setattr(JudgingProcess, "compare", compare_slowly)
    return is_slow


def to_make(database):
    with database.connection() as connection:
        return connection.execute(select(comparisons_to_make)).first()


def pause(database):
    """Return how many seconds pass from the last try until the next one."""
    found = to_make(database)
    return round((found.due_at - found.failed_at).total_seconds())


@pytest.fixture
def tried(broker, worker, due, slow):
    """Web has a pact with Orders 1, which is in production, and could not be compared once."""
    publish_pacts(broker, "Shop", "Web")
    publish_contract(broker)
    there = Api(broker)
    there.deployed("Orders", "1", "production")
    due()
    worker.turn()
    return slow


def test_what_took_too_long_is_tried_again_after_growing_pauses(broker, database, worker, due, tried, caplog):
    pauses = [pause(database)]
    for _ in range(4):
        due()
        worker.turn()
        pauses.append(pause(database))

    assert pauses == [60, 600, 3600, 86400, 86400]
    assert (verdicts(broker), worker.turn()) == (["compatible"], False)
    assert "A pact of Web could not be compared with the documents of Orders: it took longer" in caplog.text
    tried.clear()
    due()
    worker.turn()
    assert (verdicts(broker), to_make(database)) == (["compatible", "compatible"], None)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_the_answer_says_why_there_is_no_comparison_and_when_it_is_tried_again(broker, database, tried):
    assert tried

    answer = broker.get(QUESTION).json

    moment = to_make(database).due_at.isoformat(timespec="seconds")
    assert answer["summary"]["deployable"] is None
    assert answer["summary"]["reason"].endswith(
        "it could not be compared with the service contract of Orders 1 "
        f"(it took longer than 10 seconds; it is tried again by {moment})"
    )
    assert answer["notices"][-1]["text"].startswith(f"Next: Wait for the next try (by {moment}), publish")
    (row,) = answer["matrix"]
    (undecided,) = row["tally:evidence"]["undecided"]
    assert undecided["reason"] == "not-compared"
    assert undecided["failedTry"] == {"reason": "it took longer than 10 seconds", "againBy": moment}
    assert f"tried again by {moment}" in undecided["note"]


def test_the_past_knows_no_try_and_no_comparison_that_came_later(broker, database, due, tried):
    then = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    tried.clear()
    due()
    worker = Comparer(database)
    worker.turn()
    worker.stop()
    past = broker.get(f"{QUESTION}&at={then}").json["matrix"][0]["tally:evidence"]["undecided"][0]
    now = broker.get(QUESTION).json["matrix"][0]["tally:evidence"]["undecided"][0]

    assert (past["reason"], past["note"]) == ("not-compared", "not compared yet")
    assert now["reason"] == "promised"


def test_publishing_the_same_pact_again_tries_again_at_once(broker, database, tried):
    tried.clear()

    publish_pacts(broker, "Web")

    assert (verdicts(broker), to_make(database)) == (["compatible", "compatible"], None)


def test_publishing_the_same_documents_again_tries_again_at_once(broker, database, tried):
    tried.clear()

    answer = publish_contract(broker)

    assert answer["comparisonsUnderWay"] == 1
    assert to_make(database).due_at < datetime.now(UTC) + timedelta(seconds=30)


def test_a_question_brings_a_try_forward_but_not_each_time(broker, database, due, worker, tried):
    assert tried
    due()
    worker.turn()
    broker.get(QUESTION)
    soon_after = pause(database)
    with database.transaction() as storage:
        storage.connection.execute(
            update(comparisons_to_make).values(failed_at=datetime.now(UTC) - timedelta(minutes=11))
        )

    broker.get(QUESTION)

    assert (soon_after, worker.turn(), to_make(database).failures) == (600, True, 3)


def test_a_crash_of_the_comparison_is_tried_again_and_what_cannot_be_decided_is_kept(
    broker, database, worker, due, monkeypatch
):
    publish_pacts(broker, "Shop")
    publish_contract(broker)
    judge = judging.Judge()
    monkeypatch.setattr(
        JudgingProcess,
        "compare",
        lambda _, pact, __, documents, ___: orjson.loads(
            judging.answer(
                judge,
                orjson.dumps(
                    {
                        "pact": pact.decode(),
                        "documents": {name: text.decode() for name, text in documents.items()},
                    }
                ),
            )
        ),
    )
    with monkeypatch.context() as broken:
        broken.setattr(tally_comparing, "compare_http", lambda *_: 1 / 0)
        due()
        worker.turn()
    crashed = to_make(database).reason
    with monkeypatch.context() as undecidable:
        undecidable.setattr(
            tally_comparing, "compare_http", lambda _, __, recorder: recorder.unknown("x", "Nobody can tell.")
        )
        due()
        worker.turn()

    assert crashed == "a fit: It could not be compared: ZeroDivisionError: division by zero"
    assert (verdicts(broker), to_make(database)) == (["unknown"], None)


SILENT = "import time; print('{}', flush=True); time.sleep(60)"
"""A program that begins as one that compares, and then says nothing."""


def test_a_process_that_does_not_answer_is_ended(monkeypatch):
    monkeypatch.setattr(judging_process, "COMMAND", (sys.executable, "-c", SILENT))
    process = JudgingProcess()

    with pytest.raises(TookTooLongError) as error:
        process.compare(b"{}", "a", {"openapi": b"{}"}, 0.1)

    assert (process.is_running, error.value.reason) == (False, "")


def test_a_process_that_ends_by_itself_is_no_matter_of_time(monkeypatch):
    monkeypatch.setattr(
        judging_process, "COMMAND", (sys.executable, "-c", "print('{}', flush=True); input()")
    )
    process = JudgingProcess()

    with pytest.raises(TookTooLongError) as error:
        process.compare(b"{}", "a", {"openapi": b"{}"}, 5)

    assert error.value.reason == "the process that compares ended before it had answered"


ASKED_FOREVER = """
import time
from broker.services.service_contracts import judging, judging_process
judging_process.MOST_SECONDS = 0.1
judging.answer = lambda judge, line: time.sleep(30)
judging_process.main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")
def test_a_process_whose_question_nobody_waits_for_ends_by_itself():
    ended = subprocess.run([sys.executable, "-c", ASKED_FOREVER], input=b"{}\n", check=False, timeout=20)

    assert ended.returncode == -signal.SIGALRM


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

    monkeypatch.setattr("broker.background.comparer.make_due", failing_once)
    monkeypatch.setattr("broker.background.background.AFTER_AN_ERROR", 0.01)

    with Comparer(database).running():
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
