"""Restore a backup where nothing is yet, or verify it without."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from broker.backups.keys import check_keys, unreadable, with_all_keys
from broker.backups.sources import Source, file_of_database
from broker.databases import open_database
from broker.services.audit.on_machine import OnMachine
from broker.settings.settings import Settings
from broker.storage.backups import contents, postgresql_programs, sqlite_copy
from broker.storage.backups.after_restoring import Ended, end_what_was_under_way
from broker.storage.backups.files import BackupError, refuse_taken, unfinished
from broker.storage.database import Database
from broker.storage.migrations import refuse_newer, upgrade
from tally.values import dataclass

_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Options:
    """Whether the contents are *verified* before the database is there, and webhooks are delivered after."""

    verified: bool
    deliver: bool


@dataclass(frozen=True)
class Restored:
    """A database that is there again, after some *seconds*.

    *unreadable* is how many secrets and webhooks need a key that is missing. *problems* is None when
    nobody looked for any. *of_root* is the file when root has made it in the folder of somebody else.
    """

    source: Source
    schema: str
    seconds: float
    rows: Mapping[str, int]
    ended: Ended
    unreadable: int
    problems: Sequence[str] | None
    of_root: Path | None = None


class WrongBackupError(BackupError):
    """What is in a backup is not what must be in it."""

    def __init__(self, path: Path, problems: Sequence[str], left: str = "Nothing was restored.") -> None:
        super().__init__(f"{path} is not whole. {left}")
        self.problems = problems


class HalfRestoredError(BackupError):
    """The rows are in a database of PostgreSQL, and what has to be done to them afterwards failed."""

    def __init__(self, cause: BaseException) -> None:
        is_interrupted = isinstance(cause, KeyboardInterrupt)
        reason = "you stopped it" if is_interrupted else str(getattr(cause, "orig", None) or cause).strip()
        super().__init__(
            "the rows of the backup are in the database, but it is not ready: "
            f"{reason.splitlines()[0] if reason else type(cause).__name__}. Webhooks and log-ins of then may "
            "go on in it: let no broker use it. Drop it, solve that, and restore into a new one."
        )


def restore(settings: Settings, path: Path, options: Options) -> Restored:
    """Make the database of the settings out of a backup.

    Raises BackupError, NewerDatabaseError, UnusableKeyError, OSError, SQLAlchemyError.
    """
    began = time.monotonic()
    source = Source.of(path)
    source.check_kind(settings)
    if damage := source.damage():
        raise WrongBackupError(path, damage)
    settings = with_all_keys(settings)
    check_keys(settings)
    how = _to_sqlite if source.kind == "sqlite" else _to_postgresql
    restored = how(source, settings, options)
    return replace(restored, seconds=time.monotonic() - began)


def verify(settings: Settings, path: Path, scratch_url: str | None) -> tuple[Source, list[str]]:
    """Return what is wrong with a backup, without restoring it, but into a scratch database of PostgreSQL.

    Raises BackupError, OSError, SQLAlchemyError.
    """
    source = Source.of(path)
    if damage := source.damage():
        return source, damage
    if source.kind == "sqlite":
        target = source.as_database(settings)
    elif scratch_url is not None:
        target = replace(settings, database_url=scratch_url)
        source.check_kind(target)
        with _opened(target) as database:
            _load(source, database)
    else:
        postgresql_programs.read_whole(postgresql_programs.find("pg_restore", 0), path)
        return source, []
    with _opened(target) as database:
        now = database.now()
        with database.snapshot() as connection:
            if contents.schema_of(connection) is None:
                raise BackupError(f"{path} is a database, but none of Tallystick.")
            return source, list(contents.what_is_wrong(connection, _expected(source), now))


def _to_sqlite(source: Source, settings: Settings, options: Options) -> Restored:
    final = file_of_database(settings)
    refuse_taken(final)
    for ending in _BESIDE:
        refuse_taken(final.with_name(final.name + ending))
    with unfinished(final) as path:
        with _opened(source.as_database(settings)) as database, database.snapshot() as connection:
            _refuse(source, contents.schema_of(connection))
            if damage := contents.damage(connection):
                raise WrongBackupError(source.path, damage)
        sqlite_copy.check_room(path.parent, source.path.stat().st_size)
        shutil.copyfile(source.path, path)
        with _opened(replace(settings, database_url=sqlite_copy.file_url(path))) as database:
            restored = _prepare(source, settings, database, options)
    of_root = final.stat().st_uid == 0 and final.parent.stat().st_uid != 0
    return replace(restored, of_root=final if of_root else None)


def _to_postgresql(source: Source, settings: Settings, options: Options) -> Restored:
    with _opened(settings) as database:
        _load(source, database)
        try:
            return _prepare(source, settings, database, options)
        except WrongBackupError as error:
            left = "What could be read is in the database: let no broker use it, and drop it."
            raise WrongBackupError(source.path, error.problems, left) from error
        except (Exception, KeyboardInterrupt) as error:
            raise HalfRestoredError(error) from error


def _load(source: Source, database: Database) -> None:
    with database.snapshot() as connection:
        if contents.has_tables(connection):
            raise BackupError(
                "the database is not empty: it has tables of Tallystick. Restore into a new one, made with "
                "createdb, and let the broker use that."
            )
        program = postgresql_programs.find("pg_restore", postgresql_programs.server_of(connection))
        _refuse(source, postgresql_programs.revision_in(program, source.path))
        postgresql_programs.restore(connection, program, source.path)


def _refuse(source: Source, schema: str | None) -> None:
    """Raise BackupError for the backup of another program, NewerDatabaseError for that of a newer release."""
    if schema is None:
        raise BackupError(f"{source.path} is a backup of a database, but of none of Tallystick.")
    refuse_newer(schema)


def _prepare(source: Source, settings: Settings, database: Database, options: Options) -> Restored:
    """Bring what was restored up to date, and end what was under way."""
    now = database.now()
    with database.snapshot() as connection:
        rows = contents.rows_of(connection)
        wrong = list(contents.miscounted(rows, _expected(source) or {}))
        if options.verified:
            wrong = list(contents.what_is_wrong(connection, _expected(source), now))
        schema = contents.schema_of(connection) or ""
    if wrong:
        raise WrongBackupError(source.path, wrong)
    upgrade(database)
    with database.erasing() as storage:
        ended = end_what_was_under_way(storage.connection, deliver=options.deliver)
        about = {"schema": schema, "deliveriesNotSent": ended.deliveries, "logInsEnded": ended.log_ins}
        OnMachine.by_command(settings).note(
            storage, "restore", kind="database", name="all", now=now, after=about
        )
    with database.reading() as storage:
        contents.analyse(storage.connection)
        missing = unreadable(storage, settings)
    return Restored(source, schema, 0, rows, ended, missing, [] if options.verified else None)


def _expected(source: Source) -> Mapping[str, int] | None:
    return source.manifest.rows if source.manifest else None


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = open_database(settings)
    try:
        yield database
    finally:
        database.close()
