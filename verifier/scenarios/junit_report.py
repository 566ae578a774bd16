"""The report as JUnit XML: a suite for each workflow, a test case for each step, clean-up included."""

from xml.etree import ElementTree as ET

from verifier.reporting.curl import curl_line
from verifier.reporting.junit_elements import add, document, element, filled, seconds
from verifier.reporting.wording import received_lines, sent_lines
from verifier.scenarios.report import ExecutedWorkflow, ScenarioReport
from verifier.workflows.results import Outcome, StepResult

_NAME = "tally scenario"


def junit_xml(report: ScenarioReport) -> str:
    """Return the report; times are in seconds."""
    suites = [_suite(executed) for executed in report.workflows]
    if report.problems:
        problems = [_case("problem", _NAME, "error", text) for text in report.problems]
        suites.append(filled(element("testsuite", name=_NAME), problems))
    return document(suites, name=_NAME, duration_ms=report.duration_ms)


def junit_of_reason(reason: str) -> str:
    """Return a report with one test case: an error with the reason."""
    suite = filled(element("testsuite", name=_NAME), [_case("run", _NAME, "error", reason)])
    return document([suite], name=_NAME)


def _suite(executed: ExecutedWorkflow) -> ET.Element:
    result = executed.result
    cases = [_step_case(executed, step) for step in executed.all_steps]
    shown = any(not step.passed for step in executed.all_steps)
    if executed.outcome is Outcome.NOT_RUN:
        cases.append(_case(result.workflow.id, result.workflow.id, "skipped", executed.reason))
    elif not shown and executed.outcome is not Outcome.PASSED:
        kind = "failure" if executed.outcome is Outcome.FAILED else "error"
        cases.append(_case(result.workflow.id, result.workflow.id, kind, executed.reason))
    suite = element("testsuite", name=f"{result.document}: {result.workflow.id}")
    return filled(suite, cases)


def _step_case(executed: ExecutedWorkflow, step: StepResult) -> ET.Element:
    of = f" ({step.service}: {step.operation})" if step.service else ""
    phase = "" if step.phase == "execute" else f"{step.phase}: "
    case = element(
        "testcase",
        name=f"{phase}{step.id}{of}",
        classname=executed.result.workflow.id,
        time=seconds(step.duration_ms),
    )
    if step.skipped or step.handled:
        add(case, "skipped", step.skipped or f"handled by the workflow: {step.reason}")
    elif not step.passed:
        kind = "failure" if step.outcome is Outcome.FAILED else "error"
        why = step.failure.value if step.failure else ""
        add(case, kind, "\n".join(_lines(step)), message=step.reason, type=why)
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
    case = element("testcase", name=name, classname=classname, time="0")
    add(case, kind, text, message=text)
    return case
