"""Who uses what of a service: answered from what was kept when pacts were published."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from threading import Lock

from broker.domain.errors import NotFoundError, ValidationError
from broker.domain.model import Pacticipant, Version
from broker.domain.pagination import Page, PartOfList
from broker.domain.service_contracts import reading
from broker.domain.service_contracts.documents import DocumentSet
from broker.domain.usage import kept_uses
from broker.domain.usage.users import User, Users, in_use
from broker.domain.verifications.consumer_selectors import Search
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage
from tally.errors import InvalidContractError
from tally.service_contract.joining import joined
from tally.service_contract.model import ServiceContract
from tally.usage.declared import declared_places
from tally.usage.index import UsedIndex
from tally.usage.lookup import UnknownPlaceError, find_place
from tally.usage.places import Place
from tally.usage.uses import Uses, anything
from tally.values import dataclass

_ANYWHERE = (Search("deployed"), Search("released"), Search("main-branch"), Search("latest"))
MOST_READ_NOW = 50
"""Contents from before what they use was kept, that one question reads; more may use everything."""
_MOST_KEPT_CONTRACTS = 8
_CONSUMER = "consumer"
"""The role of a document that says what its service needs of others; it offers nothing."""


@dataclass(frozen=True)
class Question:
    """Who uses the *places* of a service, by their texts; with an *environment*, only what is in it counts.

    *version* is the one of the service whose documents describe the places: the newest, when it is None.
    """

    service: str
    places: Sequence[str] = ()
    environment: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class PlaceUsers:
    """Who uses a place."""

    place: Place
    users: Sequence[User]


@dataclass(frozen=True)
class Answer:
    """The version whose documents describe the places, the consumers that were looked at, and their uses."""

    version: str
    environment: str | None
    consumers: Sequence[str]
    places: Sequence[PlaceUsers]


@dataclass(frozen=True)
class OperationUsers:
    """Who uses an operation, and which places of it nobody uses; nobody may use all of it."""

    operation: str
    users: Sequence[User]
    unused: Sequence[Place]

    @property
    def consumers(self) -> Mapping[str, bool]:
        """Whether each consumer uses it for sure, by name."""
        certain: dict[str, bool] = {}
        for user in self.users:
            certain[user.consumer] = certain.get(user.consumer, False) or user.is_certain
        return certain


@dataclass(frozen=True)
class UsesByOperation:
    """A part of the operations of a service's documents with who uses them; *consumers* were looked at."""

    consumers: Sequence[str]
    part: PartOfList[OperationUsers]


@dataclass(frozen=True)
class Unused:
    """The places that nobody uses. What is below another one of them is left out."""

    version: str
    environment: str | None
    consumers: Sequence[str]
    places: Sequence[Place]


def who_uses(storage: Storage, question: Question) -> Answer:
    """Return who uses each of the places.

    Raises NotFoundError for the service, its version, a service contract or an environment that is not there,
    and ValidationError for a place that the documents do not describe.
    """
    provider, version, users = _users(storage, question)
    found = users_of_places(storage, provider, users, question.places)
    return Answer(version.number, question.environment, users.consumers, found)


def users_of_places(
    storage: Storage, provider: Pacticipant, users: Users, texts: Sequence[str]
) -> Sequence[PlaceUsers]:
    """Return who uses each of the places. Raises ValidationError for one that the contract does not have."""
    places = _places(users.contract, texts)
    found = [PlaceUsers(place, users.of(place)) for place in places]
    names = {user.consumer for each in found for user in each.users}
    if names:
        beginnings = {
            name: kept_uses.moments(text) for name, text in storage.usages.beginnings(provider, names).items()
        }
        found = [PlaceUsers(place, users.of(place, beginnings)) for place in places]
    return found


def unused(storage: Storage, question: Question) -> Unused:
    """Return what nobody uses, or may use. Raises NotFoundError as `who_uses` does."""
    _, version, users = _users(storage, question)
    index = UsedIndex(users.used_places())
    found = _unused(declared_places(users.contract), index)
    return Unused(version.number, question.environment, users.consumers, found)


def _unused(places: Iterable[Place], index: UsedIndex) -> list[Place]:
    """Return the places that nobody uses, without those below one of them."""
    found: list[Place] = []
    for place in places:
        if not (found and found[-1].covers(place)) and not index.is_used(place):
            found.append(place)
    return found


def by_operation(users: Users, page: Page) -> UsesByOperation:
    """Return who uses which operations, in the order of the documents."""
    operations = users.contract.operations[page.offset : page.offset + page.size]
    index = UsedIndex(users.used_places(operations))
    found = [
        OperationUsers(
            operation.title,
            users.of(Place(operation.title)),
            _unused(declared_places(replace(users.contract, operations=(operation,))), index),
        )
        for operation in operations
    ]
    return UsesByOperation(users.consumers, PartOfList(found, len(users.contract.operations), page))


