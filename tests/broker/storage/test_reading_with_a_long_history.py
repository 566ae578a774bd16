"""What is read for one answer is the same however much there was before, also of what lies far back."""

from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import Engine, event, text
from support.big_data import Size, change, fill
from support.factories import a_pact, a_publication, an_interaction
from support.metrics import PLAIN

from broker.app import create_app
from broker.domain.verifications.url_metadata import Metadata, encode
from broker.settings.settings import Settings

LONG = 1500
MOST_ROWS = 700
"""What one step of a plan may read: of 1,500 pacts; 300 tags are quicker read as a whole."""
MOST_STEPS = 7_000
"""Instructions of SQLite's machine: reading the history would take several for each pact."""
PAIR = "/pacts/provider/Provider 01/consumer/Consumer 01"
READS = {
    "of a version": f"{PAIR}/version/700",
    "the latest": f"{PAIR}/latest",
    "of an old branch": f"{PAIR}/branch/old/latest",
    "of an old tag": f"{PAIR}/latest/old",
    "with each consumer": "/pacts/provider/Provider 01/latest",
    "with each consumer, of an old tag": "/pacts/provider/Provider 01/latest/old",
    "all latest": "/pacts/latest",
    "the one before": f"{PAIR}/version/{LONG}/previous-distinct",
    "without tags": f"{PAIR}/latest-untagged",
    "listed, of an old branch": f"{PAIR}/branch/old/latest/versions",
    "listed, of the main branch": f"{PAIR}/branch/latest/versions",
    "the result of an old tag": f"{PAIR}/latest/dev/verification-results/latest",
    "the badge of an old tag": f"{PAIR}/latest/old/badge.svg",
    "the badge without tags": f"{PAIR}/latest-untagged/badge.svg",
    "the versions of an old branch": "/pacticipants/Consumer 01/branches/old/versions?page=1&size=10",
    "the versions of an old tag": "/pacticipants/Consumer 01/tags/old/versions?page=1&size=10",
    "an application and where it is": "/pacticipants/Consumer 01",
    "what is deployed": "/pacticipants/Consumer 01/versions/1500",
}
SELECTED = {"consumerVersionSelectors": [{"mainBranch": True}], "includePendingStatus": True}
VERIFIERS = {
    "for nobody": SELECTED,
    "for a branch": {**SELECTED, "providerVersionBranch": "main"},
    "for a tag": {**SELECTED, "providerVersionTags": ["dev"]},
    "for a new tag": {**SELECTED, "providerVersionTags": ["new"]},
}
# One branch and one tag that only the first versions have, and for all the later ones one content with all
# of their results.
PREPARE = (
    (
        "INSERT INTO branches (pacticipant_id, name, head_version_id, created_at, updated_at)"
        " SELECT pacticipant_id, 'old', id, created_at, created_at FROM versions WHERE number = '5'"
    ),
    (
        "INSERT INTO branch_versions (branch_id, version_id, position, auto_created, created_at, updated_at)"
        " SELECT b.id, v.id, v.position, b.id < 0, v.created_at, v.created_at"
        " FROM branches b JOIN versions v ON v.id = b.head_version_id WHERE b.name = 'old'"
    ),
    (
        "INSERT INTO tags (pacticipant_id, version_id, name, position, created_at)"
        " SELECT pacticipant_id, id, 'old', position, created_at FROM versions WHERE number = '5'"
    ),
    "UPDATE pact_publications SET pact_version_id = (SELECT max(id) FROM pact_versions) WHERE position > 100",
    "UPDATE verifications SET pact_version_id = (SELECT max(id) FROM pact_versions) WHERE id > 50",
    "DELETE FROM pact_versions WHERE id NOT IN (SELECT pact_version_id FROM pact_publications)",
)


@pytest.fixture
def client(database, database_url):
    fill(database_url, Size(consumers=1, providers=1, versions=LONG))
    change(database_url, *PREPARE)
    return create_app(Settings(), database).test_client()


