"""The tests on the page about message flows run as they are."""

import json

import pytest
from support.documented_code import python_of, run_as_tests


@pytest.mark.slow
def test_the_page_about_message_flows_shows_what_works(tmp_path):
    run_as_tests(python_of("message-flows.md"), tmp_path)

    recorded = json.loads((tmp_path / "pacts/Mail-Shop.json").read_text(encoding="utf-8"))["interactions"]
    assert len(recorded) == 3
