"""What users do with pacticipants and their versions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from broker.domain.accounts.permissions import Action
from broker.domain.errors import NotFoundError, ValidationError
from broker.domain.model import Pacticipant, PacticipantDescription, Version
from broker.domain.pacticipants.details import PacticipantDetails
from broker.domain.pagination import Page, PartOfList
from broker.domain.removal import RemovalKind
from broker.services import permission
from broker.services.circumstances import Circumstances
from broker.storage.storage import Storage


def find(storage: Storage, name: str, role: str = "pacticipant") -> Pacticipant:
    """Return the pacticipant. Raises NotFoundError that names its *role* (reference §1.6)."""
    found = storage.pacticipants.find(name)
    if found is None:
        raise not_found(name, role)
    return found


def not_found(name: str, role: str) -> NotFoundError:
    """Return the error that says that there is no such pacticipant."""
    return NotFoundError(f"No {role} with name '{name}' found")


def ids_of(storage: Storage, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of those that exist, by name."""
    return {name: found.id for name, found in storage.pacticipants.find_many(names).items()}


def find_version(storage: Storage, pacticipant: str, number: str) -> Version:
    """Return the version. Raises NotFoundError that says whether the pacticipant is missing already."""
    found = storage.versions.find(pacticipant, number)
    if found is None:
        find(storage, pacticipant)
        raise NotFoundError(f"No version {number} of pacticipant {pacticipant} found")
    return found


def find_or_create_version(
    storage: Storage, pacticipant: str, number: str, now: datetime
) -> tuple[Pacticipant, Version, bool]:
    """Return the pacticipant and the version, creating what is missing, and whether the version is new.

    Raises ValidationError for a blank name.
    """
    check_names({"pacticipantName": pacticipant, "pacticipantVersionNumber": number})
    known = storage.pacticipants.find_or_create([pacticipant], now)[pacticipant]
    version, created = storage.versions.find_or_create(known, number, now)
    return known, version, created


def detect_main_branch(
    storage: Storage, pacticipant: Pacticipant, names: Iterable[str], circumstances: Circumstances
) -> None:
    """Make the first of *names* that is a main branch candidate the main branch, unless there is one.

    See reference §5.3.
    """
    settings = circumstances.settings
    candidate = next((name for name in names if name in settings.main_branch_candidates), None)
    if candidate and settings.auto_detect_main_branch and pacticipant.main_branch is None:
        storage.pacticipants.set_main_branch_if_unset(pacticipant, candidate, circumstances.now)


def check_names(names: Mapping[str, str]) -> None:
    """Raise ValidationError, by field, when a name is blank."""
    if blank := [field for field, name in names.items() if not name.strip()]:
        raise ValidationError({field: ["cannot be blank"] for field in blank})


def create(
    storage: Storage, name: str, description: PacticipantDescription, now: datetime
) -> tuple[Pacticipant, bool]:
    """Add a pacticipant; return whether it is new. One that is there already stays as it is.

    Whether its name resembles another does not matter here: it is asked for by name (reference §5.9).
    Raises ValidationError for a blank name, and PermissionDeniedError.
    """
    check_names({"name": name})
    permission.require(storage, Action.PUBLISH, name)
    known = storage.pacticipants.find(name)
    if known is not None:
        return known, False
    created = storage.pacticipants.find_or_create([name], now)[name]
    storage.pacticipants.describe(created, description, now)
    return find(storage, name), True


def describe(storage: Storage, name: str, description: PacticipantDescription, now: datetime) -> Pacticipant:
    """Replace the description of the pacticipant. Raises NotFoundError."""
    storage.pacticipants.describe(find(storage, name), description, now)
    return find(storage, name)


def page_of(
    storage: Storage, page: Page | None, search: str | None
) -> tuple[PartOfList[Pacticipant], Mapping[str, PacticipantDetails]]:
    """Return the pacticipants whose names contain *search*, and by name what a list shows of each."""
    found = storage.pacticipants.all(page, search)
    return found, _details_of_many(storage, found.items)


def page_of_labelled(
    storage: Storage, label: str, page: Page | None, search: str | None
) -> tuple[PartOfList[Pacticipant], Mapping[str, PacticipantDetails]]:
    """Return the same as `page_of`, for the pacticipants that have the label."""
    found = storage.pacticipants.with_label(label, page, search)
    return found, _details_of_many(storage, found.items)


def details(storage: Storage, pacticipant: Pacticipant) -> PacticipantDetails:
    """Return what the document of a single pacticipant shows."""
    return PacticipantDetails(
        storage.versions.latest(pacticipant),
        storage.labels.of_many([pacticipant]).get(pacticipant.id, ()),
        storage.deployments.everywhere(pacticipant),
    )


def _details_of_many(storage: Storage, found: Sequence[Pacticipant]) -> Mapping[str, PacticipantDetails]:
    latest = storage.versions.latest_of_many(found)
    labels = storage.labels.of_many(found)
    return {item.name: PacticipantDetails(latest.get(item.name), labels.get(item.id, ())) for item in found}


def delete(storage: Storage, name: str, now: datetime) -> None:
    """Remove the pacticipant with everything that belongs to it. Raises NotFoundError.

    Its pacts and results with others go as well, so who removes it must own those, too.
    """
    found = find(storage, name)
    permission.require_end_of_deployments(storage, name)
    if not storage.asking.actor.may_everywhere(Action.DELETE_PACTICIPANT):
        integrations = storage.integrations.of(found).items
        partners = {partner for item in integrations for partner in (item.consumer, item.provider)}
        permission.require(storage, Action.DELETE_PACTICIPANT, *sorted(partners))
    if storage.entry is not None:
        # Its teams are found no more when the entry of the audit log is written.
        teams = storage.access.team_names(storage.access.owners([found.name]).get(found.name, ()))
        storage.note("pacticipant", found.name, team=next(iter(teams), None))
    storage.removals.add(RemovalKind.PACTICIPANT, [name], found.created_at, now)
    storage.pacticipants.delete(found)
