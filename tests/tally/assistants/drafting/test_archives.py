"""Drafts of HAR entries: given as text, or as a file of the project."""

import json

import pytest
from support.drafted_tests import NAMES, a_pact_file, an_interaction, drafted
from support.har_files import an_archive, an_entry

from tally.assistants.answers import ToolError
from tally.assistants.drafting.from_archives import MOST_BYTES


@pytest.fixture
def folder(tmp_path):
    """The folder of a project with a recording, and a file beside it that is not part of it."""
    pacts = tmp_path / "pacts"
    (pacts / "recorded").mkdir(parents=True)
    a_pact_file(pacts, an_interaction())
    archive = an_archive(an_entry(), an_entry("DELETE", status=204, answer="", kind=""))
    (pacts / "recorded" / "shop.har").write_text(json.dumps(archive))
    (tmp_path / "secret.har").write_text(json.dumps(an_archive(an_entry())))
    (pacts / "link.har").symlink_to(tmp_path / "secret.har")
    with (pacts / "large.har").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    return pacts


def test_an_entry_as_text():
    entry = an_entry(answer={"id": 7, "token": "0123456789abcdef", "at": "2026-01-05"})

    data = drafted(har=json.dumps(entry), **NAMES)["data"]

    assert 'match.regex("/orders/7", r"^/orders/\\d+$")' in data["text"]
    assert '"id": match.integer(7)' in data["text"]
    assert '"at": match.date("2026-01-05", "yyyy-MM-dd")' in data["text"]
    assert "0123456789abcdef" not in data["text"]
    assert "The provider must have what the path names: /orders/7" in " ".join(data["left_out"])


@pytest.mark.parametrize("wrapped", [lambda entry: [entry], an_archive])
def test_an_archive_of_one_entry_as_text(wrapped):
    document = drafted(har=json.dumps(wrapped(an_entry())), **NAMES)

    assert "GET /orders/{id} (200)" in document["summary"]


def test_an_entry_of_a_file_of_the_project(folder):
    document = drafted(folder=folder, har="recorded/shop.har#2", **NAMES)

    assert "DELETE /orders/{id} (204)" in document["summary"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("recorded/shop.har", "it has 2 different requests (`DELETE /orders/{id} (204)`, `GET"),
        ("recorded/shop.har#3", "has entries 1 to 2, not 3"),
        ("recorded/shop.har#0", "has entries 1 to 2, not 0"),
        ("../secret.har", "har: `../secret.har` may not be read"),
        ("recorded/../../secret.har", "may not be read"),
        ("/etc/passwd", "may not be read"),
        ("http://localhost/shop.har", "is an address, and nothing is fetched"),
        ("link.har", "may not be read"),
        ("recorded", "there is no file"),
        ("a\nb.har", "there is no file"),
        ("\0", "is no path of a file"),
        ("a" * 5000, "har: "),
        ("pact.json", "is no HAR file"),
        ("large.har", "larger than 64 MiB"),
    ],
)
def test_a_file_that_is_none_or_that_may_not_be_read_is_refused(folder, given, problem):
    with pytest.raises(ToolError) as refused:
        drafted(folder=folder, har=given, **NAMES)

    assert problem in str(refused.value)
    assert "root:" not in str(refused.value)


def test_who_asks_from_another_machine_names_no_file(folder):
    with pytest.raises(ToolError, match="may not be read"):
        drafted(har=str(folder / "recorded" / "shop.har"), **NAMES)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "it is no JSON that can be read"),
        ("[" * 90_000, "it is no JSON that can be read"),
        ("{}", "request: expected an object"),
        ("[]", "nothing in it can be drafted: it has no entries"),
        ('{"log": 1}', "log: expected an object"),
        ('{"log": {"entries": 1}}', "log.entries: expected a list"),
        (json.dumps(an_entry(status=500)), "an error of the server"),
        (json.dumps(an_entry("GET\n")), "is no method of HTTP"),
        ('{"request": "\\ud800"}', "cannot be read"),
    ],
)
def test_text_that_is_no_entry_is_refused(text, problem):
    with pytest.raises(ToolError) as refused:
        drafted(har=text, **NAMES)

    assert problem in str(refused.value) or problem.replace("cannot be", "that can be") in str(refused.value)


def test_the_names_of_both_are_wanted():
    with pytest.raises(ToolError, match="provider is missing"):
        drafted(har=json.dumps(an_entry()), consumer="Shop")
