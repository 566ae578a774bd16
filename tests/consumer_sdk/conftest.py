"""A recorder, and the pact that it writes."""

import json

import pytest
from support.pytest_suites import Suite

from consumer_sdk import Recorder
from consumer_sdk.pact_files import Recordings


@pytest.fixture
def recordings(tmp_path):
    return Recordings(tmp_path / "recordings")


@pytest.fixture
def orders(recordings):
    return Recorder("Shop", "Orders", recordings)


@pytest.fixture
def pact(recordings, tmp_path):
    """Write the pact, and read it."""

    def pact():
        recordings.write(tmp_path / "pacts")
        return json.loads((tmp_path / "pacts" / "Shop-Orders.json").read_text())

    return pact


WAYS = {
    "in process": lambda recorder: recorder.in_process("https://orders.example.org"),
    "mock server": lambda recorder: recorder.serve(),
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def answered(request):
    """Each way of recording: `with answered(recorder) as url:`."""
    return request.param


@pytest.fixture
def suite(pytester, monkeypatch):
    """A suite of tests that record."""
    return Suite(pytester, monkeypatch)
