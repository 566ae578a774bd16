"""The pytest plugin: the fixture `pact_between`, and the pact files at the end of the run.

A run writes each pact afresh, so that interactions that no test records any more disappear; what its tests
and its pytest-xdist workers record is merged. A run that fails leaves the files as they are.
A suite that never uses the fixture pays for this file alone.
"""

import shutil
import sys
import tempfile
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from consumer_sdk.recording import Recorder

_WORKER_KEY = "tallystick_recordings"
_directory = pytest.StashKey[Path]()
_notes = pytest.StashKey[list[str]]()
_went_wrong = pytest.StashKey[bool]()
"""Whether a test did not pass before its fixtures were torn down."""
_OPENED = "opened"
_MOST_NAMES = 5


class PactBetween(Protocol):
    """The fixture `pact_between`: open a pact between two participants."""

    def __call__(self, consumer: str, provider: str, *, specification: str = "V4") -> "Recorder":
        """Return a recorder for the pact; *specification* is "V4" or "V3"."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say where pacts go."""
    group = parser.getgroup("tallystick", "consumer contracts")
    group.addoption(
        "--pact-dir", metavar="DIR", help="Write pact files to DIR (default: pacts, in the root directory)."
    )
    group.addoption(
        "--pact-merge",
        action="store_true",
        help="Keep the interactions that the files in the pact directory have already; "
        "for suites that record one pact in several runs.",
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
    config.stash[_directory] = Path(shared or f"{tempfile.gettempdir()}/tallystick-{uuid.uuid4().hex}")
    if not shared and config.getoption("pact_merge"):
        from consumer_sdk.pact_files.pact_file import (  # noqa: PLC0415 - a suite without pacts should not pay
            read_pact_file,
        )
        from tally.errors import TallyError  # noqa: PLC0415 - as above

        try:
            for path in sorted(pact_dir(config).glob("*.json")):
                read_pact_file(path)
        except TallyError as error:
            raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let the workers of pytest-xdist collect in the same place."""
    node.workerinput[_WORKER_KEY] = str(node.config.stash[_directory])


@pytest.fixture
def pact_between(request: pytest.FixtureRequest) -> Iterator[PactBetween]:
    """Open pacts: ``pact_between("Shop", "Orders")`` is a `Recorder`.

    What its interactions record is in the pact file at the end of the run.
    """
    __tracebackhide__ = True
    from consumer_sdk.pact_files import (  # noqa: PLC0415 - a suite without pacts should not pay
        Recordings,
        file_name,
    )
    from consumer_sdk.recording import Recorder  # noqa: PLC0415 - as above

    directory = request.config.stash[_directory]
    recordings = Recordings(directory)
    opened: list[Recorder] = []

    def pact_between(consumer: str, provider: str, *, specification: str = "V4") -> Recorder:
        source = request.node.nodeid
        opened.append(Recorder(consumer, provider, recordings, specification=specification, source=source))
        # A run that fails names the file that it does not write, also when nothing could be recorded.
        (directory / _OPENED).mkdir(parents=True, exist_ok=True)
        (directory / _OPENED / file_name(consumer, provider)).touch()
        return opened[-1]

    yield pact_between
    # What a test did not reach because it failed is no second mistake.
    for recorder in opened if not request.node.stash.get(_went_wrong, False) else ():
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
    directory = config.stash[_directory]
    if hasattr(config, "workerinput") or not directory.exists():
        return
    try:
        if exitstatus == pytest.ExitCode.OK:
            config.stash[_notes] = [
                _note(*written)
                for written in _write(
                    directory, pact_dir(config), merge=config.getoption("pact_merge")
                ).items()
            ]
        else:
            config.stash[_notes] = list(
                _not_written(directory, pact_dir(config), _reason(session, exitstatus))
            )
    finally:
        shutil.rmtree(directory)


def _colour_failures(config: pytest.Config) -> None:
    """Colour what the terminal is about to show, where it shows colours at all."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if "consumer_sdk.errors" in sys.modules and reporter is not None and reporter.hasmarkup:
        from consumer_sdk.judging.colours import colour_failures  # noqa: PLC0415 - only failures need it

        colour_failures([*reporter.stats.get("failed", ()), *reporter.stats.get("error", ())])


def _write(directory: Path, target: Path, *, merge: bool) -> dict[Path, int]:
    from consumer_sdk.pact_files import Recordings  # noqa: PLC0415 - a suite without pacts should not pay
    from tally.errors import TallyError  # noqa: PLC0415 - as above

    try:
        return Recordings(directory).write(target, merge=merge)
    except TallyError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.TESTS_FAILED)


def _reason(session: pytest.Session, exitstatus: int) -> str:
    if session.testsfailed:
        return "1 test failed" if session.testsfailed == 1 else f"{session.testsfailed} tests failed"
    return "the run was interrupted" if exitstatus == pytest.ExitCode.INTERRUPTED else "the run did not pass"


def _not_written(directory: Path, target: Path, reason: str) -> Iterator[str]:
    """Yield a line for each pact that the run would have written."""
    paths = sorted(target / path.name for path in (directory / _OPENED).glob("*.json"))
    for path in paths[:_MOST_NAMES]:
        state = "the file stays as it was" if path.exists() else "there is no such file yet"
        yield f"pact not written: {_shown(path)} ({reason}; {state})"
    if len(paths) > _MOST_NAMES:
        yield f"and {len(paths) - _MOST_NAMES} more pacts not written"


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _note(path: Path, count: int) -> str:
    return f"pact written: {_shown(path)} ({count} interaction{'s' if count > 1 else ''})"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which pacts were written, or were not, and why."""
    for note in config.stash.get(_notes, []):
        terminalreporter.write_line(note)
