"""Which reporters a run has, by what the user asked for and where it runs."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from verifier.reporting import Reporter, Reporters
from verifier.reporting.files import FileReporter
from verifier.reporting.github import Annotations, StepSummary
from verifier.reporting.html_report import HTML
from verifier.reporting.json_report import JSON, JsonReporter
from verifier.reporting.junit_report import JUNIT
from verifier.reporting.progress import ProgressBar
from verifier.reporting.text_report import TextReporter

FILES = (("--json", "json_file", JSON), ("--junit", "junit_file", JUNIT), ("--html", "html_file", HTML))


def standard_reporter(output: str) -> Reporter:
    """Return the one for standard output, "text" or "json"."""
    return JsonReporter() if output == "json" else Reporters((ProgressBar(), TextReporter()))


def further_reporters(given: Mapping[str, Any]) -> Iterator[Reporter]:
    """Yield those that were asked for besides; raises UsageError for a file that cannot be written."""
    for option, name, written in FILES:
        if given[name]:
            yield FileReporter(option, Path(given[name]), written)
    if _on_github(given["github"]):
        yield Annotations()
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            yield StepSummary(Path(summary))


def _on_github(asked: bool | None) -> bool:  # noqa: FBT001 - as click hands it over
    return os.environ.get("GITHUB_ACTIONS") == "true" if asked is None else asked
