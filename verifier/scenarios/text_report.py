"""The report as text: the steps of each workflow as it ends, then the failures, the services, a summary."""

from collections.abc import Iterator, Sequence

import click

from verifier.reporting.curl import curl_line
from verifier.reporting.terminal import coloured, write
from verifier.reporting.wording import milliseconds, printable, received_lines, sent_lines
from verifier.scenarios.report import ExecutedWorkflow, ScenarioReport, ServiceStatistics
from verifier.scenarios.reporter import ScenarioReporter
from verifier.workflows.results import Check, Outcome, StepResult, WorkflowResult

MARKS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.NOT_CHECKED: ("?", "yellow"),
    Outcome.NOT_RUN: ("-", "bright_black"),
}
_WIDTH = 12
_MOST_FAILURES = 20


class TextScenarioReporter(ScenarioReporter):
    """Writes to standard output; *verbose* also writes what each step that passed was asked."""

    def __init__(self, *, verbose: bool = False) -> None:
        self._verbose = verbose

    def started(self, title: str, warnings: Sequence[str]) -> None:
        """Write the title, and the warnings."""
        write(title, bold=True)
        for warning in warnings:
            write(f"Note: {warning}", "yellow")

    def workflow_ended(self, executed: ExecutedWorkflow) -> None:
        """Write the workflow with its steps."""
        result = executed.result
        mark, colour = MARKS[executed.outcome]
        summary = f": {result.workflow.summary}" if result.workflow.summary else ""
        time = f" ({milliseconds(result.duration_ms)})" if result.outcome is not Outcome.NOT_RUN else ""
        click.echo(f"\n{coloured(mark, colour)} {printable(result.workflow.id + summary)}{time}")
        if result.outcome is Outcome.NOT_RUN:
            write(f"    not run: {result.reason}", colour)
            return
        self._write_steps(result, "    ")
        if executed.cleanup:
            write("    clean-up", "bright_black")
            for step in executed.cleanup:
                self._write_step(step, "    ")
        if result.reason and not any(step.reason and step.reason in result.reason for step in result.steps):
            write(f"    {result.reason}", colour)

    def _write_steps(self, result: WorkflowResult, margin: str) -> None:
        for step in result.steps:
            self._write_step(step, margin)
        executed = {step.id for step in result.steps}
        left = [step.id for step in result.workflow.steps if step.id not in executed]
        if left:
            write(f"{margin}- not run: {', '.join(left)}", "bright_black")

    def _write_step(self, step: StepResult, margin: str) -> None:
        mark, colour = MARKS[step.outcome]
        what = f"  {step.operation}" if step.operation else ""
        facts = [step.service] if step.service else []
        facts += [milliseconds(step.duration_ms)] if step.received or step.called else []
        facts += [f"{step.attempts} attempts"] if step.attempts > 1 else []
        about = f" ({', '.join(facts)})" if facts else ""
        end = f" [{step.failure.value}{', handled' if step.handled else ''}]" if step.failure else ""
        click.echo(
            f"{margin}{coloured(mark, colour)} {printable(step.id + what + about)}{coloured(end, colour)}"
        )
        if step.skipped:
            write(f"{margin}  {step.skipped}", "bright_black")
        if self._verbose or _by_default(step):
            for check in step.checks:
                write(f"{margin}  {'✓' if check.passed else '✗'} {check.text}", "bright_black")
        if step.called:
            self._write_steps(step.called, f"{margin}  ")

    def ended(self, report: ScenarioReport) -> None:
        """Write the failures in full, what was measured, and the summary."""
        failures = list(failures_of(report))
        for number, (executed, step) in enumerate(failures[:_MOST_FAILURES], 1):
            _write_failure(number, executed, step)
        if len(failures) > _MOST_FAILURES:
            write(f"\nand {len(failures) - _MOST_FAILURES} more failures: --json FILE has them all")
        for problem in report.problems:
            write(f"\nProblem: {problem}", "red")
        if report.services:
            write("\nServices:", bold=True)
        for service in report.services:
            write(f"  {service_line(service)}")
            if service.slowest:
                slowest = ", ".join(f"{name} {milliseconds(ms)}" for name, ms in service.slowest)
                write(f"    slowest: {slowest}", "bright_black")
        if report.published:
            write(f"\nThe results were published to the broker: {report.published}")
        write(f"\n{summary_line(report)}", "green" if report.exit_code == 0 else "red", bold=True)

    def could_not_run(self, reason: str) -> None:
        """Write the reason to standard error."""
        click.echo(f"Error: {printable(reason)}", err=True)


