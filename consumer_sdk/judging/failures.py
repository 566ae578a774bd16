"""What a failing test says: the request that was sent, beside the closest one that is declared."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import unquote, urlencode

from consumer_sdk.judging.comparing import Comparison
from consumer_sdk.judging.exchanges import ReceivedRequest
from consumer_sdk.judging.expected import Expected
from tally.matching import Mismatch
from tally.matching.comparison import ComparisonRow, around_differences, compared, compared_texts
from tally.pact import HttpInteraction, Presence, read_body

DIFFERS = "≠"
"""Begins a line whose two sides differ; such lines are in colour on a terminal."""
BAR = "│"
_NOISE = frozenset({"accept-encoding", "connection", "content-length", "host", "user-agent"})
_WIDEST = 60
_NARROWEST = 16
_LONGEST_LINE = 400
_CONTEXT = 2
_MOST_REQUESTS = 20
_MOST_DECLARED = 10


@dataclass(frozen=True)
class Exchange:
    """A request that came, and the interaction that it was taken for; None when it was none."""

    request: ReceivedRequest
    taken_for: Expected | None


def unexpected_text(
    request: ReceivedRequest,
    comparisons: Sequence[Comparison],
    expected: Sequence[Expected],
    exchanges: Sequence[Exchange],
    test: str,
) -> str:
    """Return the text for a request that is not declared as it was sent."""
    closest = min(range(len(comparisons)), key=lambda index: comparisons[index].distance)
    found = comparisons[closest]
    meant = expected[closest] if found.is_alike else None
    if found.is_alike:
        lines = [f"Sent, but not as declared: {_line(request)}", f"  test      {test}", *_from(request)]
        lines += [f"  closest   {title(found.interaction)}", *_declared_at(expected[closest])]
        lines += ["", *_differences(found)]
    else:
        lines = [f"Sent, but not declared: {_line(request)}", f"  test      {test}", *_from(request)]
        lines += _parts(request)
        lines += _known(expected)
    lines += _all_received(exchanges)
    lines += _unsent([each for each in expected if each is not meant], exchanges)
    return "\n".join([*lines, "", "Correct the code, or declare what it sends."])


def missing_text(missing: Iterable[Expected], exchanges: Sequence[Exchange], test: str) -> str:
    """Return the text for declared requests that were not sent."""
    lines = []
    for each in missing:
        lines += [f"Declared, but not sent: {title(each.interaction)}", *_declared_at(each)]
    lines += [f"  test      {test}"]
    lines += _all_received(exchanges)
    remedy = "Let the code send it before the `with` ends, or do not declare it in this test."
    return "\n".join([*lines, "", remedy])


def late_text(request: ReceivedRequest, expected: Sequence[Expected], test: str) -> str:
    """Return the text for a request that came after the `with` had ended."""
    lines = [
        f"Sent after the `with` had ended: {_line(request)}",
        f"  test      {test}",
        *_from(request),
        *_known(expected),
        "",
    ]
    remedy = (
        "Nothing answers it any more, and nothing records it: send it inside the `with`, and let background "
        "work of the code (threads, tasks, retries) finish before the `with` ends."
    )
    return "\n".join([*lines, remedy])


def title(interaction: HttpInteraction) -> str:
    """Return the method, the path and the query of a declared request, with its description and states."""
    request = interaction.request
    pairs = [(name, value or "") for name, values in request.query.items() for value in values]
    path = request.path + (f"?{unquote(urlencode(pairs))}" if pairs else "")
    states = " and ".join(state.name for state in interaction.states)
    given = f" given {states}" if states else ""
    return _printable(f'{request.method} {path} ("{interaction.description}"{given})')


def _line(request: ReceivedRequest) -> str:
    return _printable(f"{request.method} {_short(unquote(request.target))}")


def _from(request: ReceivedRequest) -> list[str]:
    return [f"  by        {request.sender}"] if request.sender else []


def _declared_at(expected: Expected) -> list[str]:
    return [f"  declared  {expected.declared_at}"] if expected.declared_at else []


def _known(expected: Sequence[Expected]) -> list[str]:
    known = [f"  declared is  {title(each.interaction)}" for each in expected[:_MOST_DECLARED]]
    more = len(expected) - _MOST_DECLARED
    return [*known, f"  and {more} more"] if more > 0 else known


def _parts(request: ReceivedRequest) -> list[str]:
    headers = sorted((name, value) for name, value in request.headers if name.lower() not in _NOISE)
    lines = [f"  header {name}: {_short(value)}" for name, value in headers]
    return [*lines, f"  body: {_short(_body_text(request))}"] if request.body else lines


def _body_text(request: ReceivedRequest) -> str:
    value = read_body(request.body, request.header("content-type")).value
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return f"{len(value)} bytes"
    if isinstance(value, str) and "\0" in value:
        return f"{len(request.body)} bytes"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _differences(found: Comparison) -> list[str]:
    """Return what differs: the parts side by side, and for each difference the sentence of the engine."""
    rows = [_row(each) for each in found.mismatches if each.kind != "body" or not _is_structured(found)]
    body = _body_rows(found)
    sides = [(row.expected, row.actual) for row in (*rows, *(row for row in body if row))]
    width = min(max([_NARROWEST, *(len(one) for one, _ in sides)]), _WIDEST)
    lines = [f"    {'declared':<{width}} {BAR} sent"]
    lines += [_side_by_side(row, width) for row in rows]
    lines += [f"    {'…':<{width}} {BAR}" if row is None else _side_by_side(row, width) for row in body]
    return [*lines, "", *(f"  {_sentence(each)}" for each in found.mismatches)]


def _row(mismatch: Mismatch) -> ComparisonRow:
    place = _place(mismatch)
    return ComparisonRow(f"{place}: {_value(mismatch.expected)}", _value(mismatch.actual), differs=True)


def _place(mismatch: Mismatch) -> str:
    if mismatch.kind == "body-type":
        return "content type"
    if mismatch.kind in {"method", "path"} or not mismatch.path:
        return mismatch.kind
    return f"{mismatch.kind} {mismatch.path}"


def _sentence(mismatch: Mismatch) -> str:
    return f"{_place(mismatch)}: {_short(mismatch.message)}"


def _value(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, tuple | list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _is_structured(found: Comparison) -> bool:
    """Whether the bodies are shown whole, side by side: JSON, or text of several lines."""
    expected, actual = found.interaction.request.body, found.actual.body
    if (expected.presence, actual.presence) != (Presence.PRESENT, Presence.PRESENT):
        return False
    values = (expected.value, actual.value)
    both_json = all(isinstance(value, dict) for value in values) or all(isinstance(v, list) for v in values)
    return both_json or all(isinstance(value, str) and "\n" in value for value in values)


def _body_rows(found: Comparison) -> list[ComparisonRow | None]:
    places = frozenset(each.path for each in found.mismatches if each.kind == "body")
    if not places or not _is_structured(found):
        return []
    expected, actual = found.interaction.request.body.value, found.actual.body.value
    rows = (
        compared_texts(expected, actual) if isinstance(expected, str) else compared(expected, actual, places)
    )
    return around_differences(rows, _CONTEXT)


def _side_by_side(row: ComparisonRow, width: int) -> str:
    mark = DIFFERS if row.differs else " "
    return f"  {mark} {_cut(row.expected, width):<{width}} {BAR} {_cut(row.actual, _WIDEST)}".rstrip()


def _cut(text: str, width: int) -> str:
    text = _printable(text.replace("\r\n", "\n").replace("\n", "⏎"))
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _printable(text: str) -> str:
    """Return *text* with its control characters spelt: a terminal would obey them."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in text)