def questions(client):
    """Return what is asked, by its name: each is a function that returns the answer."""
    content = client.get(READS["the latest"]).json["_links"]["pb:pact-version"]["href"]
    with_versions = f"{content}/metadata/{encode(Metadata(consumer_versions=('700',)))}"
    reads = {**READS, "of a content": content, "of a content and a version": with_versions}
    measurements = {"what Prometheus asks": partial(client.get, "/metrics", headers=PLAIN)}
    return (
        measurements
        | {name: partial(client.get, path) for name, path in reads.items()}
        | {
            name: partial(client.post, "/pacts/provider/Provider 01/for-verification", json=body)
            for name, body in VERIFIERS.items()
        }
    )


@contextmanager
def around_statements(before, after=lambda *_: None):
    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    yield
    event.remove(Engine, "before_cursor_execute", before)
    event.remove(Engine, "after_cursor_execute", after)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_reads_no_history(client):
    asked = questions(client)
    steps = dict.fromkeys(asked, 0)

    for name, ask in asked.items():

        def begin(_connection, cursor, *_, name=name):
            def count():
                steps[name] += 100

            cursor.connection.set_progress_handler(count, 100)

        def end(_connection, cursor, *_):
            cursor.connection.set_progress_handler(None, 100)

        with around_statements(begin, end):
            assert ask().status_code == 200, name

    assert {name: count for name, count in steps.items() if count > MOST_STEPS} == {}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_reads_no_history(client):
    asked, read = questions(client), []

    for name, ask in asked.items():

        def explain(_connection, cursor, statement, parameters, *_, name=name):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters)
            for step in all_steps(cursor.fetchall()[0][0][0]["Plan"]):
                rows = step["Actual Rows"] + step.get("Rows Removed by Filter", 0)
                read.append((rows * step["Actual Loops"], name, step["Node Type"]))

        with around_statements(explain):
            assert ask().status_code == 200, name

    assert len(read) > 3 * len(asked)
    assert [found for found in read if found[0] > MOST_ROWS] == []


def all_steps(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from all_steps(part)


def test_what_lies_far_back_is_found(client):
    found = {
        name: client.get(READS[name]) for name in ("of an old branch", "of an old tag", "the one before")
    }

    versions = {name: answer.json["_links"]["pb:consumer-version"]["name"] for name, answer in found.items()}
    assert versions == {"of an old branch": "5", "of an old tag": "5", "the one before": "50"}


def test_newer_versions_of_a_branch_and_a_tag_may_have_no_pact_with_the_provider(broker):
    def publish(version, provider, content):
        pact = a_pact(an_interaction(content), provider=provider)
        body = a_publication(pact, version=version, branch="main", tags=["dev"])
        assert broker.post("/contracts/publish", json=body).status_code == 200

    publish("1", "Orders", "first")
    publish("2", "Orders", "second")
    publish("3", "Stock", "third")

    paths = ("branch/main/latest", "latest/dev", "latest", "version/2/previous-distinct")
    answers = [broker.get(f"/pacts/provider/Orders/consumer/Shop/{path}") for path in paths]
    assert [answer.json["_links"]["pb:consumer-version"]["name"] for answer in answers] == [
        "2",
        "2",
        "2",
        "1",
    ]
    listed = broker.get("/pacts/provider/Orders/latest/dev").json["_links"]["pb:pacts"]
    assert [link["href"].rpartition("/")[2] for link in listed] == ["2"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.direct
def test_postgresql_plans_once_and_not_for_each_request(client, database):
    asked = questions(client)
    for name in ("the latest", "of an old branch", "of an old tag", "without tags", "of a content"):
        for _ in range(15):  # five before the driver prepares it, and five that PostgreSQL plans anew
            asked[name]()

    with database.connection() as connection:
        kept = connection.execute(
            text(
                "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements"
                " WHERE statement LIKE '%pact_versions.content%'"
            )
        ).all()
    assert len(kept) == 5
    assert [statement for statement, generic, _ in kept if not generic] == []
