"""The pages of an application: how it stands, and its lists. Six statements at most for each."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from broker.domain.errors import NotFoundError
from broker.domain.model import Pacticipant
from broker.domain.overview.standings import Standing
from broker.domain.pacticipants.applications import (
    FAILURES,
    TEAM,
    ApplicationResult,
    BranchHead,
    NewestVersion,
    PlaceNow,
    Presence,
    PublishedDocument,
    Sentence,
    sentences,
    worst_first,
)
from broker.domain.service_contracts.policy import Policy
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage
from tally.values import dataclass

FEW_VERSIONS = 8
PAGE_SIZE = 50
MOST_PRESENCES = 20
MOST_RESULTS = 100
MOST_RESULTS_OF_ONE = 20
MOST_TILES = 24
"""Neighbours that are shown with their last results, of consumers and of providers each."""


@dataclass(frozen=True)
class Application:
    """An application with what all of its pages show. *standings* are those on main and in environments."""

    pacticipant: Pacticipant
    labels: Sequence[str]
    standings: Sequence[Standing]

    @property
    def teams(self) -> Sequence[str]:
        """The labels that say whose it is."""
        return [label for label in self.labels if label.startswith(TEAM)]

    @property
    def on_main(self) -> Sequence[Standing]:
        """How its integrations stand on main, worst first."""
        found = (each for each in self.standings if each.environment is None)
        return worst_first(found, self.pacticipant.name)

    @property
    def needed_by(self) -> Sequence[Standing]:
        """The integrations in which it is the provider."""
        return [each for each in self.on_main if each.provider == self.pacticipant.name]

    @property
    def needs(self) -> Sequence[Standing]:
        """The integrations in which it is the consumer."""
        return [each for each in self.on_main if each.consumer == self.pacticipant.name]

    @property
    def sentences(self) -> Sequence[Sentence]:
        """How it stands, in words."""
        return sentences(self.pacticipant.name, self.on_main)

    @property
    def first_failing(self) -> Mapping[str, Sequence[Standing]]:
        """The integrations that have failed since a version of this application, by the number of it."""
        found: dict[str, list[Standing]] = {}
        for each in self.needed_by:
            if each.since_version and each.verdict in FAILURES:
                found.setdefault(each.since_version, []).append(each)
        return found

    def in_environment(self, name: str) -> Sequence[Standing]:
        """Return how its integrations stand in an environment, worst first."""
        return worst_first(
            (each for each in self.standings if each.environment == name), self.pacticipant.name
        )


@dataclass(frozen=True)
class VersionList:
    """A page of versions, newest first; *more* says that there are older ones.

    *names* are the branches and tags of each version by its id, *places* where it is.
    """

    items: Sequence[NewestVersion]
    more: bool
    names: Mapping[int, Sequence[tuple[str, str]]] = field(default_factory=dict)
    places: Mapping[int, Sequence[PlaceNow]] = field(default_factory=dict)


@dataclass(frozen=True)
class BranchPage:
    """A branch, and a page of the versions on it."""

    branch: BranchHead
    versions: VersionList


def find(storage: Storage, name: str) -> Application:
    """Return the application: three statements. Raises NotFoundError."""
    found = pacticipants.find(storage, name)
    labels = storage.labels.of_many([found]).get(found.id, ())
    return Application(found, labels, storage.standings.of_pacticipant(found.id))


def overview(storage: Storage, application: Application) -> VersionList:
    """Return the newest versions, and where all versions are."""
    number = application.pacticipant.id
    newest = storage.application_details.versions(number, None, FEW_VERSIONS + 1)
    return VersionList(newest[:FEW_VERSIONS], len(newest) > FEW_VERSIONS, places=_places(storage, number))


def versions(storage: Storage, application: Application, branch: str | None, number: int) -> VersionList:
    """Return a page of the versions, or of those on a branch."""
    pacticipant_id = application.pacticipant.id
    skipped = (number - 1) * PAGE_SIZE
    found = storage.application_details.versions(pacticipant_id, branch, PAGE_SIZE + 1, skipped=skipped)
    shown = found[:PAGE_SIZE]
    return VersionList(
        shown,
        len(found) > PAGE_SIZE,
        storage.application_details.names_of([item.id for item in shown]),
        _places(storage, pacticipant_id),
    )


def documents(storage: Storage, application: Application) -> Sequence[PublishedDocument]:
    """Return the documents of the newest version that has any."""
    return storage.application_contracts.documents(application.pacticipant.id)


def deployments(storage: Storage, application: Application) -> Sequence[Presence]:
    """Return where versions were deployed and released lately."""
    return storage.application_details.history(application.pacticipant.id, MOST_PRESENCES)


def results(storage: Storage, application: Application) -> Sequence[ApplicationResult]:
    """Return the newest results of its integrations."""
    return storage.application_contracts.results(
        application.pacticipant.id, MOST_RESULTS, each=MOST_RESULTS_OF_ONE
    )


def policy(storage: Storage, application: Application) -> Policy:
    """Return how its service contracts are judged."""
    return storage.service_contract_policies.find(application.pacticipant)


def branches(storage: Storage, application: Application, number: int) -> tuple[Sequence[BranchHead], bool]:
    """Return a page of the branches, and whether there are more."""
    found = storage.application_details.branches(
        application.pacticipant.id, PAGE_SIZE + 1, skipped=(number - 1) * PAGE_SIZE
    )
    return found[:PAGE_SIZE], len(found) > PAGE_SIZE


def branch(storage: Storage, name: str, branch_name: str, number: int) -> tuple[Pacticipant, BranchPage]:
    """Return a branch and a page of its versions: five statements. Raises NotFoundError."""
    found = pacticipants.find(storage, name)
    head = storage.application_details.branch(found.id, branch_name)
    if head is None:
        raise NotFoundError(f"{name} has no branch '{branch_name}'")
    skipped = (number - 1) * PAGE_SIZE
    items = storage.application_details.versions(found.id, branch_name, PAGE_SIZE + 1, skipped=skipped)
    shown = items[:PAGE_SIZE]
    names = storage.application_details.names_of([item.id for item in shown])
    places = _places(storage, found.id)
    return found, BranchPage(head, VersionList(shown, len(items) > PAGE_SIZE, names, places))


def _places(storage: Storage, pacticipant_id: int) -> Mapping[int, Sequence[PlaceNow]]:
    found: dict[int, list[PlaceNow]] = {}
    for place in storage.application_list.places([pacticipant_id]).get(pacticipant_id, ()):
        found.setdefault(place.version_id, []).append(place)
    return found
