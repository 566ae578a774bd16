"""PgBouncer in transaction mode, with so few sessions that its clients share them all the time."""

import subprocess
import time
from pathlib import Path

from support.prerequisites import find_pgbouncer

SESSIONS = 3
"""How many sessions all clients of one database share."""
PORT = 6432
"""Of the socket's name alone: it is in a folder."""
PATIENCE = 10.0
"""Seconds to wait until it is there."""
CONFIGURATION = """
[databases]
* = host={postgresql} user=postgres

[pgbouncer]
unix_socket_dir = {folder}
unix_socket_mode = 0777
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 1000
query_wait_timeout = 20
server_login_retry = 1
server_idle_timeout = 5
pidfile = {folder}/pgbouncer.pid
logfile = {folder}/log
log_connections = 0
log_disconnections = 0
"""


def start(folder: Path, postgresql: Path, user: str | None) -> None:
    """Start it for all databases of the server whose socket is in *postgresql*; it waits in *folder*.

    Raises MissingPrerequisiteError when PgBouncer is not installed.
    """
    program = find_pgbouncer()
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        CONFIGURATION.format(folder=folder, postgresql=postgresql, sessions=SESSIONS, port=PORT),
        encoding="utf-8",
    )
    output = folder / "output"
    with output.open("w") as file:
        code = subprocess.call(
            [program, "--daemon", "--quiet", configuration],
            cwd=folder,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + PATIENCE
    while code == 0 and not (folder / f".s.PGSQL.{PORT}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    if code != 0 or time.monotonic() >= deadline:
        raise RuntimeError(f"{program} failed:\n{output.read_text()}")


def url(folder: Path, database: str) -> str:
    """Return the URL of a database behind the pooler."""
    return f"postgresql://postgres@/{database}?host={folder}&port={PORT}"
