"""`GET /audit`: pages, filters, formats; `GET /audit/seal`; and what is not accepted."""

import csv
import io
import json
from datetime import timedelta

import pytest
from support.audit_logs import NOW, add, seal, sealed_log

from broker.app import create_app
from broker.settings.settings import Settings
from tally.audit.sealed import from_document
from tally.audit.verification import verify


@pytest.fixture
def log(database, broker):
    """A client of a broker with five sealed entries, and one without a seal."""
    sealed_log(database, ["A", "B", "C"], ["D", "E"])
    add(database, "F", at=NOW + timedelta(hours=1))
    return broker


def names(answer):
    return [entry["subject"]["name"] for entry in answer.json["_embedded"]["entries"]]


def all_pages(client, url):
    while url:
        answer = client.get(url)
        assert answer.status_code == 200
        yield answer
        url = answer.json["_links"].get("next", {}).get("href")


def test_the_index_leads_to_the_log_once_there_is_one(log, database):
    assert not [name for name in log.get("/").json["_links"] if "audit" in name]

    kept = create_app(Settings(audit="always"), database).test_client()
    links = kept.get("/").json["_links"]

    assert names(log.get(links["tally:audit"]["href"])) == list("ABCDE")
    assert log.get(links["tally:audit-seal"]["href"]).json["number"] == 2
    assert len(log.get(links["tally:audit-seals"]["href"]).json["_embedded"]["seals"]) == 2


def test_an_entry_says_who_did_what(log):
    first = log.get("/audit").json["_embedded"]["entries"][0]

    assert first.pop("uuid")
    assert first == {
        "at": "2026-11-29T12:00:00.000000Z",
        "actor": {"uuid": "7b0f4f8e-5a54-4a2c-9a35-3f0d4b1c2a10", "name": "ada", "kind": "person"},
        "via": "session",
        "action": "publish",
        "subject": {"kind": "pacticipant", "name": "A"},
        "after": {"name": "A"},
        "outcome": "done",
        "seal": 1,
    }


@pytest.mark.parametrize("size", ["size=2", "pageSize=2"])
def test_pages_follow_each_other(log, size):
    pages = [names(page) for page in all_pages(log, f"/audit?{size}")]

    assert pages == [["A", "B"], ["C", "D"], ["E"]]


def test_whoever_goes_on_from_the_last_entry_misses_none(database, log):
    last = log.get("/audit").json["_embedded"]["entries"][-1]["uuid"]
    assert names(log.get("/audit", query_string={"from": last})) == ["E"]

    seal(database)

    assert names(log.get("/audit", query_string={"from": last})) == ["E", "F"]


def test_an_entry_without_a_seal_has_nothing_after_it_yet(log):
    newest = log.get("/audit?sort=-timestamp&size=1").json["_embedded"]["entries"][0]
    assert "seal" not in newest

    answer = log.get("/audit", query_string={"from": newest["uuid"]})

    assert names(answer) == []
    assert "next" not in answer.json["_links"]


def test_the_newest_come_first_if_asked(log):
    pages = [names(page) for page in all_pages(log, "/audit?sort=-timestamp&size=4")]

    assert pages == [["F", "E", "D", "C"], ["B", "A"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("actor=ada", "ABCDE"),
        ("actor=7b0f4f8e-5a54-4a2c-9a35-3f0d4b1c2a10", "ABCDE"),
        ("actor=bob", ""),
        ("action=publish&subject=D", "D"),
        ("since=2026-11-29T12:00:01Z", "DE"),
        ("since=2026-11-29T13:00:01+01:00", "DE"),
        ("since=2026-11-30", ""),
        ("sort=%2Btimestamp", "ABCDE"),
        ("sort=+timestamp", "ABCDE"),
        ("actor=&since=&from=", "ABCDE"),
    ],
)
def test_filters(log, query, expected):
    assert names(log.get(f"/audit?{query}")) == list(expected)


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("from=unknown", "from", "is not the UUID of an entry"),
        ("since=tomorrow", "since", "must be a moment"),
        ("since=9999-12-31T23:59:59-23:00", "since", "must be a moment"),
        ("size=0", "size", "from 1 to 500"),
        ("size=501", "size", "from 1 to 500"),
        ("pageSize=x", "pageSize", "from 1 to 500"),
        ("sort=name", "sort", "must be +timestamp or -timestamp"),
        ("actr=ada", "actr", "did you mean 'actor'"),
        ("page=2", "page", "is no parameter"),
        (f"actor={'x' * 1001}", "actor", "1000"),
    ],
)
def test_what_is_not_understood_is_named(log, query, field, message):
    answer = log.get(f"/audit?{query}")

    assert answer.status_code == 400
    assert message.lower() in answer.json["errors"][field][0].lower()


def test_ndjson_has_an_entry_on_each_line(log):
    answer = log.get("/audit?size=2", headers={"Accept": "application/x-ndjson"})

    assert answer.content_type.startswith("application/x-ndjson")
    assert [json.loads(line)["subject"]["name"] for line in answer.data.splitlines()] == ["A", "B"]
    assert 'rel="next"' in answer.headers["Link"]
    following = answer.headers["Link"].partition(">")[0][1:]
    assert names(log.get(following)) == ["C", "D"]


@pytest.mark.parametrize("ask", [{"headers": {"Accept": "text/csv"}}, {"path": "/audit.csv"}], ids=str)
def test_csv_has_harmless_cells(database, broker, ask):
    add(database, "=HYPERLINK(1)", address="@x", after=["-1"])
    seal(database)

    answer = broker.get(**{"path": "/audit", **ask})

    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["subjectName"] == "'=HYPERLINK(1)"
    assert row["address"] == "'@x"
    assert row["after"] == '["-1"]'
    assert row["seal"] == "1"


def test_a_log_without_entries(broker):
    assert names(broker.get("/audit")) == []
    assert broker.get("/audit/seal").json["number"] == 0
    assert broker.get("/audit/seals").json["_embedded"]["seals"] == []
    assert broker.get("/audit", headers={"Accept": "application/x-ndjson"}).data == b""


def test_the_newest_seal(database, log):
    found = log.get("/audit/seal").json

    with database.reading() as storage:
        assert found["hash"] == storage.audit_seals.newest().hash.hex()
    assert found["count"] == 2


def test_seals_have_all_that_is_needed_to_verify(log):
    answer = log.get("/audit/seals?after=0").json
    seals = answer["_embedded"]["seals"]

    found = verify(from_document(item, item["entries"]) for item in seals)

    assert found.problem is None
    assert found.hash == log.get("/audit/seal").json["hash"]
    assert [item["number"] for item in log.get("/audit/seals?after=1").json["_embedded"]["seals"]] == [2]


@pytest.mark.parametrize("after", ["x", "-1", "99999999999999"])
def test_a_seal_that_is_no_number(log, after):
    assert log.get(f"/audit/seals?after={after}").status_code == 400
