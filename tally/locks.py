"""Locks between processes, which end with the process that holds them."""

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_PAUSE = 0.05


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock *path*, a file that is created when it is missing; wait as long as another holds it.

    Several processes may hold it at once when each of them has it *shared*.
    """
    with path.open("a+b") as file:
        _lock(file, shared=shared)
        yield  # closing the file gives the lock back


@contextmanager
def locked_directory(path: Path) -> Iterator[None]:
    """Hold the lock of a directory that exists; nothing is left in it."""
    descriptor = _locked_descriptor(path)
    if descriptor is not None:
        try:
            yield
        finally:
            os.close(descriptor)  # gives the lock back
        return
    # Not every file system locks directories: then processes on this machine wait for each other.
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    with locked(Path(tempfile.gettempdir()) / f"tallystick-{name}.lock"):
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes], *, shared: bool) -> None:  # noqa: ARG001 - Windows has no shared locks here
        while True:
            try:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError:
                time.sleep(_PAUSE)
            else:
                return

    def _locked_descriptor(path: Path) -> int | None:  # noqa: ARG001 - Windows locks no directories
        return None

else:
    import fcntl

    def _lock(file: IO[bytes], *, shared: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)

    def _locked_descriptor(path: Path) -> int | None:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            os.close(descriptor)
            return None
        return descriptor
