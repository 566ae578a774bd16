"""The report for programs: one JSON document on standard output, when the run has ended."""

import base64
from typing import Any

import click
import orjson

from verifier.contracts import Contract
from verifier.json_values import jsonable, mismatch_body
from verifier.results import ContractResult, Outcome, Received, Report, Result, Sent


class JsonReporter:
    """Write one document: {"passed", "exitCode", "summary", "contracts", "warnings", "problems"}."""

    def warned(self, text: str) -> None:
        """Say nothing yet: it is in the report."""

    def contract_started(self, contract: Contract) -> None:
        """Say nothing yet."""

    def case_ended(self, contract: Contract, result: Result) -> None:
        """Say nothing yet."""

    def contract_ended(self, verified: ContractResult) -> None:
        """Say nothing yet."""

    def ended(self, report: Report) -> None:
        """Write the document."""
        _write(report_document(report))

    def could_not_run(self, reason: str) -> None:
        """Write a document that says why, and the same on standard error."""
        _write({"passed": False, "exitCode": 2, "error": reason, "contracts": []})
        click.echo(f"Error: {reason}", err=True)


def report_document(report: Report) -> dict[str, Any]:
    """Return the whole report as JSON values; times are in milliseconds."""
    return {
        "passed": report.passed,
        "exitCode": report.exit_code,
        "summary": {outcome.value: report.counts[outcome] for outcome in Outcome},
        "durationMs": round(report.duration_ms, 3),
        "warnings": list(report.warnings),
        "problems": list(report.problems),
        "contracts": [_contract(verified) for verified in report.contracts],
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
        "notices": [{"when": notice.when, "text": notice.text} for notice in contract.notices],
        "results": [_result(verified, result) for result in verified.results],
    }


def _result(verified: ContractResult, result: Result) -> dict[str, Any]:
    case = result.case
    return {
        "description": case.description,
        "states": [{"name": state.name, "params": jsonable(state.params)} for state in case.states],
        "interactionId": case.id,
        "outcome": verified.outcome(result).value,
        "failure": result.failure.value if result.failure else None,
        "problem": result.problem,
        "durationMs": round(result.duration_ms, 3),
        "mismatches": [mismatch_body(mismatch) for mismatch in result.mismatches],
        "request": _sent(result.sent) if result.sent else None,
        "response": _received(result.received) if result.received else None,
    }


def _sent(sent: Sent) -> dict[str, Any]:
    return {"method": sent.method, "url": sent.url, "headers": _pairs(sent.headers), **_body(sent.body)}


def _received(received: Received) -> dict[str, Any]:
    return {"status": received.status, "headers": _pairs(received.headers), **_body(received.body)}


def _pairs(headers: tuple[tuple[str, str], ...]) -> list[list[str]]:
    return [[name, value] for name, value in headers]


def _body(body: bytes) -> dict[str, str]:
    """Return the body as text, or in Base64 under another name when it is not text."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"bodyBase64": base64.b64encode(body).decode()}


def _write(document: dict[str, Any]) -> None:
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
