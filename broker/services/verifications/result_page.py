"""The page of a result: what failed in this run."""

from collections.abc import Mapping, Sequence

from broker.domain.errors import NotFoundError
from broker.domain.insights.measured import measured
from broker.domain.overview.pact_page import JudgedInteraction, PactResult, Surroundings, in_order
from broker.domain.overview.result_page import Compared, EqualFailures, compared, equal_failures
from broker.domain.pacts.pact import PublishedPact
from broker.domain.pagination import Page, PartOfList
from broker.services.pacts.pact_page import judge
from broker.services.pacts.readings import READINGS
from broker.storage.storage import Storage
from tally.values import dataclass

ON_A_PAGE = 100
_MOST_RESULTS = 12


@dataclass(frozen=True)
class ResultPage:
    """A result of a pact, what failed in it, and the run of the same branch before it.

    *durations* are in milliseconds, by the ids of the interactions, as far as the result tells them.
    *verified_by* is JSON as the verifier sent it.
    """

    pact: PublishedPact
    around: Surroundings
    result: PactResult
    verified_by: bytes | None
    failures: Sequence[EqualFailures]
    part: PartOfList[JudgedInteraction]
    counts: Mapping[str, int]
    durations: Mapping[str, float]
    before: PactResult | None
    compared: Compared | None

    @property
    def total(self) -> int:
        """How many interactions there are."""
        return self.part.total

    @property
    def duration(self) -> float | None:
        """How long all interactions took together, in milliseconds; None when the result does not tell."""
        return sum(self.durations.values()) if self.durations else None


def result_page(storage: Storage, pact: PublishedPact, number: int | None, page_number: int) -> ResultPage:
    """Return the page of a result of the pact; without a number, of the newest. Raises NotFoundError."""
    results = storage.pact_pages.results(pact, _MOST_RESULTS, number)
    result = next((each for each in results if number in {None, each.number}), None)
    if result is None:
        raise NotFoundError(
            f"No verification result with number {number} found for this pact"
            if number is not None
            else "This pact has not been verified yet"
        )
    details = storage.pact_pages.details(result)
    read = READINGS.of(pact.text)
    judged = judge(read, result, details.test_results, details.failure)
    before = next(
        (each for each in results if each.number < result.number and each.branch == result.branch), None
    )
    page = Page(page_number, ON_A_PAGE)
    ordered = in_order(judged, by_path=False)
    return ResultPage(
        pact=pact,
        around=storage.pact_pages.surroundings(pact),
        result=result,
        verified_by=details.verified_by,
        failures=equal_failures(judged),
        part=PartOfList(ordered[page.offset : page.offset + page.size], len(ordered), page),
        counts=_counts(judged),
        durations=_durations(judged, details.test_results),
        before=before,
        compared=_compared(storage, result, before),
    )


def _counts(judged: Sequence[JudgedInteraction]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for item in judged:
        found[item.verdict] = found.get(item.verdict, 0) + 1
    return found


def _durations(judged: Sequence[JudgedInteraction], test_results: bytes | None) -> Mapping[str, float]:
    told: dict[str, float] = {}
    for each in measured(test_results):
        if each.milliseconds is not None:
            told[each.identity] = told.get(each.identity, 0) + each.milliseconds
    found = {}
    for item in judged:
        names = (item.read.id, item.read.interaction.description)
        duration = next((told[name] for name in names if name in told), None)
        if duration is not None:
            found[item.read.anchor] = duration
    return found


def _compared(storage: Storage, result: PactResult, before: PactResult | None) -> Compared | None:
    if before is None or (result.failure is None and before.failure is None):
        return None
    numbers = [each.number for each in (result, before) if each.failure]
    failed = storage.failed_results.with_interactions(numbers)
    return compared(failed.get(result.number), failed.get(before.number))
