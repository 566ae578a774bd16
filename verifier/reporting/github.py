"""Reports for GitHub Actions: annotations of the build, and the summary of the step."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from verifier.reporting.reporter import Reporter
from verifier.reporting.wording import (
    budget_line,
    case_title,
    duration_line,
    printable,
    reason,
    shortened,
    summary,
)
from verifier.results.result import CaseOutcome, CaseResult, ContractResult, Report
from verifier.results.statistics import statistics

MOST_ANNOTATIONS = 10
"""GitHub shows at most so many errors, and as many warnings, of one step."""
MOST_ROWS = 100
_LONGEST_CELL = 500
_LEVELS = {CaseOutcome.PENDING: "warning"}
_MARKS = {
    CaseOutcome.PASSED: "✅",
    CaseOutcome.FAILED: "❌",
    CaseOutcome.FLAKY: "🎲",
    CaseOutcome.PENDING: "⏳",
    CaseOutcome.NOT_CHECKED: "❔",
}


class Annotations(Reporter):
    """Writes workflow commands to standard error: GitHub reads it too, and standard output may be JSON."""

    shows_exchanges = False

    def ended(self, report: Report) -> None:
        """Annotate the cases that did not pass, at the file of their pact if there is one."""
        errors: list[str] = []
        warnings: list[str] = []
        for verified, result in _not_passed(report):
            outcome = verified.outcome(result)
            line = _of_case(_LEVELS.get(outcome, "error"), verified, result)
            (warnings if outcome is CaseOutcome.PENDING else errors).append(line)
        errors += [
            command("error", budget_line(budget), title="Budget")
            for budget in report.budgets
            if budget.exceeded
        ]
        errors += [command("error", problem, title="Problem") for problem in report.problems]
        for line in (*errors[:MOST_ANNOTATIONS], *warnings[:MOST_ANNOTATIONS]):
            click.echo(line, err=True)

    def could_not_run(self, reason: str) -> None:
        """Annotate the reason."""
        click.echo(command("error", reason, title="tally verify could not run"), err=True)


def command(level: str, message: str, **properties: str) -> str:
    """Return a workflow command, such as "::error title=…::message", with special characters escaped."""
    options = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{level} {options}::{_escaped(message)}"


def _escaped(text: str, further: str = "") -> str:
    return "".join(f"%{ord(sign):02X}" if sign in f"%\r\n{further}" else sign for sign in text)


def _of_case(level: str, verified: ContractResult, result: CaseResult) -> str:
    source = Path(verified.contract.source)
    place = {}
    if source.is_file():
        with suppress(ValueError):  # a file outside the repository has no page to annotate
            place["file"] = (
                source.resolve().relative_to(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).as_posix()
            )
    title = f"{verified.contract.name}: {case_title(result.case)}"
    return command(level, printable(reason(result)), **place, title=printable(title))


def _not_passed(report: Report) -> Iterator[tuple[ContractResult, CaseResult]]:
    for verified in report.contracts:
        for result in verified.results:
            if not result.passed:
                yield verified, result


class StepSummary(Reporter):
    """Appends Markdown to *file*, which GitHub shows on the page of the build."""

    shows_exchanges = False

    def __init__(self, file: Path) -> None:
        self._file = file

    def ended(self, report: Report) -> None:
        """Write the counts, and a table of the cases that did not pass."""
        self._append(markdown(report))

    def could_not_run(self, reason: str) -> None:
        """Write the reason."""
        self._append(f"## ❔ tally verify could not run\n\n{_cell(reason)}\n")

    def _append(self, text: str) -> None:
        with suppress(OSError), self._file.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")


def markdown(report: Report) -> str:
    """Return the report as Markdown; text from contracts is escaped."""
    mark = "✅" if report.passed else "❌"
    lines = [f"## {mark} tally verify", "", _cell(summary(report)), ""]
    besides = [*map(budget_line, report.budgets), *report.problems]
    lines += [f"- {_cell(text)}" for text in besides]
    measured = statistics(report.contracts)
    if measured.answered:
        lines += ["", f"Durations: {duration_line(measured)}"]
    rows = [_row(verified, result) for verified, result in _not_passed(report)]
    if rows:
        lines += ["", "| | contract | interaction | why |", "|---|---|---|---|", *rows[:MOST_ROWS]]
    if len(rows) > MOST_ROWS:
        lines += ["", f"… and {len(rows) - MOST_ROWS} more."]
    return "\n".join(lines) + "\n"


def _row(verified: ContractResult, result: CaseResult) -> str:
    mark = _MARKS[verified.outcome(result)]
    cells = (verified.contract.name, case_title(result.case), reason(result))
    return f"| {mark} {verified.outcome(result).value} | {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Return *text* on one line, shortened, with the characters escaped that Markdown or HTML interpret."""
    escaped = "".join(
        f"&#{ord(sign)};" if sign in "&<>|`*_[]\\~#@!:" else sign for sign in shortened(text, _LONGEST_CELL)
    )
    return " ".join(printable(escaped).split())
