"""Contents of large pacts in an object store: always all there or all here, whatever fails in between."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, text, update
from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, an_interaction
from support.object_store import SECRET, object_server
from support.receivers import wait_until
from support.serving import TALLY

from broker.app import create_app
from broker.background.comparer import Comparer
from broker.commands.backups import backup, restore, verify_backup
from broker.commands.move_contents import move_contents
from broker.commands.serve import serve
from broker.databases import open_database
from broker.settings.settings import Settings
from broker.storage import object_store
from broker.storage.database import Database
from broker.storage.elsewhere import key_in
from broker.storage.tables import (
    comparisons_to_make,
    content_objects,
    leases,
    pact_publications,
    pact_versions,
)

BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
PACT = "/pacts/provider/Orders/consumer/{}/version/{}"
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
LARGE, SMALL = "x" * 3000, "y"
QUESTION = "/can-i-deploy?pacticipant=Shop&version=2&to=prod"
BRIEFLY = 0.3


@pytest.fixture(scope="module")
def shared_store():
    with object_server() as server:
        yield server


@pytest.fixture
def store(shared_store, monkeypatch):
    """An empty object store, and the environment of a broker that uses it."""
    shared_store.heal()
    shared_store.objects.clear()
    shared_store.asked.clear()
    for name, value in {**shared_store.environment, "TALLY_CONTENT_STORE_KILOBYTES": "1"}.items():
        monkeypatch.setenv(name, value)
    yield shared_store
    shared_store.heal()


@pytest.fixture
def fresh(database_url, store):
    """Make the client of a broker that has nothing in memory."""
    opened = []

    def client(**changes):
        settings = Settings(
            database_url=database_url,
            content_store=store.environment["TALLY_CONTENT_STORE"],
            content_store_endpoint=store.endpoint,
            sqlite_synchronous="normal",
        )
        opened.append(open_database(settings))
        return create_app(settings, opened[-1], **changes).test_client()

    yield client
    for each in opened:
        each.close()


def publish(broker, number, body, *, consumer="Shop", branch="main", **changes):
    response = {"status": 200, "body": {"text": body, "number": number}}
    pact = a_pact(an_interaction(f"version {number}", response=response), consumer=consumer)
    sent = a_publication(pact, version=number, branch=branch, **changes)
    answer = broker.post("/contracts/publish", json=sent)
    assert answer.status_code == 200, answer.text
    return broker.get(PACT.format(consumer, number)).data


def let_all_be_old(database):
    with database.transaction() as storage:
        for table in (pact_versions, pact_publications):
            storage.connection.execute(update(table).values(created_at=LONG_AGO))


def run(command, *words, code=0, **environment):
    done = CliRunner().invoke(command, [str(word) for word in words], env=environment)
    assert done.exit_code == code, done.output
    return done


def move(database, *words, **how):
    done = run(move_contents, "--database-url", database.url, "--output", "json", *words, **how)
    return json.loads(done.stdout) if done.exit_code == 0 else done.stderr


def keys(database):
    """Return the keys that rows name."""
    statement = text("SELECT content FROM pact_versions")
    with database.reading() as storage:
        stored = [bytes(content) for content in storage.connection.scalars(statement)]
    return {key_in(content) for content in stored} - {None}


def written_down(database):
    with database.reading() as storage:
        return dict(
            storage.connection.execute(select(content_objects.c.key, content_objects.c.pact_version_id)).all()
        )


def in_store(store):
    return {key.removeprefix("of/tally/") for key in store.objects}


@pytest.fixture
def two(broker, database):
    """Versions 1 and 2 of Shop, with large pacts, published long ago; 1 is not current."""
    for number in ("1", "2"):
        publish(broker, number, LARGE)
    let_all_be_old(database)
    return answers(broker)


def answers(client, numbers=("1", "2")):
    return {number: client.get(PACT.format("Shop", number)).data for number in numbers}


@BOTH
def test_a_content_that_is_not_current_moves_and_reads_the_same(two, database, store, fresh):
    moved = move(database)

    [content] = store.objects.values()
    assert moved == {"contents": 1, "bytes": len(content), "objectsRemoved": 0}
    assert keys(database) == in_store(store)
    assert answers(fresh()) == two
    assert move(database)["contents"] == 0
    assert len(store.objects) == 1


@BOTH
def test_what_is_read_often_asks_the_store_once(two, database, store, fresh):
    move(database)
    broker = fresh()
    store.asked.clear()

    for _ in range(3):
        assert answers(broker) == two

    assert len(store.asked) == 1


@BOTH
@pytest.mark.usefixtures("store")
def test_what_questions_are_about_stays_in_the_database(broker, database):
    live = broker.post("/environments", json={"name": "live", "production": True}).json["uuid"]
    publish(broker, "old", LARGE)
    publish(broker, "deployed", LARGE)
    publish(broker, "feature", LARGE, branch="feature")
    publish(broker, "tagged", LARGE, tags=["prod"])
    publish(broker, "small", SMALL)
    publish(broker, "same as the next", LARGE)
    publish(broker, "newest", LARGE)
    deployed = f"/pacticipants/Shop/versions/deployed/deployed-versions/environment/{live}"
    assert broker.post(deployed, json={}).status_code == 201
    let_all_be_old(database)
    same = broker.get(PACT.format("Shop", "same%20as%20the%20next")).json
    pact = {name: same[name] for name in ("consumer", "provider", "interactions", "metadata")}
    broker.put(PACT.format("Shop", "again"), json=pact)  # published today
    publish(broker, "last", SMALL)

    moved = move(database)

    assert moved["contents"] == 2  # "newest" is the newest no longer
    assert broker.get(PACT.format("Shop", "old")).status_code == 500  # this broker knows no store


@BOTH
def test_while_the_store_is_away_only_what_is_there_cannot_be_read(two, database, store, fresh):
    move(database)
    broker = fresh()
    before = broker.get(QUESTION).json["summary"]
    store.faults["GET"] = store.faults["PUT"] = "closed"

    away = broker.get(PACT.format("Shop", "1"))

    assert away.status_code == 503
    assert away.headers["Retry-After"]
    assert away.json["error"]["message"].startswith("The object store does not answer as it should.")
    page = broker.get(PACT.format("Shop", "1"), headers={"Accept": "text/html"})
    assert (page.status_code, "object store" in page.text) == (503, True)
    assert broker.get(PACT.format("Shop", "2")).data == two["2"]
    assert broker.get(QUESTION).json["summary"] == before
    publish(broker, "3", LARGE)
    assert "version 3" in broker.get("/pacts/provider/Orders/consumer/Shop/latest").text
    assert SECRET not in away.text + page.text


def test_what_could_not_be_read_is_read_when_the_store_is_back(two, database, store, fresh, monkeypatch):
    monkeypatch.setattr("broker.storage.elsewhere.SECONDS_OF_FAILURE", 0.0)  # it may ask again at once
    move(database)
    broker = fresh()
    store.faults["GET"] = 500
    assert broker.get(PACT.format("Shop", "1")).status_code == 503

    store.heal()

    assert answers(broker) == two


@pytest.mark.usefixtures("two")
def test_a_slow_store_is_not_waited_for(database, store, fresh, monkeypatch):
    move(database)
    monkeypatch.setattr(object_store, "SECONDS", object_store.SECONDS * (BRIEFLY / 10))
    store.faults["GET"] = "slow"

    assert fresh().get(PACT.format("Shop", "1")).status_code == 503


@pytest.mark.usefixtures("two")
def test_credentials_that_are_refused_are_named_and_not_shown(database, store, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")

    said = move(database, code=2)

    assert "The object store refuses the broker: look at its credentials" in said
    assert "another-secret" not in said
    assert store.objects == {}


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (dict.clear, "is missing in the object store"),
        (lambda objects: objects.update(dict.fromkeys(objects, b"")), "is not what was stored"),
        (lambda objects: objects.update(dict.fromkeys(objects, b'{"interactions": []}')), "is not what was"),
    ],
)
@pytest.mark.usefixtures("two")
def test_an_object_that_is_not_what_was_stored_is_never_a_pact(database, store, fresh, damage, says):
    move(database)
    [key] = keys(database)
    damage(store.objects)

    answer = fresh().get(PACT.format("Shop", "1"))

    assert answer.status_code == 500
    assert f"The object {key} " in answer.json["error"]["message"]
    assert says in answer.json["error"]["message"]


@pytest.mark.usefixtures("store")
def test_a_broker_without_the_setting_says_which_one_is_missing(two, database, broker):
    move(database)

    answer = broker.get(PACT.format("Shop", "1"))

    assert answer.status_code == 500
    assert "TALLY_CONTENT_STORE does not name it" in answer.json["error"]["message"]
    assert broker.get(PACT.format("Shop", "2")).data == two["2"]


class LostError(Exception):
    """The process ends here, as far as the database is concerned."""


def _fail(monkeypatch, number, *, after):
    """Let the write of that number fail, before or after its transaction is committed."""
    count, write = iter(range(100)), Database.write

    def failing(self, change):
        if next(count) != number:
            return write(self, change)
        if after:
            write(self, change)
        raise LostError

    monkeypatch.setattr(Database, "write", failing)


STEPS = [
    *((name, fault) for name in ("PUT", "GET") for fault in (403, 404, "lost")),
    *(("write", (number, after)) for number in range(6) for after in (False, True)),
]


# On PostgreSQL every third step: what is different there is the transactions, not the steps.
@BOTH
def test_whichever_step_fails_each_pact_is_there_and_no_object_is_forgotten(two, database, store, fresh):
    for back in ([], ["--back"]):
        for name, fault in STEPS if database.url.startswith("sqlite") else STEPS[::3]:
            with pytest.MonkeyPatch.context() as patched:
                if name == "write":
                    _fail(patched, fault[0], after=fault[1])
                else:
                    store.faults[name] = fault
                CliRunner().invoke(move_contents, ["--database-url", database.url, *back])
            store.heal()

            assert answers(fresh()) == two, (name, fault, back)
            assert in_store(store) <= set(written_down(database)), (name, fault, back)
            assert keys(database) <= in_store(store), (name, fault, back)
            with database.transaction() as storage:  # as if its time was over
                storage.connection.execute(delete(leases))
            if back:
                move(database)

    move(database)
    needed = keys(database)
    assert len(needed) == 1
    assert len(store.objects) > 1
    with database.transaction() as storage:
        unneeded = content_objects.c.pact_version_id.is_(None)
        storage.connection.execute(update(content_objects).where(unneeded).values(unneeded_since=LONG_AGO))
    move(database)
    assert in_store(store) == needed == set(written_down(database))
    assert answers(fresh()) == two


@BOTH
def test_kill_9_between_the_object_and_the_row_leaves_both_whole(two, database, store, fresh):
    store.faults["GET"] = "slow"  # the object is stored then, and read back before the row is changed
    words = [TALLY, "move-contents", "--database-url", database.url]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: any(method == "GET" for method, _ in store.asked), patience=30)
        process.send_signal(signal.SIGKILL)
    store.heal()

    assert keys(database) == set()
    assert in_store(store) == set(written_down(database))
    assert answers(fresh()) == two
    assert "Another process moves contents of this database" in move(database, code=2)
    with database.transaction() as storage:
        storage.connection.execute(delete(leases))
    assert move(database)["contents"] == 1
    assert answers(fresh()) == two


@BOTH
@pytest.mark.usefixtures("store")
def test_a_content_that_is_published_anew_meanwhile_is_not_replaced(broker, database, monkeypatch):
    def pact(number):
        return json.dumps(
            a_pact(an_interaction(response={"status": 200, "body": {"n": 0, "t": LARGE}}))
        ).replace('"n": 0', f'"n": {number}')

    def put(number):
        return broker.put(PACT.format("Shop", "1"), data=pact(number), content_type="application/json")

    put("2.3")
    publish(broker, "2", LARGE)
    let_all_be_old(database)
    real = object_store.ObjectStore.put

    def meanwhile(self, key, content):
        real(self, key, content)
        assert put("2.300").status_code == 200

    monkeypatch.setattr(object_store.ObjectStore, "put", meanwhile)

    assert move(database)["contents"] == 0
    assert keys(database) == set()
    assert '"n":2.300' in broker.get(PACT.format("Shop", "1")).text


@BOTH
@pytest.mark.usefixtures("two")
def test_an_object_stays_while_a_backup_may_need_it_and_goes_then(database, store, fresh):
    move(database)
    assert fresh().delete(PACT.format("Shop", "1")).status_code == 200
    with database.transaction() as storage:
        storage.connection.execute(
            delete(pact_versions)
            .where(pact_versions.c.created_at == LONG_AGO)
            .where(~select(1).where(pact_publications.c.pact_version_id == pact_versions.c.id).exists())
        )

    assert move(database)["objectsRemoved"] == 0
    assert len(store.objects) == 1
    with database.transaction() as storage:
        storage.connection.execute(update(content_objects).values(unneeded_since=LONG_AGO))
    store.faults["POST"] = 500
    assert "does not answer" in move(database, code=2)
    assert len(written_down(database)) == 1
    store.heal()
    assert move(database)["objectsRemoved"] == 1
    assert (store.objects, written_down(database)) == ({}, {})


@BOTH
def test_all_contents_come_back_when_the_store_is_given_up(two, database, store, broker):
    move(database)

    moved = move(database, "--back")

    assert moved["contents"] == 1
    assert answers(broker) == two  # a broker that knows no store
    assert len(store.objects) == 1  # what an earlier backup needs


@BOTH
@pytest.mark.usefixtures("store")
def test_a_moved_pact_can_be_published_again_compared_and_deleted(two, database, fresh):
    move(database)
    broker = fresh()
    first, second = (json.loads(two[number]) for number in ("1", "2"))
    changed = a_pact(an_interaction("other"))

    refused = broker.put(PACT.format("Shop", "1"), json=changed)
    assert refused.status_code == 409
    again = {name: first[name] for name in ("consumer", "provider", "interactions", "metadata")}
    assert broker.put(PACT.format("Shop", "1"), json=again).status_code == 200
    assert broker.get(PACT.format("Shop", "1") + "/diff/previous-distinct").status_code in {200, 404}
    difference = fresh().get(PACT.format("Shop", "2") + "/diff/previous-distinct")
    assert "version 1" in difference.text, difference.text
    assert second["interactions"]
    assert broker.delete(PACT.format("Shop", "2")).status_code in {200, 204}
    assert fresh().get("/pacts/provider/Orders/consumer/Shop/latest").status_code == 200


@pytest.mark.usefixtures("two")
def test_a_comparison_waits_for_a_content_that_cannot_be_read(database, store, fresh, monkeypatch):
    """It holds up no other, and its answer is no yes."""
    move(database)
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}
    with monkeypatch.context() as patched:
        patched.setattr("broker.web.comparing_at_once.make_at_once", lambda *_, **__: [])
        assert fresh().post("/service-contracts/publish", json=body).status_code in {200, 201}
    asked = "/matrix?q[][pacticipant]=Shop&q[][version]=1&q[][pacticipant]=Orders&q[][version]=1"
    store.faults["GET"] = 500

    assert fresh().get(asked).json["summary"]["deployable"] is not True

    settings = Settings(
        database_url=database.url,
        content_store=store.environment["TALLY_CONTENT_STORE"],
        content_store_endpoint=store.endpoint,
    )
    used = open_database(settings)
    try:
        with used.transaction() as storage:
            storage.connection.execute(update(comparisons_to_make).values(due_at=LONG_AGO))
        comparer = Comparer(used)
        while comparer.turn():
            pass
        with used.reading() as storage:
            left = storage.connection.execute(select(comparisons_to_make.c.reason)).scalars().all()
        assert [reason and "object store" in reason for reason in left] == [True]
    finally:
        comparer.stop()
        used.close()


@pytest.mark.usefixtures("two")
def test_a_backup_is_verified_with_its_objects_or_says_that_it_was_not(database, store, tmp_path):
    move(database)
    file = tmp_path / "a.backup"
    run(backup, file, "--database-url", database.url)

    run(verify_backup, file)
    without = run(verify_backup, file, code=1, TALLY_CONTENT_STORE="")
    assert "TALLY_CONTENT_STORE does not name it" in without.output
    store.faults["GET"] = "closed"
    assert "were not all looked at" in run(verify_backup, file, code=1).output
    store.heal()
    store.objects.clear()
    missing = run(verify_backup, file, code=1)
    assert "is missing in the object store" in missing.output


@pytest.mark.usefixtures("store")
def test_a_restored_copy_never_removes_the_objects_of_the_original(two, database, tmp_path, fresh):
    move(database)
    file, url = tmp_path / "a.backup", f"sqlite:///{tmp_path}/copy.sqlite3"
    run(backup, file, "--database-url", database.url)
    run(restore, file, "--database-url", url)
    copy = Database(url)
    try:
        with copy.transaction() as storage:
            storage.connection.execute(delete(pact_versions))

        assert move(copy)["objectsRemoved"] == 0
        assert written_down(copy) == {}
    finally:
        copy.close()
    assert answers(fresh()) == two


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("", "https://ann:secret@x/y", "TALLY_CONTENT_STORE must be s3://BUCKET or s3://BUCKET/PREFIX"),
        ("", "s3://", "TALLY_CONTENT_STORE must be s3://BUCKET or s3://BUCKET/PREFIX"),
        ("_ENDPOINT", "ann:secret@x", "TALLY_CONTENT_STORE_ENDPOINT must be the address of a server"),
        ("_ENDPOINT", "https://ann:secret@x", "TALLY_CONTENT_STORE_ENDPOINT must be the address of a server"),
        ("_DAYS", "0", "TALLY_CONTENT_STORE_DAYS must be from 1"),
        ("_KEEP_DAYS", "0", "TALLY_CONTENT_STORE_KEEP_DAYS must be from 1"),
    ],
)
@pytest.mark.usefixtures("store")
def test_a_store_that_cannot_be_meant_is_refused_without_its_password(tmp_path, name, value, says):
    words = ["--database-url", f"sqlite:///{tmp_path}/x.sqlite3"]
    for command in (serve, move_contents):
        refused = run(command, *words, code=2, **{f"TALLY_CONTENT_STORE{name}": value})

        assert says in refused.stderr
        assert "secret" not in refused.output


@pytest.mark.usefixtures("store")
def test_the_extra_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)

    refused = run(serve, "--database-url", f"sqlite:///{tmp_path}/x.sqlite3", code=2)

    assert "TALLY_CONTENT_STORE needs more packages: pip install 'tallystick[s3]'" in refused.stderr


def test_without_a_store_there_is_nothing_to_move(tmp_path):
    refused = run(move_contents, "--database-url", f"sqlite:///{tmp_path}/x.sqlite3", code=2)

    assert "set TALLY_CONTENT_STORE" in refused.stderr


def test_the_library_is_imported_only_when_there_is_a_store():
    program = "import sys, broker.storage.object_store; sys.exit('obstore' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
