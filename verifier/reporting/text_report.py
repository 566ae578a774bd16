"""The report as text: a line for each case as it ends, then every failure, then a summary."""

import os
import shutil
from collections.abc import Iterator, Sequence

import click

from tally.matching import Mismatch
from verifier.contracts.contract import Contract
from verifier.reporting.comparison import ComparisonRow, around_differences
from verifier.reporting.curl import curl_line
from verifier.reporting.reporter import Reporter
from verifier.reporting.wording import (
    budget_line,
    case_title,
    compared_bodies,
    duration_line,
    flakiness,
    grouped,
    milliseconds,
    place,
    printable,
    received_lines,
    sent_lines,
    shown,
    summary,
    worth_showing,
)
from verifier.results.result import CaseOutcome, CaseResult, ContractResult, FailureKind, Report
from verifier.results.statistics import Statistics, slowest, statistics

MARKS = {
    CaseOutcome.PASSED: ("✓", "green"),
    CaseOutcome.FAILED: ("✗", "red"),
    CaseOutcome.FLAKY: ("≈", "red"),
    CaseOutcome.PENDING: ("○", "yellow"),
    CaseOutcome.NOT_CHECKED: ("?", "yellow"),
}
_WIDTH = 12
_CONTEXT = 3
_SHORT = 40
_MOST_ROWS = 60
_NARROWEST = 24
_MOST_SLOWEST = 5
_WORTH_MEASURING = 5


class TextReporter(Reporter):
    """Writes to standard output, in colour on a terminal unless NO_COLOR is set."""

    def warned(self, text: str) -> None:
        """Write a warning."""
        _write(f"Warning: {text}", "yellow")

    def contract_started(self, contract: Contract) -> None:
        """Write the name and source of the contract, and the broker's notices for the start."""
        pending = " [pending]" if contract.pending else ""
        _write(f"\n{contract.name}{pending}", bold=True)
        _write(f"  {contract.source}", "bright_black")
        for text in contract.notices_for("before_verification"):
            _write(_indented(text.splitlines()), "bright_black")

    def case_ended(self, contract: Contract, result: CaseResult) -> None:
        """Write one line; cases that were not replayed are only counted, at the end of the contract."""
        if result.failure is FailureKind.NOT_REPLAYED:
            return
        outcome = ContractResult(contract=contract, results=(result,)).outcome(result)
        mark, colour = MARKS[outcome]
        time = f" ({milliseconds(result.duration_ms)})" if result.received else ""
        title = printable(case_title(result.case))
        click.echo(f"  {_coloured(mark, colour)} {title}{_coloured(_why(result), colour)}{time}")
        for comment in result.case.comments:
            _write(_indented(comment.splitlines()), "bright_black")

    def contract_ended(self, verified: ContractResult) -> None:
        """Write how many cases were not replayed, whether the result was published, and the notices."""
        left_out = [result for result in verified.results if result.failure is FailureKind.NOT_REPLAYED]
        if left_out:
            mark, colour = MARKS[CaseOutcome.NOT_CHECKED]
            count = "1 interaction was" if len(left_out) == 1 else f"{len(left_out)} interactions were"
            _write(f"  {mark} {count} not replayed. {left_out[0].problem}", colour)
        if verified.published:
            _write("  The result was published to the broker.")
        for text in verified.notices:
            _write(_indented(text.splitlines()), "bright_black")

    def ended(self, report: Report) -> None:
        """Write every failure, the durations, the summary, and what to do next."""
        failures = [
            (verified, result)
            for verified in report.contracts
            for result in verified.results
            if not result.passed and result.failure is not FailureKind.NOT_REPLAYED
        ]
        for number, (verified, result) in enumerate(failures, 1):
            _write_failure(number, verified, result)
        for problem in report.problems:
            _write(f"\nProblem: {problem}", "red")
        _write_durations(report, statistics(report.contracts))
        _write(f"\n{summary(report)}", "red" if report.conformance else "green", bold=True)
        for budget in report.budgets:
            kept = budget.measured is not None and not budget.exceeded
            _write(budget_line(budget), "green" if kept else "red", bold=not kept)
        _write("\n".join(advice(report)))

    def could_not_run(self, reason: str) -> None:
        """Write the reason to standard error."""
        click.echo(f"Error: {printable(reason)}", err=True)


