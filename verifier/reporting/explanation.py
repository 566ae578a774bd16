"""Failures as text, for assertions in tests."""

from collections.abc import Iterator

from verifier.reporting.curl import curl_line
from verifier.reporting.wording import case_title, place, printable, received_lines, sent_lines, summary
from verifier.results.result import CaseOutcome, CaseResult, Report


def explanation(report: Report) -> str:
    """Return the failures and problems of a run, and its summary, as text."""
    failures = [
        f"{verified.contract.name}\n{failure_text(result)}\n"
        for verified in report.contracts
        for result in verified.results
        if verified.outcome(result) not in {CaseOutcome.PASSED, CaseOutcome.PENDING}
    ]
    return "\n".join([*failures, *report.problems, summary(report)])


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
        yield from ("", curl_line(result.sent))
