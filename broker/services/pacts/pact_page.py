"""The page of a pact: what the consumer expects, and whether it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
    *raw* is the JSON of a document that is no pact; *reason* says why it is none.
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
    standing: Standing | None = None
    """How the integration stands on main, if it is this pact that counts there, and no result was chosen."""

    @property
    def status(self) -> PactStatus:
        """The verdict of the result that is shown; of the pact that counts on main, the one of all pages."""
        if self.standing:
            return self.standing.verdict
        return self.shown.status if self.shown else PactStatus.NEVER

    @property
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
    """Return the page of a pact, with four statements; interactions that failed come first.

    *chosen* is the number of the result to judge by. Raises NotFoundError when the pact has no such result.
    """
    around = storage.pact_pages.surroundings(pact)
    results = storage.pact_pages.results(pact, MOST_RESULTS, chosen)
    shown = shown_result(results, chosen)
    if chosen is not None and shown is None:
        raise NotFoundError(f"No verification result with number {chosen} found for this pact")
    main = storage.standings.between(pact.consumer, pact.provider) if chosen is None else None
    standing = main if main and main.consumer_version == pact.version else None
    read = READINGS.of(pact.text)
    if read.reason is not None:
        nothing = PartOfList[JudgedInteraction]([], 0, Page(1, ON_A_PAGE))
        return PactPage(
            pact,
            around,
            results,
            shown,
            [],
            nothing,
            reason=read.reason,
            raw=raw_text(read.document),
            standing=standing,
        )
    details = storage.pact_pages.details(shown) if shown else ResultDetails()
    judged = judge(read, shown, details.test_results, details.failure)
    found = in_order([item for item in judged if wanted.fits(item)], by_path=len(judged) > MOST_IN_ORDER)
    page = Page(part.number or _page_with(found, part.containing), ON_A_PAGE)
    listed = PartOfList(found[page.offset : page.offset + page.size], len(found), page)
    return PactPage(
        pact,
        around,
        results,
        shown,
        judged,
        listed,
        specification=read.specification,
        standing=standing,
    )


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
