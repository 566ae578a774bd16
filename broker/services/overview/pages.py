"""The contents of the pages, before they become HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from broker.domain.model import Version
from broker.domain.overview.summaries import (
    ResultSummary,
    VerifiedPact,
    VersionInEnvironment,
    VersionPact,
)
from broker.domain.pacts.pact import PublishedPact
from broker.domain.pacts.publication import LISTS
from broker.domain.pagination import Page, PartOfList
from broker.domain.readable_json import lines
from broker.domain.scenarios.result import ScenarioResult
from broker.domain.service_contracts.compatibility import ListedCompatibility
from broker.domain.service_contracts.reading import parsed
from broker.domain.service_contracts.service_contract import PublishedServiceContract, ServiceContractResult
from broker.domain.verifications.interaction_outcomes import InteractionOutcome, InteractionOutcomes, outcomes
from broker.domain.verifications.result import Verification
from broker.services.pacticipants import pacticipants
from broker.services.service_contracts import comparisons, compatibility, service_contracts
from broker.services.service_contracts.comparisons import ComparisonsOfVersion
from broker.services.verifications import results
from broker.storage.storage import Storage
from tally.errors import InvalidContractError
from tally.hashing import parse_exactly
from tally.pact import Interaction, parse_pact
from tally.service_contract.model import Example, MessageExample, Operation

MOST_SCENARIOS = 5
MOST_RESULTS = 10
MOST_VERIFIED = 100
MOST_COMPARED = 100
MOST_COMPATIBILITIES = 20
MOST_INTERACTIONS = 100
MOST_LINES = 5_000
LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class ServiceContractView:
    """A document of a version; *operations* has the outcome of each example."""

    published: PublishedServiceContract
    result: ServiceContractResult | None
    operations: Sequence[tuple[Operation, Sequence[tuple[Example | MessageExample, InteractionOutcome]]]]


@dataclass(frozen=True)
class VersionPage:
    """One version: its contracts, the pacts that it has verified, and its environments.

    *compared* is what came of comparing its service contract with pacts, *compatibilities* with other
    versions of it.
    """

    version: Version
    places: Sequence[VersionInEnvironment]
    pacts: Sequence[VersionPact]
    verified: Sequence[VerifiedPact]
    contracts: Sequence[ServiceContractView]
    scenarios: Sequence[ScenarioResult]
    compared: ComparisonsOfVersion | None
    compatibilities: PartOfList[ListedCompatibility] | None


@dataclass(frozen=True)
class PactPage:
    """One pact with its results, newest first, and a part of its interactions.

    *shown* is the result by which the interactions are marked: the newest, or one that *is_chosen*. *raw* is
    the JSON of that part when it is no pact.
    """

    pact: PublishedPact
    version: Version
    results: Sequence[ResultSummary]
    shown: Verification | None
    is_chosen: bool
    interactions: PartOfList[tuple[Interaction, InteractionOutcome]]
    raw: str | None


def version(storage: Storage, name: str, number: str) -> VersionPage:
    """Return the page of a version. Raises NotFoundError."""
    found = pacticipants.find_version(storage, name, number)
    contracts = [_service_contract(storage, found, item) for item in service_contracts.all_of(storage, found)]
    return VersionPage(
        found,
        storage.summaries.places_of([found.id]),
        storage.summaries.pacts_of(found),
        storage.summaries.verified_by(found, MOST_VERIFIED),
        contracts,
        storage.scenario_results.of_version(found, Page(1, MOST_SCENARIOS)).items,
        comparisons.of_version(storage, name, number, Page(1, MOST_COMPARED)) if contracts else None,
        compatibility.of_version(storage, name, number, Page(1, MOST_COMPATIBILITIES)) if contracts else None,
    )


def pact(storage: Storage, found: PublishedPact, number: int, chosen: int | None = None) -> PactPage:
    """Return a pact with its results, and one page of its interactions, by the result *chosen* if given.

    Raises NotFoundError when the pact has no such result.
    """
    content = storage.verification_results.content(found.consumer, found.provider, found.sha)
    if content and chosen is not None:
        shown: Verification | None = results.find_result(storage, content, chosen)
    else:
        shown = storage.verification_results.latest(content) if content else None
    of_interactions = outcomes(shown.test_results if shown else None)
    document, total = _part_of(parse_exactly(found.text), of_interactions, Page(number, MOST_INTERACTIONS))
    interactions = _interactions(document, of_interactions)
    return PactPage(
        found,
        pacticipants.find_version(storage, found.consumer, found.version),
        storage.summaries.results_of(content, MOST_RESULTS) if content else [],
        shown,
        chosen is not None,
        PartOfList(interactions or [], total, Page(number, MOST_INTERACTIONS)),
        None if interactions is not None else _raw(document),
    )


def _part_of(document: Any, results: InteractionOutcomes, page: Page) -> tuple[Any, int]:
    """Return the document with the interactions and messages of one page, and how many it has in all.

    Where they do not fit on one page, the failed ones come first.
    """
    if not isinstance(document, dict):
        return document, 0
    part, total = dict(document), 0
    for key in LISTS:
        items = document.get(key)
        if isinstance(items, list):
            if len(items) > page.size:
                items = sorted(items, key=lambda item: not _has_failed(item, results))
            first = max(0, page.offset - total)
            part[key] = items[first : max(0, page.offset + page.size - total)]
            total += len(items)
    return part, total


def _has_failed(item: object, results: InteractionOutcomes) -> bool:
    if not isinstance(item, dict):
        return False
    return results.of(str(item.get("_id", "")), str(item.get("description", ""))).success is False


def _raw(document: object) -> str:
    shown = list(islice(lines(document, longest=LONGEST_TEXT), MOST_LINES + 1))
    return "\n".join([*shown[:MOST_LINES], "…"] if len(shown) > MOST_LINES else shown)


def _interactions(
    document: object, results: InteractionOutcomes
) -> list[tuple[Interaction, InteractionOutcome]] | None:
    """Return each interaction with its outcome; None for a document that is no pact."""
    try:
        parsed = parse_pact(document)
    except InvalidContractError:
        return None
    return [(item, results.of(item.id, item.description)) for item in parsed.interactions]


def _service_contract(
    storage: Storage, version: Version, published: PublishedServiceContract
) -> ServiceContractView:
    content = published.content
    result = storage.service_contracts.latest_result_of(
        content.id, version
    ) or storage.service_contracts.latest_result(content)
    results = outcomes(result.test_results if result else None)
    operations = parsed(content.document).operations
    return ServiceContractView(
        published, result, [(operation, _examples(operation, results)) for operation in operations]
    )


def _examples(
    operation: Operation, results: InteractionOutcomes
) -> list[tuple[Example | MessageExample, InteractionOutcome]]:
    return [(example, results.of(f"{operation.id}/{example.name}", "")) for example in operation.examples]
