"""What users do with labels."""

from collections.abc import Collection
from datetime import datetime

from broker.domain.accounts.permissions import Action
from broker.domain.errors import NotFoundError
from broker.domain.pacticipants.details import Label
from broker.domain.pagination import Page, PartOfList
from broker.services import permission
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def names(storage: Storage, page: Page | None) -> PartOfList[str]:
    """Return the labels that any pacticipant has."""
    return storage.labels.names(page)


def add(storage: Storage, pacticipant: str, label: str, now: datetime) -> tuple[Label, bool]:
    """Give the pacticipant, which is created if it is new, the label; return whether it was added.

    Raises ValidationError for a blank name, and PermissionDeniedError.
    """
    pacticipants.check_names({"pacticipantName": pacticipant, "labelName": label})
    _check_webhooks(storage, pacticipant, label)
    known = storage.pacticipants.find_or_create([pacticipant], now)[pacticipant]
    added = storage.labels.add(known, label, now)
    return find(storage, pacticipant, label), added


def find(storage: Storage, pacticipant: str, label: str) -> Label:
    """Return the label. Raises NotFoundError."""
    found = storage.labels.find(pacticipants.find(storage, pacticipant), label)
    if found is None:
        raise NotFoundError(f"{pacticipant} does not have the label {label}")
    return found


def remove(storage: Storage, pacticipant: str, label: str) -> None:
    """Take the label off the pacticipant. Raises NotFoundError, and PermissionDeniedError."""
    find(storage, pacticipant, label)
    _check_webhooks(storage, pacticipant, label)
    storage.labels.delete(pacticipants.find(storage, pacticipant), label)


def _check_webhooks(storage: Storage, pacticipant: str, label: str) -> None:
    """Raise PermissionDeniedError when webhooks are for whatever has this label, and they may change none.

    Who changes the label changes what the webhooks send, and of whom.
    """
    is_asked = not storage.asking.actor.may_everywhere(Action.WEBHOOKS)
    if is_asked and storage.labels.chooses_for_webhooks(label):
        permission.require(storage, Action.WEBHOOKS, pacticipant)


def of(storage: Storage, pacticipant: str) -> tuple[str, ...]:
    """Return the labels of the pacticipant. Raises NotFoundError."""
    return storage.labels.of_many([found := pacticipants.find(storage, pacticipant)]).get(found.id, ())


def keep_only(storage: Storage, pacticipant: str, wanted: Collection[str], now: datetime) -> None:
    """Give the pacticipant exactly these labels. Raises NotFoundError; ValidationError for a blank one."""
    there = of(storage, pacticipant)
    for label in there:
        if label not in wanted:
            remove(storage, pacticipant, label)
    for label in dict.fromkeys(wanted):
        if label not in there:
            add(storage, pacticipant, label, now)
