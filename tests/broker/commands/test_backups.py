"""Backups, as an operator makes, restores and verifies them."""

import fcntl
import json
import os
import resource
import shutil
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count, product
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from support import databases
from support.consistency import what_is_wrong
from support.factories import a_pact, a_publication
from support.full_world import World
from support.old_databases import left_at
from support.prerequisites import find_postgresql

from broker.app import create_app
from broker.backups import restoring, taking
from broker.backups.keys import fingerprint
from broker.commands.backups import backup, restore, verify_backup
from broker.services.audit.sealing import seal_some
from broker.settings.settings import Settings
from broker.storage.backups import contents, files, postgresql_programs
from broker.storage.database import Database
from broker.storage.migrations import LockedTableError, is_outdated
from broker.storage.sqlite_files import make

KINDS = ["sqlite", "postgresql"]
NUMBERS_OF_BUSY = (
    "SELECT v.number FROM versions v JOIN pacticipants p ON p.id = v.pacticipant_id WHERE p.name = 'Busy'"
    " ORDER BY v.position"
)
QUESTION = "/can-i-deploy?pacticipant={}&version={}&environment={}"
KEY, OTHER_KEY = "A" * 43 + "=", "B" * 43 + "="
WITH_KEY = {"TALLY_SECRETS_KEY": KEY}


def run(command, *words, code=0, **environment):
    """Run a command in this process, and return what it prints to both outputs."""
    words = [str(word) for word in words]
    done = CliRunner().invoke(command, words, env={"TALLY_SECRETS_KEY": None, **environment})
    assert done.exit_code == code, done.output
    return done


def on(url):
    return {"TALLY_DATABASE_URL": url}


def answers(client):
    """Return what the broker says to all questions about the world."""
    versions = {
        name: [item["number"] for item in found["_embedded"]["versions"]]
        for name in ("Shop", "Web", "Orders", "Stock", "Till", "Ledger")
        for found in [client.get(f"/pacticipants/{name}/versions").json]
    }
    places = ("staging", "live")
    asked = [(name, number, place) for name, place in product(versions, places) for number in versions[name]]
    return {question: client.get(QUESTION.format(*question)).json["summary"] for question in asked}


def in_database(url, statement):
    with closing(Database(url)) as database, database.connection() as connection:
        found = connection.execute(text(statement))
        rows = [tuple(row) for row in found] if found.returns_rows else []
        connection.commit()
        return rows


def failing(error):
    def fail(*_, **__):
        raise error

    return fail


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def world(kind):
    """The URL of a database with something in every table, whose secrets have a key."""
    with databases.NEW_DATABASE[kind]() as url:
        database = Database(url, synchronous="normal")
        settings = Settings(secrets_key=(KEY,), audit="always", allow_dangerous_contract_modification=True)
        World(create_app(settings, database).test_client(), database)
        with database.transaction() as storage:
            seal_some(storage, "test", database.now())
        database.close()
        yield url


@pytest.fixture(scope="module")
def backed_up(world, tmp_path_factory):
    """The path of a backup of the world."""
    path = tmp_path_factory.mktemp("backups") / "world.backup"
    run(backup, path, **on(world), **WITH_KEY)
    return path


@pytest.fixture
def nothing(kind):
    with databases.NOTHING[kind]() as url:
        yield url


@contextmanager
def writing(client):
    """Publish one version after the other while the block runs; yield the numbers that were acknowledged."""
    written, stop = [], Event()

    def write():
        for number in count(1):
            publication = a_publication(a_pact(consumer="Busy"), version=str(number), tags=[f"t{number}"])
            assert client.post("/contracts/publish", json=publication).status_code == 200
            written.append(number)
            if stop.is_set():
                return

    with ThreadPoolExecutor(1) as threads:
        writer = threads.submit(write)
        try:
            while len(written) < 3 and not writer.done():
                time.sleep(0.01)
            yield written
        finally:
            stop.set()
            writer.result()


