"""The report as one JSON document, written at the end of the run."""

import json
from typing import Any

import click
import orjson

from verifier.contents.json_values import jsonable, mismatch_body
from verifier.reporting.exchanges import received_document, rounded, sent_document
from verifier.reporting.files import Format
from verifier.reporting.origin import origin_document
from verifier.reporting.reporter import Reporter
from verifier.results.result import (
    BudgetResult,
    CaseOutcome,
    CaseResult,
    ContractResult,
    Report,
)
from verifier.results.statistics import slowest, statistics


class JsonReporter(Reporter):
    """Writes the document to standard output: on one line, or indented."""

    def __init__(self, *, indented: bool) -> None:
        self._indented = indented

    def ended(self, report: Report) -> None:
        """Write the document."""
        click.echo(_text(report_document(report), indented=self._indented))

    def could_not_run(self, reason: str) -> None:
        """Write a document with the reason, and the reason to standard error."""
        click.echo(_text(reason_document(reason), indented=self._indented))
        click.echo(f"Error: {reason}", err=True)


def reason_document(reason: str) -> dict[str, Any]:
    """Return the document for a run without a report."""
    return {"passed": False, "exitCode": 2, "error": reason, "contracts": []}


def report_document(report: Report) -> dict[str, Any]:
    """Return the report as JSON values; times are in milliseconds."""
    return {
        "passed": report.passed,
        "exitCode": report.exit_code,
        "summary": {outcome.value: report.counts[outcome] for outcome in CaseOutcome},
        "conformance": report.conformance == 0,
        "durationMs": round(report.duration_ms, 3),
        "statistics": _statistics(report),
        "budgets": [_budget(budget) for budget in report.budgets],
        "warnings": list(report.warnings),
        "problems": list(report.problems),
        "contracts": [_contract(verified) for verified in report.contracts],
    }


def _statistics(report: Report) -> dict[str, Any]:
    measured = statistics(report.contracts)
    return {
        "asked": measured.asked,
        "answered": measured.answered,
        "errors": measured.errors,
        "errorRatePercent": rounded(measured.error_rate),
        "p50Ms": rounded(measured.p50),
        "p95Ms": rounded(measured.p95),
        "p99Ms": rounded(measured.p99),
        "slowest": [
            {
                "contract": verified.contract.name,
                "description": result.case.description,
                "durationMs": rounded(result.duration_ms),
            }
            for verified, result in slowest(report.contracts, 10)
        ],
    }


def _budget(budget: BudgetResult) -> dict[str, Any]:
    return {
        "option": budget.option,
        "name": budget.name,
        "limit": budget.limit,
        "measured": rounded(budget.measured),
        "unit": budget.unit,
        "exceeded": budget.exceeded,
    }


def _contract(verified: ContractResult) -> dict[str, Any]:
    contract = verified.contract
    return {
        "name": contract.name,
        "consumer": contract.consumer,
        "provider": contract.provider,
        "source": contract.source,
        "pending": contract.pending,
        "success": verified.success,
        "published": verified.published,
        "coverage": _coverage(verified),
        "notices": [{"when": notice.when, "text": notice.text} for notice in contract.notices],
        "results": [_result(verified, result) for result in verified.results],
    }


def _coverage(verified: ContractResult) -> dict[str, Any] | None:
    if verified.coverage is None:
        return None
    from verifier.results.coverage import KINDS  # noqa: PLC0415 - not every run has a service contract

    kinds = {
        kind: {
            "seen": [part.name for part in verified.coverage.of(kind) if part.seen],
            "unseen": list(verified.coverage.unseen(kind)),
        }
        for kind in KINDS
    }
    return {"percent": rounded(verified.coverage.percent), "kinds": kinds}


def _result(verified: ContractResult, result: CaseResult) -> dict[str, Any]:
    case = result.case
    return {
        "description": case.description,
        "states": [{"name": state.name, "params": jsonable(state.params)} for state in case.states],
        "interactionId": case.id,
        "outcome": verified.outcome(result).value,
        "failure": result.failure.value if result.failure else None,
        "problem": result.problem,
        "durationMs": round(result.duration_ms, 3),
        "tags": list(case.tags),
        "runs": {"passed": result.runs.passed, "total": result.runs.total} if result.runs else None,
        "mismatches": [mismatch_body(mismatch) for mismatch in result.mismatches],
        "request": sent_document(result.sent) if result.sent else None,
        "response": received_document(result.received) if result.received else None,
        "generated": origin_document(result),
        "before": [
            {"request": sent_document(step.sent), "response": received_document(step.received)}
            for step in result.before
        ],
    }


def _text(document: dict[str, Any], *, indented: bool = True) -> str:
    try:
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 if indented else None).decode()
    except TypeError:  # integers beyond 64 bits, halves of characters
        return json.dumps(document, indent=2 if indented else None)


JSON = Format(
    of_report=lambda report: _text(report_document(report)),
    of_reason=lambda reason: _text(reason_document(reason)),
)
"""What `--json FILE` writes."""
