"""The report as JUnit XML, in the form that GitHub, GitLab, Azure and Jenkins all read.

There is a suite for each contract and a test case for each interaction. A *failure* is a broken contract; an
*error* is a case that could not be compared: no response, no provider state, or not replayed. A pending case
is *skipped*, because it does not count. Budgets and problems have a suite of their own.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from verifier.reporting.files import Format
from verifier.reporting.junit_elements import add, document, element, filled, seconds
from verifier.reporting.origin import curl_lines, origin_lines
from verifier.reporting.wording import (
    budget_line,
    case_title,
    lines_about_coverage,
    reason,
    received_lines,
    sent_lines,
)
from verifier.results.result import CaseOutcome, CaseResult, ContractResult, FailureKind, Report

_NAME = "tally verify"


def junit_xml(report: Report, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> str:
    """Return the report; times are in seconds."""
    suites = [_suite(verified) for verified in report.contracts]
    besides = [*_budgets(report), *_problems(report.problems)]
    if besides:
        suites.append(filled(element("testsuite", name=_NAME), besides))
    for suite in suites:
        suite.set("timestamp", now().strftime("%Y-%m-%dT%H:%M:%S"))
    return document(suites, name=_NAME, duration_ms=report.duration_ms)


def junit_of_reason(reason: str) -> str:
    """Return a report with one test case: an error with the reason."""
    case = element("testcase", name="run", classname=_NAME, time="0")
    add(case, "error", reason, message=reason, type="could-not-run")
    return document([filled(element("testsuite", name=_NAME), [case])], name=_NAME)


JUNIT = Format(of_report=junit_xml, of_reason=junit_of_reason)
"""What `--junit FILE` writes."""


def _suite(verified: ContractResult) -> ET.Element:
    contract = verified.contract
    suite = element("testsuite", name=contract.name)
    properties = add(suite, "properties")
    properties_of_contract = {
        "consumer": contract.consumer,
        "provider": contract.provider,
        "source": contract.source,
        "pending": str(contract.pending).lower(),
        "published": str(verified.published).lower(),
    }
    for name, value in properties_of_contract.items():
        if value is not None:
            add(properties, "property", name=name, value=value)
    for line in lines_about_coverage(verified):
        add(properties, "property", name="coverage", value=line)
    return filled(suite, [_case(verified, result) for result in verified.results])


def _case(verified: ContractResult, result: CaseResult) -> ET.Element:
    contract = verified.contract
    case = element(
        "testcase",
        name=case_title(result.case),
        classname=f"{contract.provider}.{contract.consumer or 'service contract'}",
        time=seconds(result.duration_ms),
    )
    # CI systems link the attribute to a file, which a URL or a pact of a broker is not.
    if Path(contract.source).is_file():
        case.set("file", contract.source)
    if not result.passed:
        outcome = verified.outcome(result)
        kind = "skipped" if outcome is CaseOutcome.PENDING else _kind(result)
        why = "flaky" if result.flaky else result.failure.value if result.failure else ""
        attributes = {} if kind == "skipped" else {"type": why}
        pending = "pending: " if kind == "skipped" else ""
        add(case, kind, "\n".join(_reasons(result)), message=f"{pending}{reason(result)}", **attributes)
    add(case, "system-out", "\n".join(_details(result)))
    return case


def _kind(result: CaseResult) -> str:
    return "failure" if result.failure is FailureKind.MISMATCH else "error"


def _reasons(result: CaseResult) -> list[str]:
    return [mismatch.message for mismatch in result.mismatches] or [result.problem or ""]


def _details(result: CaseResult) -> list[str]:
    lines: list[str] = []
    if result.sent:
        lines += [*sent_lines(result.sent), ""]
    if result.received:
        lines += [*received_lines(result.received), ""]
    return lines if result.passed else [*lines, *curl_lines(result), *origin_lines(result)]


def _budgets(report: Report) -> Iterable[ET.Element]:
    for budget in report.budgets:
        case = element("testcase", name=f"Budget: {budget.name}", classname=_NAME, time="0")
        if budget.exceeded:
            add(case, "failure", budget_line(budget), message=budget_line(budget), type="budget")
        elif budget.measured is None:
            add(case, "error", budget_line(budget), message=budget_line(budget), type="budget")
        yield case


def _problems(problems: Iterable[str]) -> Iterable[ET.Element]:
    for problem in problems:
        case = element("testcase", name="Problem", classname=_NAME, time="0")
        add(case, "error", problem, message=problem, type="problem")
        yield case