def test_a_drill_under_writes_and_a_broker_on_what_was_restored(world, nothing, tmp_path):
    """Nothing that was committed before is missing, nothing is there in part, and decisions are the same."""
    path, source = tmp_path / "drill.backup", Database(world, synchronous="normal")
    client = create_app(Settings(), source).test_client()
    before = answers(client)

    with writing(client) as written:
        earliest = len(written)
        made = json.loads(run(backup, path, "--verify", "-o", "json", **on(world), **WITH_KEY).stdout)
        latest = len(written) + 1
    restored = json.loads(run(restore, path, "--verify", "-o", "json", **on(nothing), **WITH_KEY).stdout)

    assert made["problems"] == restored["problems"] == []
    assert made["rows"] == restored["rows"]
    database = Database(nothing, synchronous="normal")
    client = create_app(Settings(secrets_key=(KEY,)), database).test_client()
    assert answers(client) == before
    assert what_is_wrong(database) == {}
    numbers = in_database(nothing, NUMBERS_OF_BUSY)
    assert [int(number) for (number,) in numbers] == list(range(1, len(numbers) + 1))  # of one moment
    assert earliest <= len(numbers) <= latest
    assert client.post("/contracts/publish", json=a_publication(a_pact(consumer="New"))).status_code == 200
    source.close()
    database.close()


def test_the_database_knows_when_the_newest_backup_was_made(world, tmp_path):
    seconds = json.loads(run(backup, tmp_path / "x", "-o", "json", **on(world)).stdout)["seconds"]

    ((found,),) = in_database(world, "SELECT seconds FROM job_successes WHERE name = 'backup'")
    assert found == pytest.approx(seconds, abs=0.01)
    action = "SELECT count(*) FROM audit_entries WHERE action = 'backup'"
    assert in_database(world, action) == [(0,)]  # there are no accounts
    run(backup, tmp_path / "y", **on(world), TALLY_AUDIT="always")
    assert in_database(world, action) == [(1,)]


def test_only_its_owner_can_read_a_backup(backed_up):
    beside = backed_up.with_name(f"{backed_up.name}.json")

    assert [stat.S_IMODE(path.stat().st_mode) for path in (backed_up, beside)] == [0o600, 0o600]
    assert sorted(backed_up.parent.iterdir()) == [backed_up, beside]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("taken", "taken exists: nothing is overwritten. Choose another name."),
        ("dangling", "dangling exists: nothing is overwritten. Choose another name."),
        ("folder", "folder is a folder: name a file."),
        ("missing/x", "missing: make it first."),
        ("n" * 300, "File name too long. Nothing was written."),
    ],
)
def test_nothing_is_written_where_nothing_can_be(world, tmp_path, name, said):
    (tmp_path / "taken").write_text("precious")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))

    refused = run(backup, tmp_path / name, code=2, **on(world))

    assert refused.stderr.endswith(f"{said}\n")
    assert refused.stdout == ""
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "taken").read_text() == "precious"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////nowhere/x.sqlite3", "there is no database /nowhere/x.sqlite3."),
        ("sqlite://", "names no file"),
        ("postgresql://u:hidden@127.0.0.1:9/x", "cannot use the database"),
        ("mysql://u:hidden@x/y", "is not a database URL"),
    ],
)
def test_a_database_that_is_not_there_is_not_backed_up_nor_made(tmp_path, url, said):
    refused = run(backup, tmp_path / "x", code=2, **on(url))

    assert said in refused.stderr
    assert "hidden" not in refused.output
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_program_is_not_backed_up(nothing, tmp_path):
    in_database(nothing, "CREATE TABLE others (id INTEGER)")

    refused = run(backup, tmp_path / "x", code=2, **on(nothing))

    assert "the database is none of Tallystick" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@contextmanager
