"""The pytest plugin: the fixture `pact_between`, and the pact files at the end of the run.

A run writes each pact afresh, so that interactions that no test records any more disappear; those of tests
that it left out are kept. What its tests and its pytest-xdist workers record is merged. A run that fails
leaves the files as they are. A suite that never records pays for this file alone.
"""

import shutil
import sys
import tempfile
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from consumer_sdk.pytest_fixtures import PactBetween, PactTests, pact_attribute, pact_fixture
from consumer_sdk.pytest_run import Run

__all__ = ["PactBetween", "PactTests", "pact_attribute", "pact_fixture"]
_WORKER_KEY = "tallystick_recordings"
_went_wrong = pytest.StashKey[bool]()
"""Whether a test did not pass before its fixtures were torn down."""
_recorders = pytest.StashKey[list[Any]]()
_run = pytest.StashKey[Run]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say where pacts go."""
    group = parser.getgroup("tallystick", "consumer contracts")
    group.addoption(
        "--pact-dir", metavar="DIR", help="Write pact files to DIR (default: pacts, in the root directory)."
    )
    group.addoption(
        "--pact-merge",
        action="store_true",
        help="Add to the pact files in the directory, and refuse what contradicts them; "
        "for suites that record one pact in several runs.",
    )
    group.addoption(
        "--pact-replace",
        action="store_true",
        help="Write the pact files anew with what this run records, also when it is a part of the tests.",
    )
    group.addoption(
        "--pact-publish",
        action="store_true",
        help="Publish the pacts when every test that may record into them has passed. PACT_BROKER_BASE_URL, "
        "PACT_BROKER_TOKEN and so on name the broker; the CI system or git names the version and the branch.",
    )
    parser.addini(
        "pact_dir", "Write pact files to this directory, relative to the root directory.", default="pacts"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose where this run collects what it records; nothing is created before something is."""
    if "--pact-dir" in config.invocation_params.args:
        # It reads options of plugins late; until then DIR would be a place of tests, and may move the root.
        raise pytest.UsageError("Write --pact-dir=DIR in one word: pytest takes a separate DIR for tests.")
    shared = getattr(config, "workerinput", {}).get(_WORKER_KEY)
    run = Run(Path(shared or f"{tempfile.gettempdir()}/tallystick-{uuid.uuid4().hex}"))
    config.stash[_run] = run
    config.pluginmanager.register(run, "tallystick_consumer_run")
    if shared or not any(config.getoption(f"pact_{name}") for name in ("merge", "replace", "publish")):
        return
    from consumer_sdk.runs.options import check  # noqa: PLC0415 - a suite without pacts should not pay
    from tally.errors import TallyError  # noqa: PLC0415 - as above

    try:
        check(config, pact_dir(config))
    except TallyError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let the workers of pytest-xdist collect in the same place."""
    node.workerinput[_WORKER_KEY] = str(node.config.stash[_run].directory)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001 - pytest-xdist's signature
    """Take over what a worker says at its end."""
    sent = getattr(node, "workeroutput", None)
    if sent is not None:
        worker = {"id": node.gateway.id, **sent.get(_WORKER_KEY, {})}
        node.config.stash[_run].workers.append(worker)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Look which tests failed the last time, before this run changes it."""
    cache = getattr(session.config, "cache", None)
    if getattr(session.config.option, "lf", False) and cache:
        session.config.stash[_run].last_failed = bool(cache.get("cache/lastfailed", {}))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, object, object]:
    """Remember the tests before some of them are deselected, by whatever plugin."""
    config.stash[_run].items = list(items)
    return (yield)


@pytest.fixture
def pact_between(request: pytest.FixtureRequest) -> Iterator[PactBetween]:
    """Open pacts: ``pact_between("Shop", "Orders")`` is a `Recorder`.

    What its interactions record is in the pact file at the end of the run.
    """
    __tracebackhide__ = True
    from consumer_sdk.pact_files import Recordings  # noqa: PLC0415 - a suite without pacts should not pay
    from consumer_sdk.recording import Recorder  # noqa: PLC0415 - as above
    from consumer_sdk.runs.opening import note_opened  # noqa: PLC0415 - as above

    run = request.config.stash[_run]
    test = request.node.nodeid
    recordings = Recordings(run.directory, test, run.made)
    opened = request.node.stash.setdefault(_recorders, [])

    def pact_between(consumer: str, provider: str, *, specification: str = "V4") -> Recorder:
        __tracebackhide__ = True
        recorder = Recorder(consumer, provider, recordings, specification=specification, source=test)
        # A run that fails names the file that it does not write, also when nothing could be recorded.
        if (consumer, provider, specification) not in run.noted:
            note_opened(run.directory, (consumer, provider), specification=specification, test=test)
            run.noted.add((consumer, provider, specification))
        run.opened.setdefault(test, set()).add((consumer, provider))
        opened.append(recorder)
        return recorder

    yield pact_between
    # What a test did not reach because it failed is no second mistake.
    for recorder in opened if not request.node.stash.get(_went_wrong, False) else ():
        recorder.close()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test that declared what it did not use, as a test and not only when it is torn down."""
    __tracebackhide__ = True
    yield
    for recorder in item.stash.get(_recorders, []):
        if recorder._waiting:  # noqa: SLF001 - a fixture may still record what is not waiting any more
            recorder.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, was skipped, or was expected to fail."""
    report = yield
    if report.when != "teardown" and not report.passed:
        item.stash[_went_wrong] = True
    return report


def pact_dir(config: pytest.Config) -> Path:
    """Return where this run writes its pacts: the option counts from here, the setting from the root."""
    option = config.getoption("pact_dir")
    if option:
        return config.invocation_params.dir / str(option)
    return config.rootpath / str(config.getini("pact_dir"))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the pact files, once, when every worker is done."""
    config = session.config
    _colour_failures(config)
    run = config.stash[_run]
    is_worker = hasattr(config, "workerinput")
    is_used = run.directory.exists() or any(worker.get("made") for worker in run.workers)
    if not is_used and (is_worker or not config.getoption("pact_publish") or config.option.collectonly):
        return
    from consumer_sdk.runs import ending  # noqa: PLC0415 - a suite without pacts should not pay

    if is_worker:
        config.workeroutput[_WORKER_KEY] = ending.told(run)  # type: ignore[attr-defined]
        return
    try:
        ending.end(session, run, exitstatus, pact_dir(config))
    finally:
        shutil.rmtree(run.directory, ignore_errors=True)


def _colour_failures(config: pytest.Config) -> None:
    """Colour what the terminal is about to show, where it shows colours at all."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if "consumer_sdk.errors" in sys.modules and reporter is not None and reporter.hasmarkup:
        from consumer_sdk.judging.colours import colour_failures  # noqa: PLC0415 - only failures need it

        colour_failures([*reporter.stats.get("failed", ()), *reporter.stats.get("error", ())])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which pacts were written, or were not, and why."""
    run = config.stash[_run]
    for line in run.lines:
        terminalreporter.write_line(line)
    for error in run.errors:
        terminalreporter.write_line(error, red=True)
    run.errors.clear()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say what is wrong also where pytest prints no summary."""
    run = config.stash.get(_run, None)
    for error in run.errors if run else ():
        sys.stderr.write(f"{error}\n")
