"""The key beside a SQLite database, for a broker that is not given one."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from sqlalchemy import make_url

from broker.storage.sqlite_files import file_of, make


def key_beside(url: str, new: str) -> str:
    """Return the key in the file beside the database, where *new* is written if there is no file yet.

    "" when the database is none of SQLite in a file. Raises OSError, UnicodeDecodeError.
    """
    path = _path(url)
    if path is None:
        return ""
    if not path.exists():
        _make_whole(path, new)
    return path.read_text(encoding="ascii").strip()


def existing_key_beside(url: str) -> str:
    """Return the key in that file, "" when there is none. Raises OSError, UnicodeDecodeError."""
    path = _path(url)
    return path.read_text(encoding="ascii").strip() if path and path.exists() else ""


def _path(url: str) -> Path | None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    file = file_of(parsed.database or "", is_uri="uri" in parsed.query)
    return Path(f"{file}.key") if file else None


def _make_whole(path: Path, key: str) -> None:
    """Make the file with its content, or leave it as another process made it meanwhile."""
    begun = path.with_name(f"{path.name}.{uuid4().hex}")
    make(begun, f"{key}\n".encode())
    try:
        with suppress(FileExistsError):
            path.hardlink_to(begun)
    finally:
        begun.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # what is encrypted with a key that is lost is lost as well
    finally:
        os.close(folder)
