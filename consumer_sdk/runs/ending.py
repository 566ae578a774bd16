"""The end of a run of pytest: the pact files are written and published, or it is said why they are not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from consumer_sdk.errors import PublishingError
from consumer_sdk.pact_files import Recordings, file_name
from consumer_sdk.pact_files.recording import Pair
from consumer_sdk.pact_files.writing import Policy, Written, write
from consumer_sdk.pytest_run import Run
from consumer_sdk.runs import workers
from consumer_sdk.runs.collection import Collection, collection, joined, may_record
from consumer_sdk.runs.history import History
from consumer_sdk.runs.opening import opened_files
from consumer_sdk.runs.uncollected import Selection, selection
from tally.errors import TallyError

_MOST_NAMES = 5
_MOST_INTERACTIONS = 3


@dataclass(frozen=True)
class Results:
    """How the run went: what was collected, and the ids of the tests that passed."""

    collection: Collection
    passed: frozenset[str]
    last_failed: bool


class LeftOut:
    """Which of the tests that may record into a pact the run left out."""

    def __init__(self, config: pytest.Config, results: Results, history: History) -> None:
        self._results = results
        self._history = history
        self._selection: Selection = selection(
            config, results.collection.files, last_failed=results.last_failed
        )
        self._root = config.rootpath

    def tests(self, pair: Pair) -> list[str]:
        """Return the tests, or files of tests, that may record into the pact and did not run and pass."""
        return list(dict.fromkeys(self._left_out(pair)))

    def reason(self, pair: Pair) -> str | None:
        """Say which tests were left out; None when none was."""
        left_out = self.tests(pair)
        more = f" and {len(left_out) - 1} more" if len(left_out) > 1 else ""
        return f"{left_out[0]}{more} did not run and pass" if left_out else None

    def _left_out(self, pair: Pair) -> Iterator[str]:
        collected = self._results.collection
        known = self._history.tests(file_name(*pair))
        for test, pairs in collected.tests.items():
            if test not in self._results.passed and (may_record(pairs, pair) or test in known):
                yield test
        yield from self._selection.left_out(collected.fixtures, pair)
        for test in sorted(known):
            file = test.partition("::")[0]
            is_skipped = file in collected.skipped
            is_unknown = file not in collected.files and (self._root / file).is_file()
            if is_skipped or (is_unknown and test not in collected.tests):
                yield file
        for file in sorted(collected.skipped):
            if self._selection.may_record(file, collected.fixtures, pair):
                yield file


def told(run: Run) -> dict[str, Any]:
    """Return what a worker of pytest-xdist sends at its end."""
    return workers.told(run.made, collection(run.items, run.opened, run.files))


def end(session: pytest.Session, run: Run, exitstatus: int, pact_dir: Path) -> None:
    """Write and publish the pacts of a run that passed; add to *run* what is to be said.

    The session ends with 1 when that cannot be done.
    """
    config = session.config
    publishes = config.getoption("pact_publish")
    if exitstatus != pytest.ExitCode.OK:
        reason = _reason(session, exitstatus)
        run.lines += not_written(opened_files(run.directory), pact_dir, reason)
        if publishes:
            run.lines.append(f"The pacts were not published: {reason}.")
        return
    try:
        workers.refuse_others(run.workers, run.directory)
        collected = collection(run.items, run.opened, run.files)
        results = Results(
            joined([collected, *workers.collections(run.workers)]),
            frozenset(test for test, passed in run.outcomes.items() if passed),
            run.last_failed,
        )
        run.lines, error = write_pacts(config, Recordings(run.directory), pact_dir, results)
    except TallyError as refused:
        error = str(refused)
    if error:
        run.errors.append(error)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def write_pacts(
    config: pytest.Config, recordings: Recordings, pact_dir: Path, results: Results
) -> tuple[list[str], str | None]:
    """Write what a run that passed has recorded, publish it if that is wanted, and return what to say.

    Raises a TallyError when something cannot be written or published. The second value says why something
    that should be published was not.
    """
    history = History(config, pact_dir)
    left_out = LeftOut(config, results, history)
    policy = Policy(
        replace=config.getoption("pact_replace"),
        merge=config.getoption("pact_merge"),
        reason_to_keep=left_out.reason,
        sources=lambda pair: history.places(file_name(*pair)),
    )
    written = write(recordings, pact_dir, policy)
    for each in written:
        history.keep(each.path.name, each.recorded, kept=bool(each.kept))
    lines = [line for each in written for line in _lines(each)]
    if not config.getoption("pact_publish"):
        return lines, None
    partial = next(filter(None, (left_out.reason(each.pair) for each in written)), None)
    if partial or not written:
        reason = partial or "no test recorded one"
        return lines, f"The pacts were not published: {reason}."
    from consumer_sdk.runs.publishing import publish  # noqa: PLC0415 - for runs that publish

    try:
        return lines + publish([each.path for each in written]), None
    except PublishingError as error:
        return lines, str(error)


def not_written(names: Sequence[str], target: Path, reason: str) -> Iterator[str]:
    """Yield a line for each pact that the run would have written."""
    paths = [target / name for name in names]
    for path in paths[:_MOST_NAMES]:
        state = "the file stays as it was" if path.exists() else "there is no such file yet"
        yield f"pact not written: {shown(path)} ({reason}; {state})"
    if len(paths) > _MOST_NAMES:
        yield f"and {len(paths) - _MOST_NAMES} more pacts not written"


def shown(path: Path) -> Path:
    """Return a path as messages show it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _reason(session: pytest.Session, exitstatus: int) -> str:
    if session.testsfailed:
        return "1 test failed" if session.testsfailed == 1 else f"{session.testsfailed} tests failed"
    return "the run was interrupted" if exitstatus == pytest.ExitCode.INTERRUPTED else "the run did not pass"


def _lines(written: Written) -> Iterator[str]:
    kept, dropped = len(written.kept), len(written.dropped)
    about = f", {kept} of them kept" if kept else f"; {dropped} dropped" if dropped else ""
    yield f"pact written: {shown(written.path)} ({_counted(written.count, 'interaction')}{about})"
    if kept and written.reason:
        yield (
            f"  kept, as this run did not record {_them(kept)}: {_some(written.kept)}\n"
            f"  because {written.reason}; --pact-replace drops {_them(kept)}"
        )
    if dropped:
        yield f"  dropped, as no test records {_them(dropped)} any more: {_some(written.dropped)}"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_INTERACTIONS
    return ", ".join(names[:_MOST_INTERACTIONS]) + (f" and {more} more" if more > 0 else "")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"
