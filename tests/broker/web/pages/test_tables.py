"""Tables of pages as files, and their order."""

import csv
import io
from datetime import UTC, datetime

import pytest
from flask import Flask

from broker.domain.errors import ValidationError
from broker.domain.overview.summaries import PactStatus
from broker.web.pages.tables import Column, SortOrder, Table

TABLE = Table(
    "rows",
    (
        Column("name", "Name", lambda row: row[0], sort="name"),
        Column("value", "Value", lambda row: row[1], sort="value", is_amount=True),
        Column("link", "", lambda row: row[0]),
        Column("drawing", "Drawing", None),
    ),
)


def ask(query, rows=(), default="name"):
    with Flask(__name__).test_request_context(f"/?{query}"):
        return TABLE.download(rows), TABLE.order(default)


def csv_of(*rows):
    answer, _ = ask("format=csv", rows)
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True), newline="")))


def test_people_and_machines_get_the_columns_that_are_for_them():
    assert [column.title for column in TABLE.columns] == ["Name", "Value", "Drawing"]
    assert csv_of(("a", 1)) == [["name", "value", "link"], ["a", "1", "a"]]


def test_without_a_format_there_is_a_page():
    assert ask("", [("a", 1)])[0] is None


@pytest.mark.parametrize(
    ("value", "in_json", "in_csv"),
    [
        (7, 7, "7"),
        (-1.5, -1.5, "-1.5"),
        (None, None, ""),
        (True, True, "true"),
        (PactStatus.PENDING, "failed (pending)", "failed (pending)"),
        (datetime(2026, 7, 1, tzinfo=UTC), "2026-07-01T00:00:00+00:00", "2026-07-01T00:00:00+00:00"),
        (("a", "b"), ["a", "b"], "a, b"),
        ({"test": PactStatus.FAILED}, {"test": "failed"}, "test: failed"),
        ('a "b"\n, c', 'a "b"\n, c', 'a "b"\n, c'),
    ],
)
def test_values_of_every_kind(value, in_json, in_csv):
    answer, _ = ask("format=json", [("a", value)])

    assert answer.mimetype == "application/json"
    assert answer.json == {"rows": [{"name": "a", "value": in_json, "link": "a"}]}
    assert csv_of(("a", value))[1][1] == in_csv


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\uff1d1+1",
        "\uff20SUM(A1)",
        "=cmd|'/c calc'!A0",
    ],
)
def test_a_text_that_a_spreadsheet_would_calculate_is_made_harmless(text):
    assert csv_of((text, [text]))[1][:2] == [f"'{text}", f"'{text}"]


def test_a_csv_file_is_to_be_kept_under_the_name_of_the_rows():
    answer, _ = ask("format=csv")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="rows.csv"'


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", SortOrder("worst")),
        ("sort=", SortOrder("worst")),
        ("sort=worst", SortOrder("worst")),
        ("sort=name", SortOrder("name")),
        ("sort=-value", SortOrder("value", descending=True)),
    ],
)
def test_the_order_that_is_asked_for(query, order):
    assert ask(query, default="worst")[1] == order


@pytest.mark.parametrize("query", ["sort=nothing", "sort=--name", "sort=drawing", "format=xml", "format="])
def test_what_is_not_known_is_refused_with_what_is(query):
    with pytest.raises(ValidationError) as refused:
        ask(query)

    assert "must be one of" in str(refused.value)


def test_a_click_on_a_head_sorts_and_the_next_one_turns_the_order():
    column = TABLE.columns[0]

    assert SortOrder("value").turned(column) == "name"
    assert SortOrder("name").turned(column) == "-name"
    assert SortOrder("name", descending=True).turned(column) == "name"