def advice(report: Report) -> Iterator[str]:
    """Yield what to do next."""
    if report.conformance == 1:
        yield "Change the provider so that it keeps the contracts, or agree on new ones with the consumers."
    if report.counts[CaseOutcome.FLAKY]:
        yield "Flaky interactions passed in some of their runs only: that fails the run, too."
    if report.counts[CaseOutcome.PENDING]:
        yield "Pending failures do not fail this run: they are new to this provider."
    if report.counts[CaseOutcome.NOT_CHECKED]:
        yield "What could not be checked does not count as passed; see its reason above."
    if report.contracts and all(verified.published for verified in report.contracts):
        yield "Next: tally can-i-deploy says whether this version may be deployed."


def _why(result: CaseResult) -> str:
    reasons = list(dict.fromkeys(mismatch.kind for mismatch in result.mismatches))
    if result.failure and not reasons:
        reasons = [result.failure.value]
    if result.runs and result.flaky:
        reasons.append(flakiness(result.runs))
    return f" [{', '.join(reasons)}]" if reasons else ""


def _write_durations(report: Report, measured: Statistics) -> None:
    """Write the percentiles and the slowest cases, if there were enough responses to make them useful."""
    if measured.answered < _WORTH_MEASURING:
        return
    _write(f"\nDurations: {duration_line(measured)} ({measured.answered} responses)")
    for verified, result in slowest(report.contracts, _MOST_SLOWEST):
        consumer = verified.contract.consumer
        of = f" ({consumer})" if consumer else ""
        _write(f"  {milliseconds(result.duration_ms):>9}  {case_title(result.case)}{of}", "bright_black")


def _write_failure(number: int, verified: ContractResult, result: CaseResult) -> None:
    outcome = verified.outcome(result)
    kind = "" if outcome is CaseOutcome.FAILED else f" [{outcome.value}]"
    _write(f"\n{number}) {verified.contract.name}{kind}\n   {case_title(result.case)}", MARKS[outcome][1])
    if result.problem:
        _write_part("problem", result.problem.splitlines())
    for mismatch, further in grouped(result.mismatches):
        _write_mismatch(mismatch, further)
    if result.sent:
        _write_part("sent", sent_lines(result.sent))
    rows = compared_bodies(result)
    if result.received:
        _write_part("received", received_lines(result.received, body=not rows))
    if rows:
        _write_comparison(rows if len(rows) <= _SHORT else around_differences(rows, _CONTEXT))
    if result.sent:
        _write_part("reproduce", [curl_line(result.sent)])


def _write_mismatch(mismatch: Mismatch, further: str) -> None:
    _write(f"\n   {place(mismatch)}", bold=True)
    _write(f"     {mismatch.message}")
    if worth_showing(mismatch):
        _write(f"     expected  {shown(mismatch.expected)}", "green")
        _write(f"     actual    {shown(mismatch.actual)}", "red")
    if further:
        _write(f"     {further}")


def _write_comparison(rows: Sequence[ComparisonRow | None]) -> None:
    """Write both bodies side by side with the differences marked; long lines are cut."""
    half = max((shutil.get_terminal_size((110, 24)).columns - 8) // 2, _NARROWEST)
    _write(f"\n     {'expected body':<{half}} received body", bold=True)
    for row in rows[:_MOST_ROWS]:
        if row is None:
            _write("     ⋮", "bright_black")
        else:
            mark = "✗" if row.differs else " "
            line = f"   {mark} {_cut(row.expected, half):<{half}} {_cut(row.actual, half)}".rstrip()
            _write(line, "red" if row.differs else None)
    if len(rows) > _MOST_ROWS:
        _write("     ⋮ and more: --html FILE shows them all", "bright_black")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _write_part(name: str, lines: list[str]) -> None:
    first, *rest = lines or [""]
    _write(f"\n   {name:<{_WIDTH}}{first}")
    for line in rest:
        _write(f"   {'':<{_WIDTH}}{line}".rstrip())


def _indented(lines: list[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)


def _write(text: str, colour: str | None = None, *, bold: bool = False) -> None:
    if text:
        lines = printable(text).split("\n")
        click.echo("\n".join(_coloured(line, colour, bold=bold) if line else "" for line in lines))


def _coloured(text: str, colour: str | None, *, bold: bool = False) -> str:
    if "NO_COLOR" in os.environ or not (colour or bold):
        return text
    return click.style(text, fg=colour, bold=bold or None)
