"""Databases for tests and benchmarks: each one new, and migrated already.

A migrated template is made once in a run and copied for each test; a process of the tests uses a database of
PostgreSQL again when a test has left it as it was, but for rows. PostgreSQL is a cluster of our own in a
temporary folder: the first test that asks for it starts it, all workers of the run share it, and it goes when
the run goes, even a run that was killed. So is PgBouncer, for those that ask for a pooler.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from support import clusters, poolers
from support.used_databases import Template

RUN = "TALLYSTICK_TEST_RUN"
"""The environment variable that tells the workers of a run which folder they share."""
THROUGH_A_POOLER = "TALLYSTICK_POOLER"
"""The environment variable that puts a pooler before PostgreSQL, except for tests marked as `direct`."""

SERIALIZABLE = "TALLYSTICK_SERIALIZABLE"
"""The environment variable that makes all transactions of PostgreSQL serializable: as a database of several
machines has them, for want of one here."""
UNORDERED = "TALLYSTICK_UNORDERED"
"""The environment variable that has PostgreSQL give ids in no order, where nothing may follow from it."""

CLEAN_UP = """
(
while kill -0 "$OWNER" 2>/dev/null; do sleep 0.2; done
for file in "$FOLDER"/*/pgbouncer.pid; do
    pooler=$(head -n 1 "$file") && kill -TERM "$pooler"
done
for file in "$FOLDER"/*/postmaster.pid; do
    server=$(head -n 1 "$file") && kill -QUIT "$server" && sleep 0.5
done
rm -rf "$FOLDER"
) &
"""


def begin_run() -> None:
    """Make the folder that this process and its children share; it goes when this process ends."""
    folder = tempfile.mkdtemp(prefix="tallystick-")
    Path(folder).chmod(0o755)  # PostgreSQL, which refuses to run as root, must reach its part
    os.environ[RUN] = folder
    # The programs that tests start by the hundred would compile all our modules each time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(
        ["/bin/sh", "-c", CLEAN_UP],
        check=True,
        env={"PATH": os.environ["PATH"], "OWNER": str(os.getpid()), "FOLDER": folder},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def is_pooled() -> bool:
    """Return whether this run tests PostgreSQL through a pooler."""
    return bool(os.environ.get(THROUGH_A_POOLER))


_templates: dict[Path, Template] = {}
_used: list[str] = []
"""The names of databases that are like new ones."""


@contextmanager
def new_sqlite() -> Iterator[str]:
    """Yield the URL of a new SQLite database and remove it afterwards."""
    with once("template.sqlite3") as (template, is_first):
        if is_first:
            migrate(f"sqlite:///{template}")
    copy = template.with_name(f"{uuid4().hex}.sqlite3")
    shutil.copyfile(template, copy)
    try:
        yield f"sqlite:///{copy}"
    finally:
        for path in copy.parent.glob(f"{copy.name}*"):
            path.unlink(missing_ok=True)


@contextmanager
def new_postgresql() -> Iterator[str]:
    """Yield the URL of a PostgreSQL database that is new, or like a new one.

    Raises MissingPrerequisiteError when PostgreSQL is not installed.
    """
    cluster = _started()
    name = _new_name()
    if _used:
        _templates[cluster].rename(_used.pop(), name)
    else:
        _create(cluster, name)
        if cluster not in _templates:
            _templates[cluster] = Template(cluster, name)
    try:
        yield clusters.url(cluster, name) + _session_options()
    finally:
        if _templates[cluster].renew(name):
            _used.append(name)
        else:
            _drop(cluster, name)


def _session_options() -> str:
    if not os.environ.get(SERIALIZABLE):
        return ""
    # It locks what a statement may have read: a table as a whole, where the planner reads a small one so.
    return "&options=-c%20default_transaction_isolation%3Dserializable%20-c%20enable_seqscan%3Doff"


@contextmanager
def new_pooled() -> Iterator[str]:
    """Yield the URL of a new PostgreSQL database behind PgBouncer, and drop it afterwards.

    Raises MissingPrerequisiteError when one of the two is not installed.
    """
    cluster = _started()
    name = _new_name()
    _create(cluster, name)
    try:
        yield _pooled(cluster, name)
    finally:
        _drop(cluster, name)


@contextmanager
def nothing_sqlite() -> Iterator[str]:
    """Yield the URL of a SQLite database that is not there, and remove what is there afterwards."""
    folder = Path(os.environ[RUN]) / uuid4().hex
    folder.mkdir()
    try:
        yield f"sqlite:///{folder / 'restored.sqlite3'}"
    finally:
        shutil.rmtree(folder)


@contextmanager
def nothing_postgresql() -> Iterator[str]:
    """Yield the URL of a PostgreSQL database without any table, and drop it afterwards."""
    cluster, name = _started(), _new_name()
    _administer(cluster, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield clusters.url(cluster, name)
    finally:
        _drop(cluster, name)


NOTHING = {"sqlite": nothing_sqlite, "postgresql": nothing_postgresql}
"""Where a backup can be restored."""


def _started() -> Path:
    with once("cluster") as (cluster, is_first):
        if is_first:
            clusters.make(cluster)
            clusters.start(cluster)
            _administer(cluster, "CREATE DATABASE template_migrated")
            migrate(clusters.url(cluster, "template_migrated"))
            if os.environ.get(UNORDERED):
                with psycopg.connect(
                    clusters.url(cluster, "template_migrated"), autocommit=True
                ) as connection:
                    mix_up_sequences(connection)
    return cluster


def mix_up_sequences(connection: psycopg.Connection) -> None:
    """Let ids come in blocks for each session, and downwards, but those whose order counts."""
    from broker.storage.ordered_sequences import ORDERED  # noqa: PLC0415 - other programs' tests load no broker

    for (name,) in connection.execute("SELECT sequencename FROM pg_sequences").fetchall():
        if name not in ORDERED:
            connection.execute(
                f"ALTER SEQUENCE {name} INCREMENT BY -7 CACHE 10 MAXVALUE 900000000 START 900000000 RESTART"
            )


def _new_name() -> str:
    return f"test_{uuid4().hex}"


def _create(cluster: Path, name: str) -> None:
    _administer(cluster, f"CREATE DATABASE {name} TEMPLATE template_migrated")


def _drop(cluster: Path, name: str) -> None:
    _administer(cluster, f"DROP DATABASE {name} WITH (FORCE)")


def _pooled(cluster: Path, name: str) -> str:
    with once("pooler") as (folder, is_first):
        if is_first:
            clusters.make_folder(folder)
            poolers.start(folder, cluster, clusters.unprivileged_user())
    return poolers.url(folder, name)


def postgresql_cpu_seconds() -> float:
    """Return how much CPU the PostgreSQL of this run has used; 0 without one, or where no /proc tells."""
    try:
        server = (Path(os.environ[RUN]) / "cluster" / "postmaster.pid").read_text().split()[0]
        # After the name, which may hold spaces, in parentheses: fields 3 and on. 14 to 17 are CPU times.
        fields = Path(f"/proc/{server}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


class OwnPostgreSQL:
    """A PostgreSQL that nobody else uses, so that a test may restart it; what it committed survives that."""

    def __init__(self, cluster: Path) -> None:
        self._cluster = cluster
        self.url = clusters.url(cluster, "postgres")
        clusters.make(cluster)
        clusters.start(cluster, {**clusters.SERVER_OPTIONS, "synchronous_commit": "on"})

    def restart(self, mode: str) -> None:
        """Restart it: `fast` ends all sessions; `immediate` is a crash, and recovers from its log."""
        self._control("-ws", "-m", mode, "-l", "log", "restart")

    def stop(self) -> None:
        """Stop it at once."""
        self._control("-ws", "-m", "immediate", "stop")

    def _control(self, *words: str) -> None:
        clusters.run(self._cluster, "pg_ctl", *words)


@contextmanager
def own_postgresql() -> Iterator[OwnPostgreSQL]:
    """Yield a new, migrated PostgreSQL server of the caller's own."""
    server = OwnPostgreSQL(Path(os.environ[RUN]) / f"own-{uuid4().hex}")
    try:
        migrate(server.url)
        yield server
    finally:
        server.stop()


NEW_DATABASE = {"sqlite": new_sqlite, "postgresql": new_postgresql, "pooler": new_pooled}


@contextmanager
def once(name: str) -> Iterator[tuple[Path, bool]]:
    """Yield the path of *name* in the folder of the run, and whether this caller, alone, has to make it.

    A second caller waits for the first. When the first fails, the next one tries again.
    """
    path = Path(os.environ[RUN]) / name
    done = path.with_suffix(".done")
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path, not done.exists()
        done.touch()


def migrate(url: str) -> None:
    """Bring the schema of a database up to date."""
    # Tests of the other programs load nothing of the broker.
    from broker.storage.database import Database  # noqa: PLC0415 - see above
    from broker.storage.migrations import upgrade  # noqa: PLC0415 - see above

    database = Database(url)
    upgrade(database)
    database.close()


def _administer(cluster: Path, statement: str) -> None:
    with psycopg.connect(clusters.url(cluster, "postgres"), autocommit=True) as connection:
        connection.execute(statement)
