"""Locks between processes: one holds a directory at a time."""

import fcntl
import os
import stat
from threading import Event, Thread

import pytest

from tally.locks import locked_directory


@pytest.fixture(params=["a directory that can be locked", "one that cannot"])
def file_system(request, monkeypatch):
    """Not every file system locks directories: some of a network do not."""
    lock = fcntl.flock

    def refused(descriptor, operation):
        number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError
        lock(descriptor, operation)

    if request.param == "one that cannot":
        monkeypatch.setattr(fcntl, "flock", refused)


@pytest.mark.usefixtures("file_system")
def test_a_directory_is_held_by_one_at_a_time_and_nothing_is_left_in_it(tmp_path):
    entered = Event()

    def enter():
        with locked_directory(tmp_path):
            entered.set()

    with locked_directory(tmp_path):
        other = Thread(target=enter)
        other.start()
        assert not entered.wait(0.1)
    assert entered.wait(5)
    other.join()

    assert list(tmp_path.iterdir()) == []
