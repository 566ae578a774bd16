"""What a publication and a result look at on PostgreSQL: as much with many partners as with few."""

import pytest
from sqlalchemy import Engine, event, text
from support.big_data import Size, fill
from support.databases import NEW_DATABASE
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

FEW, MANY = Size(consumers=10, providers=10, versions=10), Size(consumers=40, providers=40, versions=10)
_PAIR = {"consumer": "Consumer 02", "provider": "Provider 02"}
_PACT = "/pacts/provider/Provider 02/consumer/Consumer 02"
_LOOKED_AT = text("SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables")


def put_a_pact(client):
    return client.put(f"{_PACT}/version/21", json=a_pact(an_interaction("other"), **_PAIR))


def publish_from_main(client):
    pact = a_pact(an_interaction("other"), **_PAIR)
    return client.post("/contracts/publish", json=a_publication(pact, version="21", branch="main"))


def publish_a_result(client):
    pact = client.get(f"{_PACT}/latest").json
    url = pact["_links"]["pb:publish-verification-results"]["href"]
    return client.post(url, json=a_verification_result("21", success=False))


def rows_looked_at(size, write, without=()):
    """Return how many rows of all tables the transaction of a write has looked at until its end."""
    looked_at = []

    def begin(connection):
        for way in without:
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")

    def end(connection):
        looked_at.append(int(connection.scalar(_LOOKED_AT)))

    with NEW_DATABASE["postgresql"]() as url:
        fill(url, size)
        database = Database(url)
        client = create_app(Settings(), database).test_client()
        event.listen(Engine, "begin", begin)
        event.listen(Engine, "commit", end)
        try:
            answer = write(client)
        finally:
            event.remove(Engine, "begin", begin)
            event.remove(Engine, "commit", end)
            database.close()
    assert answer.status_code in {200, 201}, answer.text
    return max(looked_at)


@pytest.mark.direct
@pytest.mark.parametrize("write", [put_a_pact, publish_from_main, publish_a_result])
def test_does_not_grow_with_partners(write):
    # It reads a small table as a whole, as that is quicker: not in this test.
    ways = ("seqscan", "material", "bitmapscan")
    few, many = rows_looked_at(FEW, write, ways), rows_looked_at(MANY, write, ways)

    assert few > 0
    # Of four times the partners, and 16 times the results. Of several indexes PostgreSQL may choose one that
    # leads to some rows more.
    assert many <= 3 * few


@pytest.mark.direct
@pytest.mark.parametrize("write", [put_a_pact, publish_from_main, publish_a_result])
def test_is_little_as_the_database_plans_it(write):
    # There are 800 versions, 1,600 integrations, and 16,000 publications and results.
    assert rows_looked_at(MANY, write) < 2000
