"""Nothing follows from the order of ids, but of those that the broker names."""

import pytest
from sqlalchemy import text
from support.databases import mix_up_sequences
from support.decisions_over_http import Api

from broker.app import create_app
from broker.settings.settings import Settings
from broker.start_up.start_up import warn_of_the_database
from broker.storage.database import Database
from broker.storage.ordered_sequences import ORDERED

SEQUENCES = text("SELECT sequencename FROM pg_sequences")
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def warnings(capsys, database_url):
    def read():
        warn_of_the_database(Settings(database_url=database_url))
        return [line for line in capsys.readouterr().err.splitlines() if "one by one" in line]

    return read


@on_postgresql
def test_the_sequences_whose_order_counts_exist(database):
    with database.reading() as storage:
        assert set(storage.connection.scalars(SEQUENCES)) > ORDERED


@on_postgresql
def test_ids_that_come_in_any_order_change_no_decision(database, database_url, warnings):
    with database.connection() as connection:
        mix_up_sequences(connection.connection.driver_connection)
        connection.commit()
    others = [Database(database_url) for _ in range(2)]
    clients = [create_app(Settings(), each).test_client() for each in (database, *others)]
    first, second, third = map(Api, clients)
    for each in (second, third):
        each._content = first._content  # noqa: SLF001 - they write about the same pacts
    first.pact("Shop", "1", "with", "Orders")
    second.verified("Orders", "1", "Shop", "1")
    third.deployed("Orders", "1", "production")
    before = database.newest_changes()

    third.failed("Orders", "2", "Shop", "1")
    first.deployed("Orders", "2", "production")
    question = "/can-i-deploy?pacticipant=Shop&version=1&environment=production"
    answers = [client.get(question).json["summary"]["deployable"] for client in clients]

    assert answers == [False] * 3
    assert database.newest_changes() - before
    assert warnings() == []
    for each in others:
        each.close()


@on_postgresql
@pytest.mark.parametrize("change", ["CACHE 20", "INCREMENT BY -1"])
def test_an_order_that_counts_and_is_not_kept_is_told_at_the_start(database, warnings, change):
    with database.connection() as connection:
        connection.exec_driver_sql(f"ALTER SEQUENCE verifications_id_seq {change}")
        connection.commit()

    [warning] = warnings()

    assert "verifications_id_seq. For each: ALTER SEQUENCE … CACHE 1 (docs/scaling.md)" in warning
