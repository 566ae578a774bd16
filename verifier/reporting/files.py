"""Reports that go into a file when the run has ended."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tally.errors import UsageError
from verifier.reporting.reporter import Reporter
from verifier.results.result import Report


@dataclass(frozen=True)
class Format:
    """How a report is written, and how the reason why there is none."""

    of_report: Callable[[Report], str]
    of_reason: Callable[[str], str]


class FileReporter(Reporter):
    """Write *path*, whose folder is made when it is missing.

    The file is emptied at once: a run that is killed must not leave the report of the one before. Raises
    UsageError, naming *option*, when it cannot be written.
    """

    def __init__(self, option: str, path: Path, written: Format) -> None:
        self._option = option
        self._path = path
        self._format = written
        self._write("")

    def ended(self, report: Report) -> None:
        """Write the report."""
        self._write(self._format.of_report(report))

    def could_not_run(self, reason: str) -> None:
        """Write why there is none."""
        with suppress(UsageError):  # one reason is enough
            self._write(self._format.of_reason(reason))

    def _write(self, text: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{self._option} {self._path} cannot be written: {error.strerror}.") from error
