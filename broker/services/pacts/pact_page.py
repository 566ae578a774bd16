"""The page of a pact: what the consumer expects, and whether it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import islice

from broker.domain.errors import NotFoundError
from broker.domain.overview.pact_page import (
    VERDICTS,
    Filter,
    JudgedInteraction,
    PactResult,
    ResultDetails,
    Surroundings,
    in_order,
    shown_result,
)
from broker.domain.overview.standings import Standing
from broker.domain.overview.summaries import PactStatus
from broker.domain.pacts.pact import PublishedPact
from broker.domain.pacts.reading import ReadContent
from broker.domain.pagination import Page, PartOfList
from broker.domain.readable_json import lines
from broker.domain.verifications import interaction_outcomes
from broker.domain.verifications.failing_since import FailedResult
from broker.domain.verifications.interaction_outcomes import InteractionOutcome, InteractionOutcomes
from broker.services.pacts.readings import READINGS
from broker.storage.storage import Storage
from tally.values import dataclass

MOST_RESULTS = 12
ON_A_PAGE = 50
MOST_IN_ORDER = 12
"""How many interactions are shown in the order in which the pact has them; more are an index by path."""
_MOST_LINES = 5_000
_LONGEST_TEXT = 20_000
_KEPT_RESULTS = 64 * 1024
"""The longest test results whose outcomes are kept, in bytes."""


@dataclass(frozen=True)
class Part:
    """A page of the interactions: its number, or else the one with the interaction *containing*."""

    number: int | None = None
    containing: str = ""


@dataclass(frozen=True)
class PactPage:
    """A pact, its results, newest first, and the interactions that the reader asked for.

    *shown* is the result that the interactions are judged by. *judged* are all interactions in their order.
    *raw* is the JSON of a document that is no pact; *reason* says why it is none. *standings* are how the
    integration stands on main, which comes first, and in environments; *on_main* is the one on main when this
    is the pact that counts there. *comparison* is the number of the one with a service contract that decided.
    """

    pact: PublishedPact
    around: Surroundings
    results: Sequence[PactResult]
    shown: PactResult | None
    judged: Sequence[JudgedInteraction]
    part: PartOfList[JudgedInteraction]
    specification: str = ""
    reason: str | None = None
    raw: str | None = None
    standings: Sequence[Standing] = ()
    on_main: Standing | None = None
    comparison: int | None = None

    @property
    def status(self) -> PactStatus:
        """The verdict on main, if this pact counts there; else that of the result that is shown."""
        if self.on_main is not None:
            return self.on_main.verdict
        return self.shown.status if self.shown else PactStatus.NEVER

    @property
    def newest_results(self) -> Sequence[PactStatus]:
        """The newest results of the integration whatever their versions and contents, the oldest first."""
        return next((each.newest_results for each in self.standings if each.environment is None), ())

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many interactions there are of each verdict."""
        found = dict.fromkeys(VERDICTS, 0)
        for item in self.judged:
            found[item.verdict] += 1
        return found


def pact_page(
    storage: Storage,
    pact: PublishedPact,
    wanted: Filter,
    *,
    chosen: int | None = None,
    part: Part,
) -> PactPage:
    """Return the page of a pact, with six statements at most; interactions that failed come first.

    *chosen* is the number of the result to judge by. Raises NotFoundError when the pact has no such result.
    """
    around = storage.pact_pages.surroundings(pact)
    standings = storage.standings.of_pair(around.consumer_id, around.provider_id)
    on_main = None if chosen is not None else _on_main(standings, pact)
    results = storage.pact_pages.results(pact, MOST_RESULTS, on_main.result if on_main else chosen)
    shown = shown_result(results, on_main.result if on_main else chosen)
    if chosen is not None and shown is None:
        raise NotFoundError(f"No verification result with number {chosen} found for this pact")
    page = PactPage(
        pact,
        around,
        results,
        shown,
        judged=[],
        part=PartOfList([], 0, Page(1, ON_A_PAGE)),
        standings=standings,
        on_main=on_main,
        comparison=_comparison(storage, on_main),
    )
    read = READINGS.of(pact.text)
    if read.reason is not None:
        return replace(page, reason=read.reason, raw=raw_text(read.document))
    details = storage.pact_pages.details(shown) if shown else ResultDetails()
    judged = judge(read, shown, details.test_results, details.failure)
    found = in_order([item for item in judged if wanted.fits(item)], by_path=len(judged) > MOST_IN_ORDER)
    which = Page(part.number or _page_with(found, part.containing), ON_A_PAGE)
    listed = PartOfList(found[which.offset : which.offset + which.size], len(found), which)
    return replace(page, judged=judged, part=listed, specification=read.specification)


def _on_main(standings: Sequence[Standing], pact: PublishedPact) -> Standing | None:
    """Return how the integration stands on main if that is by this pact."""
    return next(
        (each for each in standings if each.environment is None and each.consumer_version == pact.version),
        None,
    )


def _comparison(storage: Storage, on_main: Standing | None) -> int | None:
    if on_main is None or on_main.verdict is not PactStatus.FAILED or on_main.result is not None:
        return None
    content = on_main.pact_version_id
    return None if content is None else storage.pact_pages.incompatible_comparison(content)


def _page_with(items: Sequence[JudgedInteraction], anchor: str) -> int:
    place = next((number for number, item in enumerate(items) if item.read.anchor == anchor), 0)
    return place // ON_A_PAGE + 1


def judge(
    read: ReadContent, result: PactResult | None, test_results: bytes | None, failure: FailedResult | None
) -> list[JudgedInteraction]:
    """Return each interaction with what came of it in a result.

    A success verified all interactions, also those that it does not mention.
    """
    of_interactions = outcomes(test_results)
    unmentioned = InteractionOutcome(True if result and result.success else None)
    judged = []
    for item in read.interactions:
        outcome = of_interactions.of(item.id, item.interaction.description)
        kept = failure.by_id.get(item.id) if failure and outcome.success is False else None
        judged.append(
            JudgedInteraction(
                item, unmentioned if outcome.success is None else outcome, kept.since if kept else None
            )
        )
    return judged


def outcomes(test_results: bytes | None) -> InteractionOutcomes:
    """Return the outcomes in test results; those that were read last need not be read again."""
    if test_results is None or len(test_results) > _KEPT_RESULTS:
        return interaction_outcomes.outcomes(test_results)
    return _kept_outcomes(bytes(test_results))


@lru_cache(maxsize=32)
def _kept_outcomes(test_results: bytes) -> InteractionOutcomes:
    return interaction_outcomes.outcomes(test_results)


def raw_text(document: object) -> str:
    """Return the beginning of a document as indented JSON."""
    shown = list(islice(lines(document, longest=_LONGEST_TEXT), _MOST_LINES + 1))
    return "\n".join([*shown[:_MOST_LINES], "…"] if len(shown) > _MOST_LINES else shown)
