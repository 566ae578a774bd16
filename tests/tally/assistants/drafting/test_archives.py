"""Drafts of HAR entries: given as text, or as a file below a folder that the user named."""

import json

import pytest
from support.drafted_tests import NAMES, a_pact_file, an_interaction, drafted
from support.har_files import an_archive, an_entry

from tally.assistants.answers import ToolError


@pytest.fixture
def folder(tmp_path):
    """A folder of pacts with a recording below it, and a file beside it that nobody named."""
    pacts = tmp_path / "pacts"
    (pacts / "recorded").mkdir(parents=True)
    a_pact_file(pacts, an_interaction())
    archive = an_archive(an_entry(), an_entry("DELETE", status=204, answer="", kind=""))
    (pacts / "recorded" / "shop.har").write_text(json.dumps(archive))
    (tmp_path / "secret.har").write_text(json.dumps(an_archive(an_entry())))
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


def test_an_entry_of_a_file_below_a_named_folder(folder):
    document = drafted(pacts=[folder], har="recorded/shop.har#2", **NAMES)

    assert "DELETE /orders/{id} (204)" in document["summary"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("recorded/shop.har", "it has 2 different requests (`DELETE /orders/{id} (204)`, `GET"),
        ("recorded/shop.har#3", "has entries 1 to 2, not 3"),
        ("../secret.har", "there is no file `../secret.har`"),
        ("recorded/../../secret.har", "there is no file"),
        ("/etc/passwd", "there is no file"),
        ("recorded", "there is no file"),
        ("\0", "there is no file"),
        ("a" * 5000, "there is no file"),
        ("pact.json", "is no HAR file"),
    ],
)
def test_a_file_that_is_none_or_that_nobody_named_is_refused(folder, given, problem):
    with pytest.raises(ToolError) as refused:
        drafted(pacts=[folder], har=given, **NAMES)

    assert problem in str(refused.value)
    assert "root:" not in str(refused.value)


def test_a_link_out_of_the_folder_is_refused(folder):
    (folder / "link.har").symlink_to(folder.parent / "secret.har")

    with pytest.raises(ToolError, match="there is no file"):
        drafted(pacts=[folder], har="link.har", **NAMES)


def test_without_named_folders_no_file_is_read():
    with pytest.raises(ToolError, match="no file can be read"):
        drafted(har="shop.har", **NAMES)


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
