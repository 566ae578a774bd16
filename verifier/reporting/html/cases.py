"""The HTML of one case: a summary line, and below it the mismatches, the request and the response."""

from collections.abc import Iterable, Sequence

from tally.matching.comparison import ComparisonRow, around_differences
from verifier.reporting.html.markup import Markup, joined, tag
from verifier.reporting.origin import curl_lines, origin_lines
from verifier.reporting.wording import (
    case_title,
    compared_bodies,
    flakiness,
    grouped,
    milliseconds,
    place,
    received_lines,
    sent_lines,
    shown,
    worth_showing,
)
from verifier.results.result import CaseOutcome, CaseResult, ContractResult

_LONG = 300
"""In a comparison with more rows, only those around differences are shown."""
_CONTEXT = 10
MARKS = {
    CaseOutcome.PASSED: "✓ passed",
    CaseOutcome.FAILED: "✗ failed",
    CaseOutcome.FLAKY: "≈ flaky",
    CaseOutcome.PENDING: "○ pending",
    CaseOutcome.NOT_CHECKED: "? not checked",
}


def case_markup(verified: ContractResult, result: CaseResult, anchor: str) -> Markup:
    """Return the element that unfolds; it is open when the case did not pass."""
    outcome = verified.outcome(result)
    return tag(
        "details",
        _summary(outcome, result),
        tag("div", joined(_inside(result)), class_="inside"),
        id=anchor,
        class_=f"case {outcome.value}",
        data_outcome=outcome.value,
        open=not result.passed,
    )


def _summary(outcome: CaseOutcome, result: CaseResult) -> Markup:
    runs = f" ({flakiness(result.runs)})" if result.runs and result.flaky else ""
    kinds = dict.fromkeys(mismatch.kind for mismatch in result.mismatches)
    why = list(kinds) or ([result.failure.value] if result.failure else [])
    return tag(
        "summary",
        tag("span", MARKS[outcome] + runs, class_="mark"),
        f" {case_title(result.case)} ",
        tag("span", f"[{', '.join(why)}] ", class_="quiet") if why else None,
        tag("span", milliseconds(result.duration_ms), class_="time") if result.received else None,
    )


def _inside(result: CaseResult) -> Iterable[Markup]:
    if result.problem:
        yield tag("p", result.problem, class_="wrong")
    if result.mismatches:
        yield _mismatches(result)
    rows = compared_bodies(result)
    if rows:
        yield _comparison(rows)
    yield tag("div", *_exchange(result, body=not rows), class_="both")
    if result.sent and not result.passed:
        lines = [*curl_lines(result), *(f"# {line}" for line in origin_lines(result))]
        yield joined((tag("h3", "Reproduce"), tag("pre", "\n".join(lines))))


def _mismatches(result: CaseResult) -> Markup:
    items = []
    for mismatch, further in grouped(result.mismatches):
        expected, actual = tag("code", shown(mismatch.expected)), tag("code", shown(mismatch.actual))
        both = tag("p", "expected ", expected, ", got ", actual) if worth_showing(mismatch) else None
        places = tag("p", further, class_="quiet") if further else None
        items.append(tag("li", tag("strong", place(mismatch)), ": ", mismatch.message, both, places))
    return tag("ul", *items, class_="mismatches")


def _comparison(rows: Sequence[ComparisonRow]) -> Markup:
    head = tag("tr", tag("th", "expected body", scope="col"), tag("th", "received body", scope="col"))
    shown_rows = rows if len(rows) <= _LONG else around_differences(rows, _CONTEXT)
    body = [
        tag("tr", tag("td", row.expected), tag("td", row.actual), class_="differs" if row.differs else None)
        if row
        else tag("tr", tag("td", "⋮"), tag("td", "⋮"), class_="quiet")
        for row in shown_rows
    ]
    return joined(
        (
            tag("h3", "Side by side"),
            tag("table", tag("thead", head), tag("tbody", *body), class_="comparison"),
        )
    )


def _exchange(result: CaseResult, *, body: bool) -> Iterable[Markup]:
    if result.sent:
        yield tag("div", tag("h3", "Sent"), tag("pre", "\n".join(sent_lines(result.sent))))
    if result.received:
        lines = received_lines(result.received, body=body)
        yield tag("div", tag("h3", "Received"), tag("pre", "\n".join(lines)))
