"""The page of a service contract: what a version promises, whether it keeps it, and who needs which of it."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

import orjson

from broker.domain.decisions.comparisons import ListedComparison
from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.errors import NotFoundError
from broker.domain.insights.coverage import covered
from broker.domain.pagination import Page, PartOfList
from broker.domain.service_contracts.compatibility import ListedCompatibility, StoredCompatibility
from broker.domain.service_contracts.documents import ContractHead, DocumentInSet, DocumentSet
from broker.domain.service_contracts.needs import operation_key
from broker.domain.service_contracts.policy import Policy
from broker.domain.service_contracts.reading import parsed
from broker.domain.service_contracts.service_contract import ListedContractResult, ServiceContractResult
from broker.domain.verifications.interaction_outcomes import InteractionOutcome, InteractionOutcomes, outcomes
from broker.services.service_contracts import service_contracts
from broker.services.usage import ask
from broker.services.usage.ask import PlaceUsers, UsesByOperation
from broker.storage.storage import Storage
from tally.errors import InvalidContractError
from tally.service_contract.model import Example, MessageExample, Operation
from tally.values import dataclass

Place = tuple[str, str]
"""The names of a service and of a version of it."""
OutcomeOfExample = tuple[Example | MessageExample, InteractionOutcome]


@dataclass(frozen=True)
class Promise:
    """An operation with the outcomes of its examples; *is_covered* when a result is about it."""

    operation: Operation
    examples: Sequence[OutcomeOfExample]
    is_covered: bool

    @property
    def failed(self) -> int:
        """How many of its examples failed."""
        return sum(outcome.success is False for _, outcome in self.examples)


@dataclass(frozen=True)
class Operations:
    """The operations of a document: a part of those that were asked for, failed ones first.

    *result* is the newest that this version has of the document, or else that anybody has. *unreadable* says
    why the document of an older release cannot be read.
    """

    of: ContractHead
    chosen: DocumentInSet
    part: PartOfList[Promise]
    total: int
    failed: int = 0
    covered: int = 0
    examples: int = 0
    result: ServiceContractResult | None = None
    unreadable: str = ""


@dataclass(frozen=True)
class Compared:
    """How the documents compare with those of other versions; *shown* is the one whose changes are listed."""

    of: ContractHead
    part: PartOfList[ListedCompatibility]
    policy: Policy
    shown: StoredCompatibility | None


@dataclass(frozen=True)
class ComparedWithPacts:
    """How pacts fit the documents, the worst first; *waiting* are still to be compared.

    *shown* is the number of the one whose *findings* are listed: JSON as `tally compare` prints it.
    """

    of: ContractHead
    part: PartOfList[ListedComparison]
    policy: Policy
    waiting: int
    shown: int | None = None
    findings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Usage:
    """Who uses which operation, and who uses the place that was asked for; or why nobody can say."""

    of: ContractHead
    operations: UsesByOperation | None
    places: Sequence[PlaceUsers] = ()
    unknown: str = ""


@dataclass(frozen=True)
class Results:
    """The results of the documents, the newest first."""

    of: ContractHead
    part: PartOfList[ListedContractResult]


def operations(storage: Storage, place: Place, name: str, search: str, *, page: Page) -> Operations:
    """Return the operations of a document whose title or id has *search* in it; five statements at most.

    *name* is that of the document; "" is the first. Raises NotFoundError.
    """
    found = _head(storage, place)
    chosen = _document(found.documents, name)
    content = storage.service_contracts.find(found.version.pacticipant, chosen.sha)
    assert content is not None, "the set refers to it"  # noqa: S101 - for mypy
    result = storage.service_contracts.latest_result_of(
        content.id, found.version
    ) or storage.service_contracts.latest_result(content)
    try:
        known = parsed(content.document).operations
    except InvalidContractError as error:
        nothing: PartOfList[Promise] = PartOfList([], 0, page)
        return Operations(
            found, chosen, nothing, chosen.operations_count, unreadable=str(error), result=result
        )
    text = result.test_results if result else None
    keys = {operation_key(operation.id) for operation in known}
    seen, read = covered(keys, [text]), outcomes(text)
    promises = [
        Promise(operation, _examples(operation, read), operation_key(operation.id) in seen)
        for operation in known
    ]
    wanted = sorted(
        (each for each in promises if _is_wanted(each.operation, search)), key=lambda each: not each.failed
    )
    return Operations(
        found,
        chosen,
        PartOfList(wanted[page.offset : page.offset + page.size], len(wanted), page),
        len(promises),
        sum(each.failed > 0 for each in promises),
        len(seen),
        sum(len(each.examples) for each in promises),
        result,
    )


def compatibility(storage: Storage, place: Place, pair: tuple[str, str] | None, page: Page) -> Compared:
    """Return how the documents compare with others, and the changes of one comparison.

    *pair* has the hashes of the later and the earlier content; without one, the first that is not compatible
    is shown. Raises NotFoundError when the two were not compared.
    """
    found = _head(storage, place)
    part = storage.compatibility_lists.of_set(found.version, found.documents.id, page)
    shown = pair or next(
        ((each.sha, each.earlier_sha) for each in part.items if not each.is_compatible), None
    )
    changes = storage.compatibilities.find(found.service, *shown) if shown else None
    if pair and changes is None:
        raise NotFoundError(f"The documents {pair[0]} and {pair[1]} have not been compared")
    return Compared(found, part, storage.service_contract_policies.find(found.service), changes)


def comparisons(storage: Storage, place: Place, number: int | None, page: Page) -> ComparedWithPacts:
    """Return how pacts fit the documents, and what one comparison found: the one with this number.

    Without a number it is the first that does not fit. Raises NotFoundError.
    """
    found = _head(storage, place)
    policy = storage.service_contract_policies.find(found.service)
    part = storage.comparison_lists.worst_of_set(found.documents.id, page, guaranteed=policy.guaranteed)
    waiting = storage.pending_comparisons.waiting(found.documents.id)
    unfit = (each.number for each in part.items if each.verdict is not ComparisonVerdict.COMPATIBLE)
    shown = next(unfit, None) if number is None else number
    if shown is None:
        return ComparedWithPacts(found, part, policy, waiting)
    findings = storage.comparison_lists.findings(found.documents.id, shown)
    if findings is None:
        raise NotFoundError(f"No comparison of these documents has the number {shown}")
    return ComparedWithPacts(found, part, policy, waiting, shown, orjson.loads(findings))


def usage(storage: Storage, place: Place, of: str, page: Page) -> Usage:
    """Return who uses which operations, and who uses the place *of* the documents, if it is not "".

    Raises ValidationError for a place that the documents do not describe.
    """
    found = _head(storage, place)
    try:
        contract = ask.contract_of(storage, found.version, found.documents)
    except NotFoundError as error:  # the documents say nothing of what the service offers
        return Usage(found, None, unknown=str(error))
    users = ask.users_of(storage, found.service, contract)
    places = ask.users_of_places(storage, found.service, users, [of] if of else [])
    return Usage(found, ask.by_operation(users, page), places)


def results(storage: Storage, place: Place, page: Page) -> Results:
    """Return the results of the documents, whichever version they are of: three statements."""
    found = _head(storage, place)
    return Results(found, storage.contract_result_lists.of_set(found.documents.id, page))


def _is_wanted(operation: Operation, search: str) -> bool:
    said = search.lower()
    return said in operation.title.lower() or said in operation.id.lower()


def _examples(operation: Operation, results_of: InteractionOutcomes) -> list[OutcomeOfExample]:
    found = [(example, results_of.of(f"{operation.id}/{example.name}", "")) for example in operation.examples]
    return sorted(found, key=lambda each: each[1].success is not False)


def _head(storage: Storage, place: Place) -> ContractHead:
    """Return the documents of a version without their texts. Raises NotFoundError."""
    found = storage.contract_heads.find(*place)
    if found is None:
        service_contracts.find_set(storage, *place)  # which says what is missing
        raise NotFoundError(f"{place[0]} {place[1]} has no service contract")
    return found


def _document(documents: DocumentSet, name: str) -> DocumentInSet:
    """Return the document with this name, or the first without one. Raises NotFoundError."""
    if not name:
        return documents.documents[0]
    for each in documents.documents:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in documents.documents)
    raise NotFoundError(f"There is no document {name!r}: there are {names}")
