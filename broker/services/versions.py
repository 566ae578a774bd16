"""A version is here: on which branch, with which tags, built where."""

from datetime import datetime, timedelta

from broker.domain.model import Pacticipant, Version
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
