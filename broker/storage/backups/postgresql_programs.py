"""pg_dump and pg_restore: found, and run without a password in their arguments."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo
from sqlalchemy import Connection

from broker.storage.backups.files import BackupError

MAGIC = b"PGDMP"
_FOLDERS = "/usr/lib/postgresql"
"""Where Debian has the programs of each version."""
_VERSION = re.compile(r"\) (\d+)")
_OF_RESTING = {"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"}
"""Parameters for connections that rest, which those of the programs do not: they have no variables."""
_LONGEST_MESSAGE = 500


def find(program: str, server: int) -> Path:
    """Return where a program is that suits a server of this major version: the same, or the next newer one.

    Raises BackupError.
    """
    versions = {path: _version_of(path) for path in _candidates(program)}
    suitable = [path for path in versions if versions[path] >= server]
    if suitable:
        return min(suitable, key=lambda path: versions[path])
    newest = max(versions.values(), default=0)
    what = f"{program} is of version {newest}" if newest else f"there is no {program}"
    raise BackupError(f"{what}, and the server is PostgreSQL {server}: install postgresql-client-{server}.")


def environment(connection: Connection) -> dict[str, str]:
    """Return the environment that lets a program connect as this connection did. Raises BackupError."""
    driver: Any = connection.connection.driver_connection
    parameters = {**driver.info.get_parameters(), "password": driver.info.password}
    variables = {
        option.keyword.decode(): option.envvar.decode()
        for option in Conninfo.get_defaults()
        if option.envvar is not None
    }
    missing = sorted(parameters.keys() - variables.keys() - _OF_RESTING)
    if missing:
        raise BackupError(
            f"--database-url has {', '.join(missing)}, which pg_dump and pg_restore cannot be given in the "
            "environment: use a URL without."
        )
    given = {variables[name]: str(value) for name, value in parameters.items() if value and name in variables}
    return {**os.environ, **given}


def run(program: Path, words: Sequence[str | Path], variables: Mapping[str, str]) -> bytes:
    """Run it, and return what it prints. Raises BackupError with what it says instead."""
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, with our own arguments
        [program, *words],
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        said = " ".join(done.stderr.decode(errors="replace").split())[:_LONGEST_MESSAGE]
        raise BackupError(f"{program.name} failed: {said or f'it ended with {done.returncode}'}")
    return done.stdout


def server_of(connection: Connection) -> int:
    """Return the major version of the server."""
    return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10000


def dump(connection: Connection, program: Path, path: Path) -> None:
    """Write what this transaction sees into the empty file at *path*. Raises BackupError."""
    snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    words = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", "--file", path)
    run(program, ("--no-password", *words), environment(connection))


def revision_in(program: Path, path: Path) -> str | None:
    """Return the schema of a backup, None when it is of another database. Raises BackupError when damaged."""
    words = ("--data-only", "--table=alembic_version", "--file=-", path.absolute())
    lines = iter(run(program, words, os.environ).decode(errors="replace").splitlines())
    is_copied = any(line.startswith("COPY ") for line in lines)
    return next(lines, None) if is_copied else None


def read_whole(program: Path, path: Path) -> None:
    """Raise BackupError when something in the file cannot be read."""
    run(program, ("--file=/dev/null", path.absolute()), os.environ)


def restore(connection: Connection, program: Path, path: Path) -> None:
    """Write everything of a backup into the empty database of the connection, or nothing.

    Raises BackupError.
    """
    variables = environment(connection)
    name = make_conninfo("", dbname=connection.exec_driver_sql("SELECT current_database()").scalar_one())
    words = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname", name)
    run(program, ("--no-password", *words, path.absolute()), variables)


def _candidates(program: str) -> list[Path]:
    on_path = shutil.which(program)
    installed = sorted(Path(_FOLDERS).glob(f"*/bin/{program}"), reverse=True)
    return [*([Path(on_path)] if on_path else []), *installed]


def _version_of(path: Path) -> int:
    try:
        said = subprocess.run(  # noqa: S603 - a program of PostgreSQL
            [path, "--version"], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = _VERSION.search(said.stdout)
    return int(found[1]) if found else 0
