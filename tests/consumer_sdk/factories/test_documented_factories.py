"""The tests on the page about factories run as they are."""

import pytest
from support.documented_code import python_of, run_as_tests


@pytest.mark.slow
def test_the_page_about_factories_shows_what_works(tmp_path):
    (code,) = python_of("factories.md")

    run_as_tests([code], tmp_path)

    assert (tmp_path / "pacts/Mail-Shop.json").exists()
