"""Reports that are written to a file at the end of the run."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tally.errors import UsageError
from tally.values import dataclass
from verifier.reporting.reporter import Reporter
from verifier.results.result import Report


@dataclass(frozen=True)
class Format:
    """Functions that turn a report, or the reason why there is none, into the text of a file."""

    of_report: Callable[[Report], str]
    of_reason: Callable[[str], str]


class FileReporter(Reporter):
    """Writes the report to *path*; a missing folder is created.

    The file is emptied at the start, so that a run that is killed does not leave an earlier report behind.
    Raises UsageError, which names *option*, when the file cannot be written.
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
        """Write the reason."""
        with suppress(UsageError):  # the other error is reported already
            self._write(self._format.of_reason(reason))

    def _write(self, text: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{self._option} {self._path} cannot be written: {error.strerror}.") from error
