"""The failures of a run, those together that say the same. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from tally.values import dataclass
from verifier.results.folding import generated_of
from verifier.results.result import CaseOutcome, CaseResult, ContractResult, FailureKind


@dataclass(frozen=True)
class Failure:
    """A case that did not pass, with its contract."""

    verified: ContractResult
    result: CaseResult

    @property
    def outcome(self) -> CaseOutcome:
        """How it counts."""
        return self.verified.outcome(self.result)


def failures_of(*contracts: ContractResult) -> Iterator[Failure]:
    """Yield every case that did not pass, in the order of the run."""
    for verified in contracts:
        for result in verified.results:
            if not result.passed:
                yield Failure(verified, result)


def replayed(failures: Iterable[Failure]) -> list[Failure]:
    """Return those that the run did not leave out."""
    return [failure for failure in failures if failure.result.failure is not FailureKind.NOT_REPLAYED]


def alike(failures: Iterable[Failure]) -> list[Sequence[Failure]]:
    """Return the failures, those together that count alike and have equal mismatches or an equal problem."""
    groups: dict[object, list[Failure]] = {}
    for failure in failures:
        groups.setdefault(_said(failure), []).append(failure)
    return list(groups.values())


def _said(failure: Failure) -> object:
    """Return what a report says of a failure, without what only names the interaction."""
    result = failure.result
    problem = result.problem or ""
    for name in (result.sent.url if result.sent else "", result.case.description):
        problem = problem.replace(name, "") if name else problem
    # Values may not be hashable, and 1 equals True.
    mismatches = tuple(
        (each.kind, each.path, each.message, repr(each.expected), repr(each.actual))
        for each in result.mismatches
    )
    # What was generated is told apart already, by what is special about each request.
    identity = result.case.id if generated_of(result) else None
    return failure.outcome, result.failure, result.runs, problem, mismatches, identity
