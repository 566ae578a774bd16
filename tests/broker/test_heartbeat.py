"""The file by which `tally-health` sees that a worker works."""

import os

from support.receivers import wait_until

from broker.heartbeat import SECONDS_BETWEEN, Heartbeat
from broker.settings import Settings
from broker.storage.database import Database
from broker.worker import Worker
from tally.health_check import LONGEST_SILENCE

LONG_AGO = (1_000_000, 1_000_000)


def test_it_is_renewed_when_that_is_due_and_not_more_often(tmp_path):
    file = tmp_path / "worker"
    now = 100.0
    heartbeat = Heartbeat(str(file), clock=lambda: now)

    heartbeat.beat()
    os.utime(file, LONG_AGO)
    now += SECONDS_BETWEEN / 2
    heartbeat.beat()
    too_early = file.stat().st_mtime
    now += SECONDS_BETWEEN / 2
    heartbeat.beat()

    assert too_early == LONG_AGO[1]
    assert file.stat().st_mtime > LONG_AGO[1]
    assert LONGEST_SILENCE >= 2 * SECONDS_BETWEEN


def test_a_file_that_cannot_be_written_is_logged_once_and_harms_nothing(tmp_path, caplog):
    now = 100.0
    heartbeat = Heartbeat(f"{tmp_path}/no/such/folder", clock=lambda: now)

    for _ in range(3):
        heartbeat.beat()
        now += SECONDS_BETWEEN

    [message] = caplog.messages
    assert message.startswith(
        "TALLY_WORKER_HEARTBEAT_FILE cannot be written, so tally-health finds no worker: "
    )


def test_a_worker_renews_it_also_while_the_database_is_away(tmp_path):
    file = tmp_path / "worker"
    database = Database(f"sqlite:///{tmp_path}/no/such/folder")
    worker = Worker(database, Settings(), beat=file.touch)

    worker.start()
    wait_until(file.exists)
    file.unlink()  # the first turn has failed when it comes again

    wait_until(file.exists)
    worker.stop()
    database.close()
