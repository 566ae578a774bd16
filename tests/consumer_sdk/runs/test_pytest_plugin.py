from concurrent.futures import ThreadPoolExecutor

import pytest

TWO_TESTS = """
def test_one(record):
    record("/1")

def test_two(record):
    record("/2")
"""


def test_what_all_tests_record_is_merged_into_one_file(suite):
    finished = suite.run(test_a=TWO_TESTS, test_b='def test_three(record):\n    record("/3")\n')

    assert finished.returncode == 0, finished.stdout
    assert suite.recorded() == ["/1", "/2", "/3"]
    assert "pact written: pacts/Shop-Orders.json (3 interactions)" in finished.stdout


def test_workers_of_xdist_write_the_same_file_as_one_process(suite):
    files = {f"test_{number}": f'def test_it(record):\n    record("/{number}")\n' for number in range(6)}
    suite.run(**files)
    alone = (suite.path / "pacts" / "Shop-Orders.json").read_bytes()

    finished = suite.run("-n", "2")

    assert finished.returncode == 0, finished.stdout
    assert "pact written: pacts/Shop-Orders.json (6 interactions)" in finished.stdout
    assert (suite.path / "pacts" / "Shop-Orders.json").read_bytes() == alone


def test_two_workers_that_record_different_content_are_told_of_each_other(suite):
    finished = suite.run(
        "-n",
        "2",
        "--dist",
        "loadfile",
        test_a='def test_one(record):\n    record("root", "one")\n',
        test_b='def test_two(record):\n    record("root", "two")\n',
    )

    assert finished.returncode == 1
    assert "test_a.py::test_one" in finished.stdout
    assert "test_b.py::test_two" in finished.stdout
    assert '"root" is recorded twice, with different content:' in finished.stdout
    assert "contents.content:" in finished.stdout


def test_an_interaction_that_no_test_records_any_more_disappears(suite):
    suite.run(test_a=TWO_TESTS)

    suite.run(test_a='def test_two(record):\n    record("/2")\n')

    assert suite.recorded() == ["/2"]


def test_a_run_that_fails_leaves_the_file_as_it_was(suite):
    suite.run(test_a=TWO_TESTS)

    finished = suite.run(
        test_a='def test_two(record):\n    record("/2")\n\ndef test_broken():\n    assert False\n'
    )

    assert finished.returncode == 1
    assert suite.recorded() == ["/1", "/2"]
    assert (
        "pact not written: pacts/Shop-Orders.json (1 test failed; the file stays as it was)"
        in finished.stdout
    )


UNFINISHED = """
import pytest

def declare(pact_between):
    pact_between("Shop", "Orders").upon_receiving("an order").with_request("GET", "/").will_respond_with(200)

def test_fails(pact_between):
    declare(pact_between)
    raise ValueError("the client is broken")

def test_skips(pact_between):
    declare(pact_between)
    pytest.skip("not yet")

@pytest.mark.xfail(strict=True)
def test_is_expected_to_fail(pact_between):
    declare(pact_between)
    raise ValueError

@pytest.fixture
def broken(pact_between):
    declare(pact_between)
    raise ValueError("the fixture is broken")

def test_does_not_begin(broken):
    pass
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_test_that_fails_before_it_sends_anything_has_one_error_and_no_pact(suite, workers):
    finished = suite.run("-n", workers, test_a=UNFINISHED)

    assert "1 failed, 1 skipped, 1 xfailed, 1 error in" in finished.stdout
    assert "never used" not in finished.stdout
    assert "pact not written: pacts/Shop-Orders.json (2 tests failed; there is no such file yet)" in (
        finished.stdout
    )
    assert not (suite.path / "pacts").exists()


def test_a_mismatch_says_too_that_the_pact_was_not_written(suite):
    finished = suite.run(
        test_a="""
import pytest, requests

@pytest.mark.parametrize("number", range(7))
def test_it(pact_between, number):
    orders = pact_between("Shop", f"Orders{number}")
    orders.upon_receiving("an order").with_request("GET", "/orders/7").will_respond_with(200)
    with orders.serve() as url:
        requests.get(url + "/orders/8")
"""
    )

    assert "7 failed in" in finished.stdout
    assert "pact not written: pacts/Shop-Orders4.json (7 tests failed; there is no" in finished.stdout
    assert "and 2 more pacts not written" in finished.stdout


def test_an_interrupted_run_says_why_no_pact_was_written(suite):
    suite.write("test_a.py", TWO_TESTS + "\ndef test_three():\n    raise KeyboardInterrupt\n")

    finished = suite.run_apart()

    assert "pact not written: pacts/Shop-Orders.json (the run was interrupted; there is no" in finished.stdout


def test_runs_can_be_merged(suite):
    suite.run(test_a=TWO_TESTS, test_b='def test_three(record):\n    record("/3")\n')

    suite.run("--pact-merge", "test_b.py", test_b='def test_four(record):\n    record("/4")\n')

    assert suite.recorded() == ["/1", "/2", "/3", "/4"]


def test_runs_that_merge_at_the_same_time_lose_nothing(suite):
    for name in "ab":
        (suite.path / f"test_{name}.py").write_text(
            f"""
