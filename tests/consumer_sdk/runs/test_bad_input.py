"""What is wrong around the pact files is said in words, and fails the run."""

import os

import pytest


def test_a_broken_pact_is_named_and_left_alone(suite):
    suite.write("pacts/Shop-Orders.json", '{"consumer": {"name": "Shop"},\n<<<<<<< HEAD\n')
    before = suite.file().read_bytes()
    suite.tests(test_a="one")

    finished = suite.run()

    assert finished.returncode == 1
    assert "pacts/Shop-Orders.json is no pact file: it is not JSON (line 2, column 1" in finished.stdout
    assert "pytest --pact-replace" in finished.stdout
    assert "Traceback" not in finished.stdout
    assert suite.file().read_bytes() == before

    assert suite.run("--pact-replace").returncode == 0
    assert suite.recorded() == ["one"]


@pytest.mark.parametrize("option", ["--pact-dir=file", "--pact-dir=file/below", "--pact-dir=/proc/nowhere"])
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_place_that_cannot_be_written_is_named_once(suite, option, workers):
    suite.write("file", "")
    suite.tests(test_a="one two")

    finished = suite.run(option, "-n", workers)

    assert finished.returncode == 1
    assert finished.stdout.count("The pacts cannot be written to") == 1
    assert "2 passed" in finished.stdout
    assert "Traceback" not in finished.stdout + finished.stderr


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is read-only for root")
@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_directory_without_permission_is_named(suite, mode):
    suite.write("pacts/readme", "").parent.chmod(mode)
    suite.tests(test_a="one")

    finished = suite.run()

    suite.file("pacts").chmod(0o700)
    assert finished.returncode == 1
    assert "Permission denied" in finished.stdout


def test_what_is_wrong_is_said_also_where_pytest_prints_nothing(suite):
    suite.write("pacts", "")
    suite.tests(test_a="one")

    finished = suite.run_apart("-p", "no:terminal")

    assert finished.returncode == 1
    assert "The pacts cannot be written to" in finished.stderr


MERGED = 'def test_{name}(record):\n    record("same", "{content}")\n'


def test_a_contradiction_to_an_earlier_run_names_the_test_of_that_run(suite):
    suite.run("--pact-merge", "test_a.py", test_a=MERGED.format(name="one", content="x"))

    finished = suite.run("--pact-merge", "test_b.py", test_b=MERGED.format(name="two", content="y"))

    assert finished.returncode == 1
    assert '"same" is recorded twice, with different content' in finished.stdout
    first, then = (
        line for line in finished.stdout.splitlines() if line.startswith(("  first by", "  then by"))
    )
    assert "Shop-Orders.json, from " in first
    assert "test_a.py::test_one" in first
    assert "test_b.py::test_two" in then
    assert 'contents.content: "x" or "y"' in finished.stdout


@pytest.mark.parametrize("workers", ["0", "2"])
def test_one_pair_in_two_versions_of_the_specification_names_both_tests(suite, workers):
    finished = suite.run(
        "-n",
        workers,
        "--dist=loadfile",
        test_a='def test_one(record_for):\n    record_for("Orders", "x")\n',
        test_b='def test_two(record_for):\n    record_for("Orders", "y", specification="V3")\n',
    )

    assert finished.returncode == 1
    assert "is opened in two versions of the specification" in finished.stdout
    assert "V4 by test_a.py::test_one" in finished.stdout
    assert "V3 by test_b.py::test_two" in finished.stdout


def test_a_pact_of_a_newer_version_is_not_written_in_an_older_one(suite):
    suite.tests(test_a="one", test_b="two")
    suite.run()
    before = suite.file().read_bytes()
    v3 = 'def test_it(record_for):\n    record_for("Orders", "one", specification="V3")\n'

    finished = suite.run("test_a.py", test_a=v3)

    assert finished.returncode == 1
    assert 'Give specification="V4" in the tests' in finished.stdout
    assert suite.file().read_bytes() == before


def test_workers_of_another_version_are_named(suite):
    """As in another environment, or on another machine."""
    metadata = "Metadata-Version: 2.1\nName: tallystick\nVersion: 9.9\n"
    other = suite.write("site/tallystick-9.9.dist-info/METADATA", metadata)
    site = str(other.parents[1])
    path = f'if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":\n    sys.path.insert(0, {site!r})\n'
    suite.write("conftest.py", f"import os, sys\n{path}{suite.file('conftest.py').read_text()}")
    suite.tests(test_a="one two three four")

    finished = suite.run("-n", "2")

    assert finished.returncode == 1
    assert "worker gw1 of pytest-xdist has version 9.9 of Tallystick, and this process 0.1" in finished.stdout
    assert "Install the same version in both" in finished.stdout
    assert not suite.file().exists()


def test_workers_that_record_where_this_process_cannot_read_are_named(suite):
    """As on another machine."""
    suite.tests(test_a="one two")
    conftest = suite.file("conftest.py").read_text()
    suite.write(
        "conftest.py",
        f"""{conftest}
def pytest_configure(config):
    if hasattr(config, "workerinput"):
        config.workerinput["tallystick_recordings"] += "-elsewhere"
pytest_configure = pytest.hookimpl(tryfirst=True)(pytest_configure)
""",
    )

    finished = suite.run("-n", "2")

    assert finished.returncode == 1
    assert "recorded 1 interactions where this process cannot read them" in finished.stdout
    assert not suite.file().exists()


def test_a_name_that_no_file_can_hold_fails_the_test(suite):
    finished = suite.run(test_a="def test_it(record_for):\n    record_for('\\ud800', 'x')\n")

    assert finished.returncode == 1
    assert "DeclarationError" in finished.stdout
    assert "surrogate" in finished.stdout


ANY_NAMES = """
def test_it(record_for):
    record_for("@acme/stock: v1?", "x")
    record_for("..", "x")
"""


def test_names_of_any_kind_record(suite):
    finished = suite.run(test_a=ANY_NAMES)

    assert finished.returncode == 0, finished.stdout
    assert suite.recorded("pacts/Shop-@acme_stock_ v1_.json") == ["x"]
    assert suite.document("pacts/Shop-...json")["provider"] == {"name": ".."}
