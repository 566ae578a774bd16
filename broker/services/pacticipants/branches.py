"""What users do with branches, and with the versions on them."""

from collections.abc import Collection
from datetime import datetime

from broker.domain.errors import NotFoundError
from broker.domain.model import Pacticipant, Version
from broker.domain.pacticipants.details import Branch, BranchVersion
from broker.domain.pagination import Page, PartOfList
from broker.domain.removal import RemovalKind
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def page_of(storage: Storage, pacticipant: str, page: Page | None, search: str | None) -> PartOfList[Branch]:
    """Return the branches whose names contain *search*, the one updated last first.

    Raises NotFoundError.
    """
    return storage.branches.all(pacticipants.find(storage, pacticipant), page, search)


def find(storage: Storage, pacticipant: str, branch: str) -> Branch:
    """Return the branch. Raises NotFoundError."""
    found = storage.branches.find(pacticipants.find(storage, pacticipant), branch)
    if found is None:
        raise NotFoundError(f"No branch {branch} of pacticipant {pacticipant} found")
    return found


def find_membership(storage: Storage, pacticipant: str, branch: str, number: str) -> BranchVersion:
    """Return since when the version is on the branch. Raises NotFoundError."""
    version = pacticipants.find_version(storage, pacticipant, number)
    found = storage.branches.membership(version, branch)
    if found is None:
        raise NotFoundError(f"Version {number} of {pacticipant} is not on the branch {branch}")
    return found


def head(storage: Storage, pacticipant: str, branch: str) -> Version:
    """Return the version that was added to the branch last. Raises NotFoundError."""
    find(storage, pacticipant, branch)
    version = storage.versions.head_of_branch(pacticipant, branch)
    if version is None:
        raise NotFoundError(f"The branch {branch} of {pacticipant} has no version")
    return version


def join(  # noqa: PLR0913 - the storage, three things, when and why
    storage: Storage,
    pacticipant: Pacticipant,
    version: Version,
    branch: str,
    *,
    now: datetime,
    automatic: bool = False,
) -> bool:
    """Put the version on the branch; return whether it was not there yet."""
    joined = storage.branches.add(pacticipant, version, branch, now, automatic=automatic)
    if joined:
        storage.verification_results.branch_joined(version, now)
    return joined


def put_version(
    storage: Storage, pacticipant: str, branch: str, number: str, *, circumstances: Circumstances
) -> tuple[BranchVersion, bool]:
    """Put the version on the branch, creating what is missing (reference §4.4).

    Return whether it was not there yet. Raises ValidationError for a blank name.
    """
    pacticipants.check_names({"branchName": branch})
    known, version, _ = pacticipants.find_or_create_version(storage, pacticipant, number, circumstances.now)
    joined = join(storage, known, version, branch, now=circumstances.now)
    pacticipants.detect_main_branch(storage, known, [branch], circumstances)
    return find_membership(storage, pacticipant, branch, number), joined


def take_off(storage: Storage, pacticipant: str, branch: str, number: str, *, now: datetime) -> None:
    """Take the version off the branch. Raises NotFoundError."""
    find_membership(storage, pacticipant, branch, number)
    storage.branches.take_off(pacticipants.find_version(storage, pacticipant, number), branch, now)


def delete(storage: Storage, pacticipant: str, branch: str, now: datetime) -> None:
    """Remove the branch; its versions stay. Raises NotFoundError."""
    found = find(storage, pacticipant, branch)
    storage.removals.add(RemovalKind.BRANCH, [pacticipant], found.created_at, now)
    storage.branches.delete(pacticipants.find(storage, pacticipant), branch)


def delete_others(
    storage: Storage, pacticipant: str, kept: Collection[str], now: datetime
) -> tuple[list[str], list[str]]:
    """Remove every branch but the main branch and those in *kept*; versions stay. Raises NotFoundError.

    Return the names of the branches that went, and of those that remain, sorted.
    """
    found = pacticipants.find(storage, pacticipant)
    removed = storage.branches.delete_others(found, {*kept, found.main_branch or ""})
    if removed:
        storage.removals.add(RemovalKind.BRANCH, [pacticipant], found.created_at, now, number=len(removed))
    remaining = [branch.name for branch in storage.branches.all(found, None).items]
    return sorted(removed), sorted(remaining)
