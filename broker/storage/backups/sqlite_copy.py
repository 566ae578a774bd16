"""A copy of a SQLite database while it is used."""

import os
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection

from broker.storage.backups.files import BackupError
from broker.storage.sqlite_files import LEAST_FREE

MAGIC = b"SQLite format 3\0"


def copy(connection: Connection, path: Path) -> None:
    """Write what is committed into the empty file at *path*. Raises BackupError, OSError, SQLAlchemyError."""
    pages, unused, size = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        for name in ("page_count", "freelist_count", "page_size")
    )
    check_room(path.parent, (pages - unused) * size)
    connection.exec_driver_sql("VACUUM INTO ?", (str(path),))


def check_room(folder: Path, needed: int) -> None:
    """Raise BackupError unless the disk of *folder* has room for so many bytes."""
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    if free < needed + LEAST_FREE:
        raise BackupError(
            f"the disk of {folder} has {free} bytes free, and the backup takes up to {needed}: make room, or "
            "choose another place."
        )


def unchanging_url(path: Path) -> str:
    """Return the URL of a database in a file that nobody changes, nor the one who opens it."""
    parts = {"uri": "true", "mode": "ro", "immutable": "1"}
    url = URL.create("sqlite", database=f"file:{quote(str(path.absolute()))}", query=parts)
    return url.render_as_string(hide_password=False)


def file_url(path: Path) -> str:
    """Return the URL of the database in a file."""
    return URL.create("sqlite", database=str(path.absolute())).render_as_string(hide_password=False)
