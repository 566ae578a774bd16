"""Reports that are written to a file at the end of the run."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tally.errors import UsageError
from verifier.scenarios.json_report import as_json_text, reason_document, report_document
from verifier.scenarios.junit_report import junit_of_reason, junit_xml
from verifier.scenarios.report import ScenarioReport
from verifier.scenarios.reporter import ScenarioReporter


class FileScenarioReporter(ScenarioReporter):
    """Writes the report to *path*, which is emptied at the start; a missing folder is created.

    Raises UsageError, which names *option*, when the file cannot be written.
    """

    def __init__(
        self,
        option: str,
        path: Path,
        of_report: Callable[[ScenarioReport], str],
        of_reason: Callable[[str], str],
    ) -> None:
        self._option = option
        self._path = path
        self._of_report = of_report
        self._of_reason = of_reason
        self._write("")

    def ended(self, report: ScenarioReport) -> None:
        """Write the report."""
        self._write(self._of_report(report))

    def could_not_run(self, reason: str) -> None:
        """Write the reason."""
        with suppress(UsageError):  # the other error is reported already
            self._write(self._of_reason(reason))

    def _write(self, text: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{self._option} {self._path} cannot be written: {error.strerror}.") from error


def json_file(path: str) -> ScenarioReporter:
    """Return the reporter of `--json`."""
    return FileScenarioReporter(
        "--json",
        Path(path),
        lambda report: as_json_text(report_document(report)),
        lambda reason: as_json_text(reason_document(reason)),
    )


def junit_file(path: str) -> ScenarioReporter:
    """Return the reporter of `--junit`."""
    return FileScenarioReporter("--junit", Path(path), junit_xml, junit_of_reason)
