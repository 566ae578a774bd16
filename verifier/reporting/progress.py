"""The progress bar of a long run, below its lines, on a terminal only."""

import atexit
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from verifier.contracts.contract import Contract
from verifier.reporting.reporter import Reporter
from verifier.results.result import CaseResult, Report

if TYPE_CHECKING:
    from rich.progress import Progress

LONG = 50
"""The number of cases from which a run is long."""


class ProgressBar(Reporter):
    """Shows how many cases of a long run are done. Lines that others print appear above the bar."""

    shows_exchanges = False

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def started(self, contracts: Sequence[Contract]) -> None:
        """Show the bar, if the run is long and standard output is a terminal."""
        total = sum(len(contract.cases) for contract in contracts)
        if total >= LONG and sys.stdout.isatty():
            self._progress = _bar(total)
            atexit.register(self._progress.stop)  # however the run ends, the terminal gets its cursor back

    def case_ended(self, contract: Contract, result: CaseResult) -> None:  # noqa: ARG002 - one more is all it says
        """Advance the bar by one case, unless it stands for others that were counted."""
        if not result.of:
            self._advance()

    def generated_ended(self, contract: Contract, result: CaseResult) -> None:  # noqa: ARG002 - as above
        """Advance the bar by one case."""
        self._advance()

    def _advance(self) -> None:
        if self._progress:
            self._progress.advance(self._progress.task_ids[0])

    def ended(self, report: Report) -> None:  # noqa: ARG002 - the others report
        """Remove the bar."""
        self._stop()

    def could_not_run(self, reason: str) -> None:  # noqa: ARG002 - the others report
        """Remove the bar."""
        self._stop()

    def _stop(self) -> None:
        if self._progress:
            self._progress.stop()


def _bar(total: int) -> "Progress":
    from rich.progress import (  # noqa: PLC0415 - slow to import, and only needed here
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("Verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, transient=True)
    progress.add_task("", total=total)
    progress.start()
    return progress
