"""What users do with versions, and with the branches and tags that they are on."""

from datetime import datetime, timedelta

from broker.domain.errors import NotFoundError, ValidationError
from broker.domain.model import Pacticipant, Version
from broker.domain.version import Branch, BranchVersion, Tag, VersionChange, VersionDetails
from broker.services import pacticipants
from broker.settings import Settings
from broker.storage.storage import Storage


def record_version(  # noqa: PLR0913 - what may be said of a version, all named at the call
    storage: Storage,
    pacticipant: Pacticipant,
    number: str,
    now: datetime,
    settings: Settings,
    *,
    branch: str | None = None,
    tags: tuple[str, ...] = (),
    build_url: str | None = None,
) -> tuple[Version, bool]:
    """Find or create the version, and add what is said of it; return whether it was created.

    Nothing that was said of it before is taken back: a *build_url* of None keeps the old one.
    """
    version, created = storage.versions.find_or_create(pacticipant, number, now)
    if build_url is not None:
        storage.versions.set_build_url(version, build_url, now)
    if branch is not None:
        join_branch(storage, pacticipant, version, branch, now, settings)
    for tag in tags:
        add_tag(storage, pacticipant, version, tag, now, settings)
    return storage.versions.find(pacticipant.name, number) or version, created


def join_branch(  # noqa: PLR0913, PLR0917 - the storage, three things and the circumstances
    storage: Storage,
    pacticipant: Pacticipant,
    version: Version,
    branch: str,
    now: datetime,
    settings: Settings,
) -> bool:
    """Put the version on the branch (reference §5.3); return whether it was not there yet."""
    joined = storage.versions.add_to_branch(pacticipant, version, branch, now)
    if joined:
        storage.verifications.branch_joined(version, now)
    _detect_main_branch(storage, pacticipant, branch, now, settings)
    return joined


def add_tag(  # noqa: PLR0913, PLR0917 - ditto
    storage: Storage,
    pacticipant: Pacticipant,
    version: Version,
    tag: str,
    now: datetime,
    settings: Settings,
) -> bool:
    """Tag the version (reference §5.4); return whether it did not have the tag yet."""
    limit = timedelta(seconds=settings.use_first_tag_as_branch_time_limit)
    known = storage.versions.find(pacticipant.name, version.number) or version
    is_first = not known.tags and not known.branches and now - known.created_at <= limit
    added = storage.versions.add_tag(pacticipant, version, tag, now)
    if added and is_first and settings.use_first_tag_as_branch:
        storage.versions.add_to_branch(pacticipant, version, tag, now, automatic=True)
        storage.verifications.branch_joined(version, now)
    _detect_main_branch(storage, pacticipant, tag, now, settings)
    return added


def _detect_main_branch(
    storage: Storage, pacticipant: Pacticipant, name: str, now: datetime, settings: Settings
) -> None:
    if settings.auto_detect_main_branch and name in settings.main_branch_candidates:
        storage.pacticipants.set_main_branch_if_unset(pacticipant, name, now)


def details(storage: Storage, version: Version) -> VersionDetails:
    """Return the version with everything that its document tells."""
    return VersionDetails(
        version,
        pacts=tuple(storage.pacts.list_of_version(version)),
        deployed=tuple(storage.deployments.of_version(version)),
        released=tuple(storage.releases.of_version(version)),
        environments=tuple(storage.environments.all()),
    )


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


def head_of_branch(storage: Storage, pacticipant: str, branch: str) -> Version:
    """Return the version that was added to the branch last. Raises NotFoundError."""
    find_branch(storage, pacticipant, branch)
    version = storage.versions.head_of_branch(pacticipant, branch)
    if version is None:
        raise NotFoundError(f"The branch {branch} of {pacticipant} has no version")
    return version


def find_branch(storage: Storage, pacticipant: str, branch: str) -> Branch:
    """Return the branch. Raises NotFoundError."""
    found = storage.branches.find(pacticipants.find(storage, pacticipant), branch)
    if found is None:
        raise NotFoundError(f"No branch {branch} of pacticipant {pacticipant} found")
    return found


