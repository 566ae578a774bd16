"""Who may read what SQLite keeps on the disk."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from broker.storage.database import Database


@pytest.fixture
def open_umask():
    """Let new files be open to everybody, as far as the umask decides."""
    before = os.umask(0)
    yield
    os.umask(before)


def permissions(folder):
    return {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir() if not path.is_symlink()}


@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///{folder}/new.sqlite3",
        "sqlite:///file:{folder}/new.sqlite3?uri=true",
        "sqlite:///file:{folder}/new%2Esqlite3?mode=rwc&uri=true",
        "sqlite:///{folder}/link.sqlite3",
    ],
)
def test_the_files_are_made_for_their_owner_alone(tmp_path, url):
    (tmp_path / "link.sqlite3").symlink_to(tmp_path / "new.sqlite3")
    database = Database(url.format(folder=tmp_path))

    with database.connection() as connection:
        connection.exec_driver_sql("CREATE TABLE a (b)")
        made = permissions(tmp_path)
    database.close()

    assert made == dict.fromkeys(["new.sqlite3", "new.sqlite3-shm", "new.sqlite3-wal"], "0o600")


@pytest.mark.usefixtures("open_umask")
def test_a_file_that_exists_keeps_its_permissions(tmp_path):
    (tmp_path / "old.sqlite3").touch(0o640)
    database = Database(f"sqlite:///{tmp_path}/old.sqlite3")

    assert database.problem() is None
    database.close()

    assert permissions(tmp_path) == {"old.sqlite3": "0o640"}


@pytest.mark.usefixtures("open_umask")
def test_the_command_makes_its_file_for_its_owner_alone(tmp_path):
    tally = Path(sys.executable).with_name("tally")
    subprocess.run([tally, "migrate"], cwd=tmp_path, check=True, capture_output=True)

    assert permissions(tmp_path) == {
        "tallystick.sqlite3": "0o600",
        "tallystick.sqlite3.key": "0o600",
    }


def test_a_database_in_memory_makes_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&cache=shared&uri=true"):
        database = Database(url)
        assert database.problem() is None
        database.close()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_told_by_sqlite(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/none/new.sqlite3")

    assert "unable to open database file" in (database.problem() or "")
    database.close()
