"""The report of scenarios in rows and columns: a line for each step, clean-up included."""

from collections.abc import Iterator, Sequence

import click

from tally.commands import output as printing
from verifier.reporting.wording import milliseconds, printable
from verifier.scenarios.report import ExecutedWorkflow, ScenarioReport
from verifier.scenarios.reporter import ScenarioReporter
from verifier.workflows.results import StepResult

HEADINGS = ("WORKFLOW", "STEP", "SERVICE", "OPERATION", "RESULT", "TIME")


class TableScenarioReporter(ScenarioReporter):
    """Write the table to standard output; what is no step's result goes to standard error."""

    def started(self, title: str, warnings: Sequence[str]) -> None:  # noqa: ARG002 - a table has no title
        """Write the warnings."""
        for warning in warnings:
            click.echo(f"Note: {printable(warning)}", err=True)

    def ended(self, report: ScenarioReport) -> None:
        """Write the table."""
        for problem in report.problems:
            click.echo(f"Problem: {printable(problem)}", err=True)
        printing.table(HEADINGS, [row for executed in report.workflows for row in _rows(executed)])

    def could_not_run(self, reason: str) -> None:
        """Write why on standard error."""
        click.echo(f"Error: {printable(reason)}", err=True)


def _rows(executed: ExecutedWorkflow) -> Iterator[Sequence[str]]:
    result = executed.result
    time = milliseconds(result.duration_ms)
    yield printable(result.workflow.id), "", "", "", executed.outcome.value, time
    for step in executed.all_steps:
        yield printable(result.workflow.id), *_step(step)


def _step(step: StepResult) -> Sequence[str]:
    asked = bool(step.received or step.called)
    return (
        printable(step.id),
        printable(step.service or ""),
        printable(step.operation),
        step.outcome.value,
        milliseconds(step.duration_ms) if asked else "",
    )
