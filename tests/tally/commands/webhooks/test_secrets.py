"""`tally secrets`: values go in and never come out."""

import io
import json
import sys

import pytest


@pytest.fixture
def stdin(monkeypatch):
    """Give the command these bytes as its standard input."""

    def give(content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return give


def test_a_secret_is_stored_from_standard_input_and_replaced(on_broker, stdin, read):
    stdin(b"top secret\n")
    stored = on_broker("secrets", "set", "ci", "--value-stdin", "--description", "for CI")
    stdin(b"other\r\n")
    replaced = on_broker("secrets", "set", "ci", "--value-stdin")

    assert stored.out == "Stored the secret ci. Webhooks use it as ${secret.ci}.\n"
    assert replaced.out == "Replaced the secret ci. Webhooks use it as ${secret.ci}.\n"
    assert read("/secrets/ci")["name"] == "ci"
    assert "secret\n" not in stored.out + stored.err + replaced.out + replaced.err


def test_a_value_is_sent_as_it_was_given(tally_at, hal_server, stdin):
    link = {"href": hal_server.url("/secrets/{secret}"), "templated": True}
    hal_server.answers("GET", "/", {"_links": {"tally:secret": link}})
    hal_server.answers("PUT", "/secrets/ci", {"name": "ci"})

    stdin("größe\n\n".encode())
    tally_at("secrets", "set", "ci", "--value-stdin")
    tally_at("secrets", "set", "ci", "--value", " b ")

    assert [asked.body for asked in hal_server.sent("PUT")] == [{"value": "größe\n"}, {"value": " b "}]


def test_a_value_may_be_in_a_variable(on_broker, monkeypatch, read):
    monkeypatch.setenv("TALLY_SECRET_VALUE", "top")

    assert on_broker("secrets", "set", "ci").code == 0
    assert read("/secrets/ci") is not None


def test_secrets_are_listed_and_deleted(on_broker):
    nothing = on_broker("secrets", "list").out
    on_broker("secrets", "set", "ci", "--value", "top", "--description", "for CI")

    listed = on_broker("secrets", "list").out.splitlines()
    document = on_broker("secrets", "list", "-o", "json").out
    deleted = on_broker("secrets", "delete", "ci")

    assert nothing.startswith("There are no secrets yet")
    assert listed[1].startswith("ci    for CI")
    assert [item["name"] for item in json.loads(document)["_embedded"]["secrets"]] == ["ci"]
    assert "top" not in document
    assert (deleted.code, deleted.out) == (0, "Deleted the secret ci.\n")
    again = on_broker("secrets", "delete", "ci")
    assert (again.code, again.err) == (
        2,
        "Error: There is no secret 'ci'. (All of them: tally secrets list)\n",
    )


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        (("ci", "--value-stdin"), b"", "The value is empty"),
        (("ci", "--value-stdin"), b"\n", "The value is empty"),
        (("ci", "--value-stdin"), b"\xff", "standard input is not UTF-8"),
        (("ci", "--value-stdin", "--value", "x"), b"", "exclude each other"),
        (("ci", "--value", ""), b"", "The value is empty"),
        (("ci",), b"top", "Which value? Give --value-stdin, or set TALLY_SECRET_VALUE."),
        (("a b", "--value", "x"), b"", "name: may have letters, digits, '_', '-' and '.'"),
    ],
)
def test_what_cannot_be_stored_says_why(on_broker, stdin, read, words, given, said):
    stdin(given)

    run = on_broker("secrets", "set", *words)

    assert (run.code, run.out) == (2, "")
    assert said in run.err
    assert read("/secrets")["_embedded"]["secrets"] == []


@pytest.mark.parametrize("words", [("list",), ("set", "ci", "--value", "x"), ("delete", "ci")])
def test_a_broker_without_secrets_is_told(tally_at, words):
    run = tally_at("secrets", *words)

    assert run.code == 2
    assert "keeps no secrets: is it a Tallystick broker?" in run.err
