"""The reporters of a run, chosen by the options and by where it runs."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from verifier.reporting.files import FileReporter, Format
from verifier.reporting.progress import ProgressBar
from verifier.reporting.reporter import Reporter, Reporters
from verifier.reporting.text_report import TextReporter


def standard_reporter(output: str, *, verbose: bool) -> Reporter:
    """Return the reporter for standard output; *output* is "text", "table", "json" or "pretty".

    *verbose* is for text: the other formats are complete.
    """
    if output in {"json", "pretty"}:
        from verifier.reporting.json_report import JsonReporter  # noqa: PLC0415 - each is loaded when wanted

        return JsonReporter(indented=output == "pretty")
    if output == "table":
        from verifier.reporting.table_report import TableReporter  # noqa: PLC0415 - as above

        return TableReporter()
    return Reporters((ProgressBar(), TextReporter(verbose=verbose)))


def further_reporters(given: Mapping[str, Any]) -> Iterator[Reporter]:
    """Yield the further reporters that the options ask for; raises UsageError for an unwritable file."""
    for option, name, written in _FILES:
        if given[name]:
            yield FileReporter(option, Path(given[name]), written())
    if _on_github(given["github"]):
        from verifier.reporting.github import Annotations, StepSummary  # noqa: PLC0415 - as above

        yield Annotations()
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            yield StepSummary(Path(summary))


def _on_github(asked: bool | None) -> bool:  # noqa: FBT001 - as click hands it over
    return os.environ.get("GITHUB_ACTIONS") == "true" if asked is None else asked


def _json() -> Format:
    from verifier.reporting.json_report import JSON  # noqa: PLC0415 - as above

    return JSON


def _junit() -> Format:
    from verifier.reporting.junit_report import JUNIT  # noqa: PLC0415 - as above

    return JUNIT


def _html() -> Format:
    from verifier.reporting.html.report import HTML  # noqa: PLC0415 - as above

    return HTML


_FILES = (("--json", "json_file", _json), ("--junit", "junit_file", _junit), ("--html", "html_file", _html))
