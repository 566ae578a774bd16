import logging
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import OperationalError
from support.factories import a_publication
from support.receivers import wait_until

from broker.background.clean_up import regularly, schedule
from broker.settings.settings import InvalidSettingError, Settings
from broker.storage.database import Database
from broker.storage.retention.deletions import Deletions

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def test_without_a_schedule_it_is_every_so_many_hours():
    assert schedule(Settings(database_clean_interval=6))(NOON) == 6 * 3600


@pytest.mark.parametrize("hours", [0, 8761, 10**12])
def test_it_is_at_least_every_year_and_at_most_every_hour(hours):
    with pytest.raises(
        InvalidSettingError, match=f"CLEAN_INTERVAL must be from 1 to 8760 hours, not {hours}"
    ):
        schedule(Settings(database_clean_interval=hours))


@pytest.mark.parametrize(
    ("line", "hours"), [("15 2 * * *", 14.25), ("0 * * * *", 1), ("0 12 2 * *", 24), ("30 12 * * 4", 0.5)]
)
def test_a_cron_line_says_when_in_utc(line, hours):
    seconds_until = schedule(Settings(database_clean_cron_schedule=line))

    assert seconds_until(NOON) == hours * 3600


@pytest.mark.parametrize("line", ["at night", "15 2 * *", "99 2 * * *", "0 0 30 2 *"])
def test_a_line_that_never_comes_is_refused(line):
    with pytest.raises(InvalidSettingError, match="must be five fields such as"):
        schedule(Settings(database_clean_cron_schedule=line))


def cleaning():
    return [thread for thread in threading.enumerate() if thread.name == "cleaning"]


def test_what_was_deleted_is_logged(database, caplog):
    caplog.set_level(logging.INFO)

    with regularly(database, Settings(database_clean_enabled=True), first=0):
        wait_until(lambda: "Cleaned up: {" in caplog.text)

    assert cleaning() == []


def test_the_next_clean_up_is_awaited_also_while_the_database_is_away(database, monkeypatch):
    asked = threading.Event()

    def away(_):
        asked.set()
        raise OperationalError("SELECT", {}, ConnectionRefusedError())

    monkeypatch.setattr(Database, "now", away)
    with regularly(database, Settings(database_clean_enabled=True, database_clean_cron_schedule="0 0 1 1 *")):
        assert asked.wait(5)
        [thread] = cleaning()
        thread.join(0.2)
        assert thread.is_alive()

    assert cleaning() == []


@pytest.mark.parametrize(("is_lost", "is_cleaned"), [(True, True), (False, False)])
def test_a_batch_that_lost_its_connection_is_tried_again(
    database, broker, monkeypatch, caplog, is_lost, is_cleaned
):
    caplog.set_level(logging.INFO)
    for number in ("1", "2"):
        broker.post("/contracts/publish", json=a_publication(version=number))
    real = Deletions.lock
    faults = [OperationalError("SELECT", {}, ConnectionResetError(), connection_invalidated=is_lost)]

    def lock(*arguments):
        if faults:
            raise faults.pop()
        return real(*arguments)

    monkeypatch.setattr(Deletions, "lock", lock)
    keep = '[{"pacticipant": "Orders"}]'
    settings = Settings(database_clean_enabled=True, database_clean_keep_version_selectors=keep)
    with regularly(database, settings, first=0):
        wait_until(lambda: "Cleaned up" in caplog.text or "The clean-up failed" in caplog.text)

    with database.reading() as storage:
        assert [each.name for each in storage.job_successes.all()] == ["clean-up"] * is_cleaned
    assert ("Cleaned up" in caplog.text) is is_cleaned
    assert ("is tried again: OperationalError" in caplog.text) is is_cleaned
