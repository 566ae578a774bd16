"""Two hundred builds at the same moment, each with connections of its own, against a real server.

All of them are about the same applications, which are new: every request races to create the same rows.
"""

import asyncio
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, text
from support.asynchronous_clients import Client
from support.databases import NEW_DATABASE
from support.factories import a_pact, a_publication, a_verification_result, an_interaction
from support.serving import serving

from broker.storage.database_url import with_driver
from tally.hashing import content_hash

CLIENTS = 200
VERSIONS = 8
PROVIDERS = ("Orders", "Payments", "Stock")
LONGEST = 25.0
"""Seconds after which an answer is too late: clients give up at 30 s."""
RESULTS = f"/pacts/provider/Orders/consumer/Shop/pact-version/{content_hash(a_pact())}/verification-results"


def everything_of_a_build(number, environment):
    """Return the requests of one build; of each version there are many builds."""
    version = str(number % VERSIONS)
    shop = f"/pacticipants/Shop/versions/{version}"
    names = PROVIDERS if number % 4 < 2 else PROVIDERS[::-1]
    pacts = [a_pact(an_interaction(), provider=name) for name in names]
    put = a_pact(an_interaction(), provider="Printers")
    in_any_order = [
        ("POST", "/contracts/publish", a_publication(*pacts, version=version, tags=["dev", "test"])),
        ("PUT", f"/pacts/provider/Printers/consumer/Shop/version/{version}", put),
        ("PUT", f"/pacticipants/Shop/branches/feature/versions/{version}", {}),
        ("PUT", f"{shop}/tags/candidate", {}),
    ]
    afterwards = [
        ("POST", f"{shop}/deployed-versions/environment/{environment}", {}),
        ("POST", RESULTS, a_verification_result(f"p{version}", success=True)),
    ]
    return [*(in_any_order if number % 2 else in_any_order[::-1]), *afterwards]


async def build(host, port, number, environment, start):
    reader, writer = await asyncio.open_connection(host, port)
    client = Client(reader, writer)
    await start.wait()
    answers = [await client.ask(*request) for request in everything_of_a_build(number, environment)]
    client.close()
    return answers


async def all_at_once(url, environment):
    address = urlsplit(url)
    start = asyncio.Event()
    builds = [
        asyncio.create_task(build(address.hostname, address.port, number, environment, start))
        for number in range(CLIENTS)
    ]
    await asyncio.sleep(0.5)  # until all are connected
    start.set()
    return [answer for answers in await asyncio.gather(*builds) for answer in answers]


def rows(url, statement):
    engine = create_engine(with_driver(url))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


@pytest.mark.parametrize(("database", "workers"), [("sqlite", 1), ("postgresql", 4)])
@pytest.mark.slow
def test_nobody_fails_or_waits_too_long_and_every_row_is_there_once(database, workers, tmp_path):
    with NEW_DATABASE[database]() as database_url:
        [(test,)] = rows(database_url, "SELECT uuid FROM environments WHERE name = 'test'")
        # The first tag would be a branch as well, if the tag comes before the branch.
        environment = {"TALLY_WORKERS": str(workers), "TALLY_USE_FIRST_TAG_AS_BRANCH": "false"}
        with serving(database_url, tmp_path / "log", environment=environment) as url:
            answers = asyncio.run(all_at_once(url, test))

        refused = [answer for answer in answers if answer.status not in {200, 201}]
        assert refused == []
        assert len(answers) == 6 * CLIENTS
        assert max(answer.seconds for answer in answers) < LONGEST
        check_rows(database_url)


def check_rows(url):
    numbers = [(str(number),) for number in range(VERSIONS)]
    of_shop = "JOIN pacticipants p ON p.id = v.pacticipant_id WHERE p.name = 'Shop'"
    assert rows(url, "SELECT name FROM pacticipants ORDER BY name") == [
        ("Orders",),
        ("Payments",),
        ("Printers",),
        ("Shop",),
        ("Stock",),
    ]
    assert rows(url, f"SELECT v.number FROM versions v {of_shop} ORDER BY v.number") == numbers  # noqa: S608 - ours
    assert rows(url, "SELECT count(*), count(DISTINCT position) FROM versions") == [
        (2 * VERSIONS, 2 * VERSIONS)
    ]
    assert rows(
        url,
        "SELECT b.name, count(*), count(DISTINCT version_id) FROM branch_versions "
        "JOIN branches b ON b.id = branch_id GROUP BY b.name ORDER BY b.name",
    ) == [("feature", VERSIONS, VERSIONS), ("main", VERSIONS, VERSIONS)]
    assert rows(url, "SELECT name, count(*) FROM tags GROUP BY name ORDER BY name") == [
        ("candidate", VERSIONS),
        ("dev", VERSIONS),
        ("test", VERSIONS),
    ]
    assert rows(url, "SELECT count(*) FROM integrations") == [(4,)]
    assert rows(url, "SELECT count(*), count(DISTINCT provider_id) FROM pact_versions") == [(4, 4)]
    assert rows(url, "SELECT count(*), max(revision) FROM pact_publications") == [(4 * VERSIONS, 1)]
    # Every build published a result and recorded a deployment; one of each version counts.
    assert rows(url, "SELECT count(*) FROM verifications") == [(CLIENTS,)]
    assert rows(url, "SELECT count(*) FROM verifications WHERE NOT superseded") == [(VERSIONS,)]
    assert rows(url, "SELECT count(*) FROM deployed_versions WHERE undeployed_at IS NULL") == [(1,)]
