"""The list at the end of a run that failed: what did not pass, short enough for the last screen. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tally.values import dataclass
from verifier.reporting.failures import Failure, failures_of, replayed
from verifier.reporting.terminal import MARKS, cut
from verifier.reporting.wording import case_title, reason
from verifier.results.result import CaseOutcome, ContractResult, Report

_MOST_CONTRACTS = 6
_MOST_LINES = 12
_MOST_PROBLEMS = 3
_LONGEST = 160
_ORDER = (CaseOutcome.FAILED, CaseOutcome.FLAKY, CaseOutcome.NOT_CHECKED)


@dataclass(frozen=True)
class ClosingLine:
    """A line, and its colour; None for a plain one."""

    text: str
    colour: str | None = None


def closing_list(report: Report) -> Iterator[ClosingLine]:
    """Yield what makes the run fail: the interactions by contract, and the problems. Nothing if it passed."""
    failing = [failures for verified in report.contracts if (failures := _counted(verified))]
    # Those with a broken contract first: what is beyond the end of the list weighs less.
    failing.sort(key=lambda failures: _weight(failures[0]))
    names = Counter(verified.contract.name for verified in report.contracts)
    for failures in failing[:_MOST_CONTRACTS]:
        contract = failures[0].verified.contract
        # Its source, which may be long, is above; it tells apart what has one name.
        yield ClosingLine(
            f"  {contract.name}" + (f" ({contract.source})" if names[contract.name] > 1 else "")
        )
        yield from _interaction_lines(failures, max(_MOST_LINES // len(failing), 1))
    if len(failing) > _MOST_CONTRACTS:
        left = sum(map(len, failing[_MOST_CONTRACTS:]))
        yield ClosingLine(f"  and {len(failing) - _MOST_CONTRACTS} more contracts with {_interactions(left)}")
    yield from _problem_lines(report.problems)


def _counted(verified: ContractResult) -> list[Failure]:
    """Return the failures of a contract that are not pending, broken ones first."""
    failures = failures_of(verified)
    return sorted((each for each in failures if each.outcome is not CaseOutcome.PENDING), key=_weight)


def _weight(failure: Failure) -> int:
    return _ORDER.index(failure.outcome)


def _interaction_lines(failures: Sequence[Failure], most: int) -> Iterator[ClosingLine]:
    own = replayed(failures)
    left_out = len(failures) - len(own)
    for failure in own[:most]:
        mark, colour = MARKS[failure.outcome]
        said = cut(f"{case_title(failure.result.case)}: {reason(failure.result)}", _LONGEST)
        yield ClosingLine(f"    {mark} {' '.join(said.split())}", colour)
    if len(own) > most:
        yield ClosingLine(
            f"    and {len(own) - most} more of {len(failures[0].verified.contract.cases)} interactions"
        )
    if left_out:
        mark, colour = MARKS[CaseOutcome.NOT_CHECKED]
        yield ClosingLine(f"    {mark} {_interactions(left_out)} not replayed", colour)


def _problem_lines(problems: Sequence[str]) -> Iterator[ClosingLine]:
    for problem in problems[:_MOST_PROBLEMS]:
        yield ClosingLine(f"  {cut(' '.join(problem.split()), _LONGEST)}", "red")
    if len(problems) > _MOST_PROBLEMS:
        yield ClosingLine(f"  and {len(problems) - _MOST_PROBLEMS} more problems, named above")


def _interactions(count: int) -> str:
    return "1 interaction" if count == 1 else f"{count} interactions"
