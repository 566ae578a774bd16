"""A run of some tests keeps what the others recorded, and says so."""

import pytest

WRITTEN = "pact written: pacts/Shop-Orders.json"
MARKED = """
import pytest

@pytest.mark.slow
def test_slow(record):
    record("slow")

def test_quick(record):
    record("quick")
"""


@pytest.fixture
def recorded(suite):
    """A suite whose whole run has recorded five interactions."""
    suite.tests(tests__test_a="one two", tests__test_b="three", tests__more__test_c="four five")
    assert suite.run().returncode == 0
    return suite


EVERYTHING = ["five", "four", "one", "three", "two"]


@pytest.mark.parametrize(
    "selection",
    [
        ["-k", "one"],
        ["-k", "not one"],
        ["tests/test_a.py"],
        ["tests/test_a.py::test_one"],
        ["tests/more"],
        ["tests/test_a.py", "tests/more"],
        ["--deselect", "tests/test_a.py::test_one"],
        ["--ignore", "tests/test_a.py"],
        ["--ignore-glob", "*_a.py"],
        ["tests", "--ignore=tests/more"],
    ],
    ids=" ".join,
)
def test_what_a_selection_leaves_out_is_kept_and_said(recorded, selection):
    before = recorded.file().read_bytes()

    finished = recorded.run(*selection)

    assert finished.returncode == 0, finished.stdout
    assert recorded.file().read_bytes() == before
    assert f"{WRITTEN} (5 interactions, " in finished.stdout
    assert "kept, as this run did not record" in finished.stdout
    assert "did not run and pass; --pact-replace drops" in finished.stdout


@pytest.mark.parametrize(
    "selection", [["-k", "one"], ["tests/test_a.py::test_one"], ["tests/test_a.py", "-k", "one"]]
)
def test_a_selection_replaces_when_it_is_told_to(recorded, selection):
    finished = recorded.run("--pact-replace", *selection)

    assert finished.returncode == 0
    assert recorded.recorded() == ["one"]


@pytest.mark.parametrize(
    "selection", [[], ["tests"], ["."], ["tests/test_a.py", "tests/test_b.py", "tests/more"]]
)
def test_a_run_that_leaves_nothing_out_drops_what_is_no_longer_recorded_and_says_it(recorded, selection):
    recorded.tests(tests__test_a="one")

    finished = recorded.run(*selection)

    assert recorded.recorded() == ["five", "four", "one", "three"]
    assert f"{WRITTEN} (4 interactions; 1 dropped)" in finished.stdout
    assert 'dropped, as no test records it any more: "two"' in finished.stdout


def test_a_run_from_a_folder_below_keeps_what_is_outside(recorded):
    before = recorded.file().read_bytes()

    finished = recorded.run_apart(cwd=recorded.path / "tests/more")

    assert finished.returncode == 0
    assert recorded.file().read_bytes() == before
    assert "because tests/test_a.py and 1 more did not run and pass" in finished.stdout


@pytest.mark.parametrize("options", [[], ["-p", "no:cacheprovider"], ["--cache-clear"]])
def test_what_is_kept_depends_on_no_earlier_run(recorded, options):
    """As after a clone, when the file is in the repository."""
    before = recorded.file().read_bytes()

    recorded.run(*options, "-k", "one")
    recorded.run(*options, "tests/test_b.py")

    assert recorded.file().read_bytes() == before


def test_a_test_that_moved_to_a_new_module_is_not_taken_for_gone(recorded):
    recorded.tests(tests__test_a="one", tests__test_new="two")

    finished = recorded.run("tests/test_a.py", "tests/test_b.py", "tests/more")

    assert recorded.recorded() == EVERYTHING
    assert "because tests/test_new.py did not run and pass" in finished.stdout


def test_a_module_that_cannot_be_read_records_nothing(recorded):
    recorded.file("tests/test_broken.py").symlink_to("nowhere.py")
    before = recorded.file().read_bytes()

    finished = recorded.run("tests/test_a.py")

    assert finished.returncode == 0, finished.stdout
    assert recorded.file().read_bytes() == before


@pytest.mark.parametrize("option", ["--lf", "--ff", "--sw", "-x", "--maxfail=1"])
def test_runs_that_begin_with_what_failed_lose_nothing(recorded, option):
    broken = recorded.file("tests/test_b.py").read_text()
    recorded.write("tests/test_b.py", f"{broken}    assert False\n")
    recorded.run(option)
    assert recorded.recorded() == EVERYTHING
    recorded.write("tests/test_b.py", broken)

    finished = recorded.run(option)

    assert finished.returncode == 0, finished.stdout
    assert recorded.recorded() == EVERYTHING
    assert recorded.run(option).returncode == 0
    assert recorded.recorded() == EVERYTHING


UNFINISHED = {
    "skip": '@pytest.mark.skip(reason="not here")\ndef test_it(record):\n    record("three")\n',
    "skipif": '@pytest.mark.skipif(True, reason="not here")\ndef test_it(record):\n    record("three")\n',
    "skips itself": 'def test_it(record):\n    pytest.skip("not now")\n    record("three")\n',
    "xfail": "@pytest.mark.xfail\ndef test_it(record):\n    assert False\n",
    "xfail not run": '@pytest.mark.xfail(run=False)\ndef test_it(record):\n    record("three")\n',
    "module": 'pytest.skip("not here", allow_module_level=True)\ndef test_it(record):\n    record("three")\n',
    "import": 'pytest.importorskip("no_such_module")\ndef test_it(record):\n    record("three")\n',
    "pact_between": '@pytest.mark.skip\ndef test_it(pact_between):\n    pact_between("Shop", "Orders")\n',
    "dynamic": '@pytest.fixture\ndef opens(request):\n    return request.getfixturevalue("record")\n\n'
    'def test_it(opens):\n    pytest.skip("not now")\n',
}


