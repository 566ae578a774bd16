"""The report as one JSON document."""

from typing import Any

import click
import orjson

from verifier.contents.json_values import jsonable
from verifier.reporting.curl import curl_line
from verifier.reporting.exchanges import received_document, rounded, sent_document
from verifier.scenarios.report import ExecutedWorkflow, ScenarioReport, ServiceStatistics
from verifier.scenarios.reporter import ScenarioReporter
from verifier.workflows.results import Outcome, StepResult, WorkflowResult


class JsonScenarioReporter(ScenarioReporter):
    """Writes the document to standard output: on one line, or indented."""

    def __init__(self, *, indented: bool) -> None:
        self._indented = indented

    def ended(self, report: ScenarioReport) -> None:
        """Write the document."""
        click.echo(as_json_text(report_document(report), indented=self._indented))

    def could_not_run(self, reason: str) -> None:
        """Write a document with the reason, and the reason to standard error."""
        click.echo(as_json_text(reason_document(reason), indented=self._indented))
        click.echo(f"Error: {reason}", err=True)


def reason_document(reason: str) -> dict[str, Any]:
    """Return the document for a run without a report."""
    return {"passed": False, "exitCode": 2, "error": reason, "workflows": []}


def report_document(report: ScenarioReport) -> dict[str, Any]:
    """Return the report as JSON values; times are in milliseconds."""
    return {
        "passed": report.exit_code == 0,
        "exitCode": report.exit_code,
        "title": report.title,
        "summary": {outcome.value: report.count(outcome) for outcome in Outcome},
        "durationMs": round(report.duration_ms, 3),
        "services": [service_document(service) for service in report.services],
        "warnings": list(report.warnings),
        "problems": list(report.problems),
        "published": report.published,
        "workflows": [workflow_document(executed) for executed in report.workflows],
    }


def service_document(service: ServiceStatistics) -> dict[str, Any]:
    """Return what was measured of a service."""
    return {
        "name": service.name,
        "requests": service.requests,
        "errors": service.errors,
        "errorRatePercent": rounded(service.error_rate),
        "p50Ms": rounded(service.p50),
        "p95Ms": rounded(service.p95),
        "slowest": [{"step": name, "durationMs": round(ms, 3)} for name, ms in service.slowest],
        "circuitOpened": service.circuit_opened,
        "keptBack": service.refused,
    }


def workflow_document(executed: ExecutedWorkflow) -> dict[str, Any]:
    """Return a workflow with its steps and its clean-up."""
    return {
        **_result(executed.result),
        "outcome": executed.outcome.value,
        "reason": executed.reason or None,
        "tags": list(executed.tags),
        "priority": executed.result.workflow.priority.name.lower(),
        "cleanup": [step_document(step) for step in executed.cleanup],
    }


def step_document(step: StepResult) -> dict[str, Any]:
    """Return a step with what it was asked, and what was exchanged."""
    return {
        "stepId": step.id,
        "phase": step.phase,
        "service": step.service,
        "operation": step.operation or None,
        "outcome": step.outcome.value,
        "failure": step.failure.value if step.failure else None,
        "problem": step.problem,
        "skipped": step.skipped,
        "handled": step.handled,
        "attempts": step.attempts,
        "durationMs": round(step.duration_ms, 3),
        "checks": [{"text": it.text, "passed": it.passed, "got": it.got or None} for it in step.checks],
        "request": sent_document(step.sent) if step.sent else None,
        "response": received_document(step.received) if step.received else None,
        "curl": curl_line(step.sent) if step.sent and not step.passed else None,
        "workflow": _result(step.called) if step.called else None,
    }


def as_json_text(document: dict[str, Any], *, indented: bool = True) -> str:
    """Return the document as text."""
    return orjson.dumps(jsonable(document), option=orjson.OPT_INDENT_2 if indented else None).decode()


def _result(result: WorkflowResult) -> dict[str, Any]:
    return {
        "document": result.document,
        "workflowId": result.workflow.id,
        "outcome": result.outcome.value,
        "reason": result.reason or None,
        "durationMs": round(result.duration_ms, 3),
        "outputs": dict(result.outputs),
        "steps": [step_document(step) for step in result.steps],
    }
