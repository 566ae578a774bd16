"""PostgreSQL servers of our own: one that is made, started and told what to do, as a user it accepts."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from support.prerequisites import find_postgresql

INITDB_OPTIONS = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
# Nothing here needs to survive a crash.
SERVER_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "synchronous_commit": "off",
}


def make(cluster: Path) -> None:
    """Make the files of an empty server."""
    make_folder(cluster)
    run(cluster, "initdb", *INITDB_OPTIONS)


def start(cluster: Path, chosen: Mapping[str, str] = SERVER_OPTIONS) -> None:
    """Start the server whose files are there; its socket is beside them."""
    options = " ".join(f"-c {name}='{value}'" for name, value in chosen.items())
    run(cluster, "pg_ctl", "-ws", "-l", "log", "-o", f"{options} -k {cluster}", "start")


def make_folder(folder: Path) -> None:
    """Make a new folder for a server, in the place of one that may be there."""
    user = unprivileged_user()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    if user:
        shutil.chown(folder, user)


def run(cluster: Path, program: str, *words: str | Path) -> None:
    """Run a program of PostgreSQL for the server whose files are in this folder."""
    # The output goes to a file: the server would inherit a pipe, and its reader would wait for ever.
    with cluster.with_suffix(".out").open("w+") as output:
        code = subprocess.call(
            [find_postgresql() / program, *words],
            cwd=cluster,
            env={**os.environ, "PGDATA": str(cluster)},
            user=unprivileged_user(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        if code != 0:
            output.seek(0)
            raise RuntimeError(f"{program} failed:\n{output.read()}")


def unprivileged_user() -> str | None:
    """Return who PostgreSQL runs as: None for ourselves, somebody else when we are root, which it refuses."""
    if os.geteuid() != 0:
        return None
    users = Path("/etc/passwd").read_text(encoding="utf-8")
    return "postgres" if "\npostgres:" in users else "nobody"


def url(cluster: Path, database: str) -> str:
    """Return the URL of a database of that server."""
    return f"postgresql://postgres@/{database}?host={cluster}"
