"""Two machines clean up one database at the same time, while builds publish and deploy."""

import json
import os
import random
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
import requests
from sqlalchemy import select
from support import big_data
from support.consistency import what_is_wrong
from support.factories import a_pact, a_publication
from support.serving import TALLY, serving

from broker.storage.tables import metadata

pytestmark = pytest.mark.pooled

SIZE = big_data.Size(consumers=3, providers=3, versions=150)
MOST_DEPLOYMENTS = 60
"""All of them stay in the environment, and each deployment is judged with all of them."""
KEEP = '[{"latest": true, "branch": true}, {"max_age": 30}]'
HEADS = {f"{kind} {number:02} {SIZE.versions}" for kind in ("Consumer", "Provider") for number in (1, 2, 3)}


def start_clean_up(database_url):
    return subprocess.Popen(
        [TALLY, "clean", "--keep", KEEP, "--limit", "100000", "--output", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TALLY_DATABASE_URL": database_url},
    )


def ids(database):
    """Return the primary keys of every row, by table."""
    with database.connection() as connection:
        return {
            table.name: {tuple(row) for row in connection.execute(select(*table.primary_key))}
            for table in metadata.sorted_tables
        }


def names_of_versions(database):
    pacticipants, versions = metadata.tables["pacticipants"], metadata.tables["versions"]
    with database.connection() as connection:
        rows = connection.execute(
            select(pacticipants.c.name, versions.c.number).join_from(versions, pacticipants)
        )
        return {f"{name} {number}" for name, number in rows}


def publish(broker, number):
    """Publish a new version; return its name."""
    pacts = [a_pact(consumer="Consumer 01", provider=f"Provider 0{provider}") for provider in (1, 2)]
    body = a_publication(*pacts, version=f"new {number}", branch="feature")
    answer = requests.post(f"{broker}/contracts/publish", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return f"Consumer 01 new {number}"


def deploy(broker, number, environment):
    """Record that an old version is deployed, if it is still there; return the name if so."""
    name = f"Consumer 02 {random.Random(number).randrange(1, SIZE.versions)}"  # noqa: S311 - a test that can be repeated
    place = f"pacticipants/{name[:11]}/versions/{name[12:]}/deployed-versions/environment/{environment}"
    body = {"applicationInstance": f"{number}"}
    answer = requests.post(f"{broker}/{place}", json=body, timeout=30)
    assert answer.status_code in {201, 404}, answer.text
    return name if answer.status_code == 201 else None


@contextmanager
def builds(broker):
    """Publish and deploy while the block runs; the list has the names of the versions that must be there."""
    environment = requests.get(f"{broker}/environments", timeout=30).json()["_embedded"]["environments"][0]
    over, expected = Event(), []

    def keep_on(act, most=None):
        number = 0
        while not over.is_set() and number != most:
            number += 1
            expected.append(act(number))

    with ThreadPoolExecutor() as threads:
        running = [
            threads.submit(keep_on, lambda n: publish(broker, n)),
            threads.submit(keep_on, lambda n: deploy(broker, n, environment["uuid"]), MOST_DEPLOYMENTS),
        ]
        try:
            yield expected
        finally:
            over.set()
    for each in running:
        each.result()


@pytest.mark.slow
def test_two_clean_ups_and_builds_get_along(database, database_url, tmp_path):
    big_data.fill(database_url, SIZE)
    before = ids(database)

    with serving(database_url, tmp_path / "log") as broker, builds(broker) as expected:
        machines = [start_clean_up(database_url) for _ in range(2)]
        finished = [(*machine.communicate(timeout=300), machine.returncode) for machine in machines]

    after = ids(database)
    assert [code for _, _, code in finished] == [0, 0], finished
    reports = [json.loads(printed) for printed, _, _ in finished if printed]
    assert {said for printed, said, _ in finished if not printed} <= {
        "Another clean-up is running on this database.\n"
    }
    told = Counter()
    for report in reports:
        told.update({table: counts["deleted"] for table, counts in report.items()})
    assert told == {table: len(before[table] - after[table]) for table in told}
    assert told["versions"] > len(before["versions"]) / 2
    there = names_of_versions(database)
    must_be_there = {name for name in expected if name} | HEADS
    assert must_be_there <= there
    assert len(there - must_be_there) < 10  # in production, which nobody told the clean-ups to keep
    # The hashes of support/big_data.py are made up.
    assert what_is_wrong(database).keys() <= {"successes", "hashes and counts of pacts"}