def _short(text: str) -> str:
    text = _printable(text[: _LONGEST_LINE + 1]) + text[_LONGEST_LINE + 1 :]
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}… ({len(text)} characters)"


def _all_received(exchanges: Sequence[Exchange]) -> list[str]:
    if not exchanges:
        return ["", "No request was received."]
    groups = list(_repeated(exchanges))
    lines = ["", f"Received ({len(exchanges)}):"]
    for exchange, count in groups[-_MOST_REQUESTS:]:
        said = "not declared so" if exchange.taken_for is None else "as declared"
        name = "" if exchange.taken_for is None else f' ("{exchange.taken_for.interaction.description}")'
        times = f", {count} times" if count > 1 else ""
        by = f"   {exchange.request.sender.line}" if exchange.request.sender else ""
        lines.append(f"  {_line(exchange.request)}   {said}{name}{times}{by}")
    more = len(groups) - _MOST_REQUESTS
    return [*lines, f"  and {more} more before these"] if more > 0 else lines


def _repeated(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, int]]:
    """Yield exchanges, those that follow each other and are the same once, with their number."""
    for _, same in groupby(exchanges, lambda each: (each.request, each.taken_for)):
        first, *others = same
        yield first, 1 + len(others)


def _unsent(expected: Sequence[Expected], exchanges: Sequence[Exchange]) -> list[str]:
    sent = [exchange.taken_for for exchange in exchanges]
    missing = [each for each in expected if not any(each is one for one in sent)]
    lines = [f"Declared, but not sent: {title(each.interaction)}" for each in missing]
    return ["", *lines] if lines else []
