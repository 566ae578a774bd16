"""Requests with a key are forgotten after a day, and so are the oldest of too many."""

from datetime import UTC, datetime, timedelta

from support.receivers import wait_until
from support.webhook_worker import LOCAL

from broker import worker
from broker.settings import Settings
from broker.storage.idempotency_keys import KeptAnswer, KeyedRequest

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DAY = timedelta(hours=24)


def claim(database, number, at):
    with database.transaction() as storage:
        request = KeyedRequest(bytes([number]) * 32, b"r" * 32, "POST", "/environments")
        assert storage.idempotency_keys.claim(request, at, at - DAY)
        storage.idempotency_keys.keep(request.digest, KeptAnswer(201, "text/plain", None, bytes(range(256))))


def known(database, *numbers):
    with database.reading() as storage:
        found = {
            number: storage.idempotency_keys.find(bytes([number]) * 32, NOW - 9 * DAY) for number in numbers
        }
    return [number for number, request in found.items() if request is not None]


def test_what_was_kept_is_found(database):
    claim(database, 1, NOW)

    with database.reading() as storage:
        found = storage.idempotency_keys.find(bytes([1]) * 32, NOW - DAY)

    assert found is not None
    assert (found.path, found.begun_at) == ("/environments", NOW)
    assert found.answer == KeptAnswer(201, "text/plain", None, bytes(range(256)))


def test_the_old_ones_go_a_few_at_a_time(database):
    for number, age in enumerate([3 * DAY, 2 * DAY, DAY, DAY / 2]):
        claim(database, number, NOW - age)
    removed = []
    for _ in range(3):
        with database.transaction() as storage:
            removed.append(storage.idempotency_keys.remove_old(NOW, most=2))

    assert removed == [2, 1, 0]
    assert known(database, 0, 1, 2, 3) == [3]


def test_the_oldest_of_too_many_go_earlier(database):
    for number in range(5):
        claim(database, number, NOW)
    with database.transaction() as storage:
        storage.idempotency_keys.remove_old(NOW, most=100, kept=2)

    assert known(database, *range(5)) == [3, 4]


def test_the_worker_removes_them(database, monkeypatch):
    monkeypatch.setattr(worker, "SECONDS_UNTIL_REMOVAL", 0)
    claim(database, 1, NOW - 2 * DAY)
    claim(database, 2, NOW)
    sending = worker.Worker(database, Settings(**LOCAL), clock=lambda: NOW)
    sending.start()
    try:
        wait_until(lambda: known(database, 1, 2) == [2])
    finally:
        sending.stop()
