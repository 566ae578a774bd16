"""A PostgreSQL with a standby, and fail-overs between the two.

    with replicated() as pair:          # a migrated database
        serving(pair.url, ...)          # names both servers; the driver looks for the one that takes writes
        pair.fail_over("immediate")     # or "fast"; may be called again and again

`replicated() -> ContextManager[Pair]`, `Pair.url: str`, `Pair.fail_over(mode: str) -> float`: stop the first
server, as a crash or as an operator would, make the standby the first one, and let the other come back as its
standby; return the seconds from the stop until there is a server again that takes writes. `Pair.demote()`
makes the first server one that takes no writes, with its sessions, until `Pair.promote()`.

`replicated(is_synchronous=False)`: nobody waits for the standby, which has `Pair.standby_url`; `Pair.pause()`
keeps it from replaying anything until `Pair.resume()`, which returns when it has all that there is.
`Pair.first_url` is that of the first server alone.

Otherwise commits wait for the standby, so nothing that was acknowledged is lost. Two servers need about
120 MB of disk.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from support import clusters, databases

OPTIONS = {
    **clusters.SERVER_OPTIONS,
    "max_standby_streaming_delay": "100ms",
    "synchronous_commit": "on",
    "wal_keep_size": "64MB",
    "wal_receiver_status_interval": "1s",
}
PORT = 5432
"""Of the sockets' names alone: they are in different folders."""
PATIENCE = 30.0


class Pair:
    """Two servers, one of which follows the other."""

    def __init__(self, folder: Path, *, is_synchronous: bool) -> None:
        self._is_synchronous = is_synchronous
        self._first, self._standby = folder.with_suffix(".a"), folder.with_suffix(".b")
        hosts = f"{self._first},{self._standby}"
        self.url = f"postgresql://postgres@/postgres?host={hosts}&target_session_attrs=read-write"
        clusters.make(self._first)
        clusters.start(self._first, OPTIONS)
        self._follow()

    @property
    def first_url(self) -> str:
        """The URL of the server that takes writes."""
        return clusters.url(self._first, "postgres")

    @property
    def standby_url(self) -> str:
        """The URL of the server that follows it."""
        return clusters.url(self._standby, "postgres")

    def pause(self) -> None:
        """Let the standby replay nothing."""
        with psycopg.connect(self.standby_url, autocommit=True) as connection:
            connection.execute("SELECT pg_wal_replay_pause()")
            deadline = time.monotonic() + PATIENCE
            state = "SELECT pg_get_wal_replay_pause_state()"
            while connection.execute(state).fetchone() != ("paused",):
                assert time.monotonic() < deadline, "The standby goes on replaying"
                time.sleep(0.01)

    def resume(self) -> None:
        """Let the standby replay what there is, and wait until it has."""
        with psycopg.connect(self.standby_url, autocommit=True) as connection:
            connection.execute("SELECT pg_wal_replay_resume()")
        # A record of our own: the position after a page of the log is beyond its last record.
        with self._session() as first, psycopg.connect(self.standby_url, autocommit=True) as standby:
            first.execute("SELECT pg_logical_emit_message(true, 'test', '')")
            there = first.execute("SELECT pg_current_wal_flush_lsn()").fetchone()
            deadline = time.monotonic() + PATIENCE
            while standby.execute("SELECT pg_last_wal_replay_lsn() >= %s", there).fetchone() != (True,):
                assert time.monotonic() < deadline, "The standby does not catch up"
                time.sleep(0.01)

    def control_standby(self, *words: str) -> None:
        """Call pg_ctl for the standby."""
        clusters.run(self._standby, "pg_ctl", "-ws", *words)

    def start_standby(self) -> None:
        """Start the standby again."""
        clusters.start(self._standby, OPTIONS)

    def fail_over(self, mode: str) -> float:
        """Stop the first server, let the standby take its place, and the other come back as the standby."""
        began = time.monotonic()
        clusters.run(self._first, "pg_ctl", "-ws", "-m", mode, "stop")
        clusters.run(self._standby, "pg_ctl", "-ws", "promote")
        seconds = time.monotonic() - began
        self._first, self._standby = self._standby, self._first
        self._follow()
        return seconds

    def demote(self) -> None:
        """Let the first server take no writes any more, also from the sessions that it has."""
        self._set("default_transaction_read_only", "on")

    def promote(self) -> None:
        """End what `demote` began."""
        self._set("default_transaction_read_only", "off")

    def stop(self) -> None:
        """Stop both at once."""
        for server in (self._standby, self._first):
            if (server / "postmaster.pid").exists():
                clusters.run(server, "pg_ctl", "-ws", "-m", "immediate", "stop")

    def _follow(self) -> None:
        """Make the standby from a copy of the first server, and let commits wait for it from then on."""
        clusters.make_folder(self._standby)
        connection = f"host={self._first} user=postgres"
        words = ("-D", self._standby, "-d", connection, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        clusters.run(self._first, "pg_basebackup", *words)
        # What the first server was told is in the copy; a server that takes writes alone waits for nobody.
        with (self._standby / "postgresql.auto.conf").open("a") as settings:
            settings.write("synchronous_standby_names = ''\n")
        for file in self._standby.glob(".s.PGSQL.*.lock"):
            file.unlink()  # the socket of the server that was copied is beside its files
        clusters.start(self._standby, OPTIONS)
        self._wait_for("SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'")
        if not self._is_synchronous:
            return
        self._set("synchronous_standby_names", "*")
        self._wait_for("SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'")

    def _set(self, name: str, value: str) -> None:
        with self._session() as connection:
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")

    def _wait_for(self, question: str) -> None:
        deadline = time.monotonic() + PATIENCE
        with self._session() as connection:
            while not connection.execute(question).fetchone()[0]:  # type: ignore[index] - there is a row
                if time.monotonic() > deadline:
                    raise AssertionError(f"Not so after {PATIENCE} s: {question}")
                time.sleep(0.02)

    def _session(self) -> psycopg.Connection:
        return psycopg.connect(clusters.url(self._first, "postgres"), autocommit=True)


@contextmanager
def replicated(*, is_synchronous: bool = True) -> Iterator[Pair]:
    """Yield a new, migrated PostgreSQL with a standby, of the caller's own."""
    pair = Pair(Path(os.environ[databases.RUN]) / f"own-{uuid4().hex}", is_synchronous=is_synchronous)
    try:
        databases.migrate(pair.url)
        yield pair
    finally:
        pair.stop()
