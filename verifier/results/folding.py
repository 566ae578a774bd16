"""Results of generated requests, folded: those that passed as one, and those that failed alike. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from tally.matching import Mismatch
from verifier.contracts.cases import Case, Generated, MessageCase, WorkflowCase
from verifier.results.result import CaseResult

_INDEX = re.compile(r"\[\d+\]")
_RAISED = re.compile(r"raised (\w+)")
_LINE = re.compile(r"line (\d+)")
_NUMBER = re.compile(r"\d+")
_TITLES = {"valid": "valid request", "invalid": "invalid request", "workflows": "workflow"}


def generated_of(result: CaseResult) -> Generated | None:
    """Return where the case of *result* comes from, when it was generated."""
    return result.case.generated if isinstance(result.case, Case | MessageCase | WorkflowCase) else None


def same_failure(result: CaseResult) -> object:
    """Return what is equal for results that pass, or fail, in the same way."""
    generated = generated_of(result)
    phase = generated.phase if generated else ""
    if result.passed:
        return phase, (result.case.id or "").rpartition("/")[0]
    # Of an invalid request, what is wrong with it counts, unless the answer itself is wrong.
    subject = ""
    if generated and phase == "invalid":
        about_request = any(mismatch.kind == "status" for mismatch in result.mismatches)
        subject = generated.subject if about_request else phase
    kinds = tuple(dict.fromkeys(map(_kind, result.mismatches)))
    return _operation(result), subject, result.failure, None if kinds else _alike(result.problem), kinds


def _alike(problem: str | None) -> object:
    """Return what is equal for problems that differ only in the values that they name."""
    raised = _RAISED.search(problem or "")
    return (raised[1], *_LINE.findall(problem or "")[-1:]) if raised else _NUMBER.sub("n", problem or "")


def _operation(result: CaseResult) -> str:
    if isinstance(result.case, Case | MessageCase):
        return result.case.operation.id if result.case.operation else ""
    about = next((step.operation for step in result.steps if step.sent is result.sent), None)
    return about.id if about else ""  # what was raised says enough


def _kind(mismatch: Mismatch) -> object:
    expected: Any = mismatch.expected
    rule = next(iter(expected), "") if isinstance(expected, dict) else _NUMBER.sub("n", str(expected))
    actual = mismatch.actual if mismatch.kind in {"status", "body-type"} else None
    return mismatch.kind, _INDEX.sub("[*]", mismatch.path), rule, actual


def groups_of(results: Iterable[CaseResult]) -> list[list[CaseResult]]:
    """Return those that are to be one, in the order of the first of each."""
    groups: dict[object, list[CaseResult]] = {}
    for result in results:
        for each in _findings(result):
            groups.setdefault(same_failure(each), []).append(each)
    return list(groups.values())


def _findings(result: CaseResult) -> Iterator[CaseResult]:
    """Yield a result for each thing that is wrong in a workflow; any other result as it is."""
    if not result.findings:
        yield result
    yield from (result.at_finding(number) for number in range(len(result.findings)))


def smallest_of(group: Sequence[CaseResult]) -> CaseResult:
    """Return the result whose request says least, or whose workflow is shortest."""
    return min(group, key=lambda result: (len(result.steps), len(repr(_value(result)))))


def _value(result: CaseResult) -> object:
    generated = generated_of(result)
    return generated.value if generated else None


def passed_as_one(group: Sequence[CaseResult]) -> CaseResult:
    """Return one result for generated requests that passed; its duration is their mean."""
    first = group[0]
    generated = generated_of(first)
    case = first.case
    if generated is None:
        return first
    operation = case.description.partition(" → ")[0].partition(": ")[0]
    plural = "" if len(group) == 1 else "s"
    title = f"{operation}: {len(group)} {_TITLES[generated.phase]}{plural}"
    identity = (case.id or "").rpartition("/")[0]
    duration_ms = sum(result.duration_ms for result in group) / len(group)
    return CaseResult(
        case=replace(case, description=title, id=identity), duration_ms=duration_ms, of=tuple(group)
    )