def users_of(
    storage: Storage,
    provider: Pacticipant,
    contract: ServiceContract,
    environment: str | None = None,
) -> Users:
    """Return who uses *contract*, a contract of *provider* that need not be published.

    Without an *environment*, what is in any of them counts, and the newest pacts of each consumer: its latest
    one, and that of its main branch. What cannot be resolved is a possible use.
    """
    searches: Sequence[Search] = _ANYWHERE
    if environment is not None:
        searches = (Search("deployed", environment), Search("released", environment))
    found = storage.selected_pacts.find(provider.name, searches)
    pacts = in_use(found.of(searches) if found else [])
    uses = _uses(storage, [pact.content_id for pact in pacts])
    return Users(
        contract,
        [replace(pact, uses=uses[pact.content_id]) for pact in pacts],
        storage.dependents.of(provider, environment),
    )


def _users(storage: Storage, question: Question) -> tuple[Pacticipant, Version, Users]:
    provider = pacticipants.find(storage, question.service, "provider")
    if question.environment is not None and storage.environments.find_by_name(question.environment) is None:
        raise NotFoundError(f"No environment is called {question.environment!r}")
    version = _version(storage, provider, question.version)
    contract = contract_of(storage, version, storage.document_sets.of_version(version))
    return provider, version, users_of(storage, provider, contract, question.environment)


def _version(storage: Storage, provider: Pacticipant, number: str | None) -> Version:
    if number is not None:
        return pacticipants.find_version(storage, provider.name, number)
    newest = storage.usages.newest_documented(provider)
    if newest is None:
        raise NotFoundError(
            f"{provider.name} has no service contract, so nothing says which places it has; publish one with "
            "`tally publish-service-contract`"
        )
    return pacticipants.find_version(storage, provider.name, newest)


def _places(contract: ServiceContract, texts: Sequence[str]) -> list[Place]:
    places, problems = [], []
    for text in texts:
        try:
            places.append(find_place(contract, text))
        except UnknownPlaceError as error:
            problems.append(str(error))
    if problems:
        raise ValidationError({"place": problems})
    return places


def _uses(storage: Storage, content_ids: Sequence[int]) -> Mapping[int, Uses]:
    ids = set(content_ids)
    if not ids:
        return {}
    found = {key: kept_uses.read(text) for key, text in storage.usages.of_contents(ids).items()}
    missing = sorted(ids - found.keys(), reverse=True)
    if missing:
        texts = storage.usages.texts(missing[:MOST_READ_NOW])
        found |= {content_id: kept_uses.uses_in(text) for content_id, text in texts.items()}
    unknown = anything("the pact was published before what pacts use was kept")
    return {content_id: found.get(content_id, unknown) for content_id in ids}


def _parsed(storage: Storage, version: Version, sha: str) -> ServiceContract:
    content = storage.service_contracts.find(version.pacticipant, sha)
    assert content is not None, "the set refers to it"  # noqa: S101 - for mypy
    return reading.parsed(content.document)


# Contracts of services, parsed. They are the same for the same documents, which are known by their hash.

_contracts: "OrderedDict[tuple[str, str], ServiceContract]" = OrderedDict()
_lock = Lock()


def contract_of(storage: Storage, version: Version, documents: DocumentSet | None) -> ServiceContract:
    """Return what the documents of a version offer, as one contract. Raises NotFoundError if nothing."""
    if documents is None:
        raise NotFoundError(f"Version {version.number} of {version.pacticipant} has no service contract")
    key = (version.pacticipant, documents.sha)
    with _lock:
        if key in _contracts:
            _contracts.move_to_end(key)
            return _contracts[key]
    try:
        parsed = {each.name: _parsed(storage, version, each.sha) for each in documents.documents}
        offered = {name: each for name, each in parsed.items() if each.role != _CONSUMER}
        contract = joined(list(offered.values()), list(offered)) if offered else None
    except InvalidContractError as error:  # an earlier release took it
        raise NotFoundError(
            f"The service contract of {version.pacticipant} {version.number} cannot be read: {error}. "
            "Publish it again, with a version of its own"
        ) from error
    if contract is None:
        raise NotFoundError(
            f"The service contract of {version.pacticipant} {version.number} says what it needs of others, "
            "not what it offers"
        )
    with _lock:
        _contracts[key] = contract
        while len(_contracts) > _MOST_KEPT_CONTRACTS:
            _contracts.popitem(last=False)
    return contract
