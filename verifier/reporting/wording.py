"""Texts that several report formats share."""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from tally.matching import Mismatch
from tally.matching.comparison import ComparisonRow, compared, compared_texts
from tally.pact.bodies import NOT_JSON, parse_json
from verifier.contents.json_values import jsonable
from verifier.contracts.cases import AnyCase, Case, MessageCase
from verifier.results.result import (
    BudgetResult,
    CaseOutcome,
    CaseResult,
    ContractResult,
    Received,
    Report,
    Runs,
    Sent,
)
from verifier.results.statistics import Statistics

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_COMMAND = re.compile(r"^(\s*)(::|##\[)", re.MULTILINE)
_MOST_PLACES = 5
LONGEST_VALUE = 300
"""Longer values are cut, in characters."""
LONGEST_BODY = 1000
"""Longer bodies are cut, in characters."""


def case_title(case: AnyCase) -> str:
    """Return the description of *case* with its provider states."""
    states = " and ".join(_state(state.name, state.params) for state in case.states)
    return f"{case.description}, given {states}" if states else case.description


def _state(name: str, params: dict[str, Any]) -> str:
    values = ", ".join(f"{key}={shown(value)}" for key, value in params.items())
    return f"{name} ({values})" if values else name


def sent_lines(sent: Sent) -> list[str]:
    """Return the lines of a request: method and URL, headers, body."""
    return [f"{sent.method} {sent.url}", *_headers(sent.headers), *body_lines(sent.body)]


def received_lines(received: Received, *, body: bool = True) -> list[str]:
    """Return the lines of a response: status, headers and, with *body*, the body."""
    head = [status_line(received.status), *_headers(received.headers)]
    return [*head, *body_lines(received.body)] if body else head


