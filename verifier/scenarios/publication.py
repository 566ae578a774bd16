"""The results of a run, sent to the broker."""

from typing import Any

from tally.broker_client import BrokerClient
from tally.commands.environments.deployments import currently
from tally.errors import BrokerError, UsageError
from tally.workflows.binding import BoundDocument
from verifier.contents.json_values import portable
from verifier.scenarios.json_report import service_document
from verifier.scenarios.options import Publishing, ScenarioOptions
from verifier.scenarios.report import ExecutedWorkflow, ScenarioReport
from verifier.workflows.results import StepResult

RELATION = "tally:publish-scenario-results"
_LONGEST_PROBLEM = 300
_MOST_STEPS = 700
"""A broker takes a million bytes."""


def publish(report: ScenarioReport, bounds: list[BoundDocument], options: ScenarioOptions) -> str:
    """Publish the results under the versions that took part, and return where they are.

    Raises BrokerError, UsageError.
    """
    if options.broker is None or options.publishing is None:
        raise UsageError("There is no broker to publish to.")
    index = options.broker.index()
    if not any(index.links(RELATION)):
        raise BrokerError(
            f"The broker at {options.broker.base_url} takes no results of scenarios (its index has no "
            f"{RELATION}): only a Tallystick broker does."
        )
    versions = participants(report, bounds, options.publishing, options.broker)
    body = {
        "title": " ".join(report.title.split())[:1000],
        "success": report.exit_code == 0,
        "durationMs": round(report.duration_ms),
        "participants": [
            {"pacticipantName": name, "pacticipantVersionNumber": version} for name, version in versions
        ],
        "testResults": portable({**kept_results(report), "selected": _selected(options)}),
    }
    if options.publishing.build_url:
        body["buildUrl"] = options.publishing.build_url
    created = options.broker.post(index.link(RELATION).expand(), body)
    return created.link("self").href


def participants(
    report: ScenarioReport, bounds: list[BoundDocument], publishing: Publishing, broker: BrokerClient
) -> list[tuple[str, str]]:
    """Return the services that were asked, by their names at the broker, with their versions."""
    services = {
        source.name: source.service or source.name for bound in bounds for source in bound.document.sources
    }
    for name in publishing.versions:
        if name not in services:
            raise UsageError(f"--version {name}=…: no document has a source {name}.")
    found = []
    for asked in report.services:
        service = services.get(asked.name, asked.name)
        version = publishing.versions.get(asked.name)
        if version is None and publishing.environment:
            version = deployed_version(broker, service, publishing.environment)
        if version is None:
            raise UsageError(f"Which version of {asked.name} took part? Give --version {asked.name}=VERSION.")
        found.append((service, version))
    if not found:
        raise UsageError("No service was asked, so there is nothing to publish.")
    return found


def deployed_version(broker: BrokerClient, service: str, environment: str) -> str:
    """Return the version of *service* that is deployed to *environment*; raises UsageError."""
    deployed = currently(broker, environment, "deployed-deployed", pacticipant=service)
    versions = {each["_embedded"]["version"]["number"] for each in deployed.embedded("deployedVersions")}
    if len(versions) != 1:
        what = f"{len(versions)} versions of {service} are" if versions else f"no version of {service} is"
        raise UsageError(f"{what} deployed to {environment}: give --version NAME=VERSION.")
    return str(versions.pop())


def kept_results(report: ScenarioReport) -> dict[str, Any]:
    """Return what is kept of each workflow and step: no requests, and no answers."""
    left = _MOST_STEPS
    workflows = []
    for executed in report.workflows:
        steps = [_step(step) for step in executed.all_steps[:left]]
        left -= len(steps)
        workflows.append({**_workflow(executed), "steps": steps})
    return {
        "tool": "tally scenario",
        "services": [service_document(service) for service in report.services],
        "workflows": workflows,
        "problems": list(report.problems),
    }


def _selected(options: ScenarioOptions) -> dict[str, list[str]]:
    """Return which part was executed: nothing is all."""
    return {"tags": list(options.selection.tags), "workflows": list(options.selection.ids)}


def _workflow(executed: ExecutedWorkflow) -> dict[str, Any]:
    result = executed.result
    return {
        "workflowId": result.workflow.id,
        "summary": result.workflow.summary or None,
        "outcome": executed.outcome.value,
        "reason": executed.reason[:_LONGEST_PROBLEM] or None,
        "tags": list(executed.tags),
        "durationMs": round(result.duration_ms, 3),
    }


def _step(step: StepResult) -> dict[str, Any]:
    return {
        "stepId": step.id,
        "phase": step.phase,
        "service": step.service,
        "operation": step.operation or None,
        "outcome": step.outcome.value,
        "problem": step.reason[:_LONGEST_PROBLEM] or None,
        "attempts": step.attempts,
        "durationMs": round(step.duration_ms, 3),
    }