import pathlib, time
def test_it(record):
    record("/{name}")
    here = pathlib.Path(__file__).parent
    (here / "{name}.recorded").touch()
    while len(list(here.glob("*.recorded"))) < 2:
        time.sleep(0.02)
"""
        )
    with ThreadPoolExecutor() as runs:
        both = list(runs.map(lambda name: suite.run_apart("--pact-merge", f"test_{name}.py"), "ab"))

    assert [finished.returncode for finished in both] == [0, 0]
    assert suite.recorded() == ["/a", "/b"]


def test_a_file_that_is_no_pact_stops_a_merge_before_any_test(suite):
    (suite.path / "pacts").mkdir()
    (suite.path / "pacts" / "other.json").write_text("{}")

    finished = suite.run("--pact-merge", test_a=TWO_TESTS)

    assert finished.returncode == pytest.ExitCode.USAGE_ERROR
    assert "other.json is no pact file" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_the_option_names_the_directory_from_where_pytest_is_called(suite):
    (suite.path / "sub").mkdir()

    suite.tests(test_a="one two")

    suite.run_apart("--pact-dir=out", "..", cwd=suite.path / "sub")

    assert suite.recorded("sub/out/Shop-Orders.json") == ["one", "two"]


def test_a_directory_that_pytest_would_take_for_tests_is_refused(suite):
    finished = suite.run("--pact-dir", "out", test_a=TWO_TESTS)

    assert finished.returncode == pytest.ExitCode.USAGE_ERROR
    assert "Write --pact-dir=DIR in one word" in finished.stderr


def test_the_setting_names_the_directory_from_the_root(suite):
    (suite.path / "pytest.ini").write_text("[pytest]\npact_dir = contracts/pacts\n")

    suite.run(test_a=TWO_TESTS)

    assert suite.recorded("contracts/pacts/Shop-Orders.json") == ["/1", "/2"]


def test_a_directory_that_cannot_be_written_is_said_in_one_line(suite):
    (suite.path / "pacts").write_text("a file, not a directory")

    finished = suite.run(test_a=TWO_TESTS)

    assert finished.returncode == 1
    assert "The pacts cannot be written to" in finished.stdout
    assert "Traceback" not in finished.stdout + finished.stderr


def test_pairs_that_would_share_a_file_fail_the_run(suite):
    finished = suite.run(
        test_a="""
def test_it(pact_between):
    for consumer, provider in (("a-b", "c"), ("a", "b-c")):
        pact_between(consumer, provider).expects_message("it").with_content("x").handled_by(print)
"""
    )

    assert finished.returncode == 1
    assert "rename one of them" in finished.stdout


def test_a_mismatch_fails_the_test_with_words_and_points_at_the_test(suite):
    finished = suite.run(
        test_a="""
import requests

def test_it(pact_between):
    orders = pact_between("Shop", "Orders")
    orders.upon_receiving("an order").with_request("GET", "/orders/7").will_respond_with(200)
    with orders.serve() as url:
        requests.get(url + "/orders/8")
"""
    )

    assert finished.returncode == 1
    assert "Sent, but not as declared: GET /orders/8" in finished.stdout
    assert 'closest   GET /orders/7 ("an order")' in finished.stdout
    assert "by        test_a.py:8 in test_it" in finished.stdout
    assert "consumer_sdk/" not in finished.stdout


def test_a_declaration_that_is_never_used_fails_the_test(suite):
    finished = suite.run(
        test_a='def test_it(pact_between):\n    pact_between("Shop", "Orders").upon_receiving("an order")\n'
    )

    assert finished.returncode == 1
    assert 'Declared, but never used, so not recorded: "an order"' in finished.stdout


def test_a_suite_without_pacts_loads_and_writes_nothing(suite):
    (suite.path / "conftest.py").unlink()

    suite.write(
        "test_a.py",
        """
import sys

def test_it():
    heavy = {"pact_ffi", "requests", "click", "consumer_sdk.recording"}
    assert not {*heavy, "consumer_sdk.pact_files", "consumer_sdk.runs"} & set(sys.modules)
""",
    )

    finished = suite.run_apart()

    assert finished.returncode == 0, finished.stdout
    assert "pact written" not in finished.stdout
    assert not (suite.path / "pacts").exists()


def test_the_plugin_can_be_turned_off(suite, monkeypatch):
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    suite.file("conftest.py").unlink()
    suite.write("test_a.py", "def test_it():\n    pass\n")

    finished = suite.run_apart(plugins=("-p", "no:tallystick_consumer"))

    assert finished.returncode == 0, finished.stdout
