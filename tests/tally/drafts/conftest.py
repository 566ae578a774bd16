"""Drafts made by the command, from archives."""

import json

import pytest
from support.har_files import an_archive


@pytest.fixture
def record_har(tally, tmp_path, monkeypatch):
    """Run `tally record --har` on entries; returns what was printed, and the draft if there is one."""
    monkeypatch.chdir(tmp_path)

    def record(*entries, options=(), archive=None):
        path = tmp_path / "shop.har"
        path.write_text(json.dumps(an_archive(*entries) if archive is None else archive))
        run = tally("record", "--har", path, "--consumer", "Shop", "--provider", "Orders", *options)
        drafted = tmp_path / "drafts/Shop-Orders.json"
        return run, json.loads(drafted.read_text()) if drafted.exists() else None

    return record


@pytest.fixture
def drafted(record_har):
    """Return the only interaction of the draft of some entries."""

    def draft(*entries, options=()):
        run, document = record_har(*entries, options=options)
        assert run.code == 0, run.err
        [interaction] = document["interactions"]
        return interaction

    return draft