def full_disk(size=40_000):
    """No file of this process, nor of those that it starts, can become larger while the block runs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_becomes_full_leaves_nothing(world, tmp_path):
    with full_disk():
        failed = run(backup, tmp_path / "x", code=2, **on(world))

    assert "Error" in failed.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_becomes_full_in_a_restore_leaves_nothing(kind, backed_up, tmp_path):
    if kind != "sqlite":
        pytest.skip("it is the disk of the server, which restores all or nothing")
    with full_disk():
        failed = run(restore, backed_up, code=2, **on(f"sqlite:///{tmp_path}/x.sqlite3"))

    assert "was not restored" in failed.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", ["_schema", "_facts", "sha256_of"])
def test_a_backup_that_somebody_stops_leaves_nothing(world, tmp_path, monkeypatch, where):
    monkeypatch.setattr(taking, where, failing(KeyboardInterrupt()))

    run(backup, tmp_path / "x", code=1, **on(world))

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_backup_left_is_removed_by_the_next_and_what_another_writes_is_not(world, tmp_path):
    names = [tmp_path / f".{name}.tally-unfinished" for name in ("killed", "running")]
    for path in names:
        path.write_bytes(b"half")

    with names[1].open("rb") as running:
        fcntl.flock(running, fcntl.LOCK_EX)
        run(backup, tmp_path / "x", **on(world))

    assert sorted(path.name for path in tmp_path.iterdir()) == [".running.tally-unfinished", "x", "x.json"]


def test_a_backup_that_another_has_taken_for_abandoned_begins_again(kind, world, tmp_path, monkeypatch):
    if kind != "sqlite":
        pytest.skip("the file is made in the same way")
    made = []

    def make_and_lose_the_first(path, *content):
        make(path, *content)
        made.append(path)
        if len(made) == 1:
            path.unlink()

    monkeypatch.setattr(files, "make", make_and_lose_the_first)

    run(backup, tmp_path / "x", **on(world))

    assert made[0] != made[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x", "x.json"]


def test_of_two_backups_to_one_name_one_is_there_and_whole(kind, world, tmp_path):
    if kind != "sqlite":
        pytest.skip("the file gets its name in the same way")
    settings, path = Settings(database_url=world), tmp_path / "x"
    with ThreadPoolExecutor(2) as threads:
        tries = [threads.submit(taking.take, settings, path, verified=False) for _ in range(2)]

    problems = [found for found in (each.exception() for each in tries) if found]
    assert [str(found) for found in problems] == [
        f"{path} exists: nothing is overwritten. Choose another name."
    ]
    run(verify_backup, tmp_path / "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x", "x.json"]


@pytest.mark.parametrize("output", ["text", "table", "json", "pretty"])
def test_every_format_says_how_much_there_is_and_which_key_is_needed(world, tmp_path, output):
    done = run(backup, tmp_path / "x", "-o", output, **on(world), **WITH_KEY)

    assert KEY not in done.output
    assert fingerprint(KEY) in done.output
    if output in {"json", "pretty"}:
        found = json.loads(done.stdout)
        assert found["bytes"] == (tmp_path / "x").stat().st_size
        assert found["rows"]["webhooks"] == 5
        assert found["verified"] is False
    elif output == "table":
        assert ["webhooks", "5"] in [line.split() for line in done.stdout.splitlines()]
    else:
        assert done.stdout.startswith(f"Wrote {tmp_path / 'x'}: ")


def test_the_key_is_in_no_backup_and_a_restore_says_which_is_missing(backed_up, nothing):
    assert KEY.encode() not in backed_up.read_bytes()

    done = run(restore, backed_up, **on(nothing), TALLY_SECRETS_KEY=OTHER_KEY)

    assert f"1 secrets and webhooks need the key {fingerprint(KEY)}, which is missing" in done.stderr


def test_what_was_under_way_is_not_gone_on_with(backed_up, world, nothing):
    due = "SELECT count(*) FROM triggered_webhooks WHERE due_at IS NOT NULL"
    ((before,),) = in_database(world, due)

    done = json.loads(run(restore, backed_up, "-o", "json", **on(nothing), **WITH_KEY).stdout)

    assert before > 0
    assert done["deliveriesNotSent"] == before
    assert in_database(nothing, due) == [(0,)]
    for table in ("leases", "sessions", "log_in_links"):
        assert in_database(nothing, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - ours
    said = "SELECT count(*) FROM triggered_webhooks WHERE status = 'failure' AND answer LIKE 'not sent%'"
    assert in_database(nothing, said) == [(before,)]


@pytest.mark.parametrize(
    ("where", "error", "reason"),
    [
        ("upgrade", OperationalError("ALTER TABLE x", {}, Exception("disk full\nmore")), "disk full"),
        (
            "upgrade",
            LockedTableError("Another transaction holds a table"),
            "Another transaction holds a table",
        ),
        ("end_what_was_under_way", OSError(28, "No space left"), "[Errno 28] No space left"),
        ("end_what_was_under_way", KeyboardInterrupt(), "you stopped it"),
    ],
)
def test_a_restore_that_fails_afterwards_says_whether_rows_are_there(
    backed_up, nothing, kind, monkeypatch, where, error, reason
):
    monkeypatch.setattr(restoring, where, failing(error))

    done = CliRunner().invoke(restore, [str(backed_up)], env={**on(nothing), "TALLY_SECRETS_KEY": None})

    assert "Traceback" not in done.output
    if kind == "sqlite":
        assert done.exit_code in {1, 2}, done.output  # 1: click's, when somebody stops it
        assert is_empty(nothing)
        assert "rows of the backup are in the database" not in done.output
    else:
        assert done.exit_code == 2
        assert f"the rows of the backup are in the database, but it is not ready: {reason}. " in done.stderr
        assert "was not restored" not in done.stderr
        assert not is_empty(nothing)


def test_a_key_that_is_none_is_refused_before_anything_is_restored(backed_up, nothing):
    refused = run(restore, backed_up, code=2, **on(nothing), TALLY_SECRETS_KEY="not-a-key")

    assert "TALLY_SECRETS_KEY" in refused.stderr
    assert "not-a-key" not in refused.output
    assert is_empty(nothing)


@pytest.mark.parametrize("command", [backup, restore, verify_backup])
@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_a_stream_is_no_backup(command, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    refused = run(command, name, code=2, **on("sqlite:////nowhere"))

    assert "a backup is a file, with another one beside it: name it" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_backup_may_have_any_name_in_this_folder(world, nothing, tmp_path, monkeypatch):
    """A relative path, of which no program may take a part for something else."""
    name = "-rf new\nline é✓'\"$(x)%s?mode=memory#x"
    monkeypatch.chdir(tmp_path)
    run(backup, "--", name, **on(world))
    run(verify_backup, "--", name)
    run(restore, "--", name, **on(nothing))

    assert in_database(nothing, "SELECT count(*) FROM webhooks") == [(5,)]
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([name, f"{name}.json"])


def test_an_empty_broker_can_be_restored(kind, nothing, tmp_path):
    with databases.NEW_DATABASE[kind]() as url:
        run(backup, tmp_path / "x", "--verify", **on(url))
        run(restore, tmp_path / "x", "--verify", **on(nothing))

    with closing(Database(nothing)) as database:
        assert not is_outdated(database)


def test_webhooks_are_delivered_when_that_is_asked_for(backed_up, nothing):
    run(restore, backed_up, "--deliver", **on(nothing), **WITH_KEY)

    assert in_database(nothing, "SELECT count(*) > 0 FROM triggered_webhooks WHERE due_at IS NOT NULL")[0][0]


def test_root_is_told_when_the_broker_could_not_open_what_was_restored(backed_up, kind, tmp_path):
    if kind != "sqlite":
        pytest.skip("PostgreSQL has no files of ours")
    if os.geteuid() != 0:
        pytest.skip("only root can make files in the folder of somebody else")
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own, other):
        folder.mkdir()
    os.chown(other, 65534, 65534)

    said = [
        run(restore, backed_up, **on(f"sqlite:///{folder}/x.sqlite3"), **WITH_KEY).stderr
        for folder in (own, other)
    ]

    assert "belongs to root" not in said[0]
    assert f"chown --reference={other} {other}/x.sqlite3*" in said[1]


def test_a_database_that_is_there_is_not_restored_over(backed_up, world):
    before = in_database(world, "SELECT count(*) FROM versions")

    refused = run(restore, backed_up, code=2, **on(world))

    assert "exists: nothing is overwritten" in refused.stderr or "is not empty" in refused.stderr
    assert in_database(world, "SELECT count(*) FROM versions") == before


def test_the_log_of_another_database_is_not_taken_for_ours(backed_up, kind, tmp_path):
    if kind != "sqlite":
        pytest.skip("PostgreSQL has no files of ours")
    (tmp_path / "x.sqlite3-wal").write_bytes(b"of another")

    refused = run(restore, backed_up, code=2, **on(f"sqlite:///{tmp_path / 'x.sqlite3'}"))

    assert "x.sqlite3-wal exists" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["x.sqlite3-wal"]


def test_a_damaged_backup_is_refused_and_verifying_says_so(backed_up, nothing, tmp_path):
    path = copied(backed_up, tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    refused = run(restore, path, code=1, **on(nothing))
    verified = run(verify_backup, path, code=1)

    for said in (refused.stdout, verified.stdout):
        assert said == "Problem: the file is not the one that was written: its SHA-256 is another.\n"
    assert is_empty(nothing)


def test_a_backup_that_was_cut_off_is_refused_without_its_notes_too(backed_up, nothing, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(backed_up.read_bytes()[:20_000])

    refused = CliRunner().invoke(restore, [str(path)], env=on(nothing))

    assert refused.exit_code in {1, 2}
    assert "Traceback" not in refused.output
    assert is_empty(nothing)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no backup"),
        (b"Hello", "is no backup"),
        (b"PGDMP", "pg_restore failed"),
        (None, "there is no file"),
    ],
)
def test_another_file_is_refused(kind, tmp_path, content, said, nothing):
    if kind == "sqlite" and content == b"PGDMP":
        said = "is a backup of PostgreSQL, and --database-url names a database of SQLite"
    path = tmp_path / "x"
    if content is not None:
        path.write_bytes(content)

    refused = run(restore, path, code=2, **on(nothing))

    assert said in refused.stderr
    assert is_empty(nothing)


def test_notes_that_are_no_notes_are_refused(backed_up, nothing, tmp_path):
    path = copied(backed_up, tmp_path)
    for content in (b"", b"[]", b'{"format": 2}', b'{"format": 1, "rows": 3}', b"\xff"):
        path.with_name("x.json").write_bytes(content)

        refused = run(restore, path, code=2, **on(nothing))

        assert "x.json, which says what must be in the backup, cannot be read" in refused.stderr


def copied(backed_up, folder):
    for ending in ("", ".json"):
        shutil.copy(f"{backed_up}{ending}", folder / f"x{ending}")
    return folder / "x"


def is_empty(url):
    if url.startswith("sqlite"):
        return not Path(url.removeprefix("sqlite:///")).exists()
    return in_database(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


@pytest.fixture(scope="module")
def restored(backed_up, kind):
    """The URL of what was restored."""
    with databases.NOTHING[kind]() as url:
        run(restore, backed_up, **on(url), **WITH_KEY)
        yield url


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE pact_versions SET content = {other}", "pacts whose content does not have its hash: "),
        ("UPDATE pact_versions SET content = {cut}", "pacts whose content does not have its hash: "),
        ("UPDATE pact_versions SET outline = {cut}", "values of pact_versions.outline that cannot be read: "),
        (
            "UPDATE service_contracts SET sha = 'x' || substr(sha, 2)",
            "sets of documents that do not have their hash: ",
        ),
        (
            "UPDATE service_contracts SET document = {other}",
            "service contracts whose document does not have its hash: ",
        ),
        (
            "UPDATE verifications SET test_results = {cut}",
            "values of verifications.test_results that cannot be read: ",
        ),
        ("UPDATE audit_entries SET subject_name = 'another' WHERE seal_id = 1", "the audit log: Entry "),
        ("DELETE FROM labels WHERE id = 1", "labels has 3 rows, and had 4 when the backup was made"),
        (
            "DELETE FROM environments WHERE name = 'live'",
            "4 rows of deployed_versions refer by environment_id to a row that is missing",
        ),
    ],
)
def test_verifying_finds_what_is_not_as_it_was(backed_up, kind, restored, change, said):
    """Somebody has changed rows: the notes of the backup say how many there were."""
    of_bytes = {"sqlite": "x'{}'", "postgresql": r"'\x{}'::bytea"}[kind]
    values = {name: of_bytes.format(text.hex()) for name, text in (("other", b"{}"), ("cut", b'{"a'))}
    without_rules = {
        "sqlite": ("PRAGMA foreign_keys = OFF", "BEGIN"),
        "postgresql": ("SET session_replication_role = replica",),
    }
    expected = json.loads(backed_up.with_name("world.backup.json").read_text())["rows"]

    with closing(Database(restored)) as database, database.connection() as connection:
        now = database.now()
        for statement in (*without_rules[kind], change.format(**values)):
            connection.exec_driver_sql(statement)
        found = list(contents.what_is_wrong(connection, expected, now))
        connection.rollback()

    assert any(line.startswith(said) for line in found), found


def test_verifying_a_backup_of_postgresql_looks_at_its_rows_in_a_scratch_database(backed_up, kind, nothing):
    scratch = {} if kind == "sqlite" else {"SCRATCH_DATABASE_URL": nothing}

    verified = run(verify_backup, backed_up, "-o", "json", **scratch)

    assert json.loads(verified.stdout)["problems"] == []
    if kind == "postgresql":
        assert in_database(nothing, "SELECT count(*) FROM versions")[0][0] > 0
        assert run(verify_backup, backed_up).stdout.startswith("The file can be read whole. To look at")
        assert json.loads(run(verify_backup, backed_up, "-o", "json").stdout)["verified"] is False


def test_a_backup_of_another_release_is_refused_or_migrated(kind, nothing, tmp_path):
    with (
        databases.NEW_DATABASE[kind]() as url,
        closing(Database(url)) as database,
        left_at("0016", database, tmp_path) as old,
    ):
        made = json.loads(run(backup, tmp_path / "old", "--verify", "-o", "json", **on(old.url)).stdout)
        in_database(old.url, "UPDATE alembic_version SET version_num = '9999'")
        run(backup, tmp_path / "new", **on(old.url))

    refused = run(restore, tmp_path / "new", code=2, **on(nothing))
    assert "from a newer release of Tallystick (its schema is 9999)" in refused.stderr
    assert is_empty(nothing)

    restored = json.loads(run(restore, tmp_path / "old", "-o", "json", **on(nothing)).stdout)
    assert (made["schema"], restored["schema"]) == ("0016", "0016")
    with closing(Database(nothing)) as database:
        assert not is_outdated(database)


def test_no_program_is_told_a_password_by_its_arguments(kind, world, nothing, tmp_path):
    if kind != "postgresql":
        pytest.skip("SQLite has no passwords")
    for program in ("pg_dump", "pg_restore"):
        real = find_postgresql() / program
        script = tmp_path / program
        script.write_text(f'#!/bin/sh\necho "$0 $@" >> {tmp_path}/arguments\nexec {real} "$@"\n')
        script.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with_password = [url.replace("postgres@", "postgres:hidden@") for url in (world, nothing)]
    assert all("hidden" in url for url in with_password)

    run(backup, tmp_path / "x", **on(with_password[0]), **path)
    run(restore, tmp_path / "x", **on(with_password[1]), **path)

    said = (tmp_path / "arguments").read_text()
    assert "pg_dump --no-password --format=custom" in said
    assert "--single-transaction" in said
    assert "hidden" not in said


def test_without_a_program_that_suits_the_server_it_says_what_to_install(kind, world, tmp_path, monkeypatch):
    if kind != "postgresql":
        pytest.skip("SQLite needs no program")
    monkeypatch.setattr(postgresql_programs, "_FOLDERS", str(tmp_path))

    without = run(backup, tmp_path / "x", code=2, **on(world), PATH=str(tmp_path))
    script = tmp_path / "pg_dump"
    script.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    script.chmod(0o755)
    too_old = run(backup, tmp_path / "x", code=2, **on(world), PATH=f"{tmp_path}:/bin")

    assert "there is no pg_dump, and the server is PostgreSQL" in without.stderr
    assert "pg_dump is of version 9, and the server is PostgreSQL" in too_old.stderr
    assert not (tmp_path / "x").exists()
