"""Make a backup of a database while it is used."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from broker.backups.keys import fingerprints, with_all_keys
from broker.backups.sources import file_of_database, kind_of
from broker.databases import open_database
from broker.services.audit.on_machine import OnMachine
from broker.settings.settings import Settings
from broker.storage import job_successes
from broker.storage.backups import contents, postgresql_programs, sqlite_copy
from broker.storage.backups.files import BackupError, sha256_of, unfinished
from broker.storage.backups.files import replace as replace_file
from broker.storage.backups.manifest import Manifest, manifest_beside
from broker.storage.database import Database
from tally.values import dataclass


@dataclass(frozen=True)
class Taken:
    """A backup that was made in some *seconds*; *problems* is None when nobody looked for any.

    *not_noted* is why the database does not know of it, "" when it does.
    """

    path: Path
    manifest: Manifest
    seconds: float
    problems: Sequence[str] | None
    not_noted: str


@dataclass(frozen=True)
class _Facts:
    schema: str
    rows: dict[str, int]
    problems: Sequence[str] | None


def take(settings: Settings, path: Path, *, verified: bool) -> Taken:
    """Write a backup of the database to *path*, and its manifest beside it; look at it when *verified*.

    Raises BackupError, OSError, SQLAlchemyError; then there is no file at *path*.
    """
    began = time.monotonic()
    kind = kind_of(settings)
    settings = with_all_keys(settings)
    if kind == "sqlite" and not (file := file_of_database(settings)).exists():
        raise BackupError(f"there is no database {file}. Check --database-url (TALLY_DATABASE_URL).")
    database = open_database(settings)
    try:
        with unfinished(path) as begun:
            now = database.now()
            write = _of_sqlite if kind == "sqlite" else _of_postgresql
            facts = write(database, settings, begun, now if verified else None)
            manifest = Manifest(
                database=kind,
                release=version("tallystick"),
                schema=facts.schema,
                taken_at=now,
                size=begun.stat().st_size,
                sha256=sha256_of(begun),
                keys=fingerprints(settings),
                rows=facts.rows,
            )
        # Not before: the one who was first has the name, and the notes beside it.
        replace_file(manifest_beside(path), manifest.to_bytes())
        seconds = time.monotonic() - began
        not_noted = "" if facts.problems else _note(database, settings, manifest, seconds)
    finally:
        database.close()
    return Taken(path, manifest, seconds, facts.problems, not_noted)


def _of_sqlite(database: Database, settings: Settings, path: Path, verified_at: datetime | None) -> _Facts:
    with database.reading() as storage:
        _schema(storage.connection)
        sqlite_copy.copy(storage.connection, path)
    copy = open_database(replace(settings, database_url=sqlite_copy.unchanging_url(path)))
    try:
        with copy.snapshot() as connection:
            return _facts(connection, verified_at)
    finally:
        copy.close()


def _of_postgresql(
    database: Database, _settings: Settings, path: Path, verified_at: datetime | None
) -> _Facts:
    with database.snapshot() as connection:
        _schema(connection)
        program = postgresql_programs.find("pg_dump", postgresql_programs.server_of(connection))
        postgresql_programs.dump(connection, program, path)
        return _facts(connection, verified_at)


def _schema(connection: Connection) -> str:
    schema = contents.schema_of(connection)
    if schema is None:
        raise BackupError("the database is none of Tallystick. Check --database-url (TALLY_DATABASE_URL).")
    return schema


def _facts(connection: Connection, verified_at: datetime | None) -> _Facts:
    rows = contents.rows_of(connection)
    problems = None
    if verified_at is not None:
        problems = list(contents.what_is_wrong(connection, rows, verified_at))
    return _Facts(_schema(connection), rows, problems)


def _note(database: Database, settings: Settings, manifest: Manifest, seconds: float) -> str:
    """Let the database know that a backup was made; return why it cannot, "" when it can."""

    def note() -> None:
        about = {"bytes": manifest.size, "sha256": manifest.sha256}
        with database.transaction() as storage:
            storage.job_successes.note(job_successes.BACKUP, seconds)
            OnMachine.by_command(settings).note(
                storage, "backup", kind="database", name="all", now=manifest.taken_at, after=about
            )

    try:
        database.retrying.run(note)
    except SQLAlchemyError as error:
        return str(getattr(error, "orig", None) or error).splitlines()[0]
    return ""
