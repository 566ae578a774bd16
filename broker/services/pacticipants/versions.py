"""What users do with versions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from broker.domain.environments.deployment import DeployedVersion, ReleasedVersion
from broker.domain.errors import NotFoundError
from broker.domain.model import BranchMembership, Environment, HeldVersion, Pacticipant, Version
from broker.domain.pacticipants.details import VersionChange, VersionDetails
from broker.domain.pacts.pact import ListedPact
from broker.domain.pagination import Page, PartOfList
from broker.domain.removal import RemovalKind
from broker.services import permission
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import branches, pacticipants
from broker.services.pacticipants.tags import name_a_branch
from broker.storage.storage import Storage
from tally.values import dataclass

Item = TypeVar("Item", ListedPact, DeployedVersion, ReleasedVersion)


@dataclass(frozen=True)
class BegunVersion:
    """A version to which something is published: it is held, and was created for that if it *is_new*."""

    pacticipant: Pacticipant
    version: Version
    is_new: bool


def begin(  # noqa: PLR0913 - what may be said of a version, all named at the call
    storage: Storage,
    pacticipant: Pacticipant,
    number: str,
    now: datetime,
    *,
    build_url: str | None = None,
    created: HeldVersion | None = None,
    likely_new: bool = False,
) -> BegunVersion:
    """Find or create the version, and hold it, unless it was *created* a moment ago.

    A *build_url* of None keeps the one that it has.
    """
    held = created or storage.versions.hold(
        pacticipant.id, number, now, build_url=build_url, likely_new=likely_new
    )
    if held.is_new:
        new = Version(held.id, pacticipant.name, number, held.position, build_url, now, now)
        return BegunVersion(pacticipant, new, is_new=True)
    if build_url is not None:
        storage.versions.set_build_url(held, build_url, now)
    return BegunVersion(pacticipant, storage.versions.find_by_ids([held.id])[held.id], is_new=False)


def add_branch_and_tags(
    storage: Storage,
    begun: BegunVersion,
    branch: str | None,
    tags: Sequence[str],
    circumstances: Circumstances,
) -> Version:
    """Add a branch and tags to the version, with what they imply; what it already has stays.

    Return the version as it is now. Others who publish to the branch wait from here on.
    """
    version, pacticipant, now = begun.version, begun.pacticipant, circumstances.now
    storage.tags.add(pacticipant, version, tags, now)
    # With a branch, its first tag does not become its branch.
    automatic = bool(branch is None and tags and name_a_branch(version, circumstances))
    joined = tags[0] if automatic else branch
    if joined is not None and begun.is_new:  # nobody has verified anything with it
        storage.branches.add(pacticipant, version, joined, now, automatic=automatic)
    elif joined is not None:
        branches.join(storage, pacticipant, version, joined, now=now, automatic=automatic)
    named = [branch, *tags] if branch else tags
    pacticipants.detect_main_branch(storage, pacticipant, named, circumstances)
    if begun.is_new:
        memberships = () if joined is None else (BranchMembership(joined, latest=True),)
        return replace(version, branches=memberships, tags=tuple(dict.fromkeys(tags)))
    return storage.versions.find_by_ids([version.id])[version.id] if named else version


def change(
    storage: Storage, pacticipant: str, number: str, change: VersionChange, *, now: datetime
) -> tuple[Version, bool]:
    """Create the version or change it; return whether it was created. Raises ValidationError.

    Its tags imply nothing here: they become no branch, and make no branch the main one.
    """
    known, version, created = pacticipants.find_or_create_version(storage, pacticipant, number, now)
    if not change.keeps_build_url:
        storage.versions.set_build_url(version, change.build_url, now)
    if change.tags is not None:
        storage.tags.keep_only(version, change.tags, now)
        storage.tags.add(known, version, change.tags, now)
    return pacticipants.find_version(storage, pacticipant, number), created


def delete(storage: Storage, pacticipant: str, number: str, now: datetime) -> None:
    """Remove the version with its pacts, results, deployments and releases. Raises NotFoundError."""
    version = pacticipants.find_version(storage, pacticipant, number)
    permission.require_end_of_deployments(storage, pacticipant, number)
    storage.versions.lock(version)
    storage.removals.add(RemovalKind.VERSION, [pacticipant], version.created_at, now)
    storage.branches.take_off_all(version, now)
    storage.versions.delete(version)


def details(storage: Storage, version: Version) -> VersionDetails:
    """Return the version with everything that its document shows."""
    (found,) = details_of_many(storage, [version])
    return replace(
        found,
        environments=tuple(storage.environments.all()),
        has_service_contract=storage.document_sets.exists(version),
    )


def details_of_many(storage: Storage, found: Sequence[Version]) -> list[VersionDetails]:
    """Return versions of one pacticipant as a list shows them, with three statements for any number."""
    pacts = _by_number(storage.pact_lists.of_versions(found))
    deployed = _by_number(storage.deployments.of_versions(found))
    released = _by_number(storage.releases.of_versions(found))
    return [
        VersionDetails(
            version,
            pacts=pacts.get(version.number, ()),
            deployed=deployed.get(version.number, ()),
            released=released.get(version.number, ()),
        )
        for version in found
    ]


def _by_number(items: Iterable[Item]) -> dict[str, tuple[Item, ...]]:
    grouped: dict[str, list[Item]] = {}
    for item in items:
        grouped.setdefault(item.version, []).append(item)
    return {number: tuple(of_version) for number, of_version in grouped.items()}


def latest(storage: Storage, pacticipant: str, tag: str | None = None) -> Version:
    """Return the version that was created last, of those with the tag if one is given.

    Raises NotFoundError.
    """
    found = pacticipants.find(storage, pacticipant)
    version = storage.versions.latest(found) if tag is None else storage.versions.latest_with_tag(found, tag)
    if version is None:
        which = "" if tag is None else f" with the tag {tag}"
        raise NotFoundError(f"{pacticipant} has no version{which}")
    return version


def all_of(storage: Storage, pacticipant: str, page: Page | None) -> PartOfList[VersionDetails]:
    """Return the versions of the pacticipant, newest first. Raises NotFoundError."""
    return _with_details(
        storage, storage.versions.of_pacticipant(pacticipants.find(storage, pacticipant), page)
    )


def on_branch(
    storage: Storage, pacticipant: str, branch: str, page: Page | None
) -> PartOfList[VersionDetails]:
    """Return the versions on the branch, newest first. Raises NotFoundError."""
    branches.find(storage, pacticipant, branch)
    found = storage.versions.on_branch(pacticipants.find(storage, pacticipant), branch, page)
    return _with_details(storage, found)


def with_tag(storage: Storage, pacticipant: str, tag: str, page: Page | None) -> PartOfList[VersionDetails]:
    """Return the versions with the tag, newest first. Raises NotFoundError when there is none."""
    found = storage.versions.with_tag(pacticipants.find(storage, pacticipant), tag, page)
    if found.total == 0:
        raise NotFoundError(f"No version of {pacticipant} has the tag {tag}")
    return _with_details(storage, found)


def ever_in(
    storage: Storage, pacticipant: str, environment: Environment, page: Page | None
) -> PartOfList[VersionDetails]:
    """Return the versions that are or were deployed or released there, newest first.

    Raises NotFoundError.
    """
    found = storage.versions.ever_in(pacticipants.find(storage, pacticipant), environment, page)
    return _with_details(storage, found)


def _with_details(storage: Storage, found: PartOfList[Version]) -> PartOfList[VersionDetails]:
    return PartOfList(details_of_many(storage, found.items), found.total, found.page)