def failures_of(report: ScenarioReport) -> Iterator[tuple[ExecutedWorkflow, StepResult]]:
    """Yield each step that did not pass, without those that only call a workflow that did not."""
    for executed in report.workflows:
        for step in executed.all_steps:
            if not step.passed and not (step.called and not step.called.passed and step.called.steps):
                yield executed, step


def service_line(service: ServiceStatistics) -> str:
    """Return what was measured of a service, in one line."""
    requests = _counted(service.requests, "request")
    rate = f", error rate {service.error_rate:.1f} %" if service.error_rate is not None else ""
    times = ", ".join(
        f"{name} {milliseconds(value)}"
        for name, value in (("p50", service.p50), ("p95", service.p95))
        if value is not None
    )
    circuit = ""
    if service.circuit_opened:
        times_opened = "once" if service.circuit_opened == 1 else f"{service.circuit_opened} times"
        circuit = f"; its circuit opened {times_opened} and kept {_counted(service.refused, 'request')} back"
    return f"{service.name}: {requests}{rate}{f', {times}' if times else ''}{circuit}"


def summary_line(report: ScenarioReport) -> str:
    """Return the verdict, the counts and the duration."""
    verdict = {0: "Passed", 1: "Failed", 2: "Not all could be checked"}[report.exit_code]
    always = (Outcome.PASSED, Outcome.FAILED)
    counts = [
        f"{report.count(outcome)} {outcome.value}"
        for outcome in Outcome
        if outcome in always or report.count(outcome)
    ]
    steps = sum(len(executed.all_steps) for executed in report.workflows)
    what = f"{_counted(len(report.workflows), 'workflow')}, {_counted(steps, 'step')}"
    return f"{verdict}: {', '.join(counts)} ({what}) in {report.duration_ms / 1000:.2f} s"


def check_lines(check: Check) -> list[str]:
    """Return what was expected, and what came."""
    return [f"expected  {check.text}", *([f"got       {check.got}"] if check.got else [])]


def _by_default(step: StepResult) -> bool:
    """Whether the step has no criteria of its own: then it is said what was checked."""
    return step.step is not None and step.service is not None and not step.step.criteria


def _write_failure(number: int, executed: ExecutedWorkflow, step: StepResult) -> None:
    _, colour = MARKS[step.outcome]
    of = f" of {step.service}" if step.service else ""
    write(f"\n{number}) {executed.result.workflow.id}/{step.id}: {step.operation}{of} [{step.phase}]", colour)
    if step.step:
        write(f"   {executed.result.document}: {step.step.pointer}", "bright_black")
    if step.problem:
        _write_part("problem", step.problem.splitlines())
    for check in step.checks:
        if not check.passed:
            for line in check_lines(check):
                write(f"   {line}", "green" if line.startswith("expected") else "red")
    if step.sent:
        _write_part("sent", sent_lines(step.sent))
    if step.received:
        _write_part("received", received_lines(step.received))
    if step.sent:
        _write_part("reproduce", [curl_line(step.sent)])


def _write_part(name: str, lines: list[str]) -> None:
    first, *rest = lines or [""]
    write(f"   {name:<{_WIDTH}}{first}")
    for line in rest:
        write(f"   {'':<{_WIDTH}}{line}".rstrip())


def _counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
