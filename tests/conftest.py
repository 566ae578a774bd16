"""Fixtures that every part of the tests may use: databases, the broker in process and live, a browser."""

import gc
import os
import socket
from contextlib import nullcontext
from pathlib import Path

import pytest
from coverage import Coverage
from playwright.sync_api import sync_playwright
from support import databases, forking, shared_work
from support.prerequisites import find_chromium
from support.serving import free_port, serving

HERE = Path(__file__).parent
ON_BOTH_DATABASES = (HERE / "broker" / "storage", HERE / "acceptance")
UNCOUNTED = (HERE / "acceptance", HERE / "examples")
"""Their tests use whole programs, whose lines are counted where each part is tested by itself."""
pytest_plugins = ["support.cpu_report", "pytester"]
SLOW_FIXTURES = {"live_broker", "chromium", "page"}


def pytest_configure(config):
    for name in os.environ:
        if name.startswith(("PACT_BROKER_", "TALLY_")):
            del os.environ[name]  # what is set for the developer's own broker is not for the tests
    # pytest in a process of its own runs its tests in their order, also where pytest-randomly is installed;
    # pytest-asyncio would warn it that it has no settings.
    os.environ["PYTEST_ADDOPTS"] = "-p no:randomly -p no:asyncio"
    if not hasattr(config, "workerinput"):
        databases.begin_run()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Run more workers than there are cores: tests with servers wait for more than half of their time."""
    return max(2, 3 * (os.cpu_count() or 1) // 2)


def pytest_collection_finish():
    """Share what new brokers have in common, and let the garbage collector leave alone what stays.

    It looks less often for what does not: that took a third of the CPU time of short tests.
    """
    shared_work.share()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_sessionfinish():
    """Stop what may have been started for several tests, while its coverage can still be gathered."""
    forking.stop()


def pytest_generate_tests(metafunc):
    """Run a test of the storage, or an acceptance test, on both databases; the others on SQLite alone.

    Those that are marked as `pooled` run on PostgreSQL behind a pooler as well. A test elsewhere that needs
    both says `@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)`.
    """
    is_parametrised = any(
        "database_url" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")
    )
    if "database_url" not in metafunc.fixturenames or is_parametrised:
        return
    on_both = any(metafunc.definition.path.is_relative_to(folder) for folder in ON_BOTH_DATABASES)
    kinds = ["sqlite", "postgresql"] if on_both else ["sqlite"]
    if next(metafunc.definition.iter_markers("pooled"), None):
        kinds.append("pooler")
    metafunc.parametrize("database_url", kinds, indirect=True)


def pytest_collection_modifyitems(items):
    """Mark as slow what starts a process or a browser: `pytest -m "not slow"` leaves it out.

    Mark as no_cover what repeats, in whole programs, what other tests do.
    """
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in UNCOUNTED):
            item.add_marker("no_cover")
        kind = item.callspec.params.get("database_url") if hasattr(item, "callspec") else None
        if kind in {"postgresql", "pooler"} or SLOW_FIXTURES.intersection(item.fixturenames):
            item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Count no lines in the programs that a test with the mark no_cover starts."""
    with forking.uncounted() if item.get_closest_marker("no_cover") else nullcontext():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Count no lines in what such a test needs; pytest-cov leaves out the test alone."""
    coverage = Coverage.current() if item.get_closest_marker("no_cover") else None
    if coverage is None:
        return (yield)
    coverage.stop()
    try:
        return (yield)
    finally:
        coverage.start()
        forking.count_nothing()  # coverage has just asked for it again


@pytest.fixture
def database_url(request):
    """The URL of a new, migrated database."""
    kind = request.param
    if kind == "postgresql" and databases.is_pooled() and not request.node.get_closest_marker("direct"):
        kind = "pooler"
    with databases.NEW_DATABASE[kind]() as url:
        yield url


@pytest.fixture
def database(database_url):
    """A new, migrated database."""
    from broker.storage.database import Database  # noqa: PLC0415 - other programs' tests load no broker

    database = Database(database_url, synchronous="normal")  # no test but those of power loss needs more
    yield database
    database.close()


@pytest.fixture
def broker(database):
    """A client on the real application, with default settings and a new database."""
    from broker.app import create_app  # noqa: PLC0415 - other programs' tests load no broker
    from broker.settings.settings import Settings  # noqa: PLC0415 - ditto

    return create_app(Settings(), database).test_client()


@pytest.fixture
def live_broker(database_url, tmp_path):
    """The base URL of `tally serve` in a process of its own, on a new database."""
    with serving(database_url, tmp_path / "tally-serve.log", is_forked=True) as url:
        yield url


@pytest.fixture(scope="module")
def chromium():
    """The browser. It lives for one module: playwright's event loop would disturb asyncio in other tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A new page, in a context of its own. The test fails when a script, a style or an image of it does."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.extend(_complaint(message, page)))

    yield page

    context.close()
    assert errors == []


def _complaint(message, page):
    """Return what the browser complains about, except that the page itself has an error status."""
    is_about_the_page = message.location["url"] == page.url and "status of" in message.text
    return (
        [] if message.type != "error" or is_about_the_page else [f"{message.text} {message.location['url']}"]
    )


@pytest.fixture
def unused_address():
    """An address at which nobody listens, as long as the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def free_address():
    """An address at which something may be started."""
    return f"http://127.0.0.1:{free_port()}"
