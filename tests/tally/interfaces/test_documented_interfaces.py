"""The code of docs/interfaces.md runs as it stands there."""

from support.documented_code import python_of, run_as_tests


def test_the_code_of_the_page_runs(tmp_path):
    run_as_tests(python_of("interfaces.md"), tmp_path)
