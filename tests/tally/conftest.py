"""Run the `tally` command, against a server with recorded answers."""

import os
from dataclasses import dataclass

import pytest
from support.hal_server import hal_server_running

from tally.cli import main


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str


@pytest.fixture
def hal_server():
    """A server that knows the index and two environments of a Pact Broker."""
    with hal_server_running() as server:
        server.answers("GET", "/", index(server))
        server.answers("GET", "/environments", environments(server))
        server.answers("GET", "/pacticipants", {"_embedded": {"pacticipants": [{"name": "Shop"}]}})
        yield server


@pytest.fixture
def tally(capsys, monkeypatch):
    """Run the command with these words, as a user would; returns exit code and what was printed.

    No variable of the machine says which broker, and no CI system runs us.
    """
    for name in os.environ:
        if name.startswith(("PACT_BROKER_", "SSL_", "GITHUB_", "GITLAB_", "ACTIONS_", "CI_", "TALLY_")):
            monkeypatch.delenv(name)

    def run(*words):
        with pytest.raises(SystemExit) as exit_:
            main([str(word) for word in words])
        printed = capsys.readouterr()
        return Run(exit_.value.code, printed.out, printed.err)

    return run


@pytest.fixture
def tally_at(tally, hal_server, monkeypatch):
    """Run the command against the server with recorded answers."""
    monkeypatch.setenv("PACT_BROKER_BASE_URL", hal_server.base_url)
    return tally


def index(server):
    return {
        "_links": {
            "self": {"href": server.url("/")},
            "pb:publish-contracts": {"href": server.url("/contracts/publish")},
            "pb:environments": {"href": server.url("/environments")},
            "pb:pacticipants": {"href": server.url("/pacticipants")},
            "pb:pacticipant-version": {
                "href": server.url("/pacticipants/{pacticipant}/versions/{version}"),
                "templated": True,
            },
        }
    }


def environments(server):
    known = [
        {"uuid": "E1", "name": "production", "displayName": "Production", "production": True},
        {"uuid": "E2", "name": "test", "displayName": "Test", "production": False},
    ]
    links = [
        {"title": "Environment", "name": item["name"], "href": server.url(f"/environments/{item['uuid']}")}
        for item in known
    ]
    return {"_embedded": {"environments": known}, "_links": {"pb:environments": links}}
