"""Everything that may change a decision is seen by one look at what was changed last, and of whom it was."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, literal, select
from support.contracts_in_storage import Document, StoredContracts
from support.decisions_over_http import Api
from support.scripted_broker import ScriptedBroker
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.server.newest_changes import concerned
from broker.settings.settings import Settings
from broker.storage import changes, tables
from broker.storage.moments import NOW as NOW_OF_DATABASE
from broker.storage.tables import tags, versions

pytestmark = pytest.mark.pooled

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PROVIDER = "/pacticipants/Orders"
HAPPENED = {
    "a pact": ("pact", "Shop", "2", "with", "Orders"),
    "the same pact again": ("pact", "Shop", "1", "with", "Orders", "like", "Shop", "1"),
    "a result": ("failed", "Orders", "1", "Shop", "1"),
    "a deployment": ("deployed", "Orders", "1", "test"),
    "the end of a deployment": ("undeployed", "Orders", "production"),
    "a release": ("released", "Orders", "2", "test"),
    "the end of a release": ("unsupported", "Orders", "production"),
    "a tag": ("version", "Orders", "2", "tagged", "prod"),
    "a tag that is removed": ("untagged", "Orders", "1", "prod"),
    "a branch": ("version", "Orders", "2", "on", "main"),
    "a branch that is left": ("left", "Orders", "1", "main"),
    "another main branch": ("main_branch", "Orders", "release"),
    "a deletion": ("removed", f"{PROVIDER}/versions/2"),
}


@pytest.fixture
def scripted_broker(database):
    """Orders 1 is on main, tagged, and both deployed and released; Search 1 has to do with nobody."""
    client = create_app(Settings(), database, clock=lambda: found.now).test_client()
    found = ScriptedBroker(client)
    found.now = datetime.now(UTC) - timedelta(days=1)
    api = Api(client)
    api.version("Search", "1", "on", "main", "tagged", "prod")
    found.pact("Shop", "1", "with", "Orders")
    found.verified("Orders", "1", "Shop", "1")
    found.version("Orders", "1", "on", "main", "tagged", "prod")
    found.version("Orders", "2")
    found.deployed("Orders", "1", "production")
    found.released("Orders", "1", "production")
    found.now += timedelta(seconds=1)
    return found


DOCUMENT = Document(("read",))
OF_CONTRACTS = {
    "documents": ("documents", "Orders", "1", {"openapi": DOCUMENT}),
    "more documents": ("documents", "Orders", "2", {"asyncapi": Document(("write",))}),
    "a result of a document": ("checked", "Orders", "2", DOCUMENT),
    "a comparison": ("compared", ("Shop", "Orders"), "2", "unknown"),
    "a policy": ("policy", "Orders", "promise"),
}


@pytest.mark.parametrize("happened", OF_CONTRACTS.values(), ids=OF_CONTRACTS)
def test_what_happens_to_service_contracts_is_seen(scripted_broker, database, happened):
    stored = StoredContracts(database, lambda: scripted_broker.now + timedelta(seconds=1))
    stored.documents("Orders", "2", {"openapi": DOCUMENT})
    with database.reading() as storage:
        known = storage.pacticipants.find_many(["Orders", "Search"])
    before = database.newest_changes()

    verb, *words = happened
    getattr(stored, verb)(*words, **({"success": True} if verb == "checked" else {}))

    concerned = {found for change in database.newest_changes() - before for found in change[-2:] if found}
    assert known["Orders"].id in concerned
    assert known["Search"].id not in concerned


@pytest.mark.parametrize("happened", HAPPENED.values(), ids=HAPPENED)
def test_whatever_may_change_a_decision_is_seen(scripted_broker, database, happened):
    with database.reading() as storage:
        known = storage.pacticipants.find_many(["Shop", "Orders", "Search"])
    before = database.newest_changes()

    verb, *words = happened
    getattr(scripted_broker, verb)(*words)

    new = database.newest_changes() - before
    concerned = {found for change in new for found in change[-2:] if found}
    assert new
    assert known["Orders"].id in concerned or all(change.pacticipant_id is None for change in new)
    assert known["Search"].id not in concerned


def test_nothing_is_seen_when_nothing_happens(scripted_broker, database):
    before = database.newest_changes()

    scripted_broker.version("Orders", "1", "on", "main", "tagged", "prod")

    assert database.newest_changes() == before


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_committed_late_is_seen_however_much_came_meanwhile(database):
    api = Api(create_app(Settings(), database).test_client())
    api.version("Orders", "1")
    api.version("Search", "1")
    with database.reading() as storage:
        known = storage.pacticipants.find_many(["Orders", "Search"])

    with database.transaction() as late:
        _tag(late, known["Orders"].id, "prod")
        for number in range(50):
            with database.transaction() as storage:
                _tag(storage, known["Search"].id, str(number))
        before = database.newest_changes()

    [new] = database.newest_changes() - before
    assert new.pacticipant_id == known["Orders"].id


def _tag(storage, pacticipant_id, name):
    row = select(versions.c.pacticipant_id, versions.c.id, literal(name), versions.c.position, literal(NOW))
    columns = ["pacticipant_id", "version_id", "name", "position", "created_at"]
    statement = insert(tags).from_select(columns, row.where(versions.c.pacticipant_id == pacticipant_id))
    storage.connection.execute(statement)


def test_a_transaction_that_has_taken_long_may_concern_anybody(database, monkeypatch):
    monkeypatch.setattr("broker.storage.database.LONG", 0.0)
    before = database.newest_changes()

    with database.transaction():
        pass

    assert [change.pacticipant_id for change in database.newest_changes() - before] == [None]


def test_changes_are_removed_when_everybody_has_seen_them(scripted_broker, database):
    assert scripted_broker
    count = len(database.newest_changes())
    with database.transaction() as storage:
        removed = [storage.changes.remove_old(most=2, seconds=seconds) for seconds in (600, -1)]

    assert removed == [0, 2]
    assert len(database.newest_changes()) == count - 2


def test_a_look_is_one_statement(scripted_broker, database):
    with sql_statements() as statements:
        database.newest_changes()

    assert scripted_broker
    assert len(statements) == 1


def test_while_there_are_too_many_changes_to_read_each_look_may_concern_anybody(database):
    with database.transaction() as storage:
        for number in range(changes.MOST + 1):
            storage.connection.execute(
                insert(tables.changes).values(noted_at=NOW_OF_DATABASE, pacticipant_id=number)
            )

    looks = [database.newest_changes() for _ in range(2)]

    assert concerned(looks[1] - looks[0]) is None
    assert all(len(look) == changes.MOST + 2 for look in looks)
