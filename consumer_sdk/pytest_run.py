"""What a process of pytest knows of a run while it goes on."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_REPEATED = "rerun"
"""The outcome that pytest-rerunfailures gives an attempt after which there is another."""


@dataclass(eq=False)  # pytest keeps its plugins in sets
class Run:
    """What this process knows of the run while it goes on; pytest calls its methods, too."""

    directory: Path
    items: list[pytest.Item] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    opened: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    noted: set[tuple[str, str, str]] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    outcomes: dict[str, bool] = field(default_factory=dict)
    workers: list[dict[str, Any]] = field(default_factory=list)
    last_failed: bool = False
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember which files were collected."""
        if report.nodeid and "::" not in report.nodeid:
            self.files[report.nodeid] = report.outcome

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember which tests passed; also those that ran in a worker."""
        if str(report.outcome) != _REPEATED and (report.when == "call" or not report.passed):
            self.outcomes[report.nodeid] = report.passed and self.outcomes.get(report.nodeid, True)
