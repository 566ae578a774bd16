"""The report as JUnit XML: a suite for each workflow, a test case for each step, clean-up included."""

import re
from xml.etree import ElementTree as ET

from verifier.reporting.curl import curl_line
from verifier.reporting.wording import received_lines, sent_lines
from verifier.scenarios.report import ExecutedWorkflow, ScenarioReport
from verifier.workflows.results import Outcome, StepResult

# XML 1.0 allows no other characters, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = "tally scenario"


def junit_xml(report: ScenarioReport) -> str:
    """Return the report; times are in seconds."""
    suites = [_suite(executed) for executed in report.workflows]
    if report.problems:
        problems = [_case("problem", _NAME, "error", text) for text in report.problems]
        suites.append(_filled(_element("testsuite", name=_NAME), problems))
    return _document(suites, report.duration_ms)


def junit_of_reason(reason: str) -> str:
    """Return a report with one test case: an error with the reason."""
    suite = _filled(_element("testsuite", name=_NAME), [_case("run", _NAME, "error", reason)])
    return _document([suite], 0)


def _document(suites: list[ET.Element], duration_ms: float) -> str:
    root = _element("testsuites", name=_NAME, time=f"{duration_ms / 1000:.6f}")
    root.extend(suites)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(executed: ExecutedWorkflow) -> ET.Element:
    result = executed.result
    cases = [_step_case(executed, step) for step in executed.all_steps]
    shown = any(not step.passed for step in executed.all_steps)
    if executed.outcome is Outcome.NOT_RUN:
        cases.append(_case(result.workflow.id, result.workflow.id, "skipped", executed.reason))
    elif not shown and executed.outcome is not Outcome.PASSED:
        kind = "failure" if executed.outcome is Outcome.FAILED else "error"
        cases.append(_case(result.workflow.id, result.workflow.id, kind, executed.reason))
    suite = _element("testsuite", name=f"{result.document}: {result.workflow.id}")
    return _filled(suite, cases)


def _step_case(executed: ExecutedWorkflow, step: StepResult) -> ET.Element:
    of = f" ({step.service}: {step.operation})" if step.service else ""
    phase = "" if step.phase == "execute" else f"{step.phase}: "
    case = _element(
        "testcase",
        name=f"{phase}{step.id}{of}",
        classname=executed.result.workflow.id,
        time=f"{step.duration_ms / 1000:.6f}",
    )
    if step.skipped or step.handled:
        _add(case, "skipped", step.skipped or f"handled by the workflow: {step.reason}")
    elif not step.passed:
        kind = "failure" if step.outcome is Outcome.FAILED else "error"
        failure = _add(case, kind, "\n".join(_lines(step)))
        failure.set("message", _text(step.reason))
        failure.set("type", step.failure.value if step.failure else "")
    return case


def _lines(step: StepResult) -> list[str]:
    lines = [step.problem] if step.problem else []
    for check in step.checks:
        if not check.passed:
            lines += [f"expected: {check.text}", *([f"got: {check.got}"] if check.got else [])]
    lines += ["", *sent_lines(step.sent)] if step.sent else []
    lines += ["", *received_lines(step.received)] if step.received else []
    return [*lines, "", curl_line(step.sent)] if step.sent else lines


def _case(name: str, classname: str, kind: str, text: str) -> ET.Element:
    case = _element("testcase", name=name, classname=classname, time="0")
    _add(case, kind, text).set("message", _text(text))
    return case


def _filled(suite: ET.Element, cases: list[ET.Element]) -> ET.Element:
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for kind, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(kind) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.6f}")
    return suite


def _element(name: str, /, **attributes: str) -> ET.Element:
    return ET.Element(name, {key: _text(value) for key, value in attributes.items()})


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = _element(name)
    element.text = _text(text)
    parent.append(element)
    return element


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
