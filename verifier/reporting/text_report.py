"""The report as text: a line for each case as it ends, then the failures, then a summary."""

from collections.abc import Iterator

import click

from verifier.contracts.contract import Contract
from verifier.reporting.closing_list import closing_list
from verifier.reporting.failure_report import write_failures
from verifier.reporting.failures import failures_of, replayed
from verifier.reporting.reporter import Reporter
from verifier.reporting.terminal import MARKS, coloured, indented, write
from verifier.reporting.wording import (
    budget_line,
    case_title,
    duration_line,
    flakiness,
    lines_about_coverage,
    milliseconds,
    printable,
    summary,
)
from verifier.results.result import (
    CaseOutcome,
    CaseResult,
    ContractResult,
    FailureKind,
    Report,
    outcome_of,
)
from verifier.results.statistics import Statistics, slowest, statistics

_MOST_SLOWEST = 5
_WORTH_MEASURING = 5


class TextReporter(Reporter):
    """Writes to standard output; *verbose* writes every failure in full, also those that are alike."""

    shows_exchanges = False

    def __init__(self, *, verbose: bool = False) -> None:
        self._verbose = verbose

    def warned(self, text: str) -> None:
        """Write a warning."""
        write(f"Warning: {text}", "yellow")

    def contract_started(self, contract: Contract) -> None:
        """Write the name and source of the contract, and the broker's notices for the start."""
        pending = " [pending]" if contract.pending else ""
        write(f"\n{contract.name}{pending}", bold=True)
        write(f"  {contract.source}", "bright_black")
        for text in contract.notices_for("before_verification"):
            write(indented(text.splitlines()), "bright_black")

    def case_ended(self, contract: Contract, result: CaseResult) -> None:
        """Write one line; cases that were not replayed are only counted, at the end of the contract."""
        if result.failure is FailureKind.NOT_REPLAYED:
            return
        mark, colour = MARKS[outcome_of(result, contract)]
        time = f" ({milliseconds(result.duration_ms)})" if result.received else ""
        title = printable(case_title(result.case))
        click.echo(f"  {coloured(mark, colour)} {title}{coloured(_why(result), colour)}{time}")
        for comment in result.case.comments:
            write(indented(comment.splitlines()), "bright_black")

    def contract_ended(self, verified: ContractResult) -> None:
        """Write how many cases were not replayed, whether the result was published, and the notices."""
        left_out = [result for result in verified.results if result.failure is FailureKind.NOT_REPLAYED]
        if left_out:
            mark, colour = MARKS[CaseOutcome.NOT_CHECKED]
            count = "1 interaction was" if len(left_out) == 1 else f"{len(left_out)} interactions were"
            write(f"  {mark} {count} not replayed. {left_out[0].problem}", colour)
        for line in lines_about_coverage(verified, everything=self._verbose):
            write(f"  {printable(line)}", "bright_black")
        if verified.published:
            write("  The result was published to the broker.")
        for text in verified.notices:
            write(indented(text.splitlines()), "bright_black")

    def ended(self, report: Report) -> None:
        """Write every failure, the durations, what failed in short, the summary, and what to do next."""
        write_failures(replayed(failures_of(*report.contracts)), verbose=self._verbose)
        for problem in report.problems:
            write(f"\nProblem: {problem}", "red")
        _write_durations(report, statistics(report.contracts))
        _write_closing_list(report)
        write(f"\n{summary(report)}", "red" if report.conformance else "green", bold=True)
        for budget in report.budgets:
            kept = budget.measured is not None and not budget.exceeded
            write(budget_line(budget), "green" if kept else "red", bold=not kept)
        write("\n".join(advice(report)))

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


def _write_closing_list(report: Report) -> None:
    for number, line in enumerate(closing_list(report)):
        if number == 0:
            write("\nWhat failed, or was not checked:", bold=True)
        write(line.text, line.colour)


def _write_durations(report: Report, measured: Statistics) -> None:
    """Write the percentiles and the slowest cases, if there were enough responses to make them useful."""
    if measured.answered < _WORTH_MEASURING:
        return
    write(f"\nDurations: {duration_line(measured)} ({measured.answered} responses)")
    for verified, result in slowest(report.contracts, _MOST_SLOWEST):
        consumer = verified.contract.consumer
        of = f" ({consumer})" if consumer else ""
        write(f"  {milliseconds(result.duration_ms):>9}  {case_title(result.case)}{of}", "bright_black")
