"""Pages of what came of comparing contracts, and of scenarios over several services."""

from flask import Response

from broker.domain.decisions.comparison_page import Finding, findings_of
from broker.domain.scenarios.steps import ExecutedStep, workflows_of
from broker.services.scenarios import results as scenarios
from broker.services.service_contracts import comparisons, compatibility
from broker.web.context import reading
from broker.web.lagging import may_lag
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table
from broker.web.paths import result_number
from broker.web.routes import rule

MOST = 200
"""How many findings, changes or steps are on a page; all of them are in the downloads."""

_FINDINGS = Table(
    "findings",
    [
        Column[tuple[str, Finding]]("interaction", "", lambda row: row[0]),
        Column[tuple[str, Finding]]("severity", "", lambda row: row[1].severity),
        Column[tuple[str, Finding]]("code", "", lambda row: row[1].code),
        Column[tuple[str, Finding]]("text", "", lambda row: row[1].text),
        Column[tuple[str, Finding]]("pact", "", lambda row: row[1].pact),
        Column[tuple[str, Finding]]("document", "", lambda row: row[1].document),
    ],
)
_CHANGES = Table(
    "changes",
    [
        Column[dict[str, object]](name, title, lambda change, name=name: change.get(name))  # type: ignore[misc]
        for name, title in {
            "compatible": "",
            "rule": "Rule",
            "text": "What changed",
            "old": "",
            "new": "Where",
            "counterexample": "",
        }.items()
    ],
)
_STEPS = Table(
    "steps",
    [
        Column[tuple[str, ExecutedStep]]("workflow", "", lambda row: row[0]),
        Column[tuple[str, ExecutedStep]]("step", "Step", lambda row: row[1].name),
        Column[tuple[str, ExecutedStep]]("service", "Service", lambda row: row[1].service),
        Column[tuple[str, ExecutedStep]]("operation", "Operation", lambda row: row[1].operation),
        Column[tuple[str, ExecutedStep]]("passed", "Verdict", lambda row: row[1].passed),
        Column[tuple[str, ExecutedStep]]("problem", "Problem", lambda row: row[1].problem),
        Column[tuple[str, ExecutedStep]](
            "milliseconds", "Took", lambda row: row[1].milliseconds, is_amount=True
        ),
    ],
)


@blueprint.get(rule("comparison"))
@may_lag
def comparison(provider: str, consumer: str, sha: str, number: str) -> Response:
    """Show what came of comparing a pact with the service contract of its provider."""
    wanted = result_number(number)
    with reading() as storage:
        found = comparisons.find(storage, consumer, provider, sha, wanted)
    findings = findings_of(found)
    rows = ((item.description, each) for item in findings.interactions for each in item.findings)
    if download := _FINDINGS.download(rows):
        return download
    place = {"provider": provider, "consumer": consumer, "sha": sha}
    return render("comparison.html", comparison=found, findings=findings, place=place, most=MOST)


@blueprint.get(rule("compatibility"))
@may_lag
def compatibility_of_documents(pacticipant: str, sha: str, other_sha: str) -> Response:
    """Show how a document of a service contract compares with an earlier one."""
    with reading() as storage:
        found = compatibility.find(storage, pacticipant, sha, other_sha)
    document = found.judgement.document
    changes = sorted(document["changes"], key=lambda change: bool(change["compatible"]))
    if download := _CHANGES.download(changes):
        return download
    return render(
        "compatibility.html",
        found=found,
        changes=changes,
        breaking=found.judgement.breaking,
        reasons=document.get("reasons") or [],
        columns=_CHANGES.columns,
        most=MOST,
    )


@blueprint.get(rule("scenario-result"))
@may_lag
def scenario_result(number: str) -> Response:
    """Show what came of a scenario."""
    wanted = result_number(number)
    with reading() as storage:
        found = scenarios.find(storage, wanted)
    workflows = workflows_of(found.test_results)
    if download := _STEPS.download((item.name, step) for item in workflows for step in item.steps):
        return download
    return render("scenario.html", result=found, workflows=workflows, columns=_STEPS.columns, most=MOST)
