"""The file of a backup, and the file of a SQLite database."""

from dataclasses import replace
from pathlib import Path
from typing import Self

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from broker.settings.settings import Settings
from broker.storage import database_url
from broker.storage.backups import postgresql_programs, sqlite_copy
from broker.storage.backups.files import BackupError, sha256_of
from broker.storage.backups.manifest import Manifest, read_manifest
from broker.storage.sqlite_files import file_of
from tally.values import dataclass

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Source:
    """The file of a backup, of what kind of database it is, and what was noted when it was made."""

    path: Path
    kind: str
    manifest: Manifest | None

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read what is at the beginning of the file, and beside it. Raises BackupError, OSError."""
        if not path.is_file():
            raise BackupError(f"there is no file {path}.")
        with path.open("rb") as file:
            beginning = file.read(len(sqlite_copy.MAGIC))
        if beginning == sqlite_copy.MAGIC:
            kind = "sqlite"
        elif beginning.startswith(postgresql_programs.MAGIC):
            kind = "postgresql"
        else:
            raise BackupError(
                f"{path} is no backup: neither a file of SQLite nor one of pg_dump --format=custom."
            )
        log = path.with_name(f"{path.name}-wal")
        if kind == "sqlite" and log.exists() and log.stat().st_size:
            raise BackupError(f"{path} is a database in use, not a backup: make one with tally backup.")
        return cls(path, kind, read_manifest(path))

    def damage(self) -> list[str]:
        """Return how the file differs from the one that was written. Raises OSError."""
        if self.manifest is None:
            return []
        size = self.path.stat().st_size
        if size != self.manifest.size:
            return [f"the file has {size} bytes, and had {self.manifest.size} when it was written"]
        if sha256_of(self.path) != self.manifest.sha256:
            return ["the file is not the one that was written: its SHA-256 is another"]
        return []

    def as_database(self, settings: Settings) -> Settings:
        """Return the settings with a backup of SQLite, which nobody changes, as the database."""
        return replace(settings, database_url=sqlite_copy.unchanging_url(self.path))

    def check_kind(self, settings: Settings) -> None:
        """Raise BackupError when the database of the settings is of another kind."""
        other = kind_of(settings)
        if other != self.kind:
            raise BackupError(
                f"{self.path} is a backup of {_NAMES[self.kind]}, and --database-url names a database of "
                f"{_NAMES[other]}. To move from one to the other: tally export and tally import."
            )


def kind_of(settings: Settings) -> str:
    """Return "sqlite" or "postgresql". Raises BackupError."""
    try:
        return database_url.read(settings.database_url)[0].get_backend_name()
    except ArgumentError as error:
        raise BackupError(
            "--database-url is not a database URL, such as sqlite:///tallystick.sqlite3"
        ) from error


def file_of_database(settings: Settings) -> Path:
    """Return the file of a SQLite database. Raises BackupError when it has none."""
    url = make_url(settings.database_url)
    path = file_of(url.database or "", is_uri="uri" in url.query)
    if not path:
        raise BackupError("--database-url names no file of SQLite.")
    return Path(path)
