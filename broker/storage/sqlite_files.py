"""The files of SQLite: made for the user of the broker alone, whatever the umask."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tally.values import dataclass

OURS_ALONE = 0o600
LEAST_FREE = 1024 * 1024
"""Bytes: a contract and its entries in the indexes are seldom larger."""


def make_private(filename: str, arguments: Mapping[str, Any]) -> None:
    """Make the file that SQLite is about to open, if it is missing, with permissions for its owner alone.

    SQLite gives a new file what the umask leaves, and `-wal`, `-shm` and `-journal` what the file has. What
    goes wrong here goes wrong there as well, and is told there.
    """
    path = file_of(filename, is_uri=bool(arguments.get("uri")))
    # Not a file that exists: closing it would end the locks that other connections of this process have.
    if path and not Path(path).exists():
        with suppress(OSError):
            make(os.path.realpath(path))


def make(path: str | Path, content: bytes = b"") -> None:
    """Make a file for its owner alone. Raises OSError, also when there is one."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OURS_ALONE)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_of(filename: str, *, is_uri: bool) -> str:
    """Return the path of the file; "" for one that SQLite does not make, or keeps in memory."""
    if is_uri and filename.startswith("file:"):
        parts = urlsplit(filename)
        is_made = parse_qs(parts.query).get("mode", ["rwc"])[-1] == "rwc"
        filename = unquote(parts.path) if is_made else ""
    return "" if filename == ":memory:" else filename


class LostFileError(Exception):
    """The file of the database is not there any more, or another one is in its place."""


class FullDiskError(Exception):
    """There is hardly any room on the disk of the database."""


@dataclass(frozen=True)
class Disk:
    """How many bytes a disk has, and how many of them whoever is not root may still use."""

    size: int
    free: int


class WatchedFile:
    """The file at a path, "" for one that cannot be lost; safe to share between threads.

    Who has it open can go on writing to a file that was removed, and all of that is gone later.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._known: tuple[int, int] | None = None

    def check(self) -> None:
        """Raise LostFileError when it is not the file that was there first."""
        if not self._path:
            return
        try:
            status = os.stat(self._path)  # noqa: PTH116 - each request comes here, and a Path takes longer
            found = (status.st_dev, status.st_ino)
        except OSError:
            found = None
        if self._known is None:
            self._known = found
        elif found != self._known:
            what = "is not there any more" if found is None else "is another one now"
            raise LostFileError(f"{self._path} {what}")

    def is_there(self) -> bool:
        """Return False when SQLite would have to make the file."""
        path = Path(self._path)
        return not self._path or (path.exists() and path.stat().st_size > 0)

    def check_room(self) -> None:
        """Raise FullDiskError when a change that is not small would find no room.

        A small one may: SQLite writes over what is no longer needed in its log.
        """
        disk = self.disk()
        if disk and disk.free < LEAST_FREE:
            raise FullDiskError(f"{disk.free} bytes are free on the disk of {self._path}")

    def disk(self) -> Disk | None:
        """Return the disk of the file, None when there is no file. Raises OSError."""
        if not self._path:
            return None
        found = os.statvfs(Path(self._path).parent)
        return Disk(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)

    def size(self) -> int:
        """Return how many bytes the file takes, with the log beside it."""
        size = 0
        for path in (self._path, f"{self._path}-wal") if self._path else ():
            with suppress(OSError):
                size += Path(path).stat().st_size
        return size
