"""Requests with a key are forgotten after a day, and so are the oldest of too many."""

from datetime import timedelta

from sqlalchemy import select, update
from support.receivers import wait_until
from support.webhook_worker import LOCAL

from broker.background import worker
from broker.settings.settings import Settings
from broker.storage.dialects import ONE
from broker.storage.idempotency_keys import KeptAnswer, KeyedRequest
from broker.storage.tables import idempotency_keys

DAY = timedelta(hours=24)


def claim(database, number, age=timedelta(0)):
    with database.transaction() as storage:
        request = KeyedRequest(bytes([number]) * 32, b"r" * 32, "POST", "/environments")
        assert storage.idempotency_keys.claim(request)
        storage.idempotency_keys.keep(request.digest, KeptAnswer(201, "text/plain", None, bytes(range(256))))
        older = update(idempotency_keys).where(idempotency_keys.c.digest == request.digest)
        storage.connection.execute(older.values(created_at=storage.leases.now() - age))


def known(database, *numbers):
    with database.reading() as storage:
        found = {
            number
            for number in numbers
            if storage.connection.scalar(select(ONE).where(idempotency_keys.c.digest == bytes([number]) * 32))
        }
    return sorted(found)


def test_what_was_kept_is_found(database):
    claim(database, 1)

    with database.reading() as storage:
        found = storage.idempotency_keys.find(bytes([1]) * 32)

    assert found is not None
    assert found.path == "/environments"
    assert timedelta(0) <= found.age < timedelta(minutes=1)
    assert found.answer == KeptAnswer(201, "text/plain", None, bytes(range(256)))


def test_the_old_ones_go_a_few_at_a_time(database):
    for number, age in enumerate([3 * DAY, 2 * DAY, DAY, DAY / 2]):
        claim(database, number, age)
    removed = []
    for _ in range(3):
        with database.transaction() as storage:
            removed.append(storage.idempotency_keys.remove_old(most=2))

    assert removed == [2, 1, 0]
    assert known(database, 0, 1, 2, 3) == [3]


def test_the_oldest_of_too_many_go_earlier(database):
    for number in range(5):
        claim(database, number, timedelta(seconds=5 - number))
    with database.transaction() as storage:
        storage.idempotency_keys.remove_old(most=100, kept=2)

    assert known(database, *range(5)) == [3, 4]


def test_the_worker_removes_them(database, monkeypatch):
    monkeypatch.setattr(worker, "SECONDS_UNTIL_REMOVAL", 0)
    claim(database, 1, 2 * DAY)
    claim(database, 2)
    sending = worker.Worker(database, Settings(**LOCAL))
    sending.start()
    try:
        wait_until(lambda: known(database, 1, 2) == [2])
    finally:
        sending.stop()

    assert known(database, 1, 2) == [2]
