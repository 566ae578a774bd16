"""Who uses a place of a service contract: consumers by their pacts, and by what their own documents need."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime

from broker.domain.service_contracts.needs import offer_of
from broker.domain.verifications.consumer_selectors import Found
from tally.service_contract.model import Operation, ServiceContract
from tally.usage.concerned import by_interaction, concerned_by
from tally.usage.places import Place, UsedPlace, operation_key
from tally.usage.resolving import Resolver
from tally.usage.uses import Uses
from tally.values import dataclass


@dataclass(frozen=True)
class Dependent:
    """A version of a consumer with a document that depends on the provider.

    *key* is of one operation or channel that it needs, *need* what the document calls it; None for a document
    that names none. *environment* is None for the head of a branch.
    """

    consumer: str
    version: str
    position: int
    environment: str | None
    document: str
    created_at: datetime
    key: str | None
    need: str | None


@dataclass(frozen=True)
class UserVersion:
    """A version of a consumer, and the environments that it is in."""

    number: str
    environments: tuple[str, ...]


@dataclass(frozen=True)
class UseOfPlace:
    """An interaction that uses the place. *doubt* says why that is only possible, and is empty otherwise."""

    interaction: str
    doubt: str = ""


@dataclass(frozen=True)
class User:
    """A consumer that uses a place by one contract: a pact with this *sha*, or a *document* of its own.

    *since* is when it was first published that it does; None when nobody knows.
    """

    consumer: str
    versions: tuple[UserVersion, ...]
    uses: tuple[UseOfPlace, ...]
    since: datetime | None = None
    sha: str | None = None
    document: str | None = None

    @property
    def is_certain(self) -> bool:
        """Whether it uses the place for sure."""
        return any(not use.doubt for use in self.uses)


@dataclass(frozen=True)
class PactInUse:
    """A content of a consumer's pact, the versions that have it, and what it uses."""

    consumer: str
    content_id: int
    sha: str
    versions: tuple[UserVersion, ...]
    uses: Uses = field(default_factory=Uses)


def in_use(found: Iterable[Found]) -> list[PactInUse]:
    """Return the contents that were found, by consumer, each once."""
    by_content: dict[tuple[str, int, str], list[Found]] = {}
    for each in found:
        by_content.setdefault((each.consumer, each.pact_version_id, each.sha), []).append(each)
    return [
        PactInUse(
            consumer,
            content_id,
            sha,
            _versions((each.version, each.position, _environment(each)) for each in same),
        )
        for (consumer, content_id, sha), same in sorted(by_content.items(), key=lambda item: item[0])
    ]


def _environment(found: Found) -> str | None:
    return found.name if found.search.kind in {"deployed", "released"} else None


def _versions(found: Iterable[tuple[str, int, str | None]]) -> tuple[UserVersion, ...]:
    environments: dict[tuple[int, str], set[str]] = {}
    for number, position, environment in found:
        known = environments.setdefault((position, number), set())
        if environment:
            known.add(environment)
    newest_first = sorted(environments.items(), reverse=True)
    return tuple(UserVersion(number, tuple(sorted(names))) for (_, number), names in newest_first)


class Users:
    """Answers who uses places of one contract."""

    def __init__(
        self,
        contract: ServiceContract,
        pacts: Sequence[PactInUse],
        dependents: Sequence[Dependent] = (),
    ) -> None:
        self.contract = contract
        self.pacts = pacts
        self.dependents = dependents
        self._resolver = Resolver(contract)
        self._known: dict[tuple[int, str], tuple[UsedPlace, ...]] = {}

    @property
    def consumers(self) -> tuple[str, ...]:
        """The consumers whose contracts were looked at."""
        names = {pact.consumer for pact in self.pacts} | {each.consumer for each in self.dependents}
        return tuple(sorted(names))

    def of(self, place: Place, beginnings: Mapping[str, Mapping[str, int]] | None = None) -> list[User]:
        """Return who uses *place*, by name; *beginnings* has the moments of each consumer's uses."""
        operation = self._operation(place)
        if operation is None:
            return []
        place, known = replace(place, operation=operation.title), beginnings or {}
        users = [
            _user(pact, place, concerned, known.get(pact.consumer, {}))
            for pact in self.pacts
            if (concerned := self._concerned(pact, place, operation))
        ]
        users += _users_by_documents(self._dependents_on(operation))
        return sorted(users, key=lambda user: user.consumer)

    def used_places(self, operations: Sequence[Operation] | None = None) -> Iterator[UsedPlace]:
        """Yield every place that anybody uses, of these operations or of all."""
        for pact in self.pacts:
            if operations is None:
                yield from self._resolver.places(pact.uses)
            for operation in operations or ():
                yield from self._places(pact, operation)
        for operation in self.contract.operations if operations is None else operations:
            for each in self._dependents_on(operation):
                yield UsedPlace(Place(operation.title), _DEPENDENCY.format(each.document), 0, whole=True)

    def _operation(self, place: Place) -> Operation | None:
        key = operation_key(place.operation)
        return next(
            (each for each in self.contract.operations if key in {operation_key(each.title), each.id}), None
        )

    def _concerned(self, pact: PactInUse, place: Place, operation: Operation) -> list[UsedPlace]:
        return concerned_by(place, self._places(pact, operation), operation, self._resolver)

    def _places(self, pact: PactInUse, operation: Operation) -> tuple[UsedPlace, ...]:
        """Return the places of an operation that a pact uses; they are asked for more than once."""
        key = pact.content_id, operation.id
        if key not in self._known:
            self._known[key] = tuple(self._resolver.places(pact.uses, of=operation))
        return self._known[key]

    def _dependents_on(self, operation: Operation) -> list[Dependent]:
        keys = offer_of(replace(self.contract, operations=(operation,), dependencies=())).keys
        return [each for each in self.dependents if each.key is None or each.key in keys]


_DEPENDENCY = "the document {!r} depends on it"


def _user(pact: PactInUse, place: Place, concerned: Sequence[UsedPlace], moments: Mapping[str, int]) -> User:
    begun = [moments[each.key] for each in concerned if each.key in moments]
    return User(
        pact.consumer,
        pact.versions,
        tuple(
            UseOfPlace(interaction, doubt)
            for (_, interaction), doubt in by_interaction(place, concerned).items()
        ),
        datetime.fromtimestamp(min(begun), UTC) if begun else None,
        sha=pact.sha,
    )


def _users_by_documents(dependents: Collection[Dependent]) -> Iterator[User]:
    by_document: dict[tuple[str, str], list[Dependent]] = {}
    for each in dependents:
        by_document.setdefault((each.consumer, each.document), []).append(each)
    for (consumer, document), same in by_document.items():
        needs = dict.fromkeys(each.need for each in same)
        yield User(
            consumer,
            _versions((each.version, each.position, each.environment) for each in same),
            tuple(
                UseOfPlace(
                    _DEPENDENCY.format(document),
                    f"it needs {need}, and may use all of it" if need else "it does not say which operations",
                )
                for need in needs
            ),
            min(each.created_at for each in same),
            document=document,
        )