@pytest.mark.parametrize("kind", UNFINISHED)
def test_what_a_test_that_did_not_pass_has_recorded_is_kept(recorded, kind):
    recorded.write("tests/test_b.py", f"import pytest\n\n{UNFINISHED[kind]}")

    finished = recorded.run()

    assert finished.returncode == 0, finished.stdout
    assert recorded.recorded() == EVERYTHING
    assert 'kept, as this run did not record it: "three"' in finished.stdout
    assert "because tests/test_b.py" in finished.stdout


@pytest.mark.parametrize("name", ["record", "orders", "pact_between"])
def test_a_test_that_asks_for_its_fixture_while_it_runs_may_record(suite, name):
    use = "('three')" if name == "record" else ""
    suite.tests(test_a="one")
    suite.write("test_b.py", f"def test_it(request):\n    request.getfixturevalue('{name}'){use}\n")
    suite.run()
    before = suite.file().read_bytes()

    finished = suite.run("--cache-clear", "-k", "not test_it")

    assert suite.file().read_bytes() == before
    assert ("because test_b.py::test_it did" in finished.stdout) is (name == "record")


@pytest.mark.parametrize(
    "text",
    [
        "@pytest.mark.skip\ndef test_it():\n    pass\n",
        '@pytest.mark.skip\ndef test_it(record_for):\n    record_for("Payments", "x")\n',
        "@pytest.mark.skip\ndef test_it(payments):\n    pass\n",
        'pytest.skip("not here", allow_module_level=True)\n',
    ],
    ids=["no pact", "any pact", "another pact", "module"],
)
def test_tests_that_record_elsewhere_or_nothing_may_be_left_out(recorded, text):
    other = 'from consumer_sdk import pact_fixture\n\npayments = pact_fixture("Shop", "Payments")\n\n'
    own = other if "payments" in text else ""
    recorded.file("tests/test_b.py").unlink()
    recorded.write("tests/test_d.py", f"import pytest\n{own}\n{text}")

    finished = recorded.run()

    may_record = "record_for" in text
    assert ("three" in recorded.recorded()) is may_record, finished.stdout


def test_marks_that_leave_out_other_tests_make_no_run_partial(suite):
    suite.write("pytest.ini", "[pytest]\naddopts = -m 'not slow'\nmarkers = slow\n")
    suite.write("test_a.py", MARKED)
    suite.write("test_b.py", "import pytest\n\n@pytest.mark.slow\ndef test_other():\n    pass\n")
    suite.run("-m", "slow or not slow")
    suite.write(
        "test_a.py", MARKED.replace("@pytest.mark.slow", "").replace('record("slow")', 'record("new")')
    )

    suite.run()

    assert suite.recorded() == ["new", "quick"]


@pytest.mark.parametrize("mark", ["slow", "not slow"])
def test_marks_that_leave_out_tests_of_the_pact_do(suite, mark):
    suite.write("pytest.ini", "[pytest]\nmarkers = slow\n")
    suite.write("test_a.py", MARKED)
    suite.run()

    finished = suite.run("-m", mark)

    assert suite.recorded() == ["quick", "slow"]
    assert "because test_a.py::test_" in finished.stdout


def test_a_part_of_the_tests_replaces_what_it_records_itself(recorded):
    recorded.write("tests/test_b.py", 'def test_three(record):\n    record("three", "changed")\n')

    recorded.run("tests/test_b.py")

    assert recorded.recorded() == EVERYTHING
    contents = {
        each["description"]: each["contents"]["content"] for each in recorded.document()["interactions"]
    }
    assert contents["three"] == "changed"


def test_a_plugin_that_selects_in_its_own_way_is_noticed(recorded):
    recorded.write("shards.py", "def pytest_collection_modifyitems(items):\n    items[:] = items[::2]\n")

    recorded.run("-p", "shards")

    assert recorded.recorded() == EVERYTHING


def test_places_of_tests_are_what_the_settings_say(suite):
    """A folder that pytest does not look into by itself has no tests that could be left out."""
    suite.write("pytest.ini", "[pytest]\ntestpaths = tests\n")
    suite.tests(tests__test_a="one two", examples__test_old="three")
    suite.run()
    suite.tests(tests__test_a="one")

    suite.run()

    assert suite.recorded() == ["one"]


def test_but_not_when_those_elsewhere_have_recorded(suite):
    suite.write("pytest.ini", "[pytest]\ntestpaths = tests\n")
    suite.tests(tests__test_a="one two", contract__test_b="three")
    suite.run()
    suite.run("contract")
    assert suite.recorded() == ["one", "three", "two"]

    finished = suite.run()

    assert suite.recorded() == ["one", "three", "two"]
    assert "because contract/test_b.py did not run and pass" in finished.stdout


def test_workers_know_what_was_left_out(recorded):
    before = recorded.file().read_bytes()
    recorded.write("tests/test_b.py", f"import pytest\n\n{UNFINISHED['skip']}")

    finished = recorded.run("-n", "2")

    assert recorded.file().read_bytes() == before, finished.stdout
    assert "because tests/test_b.py::test_it did not run and pass" in finished.stdout