def status_line(status: int) -> str:
    """Return the status with its name: "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _headers(headers: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers]


def body_lines(body: bytes) -> list[str]:
    """Return the lines of *body*, with JSON indented; a long one is cut, a binary one only counted."""
    if not body:
        return []
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return [f"({len(body)} bytes that are not text)"]
    with suppress(ValueError, RecursionError):  # no JSON, or nested a thousand times
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return shortened(text, LONGEST_BODY).splitlines()


def compared_bodies(result: CaseResult) -> list[ComparisonRow]:
    """Return the expected and the received body side by side, for JSON and text; empty unless they differ."""
    places = frozenset(mismatch.path for mismatch in result.mismatches if mismatch.kind == "body")
    expected = result.case.expected if isinstance(result.case, Case | MessageCase) else None
    if not places or expected is None or result.received is None:
        return []
    received = result.received.body.decode(errors="replace")
    if isinstance(expected.body.value, str):
        return compared_texts(expected.body.value, received)
    actual = parse_json(received)
    comparable = isinstance(expected.body.value, dict | list) and actual is not NOT_JSON
    return compared(expected.body.value, actual, places) if comparable else []


def grouped(mismatches: Iterable[Mismatch]) -> list[tuple[Mismatch, str]]:
    """Return mismatches with equal messages once, each with a text that lists the other paths."""
    alike: dict[tuple[str, str], list[Mismatch]] = {}
    for mismatch in mismatches:
        said = mismatch.message.replace(mismatch.path, "") if mismatch.path else mismatch.message
        alike.setdefault((mismatch.kind, said), []).append(mismatch)
    return [(first, _further(others)) for first, *others in alike.values()]


def _further(others: Sequence[Mismatch]) -> str:
    if not others:
        return ""
    shown_places = ", ".join(mismatch.path for mismatch in others[:_MOST_PLACES])
    more = f" and {len(others) - _MOST_PLACES} more places" if len(others) > _MOST_PLACES else ""
    return f"The same at {shown_places}{more}"


def reason(result: CaseResult) -> str:
    """Return the reason why a case did not pass, in one line."""
    first = next((mismatch.message for mismatch in result.mismatches), result.problem or "")
    more = len(result.mismatches) - 1
    text = f"{first} (and {more} more)" if more > 0 else first
    return f"{flakiness(result.runs)}: {text}" if result.runs and result.flaky else text


def flakiness(runs: Runs) -> str:
    """Return how often a repeated case passed, such as "passed 2 of 5"."""
    return f"passed {runs.passed} of {runs.total}"


def summary(report: Report) -> str:
    """Return the verdict, the counts and the duration in one line, without the budgets."""
    always = (CaseOutcome.PASSED, CaseOutcome.FAILED)
    worth_saying = [outcome for outcome in CaseOutcome if outcome in always or report.counts[outcome]]
    counts = ", ".join(f"{report.counts[outcome]} {outcome.value}" for outcome in worth_saying)
    return f"{_verdict(report)}: {counts} in {report.duration_ms / 1000:.2f} s"


def _verdict(report: Report) -> str:
    if report.conformance == 0:
        return "Passed"
    if report.conformance == 1:
        return "Failed"
    return "Not all could be checked" if report.counts[CaseOutcome.NOT_CHECKED] else "Not published"


def budget_line(budget: BudgetResult) -> str:
    """Return the result of a budget in one line."""
    limit = f"{budget.limit:g} {budget.unit} ({budget.option})"
    if budget.measured is None:
        return f"Budget not measured: the {budget.name} may be {limit}, but there was no response"
    measured = f"{budget.measured:.{0 if budget.unit == 'bytes' else 1}f} {budget.unit}"
    if budget.at_least:
        outcome = "Too little seen" if budget.exceeded else "Enough seen"
        return f"{outcome}: the {budget.name} is {measured}, and has to be {limit}"
    if budget.exceeded:
        return f"Budget exceeded: the {budget.name} is {measured}, more than {limit}"
    return f"Budget kept: the {budget.name} is {measured} of {limit}"


def lines_about_coverage(verified: ContractResult, *, everything: bool = False) -> list[str]:
    """Return how much of a service contract was seen, in a few lines; none for a pact."""
    if verified.coverage is None:
        return []
    from verifier.reporting.coverage import coverage_lines  # noqa: PLC0415 - not every run has one

    return list(coverage_lines(verified.coverage, everything=everything))


def duration_line(measured: Statistics) -> str:
    """Return the percentiles in one line."""
    named = (("p50", measured.p50), ("p95", measured.p95), ("p99", measured.p99))
    return ", ".join(f"{name} {milliseconds(value)}" for name, value in named if value is not None)


def milliseconds(value: float) -> str:
    """Return a duration in milliseconds, with one decimal when it is short."""
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"  # noqa: PLR2004 - longer ones need no decimal


def place(mismatch: Mismatch) -> str:
    """Return the place of a mismatch: "status", "header Content-Type", "body $.items[0].id"."""
    if mismatch.path in ("", mismatch.kind) or mismatch.kind in {"status", "method", "path"}:
        return mismatch.kind
    return f"{mismatch.kind} {mismatch.path}"


def worth_showing(mismatch: Mismatch) -> bool:
    """Whether the expected or the actual value is not in the message already."""
    unsaid = [value for value in (mismatch.expected, mismatch.actual) if shown(value) not in mismatch.message]
    return any(value is not None for value in unsaid)


def shown(value: object) -> str:
    """Return a value as JSON, cut when it is long."""
    return shortened(json.dumps(jsonable(value), ensure_ascii=False), LONGEST_VALUE)


def printable(text: str) -> str:
    """Return *text* with lone surrogates replaced, and control characters, which a terminal would interpret.

    Text that GitHub Actions would read as a command in a log ("::error::…") is made harmless.
    """
    return _COMMAND.sub("\\1\N{ZERO WIDTH SPACE}\\2", _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text))


def shortened(text: str, most: int) -> str:
    """Return *text*, cut after *most* characters, with the number of those left out."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"
