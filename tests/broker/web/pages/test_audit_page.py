"""The page of the audit log: filters in the URL, newest first, and its rows as files."""

import csv
import io
import json
from datetime import timedelta

import pytest
from support.audit_logs import NOW, add, seal, sealed_log

from broker.app import create_app
from broker.settings.settings import Settings

BROWSER = {"Accept": "text/html"}


@pytest.fixture
def broker(database):
    """A client of a broker that keeps an audit log although it has no accounts, as a browser asks."""
    app = create_app(Settings(audit="always"), database, clock=lambda: NOW + timedelta(minutes=5))
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    return client


@pytest.fixture
def log(broker, database):
    sealed_log(database, ["A", "B"], ["C"])
    add(database, "D", action="delete", team="selling", before={"n": 1, "password": "x"}, after=None)
    return broker


def rows(page):
    """The subjects, in their order."""
    return [
        part.partition("</a>")[0].rpartition(">")[2] for part in page.text.split('data-label="Subject">')[1:]
    ]


def test_the_newest_come_first(log):
    page = log.get("/audit")

    assert page.status_code == 200
    assert rows(page) == ["D", "C", "B", "A"]
    assert "the newest seal is <strong>2</strong>" in page.text
    assert "in a second" in page.text
    assert "person, by session" in page.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("actor=ada&action=publish", "CBA"),
        ("action=delete", "D"),
        ("subject=B", "B"),
        ("since=2026-11-29T12:00:01Z", "C"),
        ("since=2026-11-29", "DCBA"),
        ("sort=%2Btimestamp", "ABC"),
        ("actor=&action=&subject=&since=&sort=", "DCBA"),
    ],
)
def test_filters_are_in_the_url(log, query, expected):
    assert rows(log.get(f"/audit?{query}")) == list(expected)


def test_pages_lead_on(log):
    first = log.get("/audit?size=3")
    href = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")

    second = log.get(f"/audit{href}")

    assert rows(first) == ["D", "C", "B"]
    assert rows(second) == ["A"]
    assert 'rel="next"' not in second.text
    assert ">Newest</a>" in second.text


def test_what_was_before_and_after_is_shown_without_secrets(log):
    page = log.get("/audit?subject=D").text

    assert "&#34;n&#34;: 1" in page
    assert "**********" in page
    assert "&#34;x&#34;" not in page


def test_names_are_no_markup(broker, database):
    add(database, "<script>alert(1)</script>", address='"><img>', after={"<b>": "</pre><script>"})

    page = broker.get("/audit").text

    assert "<script>alert" not in page
    assert "<img>" not in page
    assert "</pre><script>" not in page


def test_an_entry_about_nothing_that_has_a_name_has_no_empty_link(broker, database):
    add(database, "")

    page = broker.get("/audit").text

    assert "></a>" not in page
    assert '<div class="note">pacticipant</div>' in page


def test_the_rows_as_files(log):
    found = json.loads(log.get("/audit?format=json&action=delete").data)["entries"]
    (row,) = csv.DictReader(io.StringIO(log.get("/audit?format=csv&action=delete").text))
    lines = log.get("/audit?format=ndjson&action=delete").data.splitlines()

    assert [(item["subject"], item["before"]) for item in found] == [("D", '{"n":1,"password":"**********"}')]
    assert (row["actor"], row["subject"], row["team"]) == ("ada", "D", "selling")
    assert json.loads(lines[0])["subject"]["name"] == "D"


@pytest.mark.parametrize(
    "query", ["format=xml", "since=soon", "size=0", "actr=ada", "from=unknown", "sort=name"]
)
def test_what_is_not_understood_is_an_error_page(log, query):
    page = log.get(f"/audit?{query}")

    assert page.status_code == 400
    assert query.partition("=")[0] in page.text


def test_a_log_without_entries(broker):
    page = broker.get("/audit").text

    assert "There are no entries yet" in page
    assert "No entry is like that" in broker.get("/audit?actor=bob").text


def test_the_page_is_linked_where_a_log_is_kept(broker, database):
    assert 'href="/audit"' in broker.get("/").text

    other = create_app(Settings(), database).test_client()

    assert 'href="/audit"' not in other.get("/", headers=BROWSER).text


def test_a_newer_entry_does_not_move_a_page(log, database):
    seal(database)
    uuid = json.loads(log.get("/audit?format=json&size=1&subject=B").data)["entries"][0]["uuid"]
    before = rows(log.get(f"/audit?from={uuid}"))

    add(database, "E")

    assert rows(log.get(f"/audit?from={uuid}")) == before == ["B", "A"]
