"""What failed in a result, since when, and which change brought it."""

from collections.abc import Sequence

from broker.domain.errors import NotFoundError
from broker.domain.overview.failure_origin import Changed, Origin, PastResults
from broker.domain.overview.interaction_history import ResultOfPair
from broker.domain.overview.pact_page import JudgedInteraction, PactResult
from broker.domain.pacts.pact import PublishedPact
from broker.domain.pagination import Page, PartOfList
from broker.services.pacts.pact_page import judge
from broker.services.pacts.readings import READINGS
from broker.storage.storage import Storage
from tally.values import dataclass

_MOST_RESULTS = 300
"""How many of the newest results of the pair are looked through for the one that passed last."""


@dataclass(frozen=True)
class FailedInteractionWithOrigin:
    """An interaction that failed, and what changed before it did."""

    judged: JudgedInteraction
    origin: Origin


@dataclass(frozen=True)
class ResultFailures:
    """What failed in a result; *origin* is that of the result as a whole. A success has no failures."""

    pact: PublishedPact
    result: PactResult
    origin: Origin | None
    part: PartOfList[FailedInteractionWithOrigin]


def of_result(storage: Storage, pact: PublishedPact, number: int, page: Page) -> ResultFailures:
    """Return what failed in a result of the pact. Raises NotFoundError."""
    results = storage.pact_pages.results(pact, 1, number)
    result = next((each for each in results if each.number == number), None)
    if result is None:
        raise NotFoundError(f"No verification result with number {number} found for this pact")
    if result.failure is None:
        return ResultFailures(pact, result, None, PartOfList([], 0, page))
    details = storage.pact_pages.details(result)
    judged = judge(READINGS.of(pact.text), result, details.test_results, details.failure)
    failed = [item for item in judged if item.verdict == "failed"]
    past = _past(storage, pact)
    shown = [
        FailedInteractionWithOrigin(item, _origin(past, number, item))
        for item in failed[page.offset : page.offset + page.size]
    ]
    return ResultFailures(pact, result, _whole(past, result, failed), PartOfList(shown, len(failed), page))


def _past(storage: Storage, pact: PublishedPact) -> PastResults:
    around = storage.pact_pages.surroundings(pact)
    results: Sequence[ResultOfPair] = storage.pair_history.results(
        around.consumer_id, around.provider_id, size=_MOST_RESULTS, skipped=0
    )
    contents = {result.content_id for result in results}
    return PastResults(results, storage.failed_results.outlines(contents))


def _origin(past: PastResults, number: int, item: JudgedInteraction) -> Origin:
    if item.since is None:
        return Origin(Changed.UNKNOWN)
    return past.origin(number, item.since.result, item.read.key)


def _whole(past: PastResults, result: PactResult, failed: Sequence[JudgedInteraction]) -> Origin | None:
    """Return the origin of a result that does not tell its interactions apart; None for others."""
    return (
        None
        if failed or result.failure is None
        else past.origin(result.number, result.failure.since.result, None)
    )
