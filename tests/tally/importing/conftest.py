"""From a described Pact Broker into the real application."""

import json

import pytest
from support.app_server import app_serving
from support.hal_server import hal_server_running

from broker.app import create_app
from broker.settings.settings import Settings


@pytest.fixture
def target(database):
    """The address of an empty Tallystick."""
    with app_serving(create_app(Settings(), database)) as url:
        yield url


@pytest.fixture
def copy(tally, target, monkeypatch, tmp_path):
    """Run the import from a broker with this content; returns the exit code and the report.

    `copy.asked` is what the broker was asked last, and `copy.text` is as a terminal has it.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def text(source, *words):
        with hal_server_running() as server:
            source.answer_from(server)
            run.asked = server.asked
            return tally("import", "--from", server.base_url, "-b", target, "--retries", 0, *words)

    def run(source, *words):
        told = text(source, "--output", "json", *words)
        assert told.out, told.err
        return told.code, json.loads(told.out)

    run.text = text
    return run
