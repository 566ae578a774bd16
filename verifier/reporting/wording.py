"""Words that the formats for people share."""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from tally.matching import Mismatch
from tally.pact.bodies import NOT_JSON, parse_json
from verifier.contents.json_values import jsonable
from verifier.contracts.cases import AnyCase, UnsupportedCase
from verifier.reporting.comparison import ComparisonRow, compared, compared_texts
from verifier.results.result import BudgetResult, CaseOutcome, CaseResult, Received, Report, Runs, Sent
from verifier.results.statistics import Statistics

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_COMMAND = re.compile(r"^(\s*)(::|##\[)", re.MULTILINE)
_MOST_PLACES = 5
LONGEST_VALUE = 300
"""Characters of one value that are shown."""
LONGEST_BODY = 1000
"""Characters of a body that are shown."""


def case_title(case: AnyCase) -> str:
    """Return the description of *case* with its provider states."""
    states = " and ".join(_state(state.name, state.params) for state in case.states)
    return f"{case.description}, given {states}" if states else case.description


def _state(name: str, params: dict[str, Any]) -> str:
    values = ", ".join(f"{key}={shown(value)}" for key, value in params.items())
    return f"{name} ({values})" if values else name


def sent_lines(sent: Sent) -> list[str]:
    """Return a request as it would be read on the wire."""
    return [f"{sent.method} {sent.url}", *_headers(sent.headers), *body_lines(sent.body)]


def received_lines(received: Received, *, body: bool = True) -> list[str]:
    """Return an answer as it would be read on the wire, with its body or without."""
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
    """Return *body* in lines, JSON indented; long or binary ones shortened to what helps."""
    if not body:
        return []
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return [f"({len(body)} bytes that are not text)"]
    with suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return shortened(text, LONGEST_BODY).splitlines()


def compared_bodies(result: CaseResult) -> list[ComparisonRow]:
    """Return the expected and the received body, JSON or text, side by side; empty unless they differ."""
    places = frozenset(mismatch.path for mismatch in result.mismatches if mismatch.kind == "body")
    expected = None if isinstance(result.case, UnsupportedCase) else result.case.expected
    if not places or expected is None or result.received is None:
        return []
    received = result.received.body.decode(errors="replace")
    if isinstance(expected.body.value, str):
        return compared_texts(expected.body.value, received)
    actual = parse_json(received)
    comparable = isinstance(expected.body.value, dict | list) and actual is not NOT_JSON
    return compared(expected.body.value, actual, places) if comparable else []


def grouped(mismatches: Iterable[Mismatch]) -> list[tuple[Mismatch, str]]:
    """Return mismatches that say the same of several places once, with the further places in words."""
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
    """Return in one line why a case did not pass."""
    first = next((mismatch.message for mismatch in result.mismatches), result.problem or "")
    more = len(result.mismatches) - 1
    text = f"{first} (and {more} more)" if more > 0 else first
    return f"{flakiness(result.runs)}: {text}" if result.runs and result.flaky else text


def flakiness(runs: Runs) -> str:
    """Return how often a case passed."""
    return f"passed {runs.passed} of {runs.total}"


def summary(report: Report) -> str:
    """Return the counts and the time in one line; budgets have lines of their own."""
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
    """Return what came of a budget."""
    limit = f"{budget.limit:g} {budget.unit} ({budget.option})"
    if budget.measured is None:
        return f"Budget not measured: the {budget.name} may be {limit}, but nothing was answered"
    measured = f"{budget.measured:.1f} {budget.unit}"
    if budget.exceeded:
        return f"Budget exceeded: the {budget.name} is {measured}, more than {limit}"
    return f"Budget kept: the {budget.name} is {measured} of {limit}"


def duration_line(measured: Statistics) -> str:
    """Return the percentiles in one line."""
    named = (("p50", measured.p50), ("p95", measured.p95), ("p99", measured.p99))
    return ", ".join(f"{name} {milliseconds(value)}" for name, value in named if value is not None)


def milliseconds(value: float) -> str:
    """Return a time with as many digits as are worth reading."""
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"  # noqa: PLR2004 - below, tenths are seen


def place(mismatch: Mismatch) -> str:
    """Return where a mismatch is: "status", "header Content-Type", "body $.items[0].id"."""
    if mismatch.path in ("", mismatch.kind) or mismatch.kind in {"status", "method", "path"}:
        return mismatch.kind
    return f"{mismatch.kind} {mismatch.path}"


def worth_showing(mismatch: Mismatch) -> bool:
    """Whether the two values say more than the message does."""
    unsaid = [value for value in (mismatch.expected, mismatch.actual) if shown(value) not in mismatch.message]
    return any(value is not None for value in unsaid)


def shown(value: object) -> str:
    """Return a value as JSON, shortened."""
    return shortened(json.dumps(jsonable(value), ensure_ascii=False), LONGEST_VALUE)


def printable(text: str) -> str:
    """Return *text* without halves of characters, and control characters, which could steer a terminal.

    What a log of GitHub Actions would take for a command ("::error::…") is no longer one.
    """
    return _COMMAND.sub("\\1\N{ZERO WIDTH SPACE}\\2", _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text))


def shortened(text: str, most: int) -> str:
    """Return *text*, cut after *most* characters and saying so."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"
