"""What a worker says to probes, asked in this process: it has no other address."""

import asyncio

import pytest
from sqlalchemy import text

from broker.background.worker import Worker
from broker.processes.worker_health import SECONDS_WITHOUT_A_TURN, WorkerHealth
from broker.settings.settings import Settings
from broker.storage.readiness import SECONDS, Readiness

LIVE, READY = "/health/live", "/health/ready"


class Probed:
    """A worker whose thread does not run, and what it says *seconds* after its last turn."""

    def __init__(self, database):
        self.worker = Worker(database, Settings())
        self.seconds = 0.0
        readiness = Readiness(database, self._now)
        self._health = WorkerHealth(self.worker, readiness, self._now)

    def _now(self):
        return self.worker.last_turn + self.seconds

    def status(self, path):
        sent = []

        async def send(message):
            sent.append(message)

        asyncio.run(self._health({"raw_path": path.encode(), "method": "GET"}, None, send))
        return sent[0]["status"]


@pytest.fixture
def probed(database):
    return Probed(database)


@pytest.mark.parametrize(
    ("seconds", "status"), [(SECONDS_WITHOUT_A_TURN - 1, 200), (SECONDS_WITHOUT_A_TURN, 503)]
)
def test_a_worker_whose_thread_hangs_does_not_live(probed, seconds, status):
    probed.seconds = seconds

    assert (probed.status(LIVE), probed.status(READY)) == (status, 200)


def test_a_worker_that_stops_is_not_ready_but_lives(probed):
    before = probed.status(READY)
    probed.worker.ask_to_stop()

    assert (before, probed.status(READY), probed.status(LIVE)) == (200, 503, 200)


def test_a_worker_is_not_ready_without_its_schema_but_lives(probed, database):
    before = probed.status(READY)
    with database.connection() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0021'"))
        connection.commit()
    probed.seconds = SECONDS

    assert (before, probed.status(READY), probed.status(LIVE)) == (200, 503, 200)