def find_branch_version(storage: Storage, pacticipant: str, branch: str, number: str) -> BranchVersion:
    """Return since when the version is on the branch. Raises NotFoundError."""
    version = pacticipants.find_version(storage, pacticipant, number)
    found = storage.branches.membership(version, branch)
    if found is None:
        raise NotFoundError(f"Version {number} of {pacticipant} is not on the branch {branch}")
    return found


def find_tag(storage: Storage, pacticipant: str, number: str, name: str) -> Tag:
    """Return the tag. Raises NotFoundError."""
    found = storage.tags.find(pacticipants.find_version(storage, pacticipant, number), name)
    if found is None:
        raise NotFoundError(f"Version {number} of {pacticipant} has no tag {name}")
    return found


def change(  # noqa: PLR0913, PLR0917 - the storage, which version, what to change and the circumstances
    storage: Storage,
    pacticipant: str,
    number: str,
    change: VersionChange,
    now: datetime,
    settings: Settings,
) -> tuple[Version, bool]:
    """Create the version or change it; return whether it was created. Raises ValidationError."""
    known, version, created = _find_or_create(storage, pacticipant, number, now)
    if not change.keeps_build_url:
        storage.versions.set_build_url(version, change.build_url, now)
    if change.tags is not None:
        storage.tags.keep_only(version, change.tags)
    for tag in change.tags or ():
        add_tag(storage, known, version, tag, now, settings)
    return pacticipants.find_version(storage, pacticipant, number), created


def put_on_branch(  # noqa: PLR0913, PLR0917 - the storage, three names and the circumstances
    storage: Storage, pacticipant: str, number: str, branch: str, now: datetime, settings: Settings
) -> tuple[BranchVersion, bool]:
    """Put the version on the branch, creating what is missing (reference §4.4).

    Return whether it was not there yet. Raises ValidationError for a blank name.
    """
    _check_names({"branchName": branch})
    known, version, _ = _find_or_create(storage, pacticipant, number, now)
    joined = join_branch(storage, known, version, branch, now, settings)
    return find_branch_version(storage, pacticipant, branch, number), joined


def tag_version(  # noqa: PLR0913, PLR0917 - the storage, three names and the circumstances
    storage: Storage, pacticipant: str, number: str, tag: str, now: datetime, settings: Settings
) -> tuple[Tag, bool]:
    """Tag the version, creating what is missing; a tag named as an environment is a deployment to it.

    Return whether it did not have it yet (reference §4.5, §5.4). Raises ValidationError for a blank name.
    """
    _check_names({"tagName": tag})
    known, version, _ = _find_or_create(storage, pacticipant, number, now)
    added = add_tag(storage, known, version, tag, now, settings)
    environment = storage.environments.find_by_name(tag)
    if environment is not None and settings.create_deployed_versions_for_tags:
        storage.deployments.record(version, environment, now, automatic=True)
    return find_tag(storage, pacticipant, number, tag), added


def remove_tag(storage: Storage, pacticipant: str, number: str, tag: str) -> None:
    """Take the tag off the version. Raises NotFoundError."""
    find_tag(storage, pacticipant, number, tag)
    storage.tags.delete(pacticipants.find_version(storage, pacticipant, number), tag)


def _find_or_create(
    storage: Storage, name: str, number: str, now: datetime
) -> tuple[Pacticipant, Version, bool]:
    _check_names({"pacticipantName": name, "pacticipantVersionNumber": number})
    pacticipant = storage.pacticipants.find_or_create([name], now)[name]
    version, created = storage.versions.find_or_create(pacticipant, number, now)
    return pacticipant, version, created


def _check_names(names: dict[str, str]) -> None:
    if blank := [field for field, name in names.items() if not name.strip()]:
        raise ValidationError({field: ["cannot be blank"] for field in blank})
