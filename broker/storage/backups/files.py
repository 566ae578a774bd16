"""Files that appear whole or not at all, for their owner alone, and never in the place of another one."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from broker.storage.sqlite_files import make

_ENDING = ".tally-unfinished"
_BESIDE = ("", "-journal", "-wal", "-shm")
"""What SQLite may have made beside its file."""


class BackupError(Exception):
    """Something about a backup cannot be done; the text says what, and what to do."""


@contextmanager
def unfinished(final: Path) -> Iterator[Path]:
    """Yield an empty file, which gets its *final* name when the block ends well, and is removed otherwise.

    What a process that was killed has left in the folder is removed as well. Raises BackupError when there is
    such a file already, or no such folder; OSError.
    """
    refuse_taken(final)
    _remove_abandoned(final.parent)
    path, lock = _new_and_locked(final)
    try:
        yield path
        os.fsync(lock)
        _give_name(path, final)
        sync_folder(final.parent)
    finally:
        _remove(path)
        os.close(lock)


def _new_and_locked(final: Path) -> tuple[Path, int]:
    """Make an empty file; whoever finds it locked knows that somebody is at work.

    SQLite's locks are of another kind.
    """
    while True:
        path = final.with_name(f".{uuid4().hex}{_ENDING}")
        make(path)
        # Before it is locked, another backup may take it for abandoned.
        with suppress(FileNotFoundError):
            lock = os.open(path, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_nlink:
                return path, lock
            os.close(lock)


def refuse_taken(final: Path) -> None:
    """Raise BackupError when nothing can be made there."""
    if final.is_dir():
        raise BackupError(f"{final} is a folder: name a file.")
    if os.path.lexists(final):
        raise BackupError(f"{final} exists: nothing is overwritten. Choose another name.")
    if not final.parent.is_dir():
        raise BackupError(f"there is no folder {final.parent}: make it first.")


def replace(path: Path, content: bytes) -> None:
    """Write a small file, for its owner alone, in the place of one that may be there. Raises OSError."""
    begun = path.with_name(f".{uuid4().hex}{_ENDING}")
    try:
        make(begun, content)
        begun.replace(path)
    finally:
        begun.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Let the names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _give_name(path: Path, final: Path) -> None:
    try:
        # Unlike a rename, a link takes nobody's place.
        final.hardlink_to(path)
    except FileExistsError:
        refuse_taken(final)
        raise
    except OSError:  # a file system without links
        refuse_taken(final)
        path.rename(final)


def _remove_abandoned(folder: Path) -> None:
    for path in folder.glob(f".*{_ENDING}"):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(path)
            finally:
                os.close(descriptor)


def _remove(path: Path) -> None:
    for ending in _BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
