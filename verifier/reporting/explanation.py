"""Failures as text, for assertions in tests."""

from collections.abc import Iterator, Sequence

from verifier.reporting.failures import Failure, alike, failures_of
from verifier.reporting.origin import curl_lines, origin_lines
from verifier.reporting.wording import case_title, place, printable, received_lines, sent_lines, summary
from verifier.results.result import CaseOutcome, CaseResult, Report


def explanation(report: Report) -> str:
    """Return the failures, those that say the same once, the problems and the summary of a run as text."""
    counted = (each for each in failures_of(*report.contracts) if each.outcome is not CaseOutcome.PENDING)
    return "\n".join([*map(_group_text, alike(counted)), *report.problems, summary(report)])


def _group_text(failures: Sequence[Failure]) -> str:
    first, *others = failures
    text = f"{first.verified.contract.name}\n{failure_text(first.result)}\n"
    if not others:
        return text
    names = "".join(f"\n    {case_title(other.result.case)}" for other in others)
    return f"{text}\n  The same in:{names}\n"


def failure_text(result: CaseResult) -> str:
    """Return the mismatches, what was sent and received, and a command to send the request again."""
    return printable("\n".join([case_title(result.case), *_indented(_lines(result))]))


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}".rstrip() for line in lines)


def _lines(result: CaseResult) -> Iterator[str]:
    if result.problem:
        yield from result.problem.splitlines()
    for mismatch in result.mismatches:
        yield f"{place(mismatch)}: {mismatch.message}"
    if result.sent:
        yield from ("", *sent_lines(result.sent))
    if result.received:
        yield from ("", *received_lines(result.received))
    if result.sent:
        yield from ("", *curl_lines(result), *origin_lines(result))
