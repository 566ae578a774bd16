"""A fixture in one line, `unittest.TestCase`, and tests that are coroutines."""

import pytest
from support.pytest_suites import PLUGINS

FIXTURES = """
from consumer_sdk import Recorder, pact_fixture

orders = pact_fixture("Shop", "Orders")
payments = pact_fixture("Shop", "Payments", specification="V3")

def test_it(orders: Recorder, payments: Recorder) -> None:
    orders.expects_message("ordered").with_content("x").handled_by(lambda message: None)
    payments.expects_message("paid").with_content("x").handled_by(lambda message: None)
"""


def test_a_fixture_takes_one_line_in_a_module(suite):
    finished = suite.run(test_a=FIXTURES)

    assert finished.returncode == 0, finished.stdout
    assert suite.recorded() == ["ordered"]
    assert suite.document("pacts/Shop-Payments.json")["metadata"]["pactSpecification"]["version"] == "3.0.0"


def test_fixtures_say_what_they_are_for(suite):
    finished = suite.run("--fixtures", "-q")

    assert "Record into the pact between Shop and Orders." in finished.stdout


def test_what_is_declared_and_not_used_fails_the_test_itself(suite):
    finished = suite.run(
        test_a="""
def test_it(orders):
    orders.upon_receiving("a list").with_request("GET", "/").will_respond_with(200)
    orders.expects_message("a message")
"""
    )

    assert finished.returncode == 1
    assert "1 failed in" in finished.stdout
    assert 'Declared, but never used, so not recorded: "a list", "a message"' in finished.stdout


UNITTEST = """
from unittest import IsolatedAsyncioTestCase, TestCase
from consumer_sdk import PactTests, pact_attribute

class OrdersTests(PactTests, TestCase):
    orders = pact_attribute("Shop", "Orders")

    def setUp(self):
        self.message = self.orders.expects_message(self.id().rpartition(".")[2])

    def test_one(self):
        self.message.with_content("x").handled_by(lambda message: None)

    def test_two(self):
        self.message.with_content("x").handled_by(lambda message: None)
        with self.subTest("it is the same in each part of a test"):
            self.assertIs(self.orders, self.orders)

class AsyncTests(PactTests, IsolatedAsyncioTestCase):
    orders = pact_attribute("Shop", "Orders")

    async def test_three(self):
        self.orders.expects_message("test_three").with_content("x").handled_by(lambda message: None)
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_test_case_of_unittest_records(suite, workers):
    finished = suite.run("-n", workers, test_a=UNITTEST)

    assert finished.returncode == 0, finished.stdout
    assert suite.recorded() == ["test_one", "test_three", "test_two"]


def test_a_test_case_says_what_it_did_not_use(suite):
    finished = suite.run(test_a=UNITTEST.replace('.with_content("x").handled_by(lambda message: None)', ""))

    assert "3 failed in" in finished.stdout
    assert 'Declared, but never used, so not recorded: "test_two"' in finished.stdout


def test_the_pairs_of_a_test_case_are_known_when_it_is_skipped(suite):
    suite.run(test_a=UNITTEST, test_b='def test_it(record):\n    record("four")\n')
    skip = "import unittest\n\n@unittest.skip('not now')\nclass "
    skipped = UNITTEST.replace('Orders")', 'Payments")').replace("class ", skip)
    suite.file("test_a.py").unlink()

    suite.run(test_c=skipped, test_b='def test_it(record):\n    record("five")\n')

    assert suite.recorded() == ["five"]


@pytest.mark.parametrize("order", ["unittest.TestCase", "unittest.TestCase, PactTests"])
def test_a_test_case_that_pytest_does_not_run_says_what_to_do(suite, order):
    path = suite.write(
        "plain.py",
        "import unittest\nfrom consumer_sdk import PactTests, pact_attribute\n\n"
        f"class Tests({order}):\n    orders = pact_attribute('Shop', 'Orders')\n\n"
        "    def test_it(self):\n        self.orders.expects_message('x')\n",
    )

    finished = suite.run_python("-m", "unittest", path.name)

    assert "Tests.orders can record only in a test that pytest runs" in finished.stderr


ASYNC = """
import asyncio
import pytest

@pytest.fixture
def anyio_backend():
    return "asyncio"

{mark}
async def test_one(orders):
    await asyncio.sleep(0)
    orders.expects_message("one").with_content("x").handled_by(lambda message: None)

{mark}
async def test_two(orders):
    orders.expects_message("two").with_content("x").handled_by(lambda message: None)
    await asyncio.sleep(0)

{mark}
async def test_unused(orders):
    orders.expects_message("three")
"""


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("plugin", ["pytest_asyncio.plugin", "anyio.pytest_plugin"])
def test_coroutines_record(suite, plugin, workers):
    name = plugin.partition(".")[0].removeprefix("pytest_")
    setting = "asyncio_default_fixture_loop_scope = function\n" if name == "asyncio" else ""
    suite.write("pytest.ini", f"[pytest]\n{setting}")
    suite.write("test_a.py", ASYNC.format(mark=f"@pytest.mark.{name}"))
    plugins = (*PLUGINS, "-p", plugin, "-n", workers)

    finished = suite.run(plugins=plugins)
    assert "1 failed, 2 passed" in finished.stdout
    assert 'Declared, but never used, so not recorded: "three"' in finished.stdout

    finished = suite.run("--deselect=test_a.py::test_unused", plugins=plugins)
    assert finished.returncode == 0, finished.stdout
    assert suite.recorded() == ["one", "two"]


def test_a_fixture_may_record_after_the_test(suite):
    """Such as one that serves while the test runs."""
    suite.write(
        "test_a.py",
        """
import pytest, requests

@pytest.fixture
def url(orders):
    orders.upon_receiving("a list").with_request("GET", "/").will_respond_with(200)
    with orders.serve() as url:
        yield url

def test_it(url):
    assert requests.get(url).status_code == 200
""",
    )

    finished = suite.run()

    assert finished.returncode == 0, finished.stdout
    assert suite.recorded() == ["a list"]
