"""The report as JUnit XML, in the form that GitHub, GitLab, Azure and Jenkins all read.

There is a suite for each contract and a test case for each interaction. A *failure* is a broken contract; an
*error* is a case that could not be compared: no response, no provider state, or not replayed. A pending case
is *skipped*, because it does not count. Budgets and problems have a suite of their own.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from verifier.reporting.files import Format
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

# XML 1.0 allows no other characters, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COUNTED = ("failure", "error", "skipped")


def junit_xml(report: Report, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> str:
    """Return the report; times are in seconds."""
    suites = [_suite(verified) for verified in report.contracts]
    besides = [*_budgets(report), *_problems(report.problems)]
    if besides:
        suites.append(_filled(_element("testsuite", name="tally verify"), besides))
    root = _element("testsuites", name="tally verify", time=_seconds(report.duration_ms))
    for suite in suites:
        suite.set("timestamp", now().strftime("%Y-%m-%dT%H:%M:%S"))
    return _document(root, suites)


def junit_of_reason(reason: str) -> str:
    """Return a report with one test case: an error with the reason."""
    case = _element("testcase", name="run", classname="tally verify", time="0")
    _add(case, "error", reason, message=reason, type="could-not-run")
    return _document(
        _element("testsuites", name="tally verify", time="0"),
        [_filled(_element("testsuite", name="tally verify"), [case])],
    )


JUNIT = Format(of_report=junit_xml, of_reason=junit_of_reason)
"""What `--junit FILE` writes."""


def _document(root: ET.Element, suites: list[ET.Element]) -> str:
    root.extend(suites)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(verified: ContractResult) -> ET.Element:
    contract = verified.contract
    suite = _element("testsuite", name=contract.name)
    properties = _add(suite, "properties")
    properties_of_contract = {
        "consumer": contract.consumer,
        "provider": contract.provider,
        "source": contract.source,
        "pending": str(contract.pending).lower(),
        "published": str(verified.published).lower(),
    }
    for name, value in properties_of_contract.items():
        if value is not None:
            _add(properties, "property", name=name, value=value)
    for line in lines_about_coverage(verified):
        _add(properties, "property", name="coverage", value=line)
    return _filled(suite, [_case(verified, result) for result in verified.results])


def _filled(suite: ET.Element, cases: list[ET.Element]) -> ET.Element:
    """Add the cases to the suite, and set its counts and time."""
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for kind, name in zip(_COUNTED, ("failures", "errors", "skipped"), strict=True):
        suite.set(name, str(sum(case.find(kind) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.6f}")
    return suite


def _case(verified: ContractResult, result: CaseResult) -> ET.Element:
    contract = verified.contract
    case = _element(
        "testcase",
        name=case_title(result.case),
        classname=f"{contract.provider}.{contract.consumer or 'service contract'}",
        time=_seconds(result.duration_ms),
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
        _add(case, kind, "\n".join(_reasons(result)), message=f"{pending}{reason(result)}", **attributes)
    _add(case, "system-out", "\n".join(_details(result)))
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
        case = _element("testcase", name=f"Budget: {budget.name}", classname="tally verify", time="0")
        if budget.exceeded:
            _add(case, "failure", budget_line(budget), message=budget_line(budget), type="budget")
        elif budget.measured is None:
            _add(case, "error", budget_line(budget), message=budget_line(budget), type="budget")
        yield case


def _problems(problems: Iterable[str]) -> Iterable[ET.Element]:
    for problem in problems:
        case = _element("testcase", name="Problem", classname="tally verify", time="0")
        _add(case, "error", problem, message=problem, type="problem")
        yield case


def _element(name: str, /, **attributes: str) -> ET.Element:
    return ET.Element(name, {key: _text(value) for key, value in attributes.items()})


def _add(parent: ET.Element, name: str, text: str | None = None, /, **attributes: str) -> ET.Element:
    element = _element(name, **attributes)
    element.text = None if text is None else _text(text)
    parent.append(element)
    return element


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.6f}"
