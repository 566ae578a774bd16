"""The failures of a run as text: in full, or in short when there were many before."""

import shutil
from collections.abc import Sequence

from tally.matching import Mismatch
from tally.matching.comparison import ComparisonRow, around_differences
from verifier.reporting.failures import Failure, alike
from verifier.reporting.origin import curl_lines, origin_lines
from verifier.reporting.terminal import MARKS, cut, write
from verifier.reporting.wording import (
    case_title,
    compared_bodies,
    grouped,
    place,
    received_lines,
    sent_lines,
    shown,
    worth_showing,
)
from verifier.results.result import CaseOutcome, CaseResult

_WIDTH = 12
_CONTEXT = 3
_SHORT = 40
_MOST_ROWS = 60
_NARROWEST = 24
_MOST_IN_FULL = 20
_MOST_OTHERS = 5


def write_failures(failures: Sequence[Failure], *, verbose: bool) -> None:
    """Write each failure once; those that say the same are counted, unless *verbose*.

    The first ones are written with request, answer and bodies, the others with their mismatches alone.
    """
    groups = [[failure] for failure in failures] if verbose else alike(failures)
    for number, (first, *others) in enumerate(groups, 1):
        in_full = verbose or number <= _MOST_IN_FULL
        _write_heading(number, first)
        (_write_in_full if in_full else _write_in_short)(first.result)
        _write_others(first, others)
    if len(groups) > _MOST_IN_FULL and not verbose:
        write(f"\nAfter {_MOST_IN_FULL}), failures are written in short: --verbose writes all in full.")


def _write_heading(number: int, failure: Failure) -> None:
    outcome = failure.outcome
    kind = "" if outcome is CaseOutcome.FAILED else f" [{outcome.value}]"
    heading = f"\n{number}) {failure.verified.contract.name}{kind}\n   {case_title(failure.result.case)}"
    write(heading, MARKS[outcome][1])


def _write_in_full(result: CaseResult) -> None:
    if result.problem:
        _write_part("problem", result.problem.splitlines())
    for mismatch, further in grouped(result.mismatches):
        _write_mismatch(mismatch, further)
    if result.sent:
        _write_part("sent", sent_lines(result.sent))
    rows = compared_bodies(result)
    if result.received:
        _write_part("received", received_lines(result.received, body=not rows))
    if rows:
        _write_comparison(rows if len(rows) <= _SHORT else around_differences(rows, _CONTEXT))
    if result.sent:
        _write_part("reproduce", curl_lines(result))
    if origin := list(origin_lines(result)):
        _write_part("generated", origin)


def _write_in_short(result: CaseResult) -> None:
    if result.problem:
        write(f"     {result.problem}")
    for mismatch, further in grouped(result.mismatches):
        write(f"     {place(mismatch)}: {mismatch.message}")
        if further:
            write(f"     {further}")
    for line in curl_lines(result):
        write(f"     {line}", "bright_black")


def _write_others(first: Failure, others: Sequence[Failure]) -> None:
    """Write how many other cases fail in the same way, and which, as far as that is short."""
    if not others:
        return
    count = "1 other interaction" if len(others) == 1 else f"{len(others)} other interactions"
    write(f"\n   The same in {count}:", bold=True)
    for failure in others[:_MOST_OTHERS]:
        contract = failure.verified.contract
        of = "" if contract is first.verified.contract else f" ({contract.name})"
        write(f"     {case_title(failure.result.case)}{of}")
    if len(others) > _MOST_OTHERS:
        write(f"     and {len(others) - _MOST_OTHERS} more: --verbose writes each in full")


def _write_mismatch(mismatch: Mismatch, further: str) -> None:
    write(f"\n   {place(mismatch)}", bold=True)
    write(f"     {mismatch.message}")
    if worth_showing(mismatch):
        write(f"     expected  {shown(mismatch.expected)}", "green")
        write(f"     actual    {shown(mismatch.actual)}", "red")
    if further:
        write(f"     {further}")


def _write_comparison(rows: Sequence[ComparisonRow | None]) -> None:
    """Write both bodies side by side with the differences marked; long lines are cut."""
    half = max((shutil.get_terminal_size((110, 24)).columns - 8) // 2, _NARROWEST)
    write(f"\n     {'expected body':<{half}} received body", bold=True)
    for row in rows[:_MOST_ROWS]:
        if row is None:
            write("     ⋮", "bright_black")
        else:
            mark = "✗" if row.differs else " "
            line = f"   {mark} {cut(row.expected, half):<{half}} {cut(row.actual, half)}".rstrip()
            write(line, "red" if row.differs else None)
    if len(rows) > _MOST_ROWS:
        write("     ⋮ and more: --html FILE shows them all", "bright_black")


def _write_part(name: str, lines: list[str]) -> None:
    first, *rest = lines or [""]
    write(f"\n   {name:<{_WIDTH}}{first}")
    for line in rest:
        write(f"   {'':<{_WIDTH}}{line}".rstrip())
