"""What users do with tags, and what a tag implies (Pact Broker reference §5.4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from broker.domain.errors import NotFoundError
from broker.domain.model import Pacticipant, Version
from broker.domain.pacticipants.details import LatestTag, Tag
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import branches, pacticipants
from broker.storage.storage import Storage


def find(storage: Storage, pacticipant: str, number: str, tag: str) -> Tag:
    """Return the tag. Raises NotFoundError."""
    found = storage.tags.find(pacticipants.find_version(storage, pacticipant, number), tag)
    if found is None:
        raise NotFoundError(f"Version {number} of {pacticipant} has no tag {tag}")
    return found


def of_version(storage: Storage, pacticipant: str, number: str) -> list[LatestTag]:
    """Return the tags of a version by name, and of each whether this is the latest version with it."""
    return storage.tags.of_version(pacticipant, number)


def add(
    storage: Storage,
    pacticipant: Pacticipant,
    version: Version,
    tags: Sequence[str],
    *,
    circumstances: Circumstances,
) -> set[str]:
    """Tag the version; return the tags that it did not have yet.

    The first tag of a version that is new and on no branch also becomes its branch.
    """
    added = storage.tags.add(pacticipant, version, tags, circumstances.now)
    if added and name_a_branch(version, circumstances):
        branches.join(storage, pacticipant, version, tags[0], now=circumstances.now, automatic=True)
    return added


def tag_version(
    storage: Storage, pacticipant: str, number: str, tag: str, *, circumstances: Circumstances
) -> tuple[Tag, bool, Version]:
    """Tag the version, creating what is missing.

    Return the tag, whether the version did not have it yet (reference §4.5), and the version. Raises
    ValidationError for a blank name.
    """
    pacticipants.check_names({"tagName": tag})
    now = circumstances.now
    known, version, _ = pacticipants.find_or_create_version(storage, pacticipant, number, now)
    added = add(storage, known, version, [tag], circumstances=circumstances)
    pacticipants.detect_main_branch(storage, known, [tag], circumstances)
    return find(storage, pacticipant, number, tag), bool(added), version


def remove(storage: Storage, pacticipant: str, number: str, tag: str, *, now: datetime) -> None:
    """Take the tag off the version. Raises NotFoundError."""
    find(storage, pacticipant, number, tag)
    storage.tags.delete(pacticipants.find_version(storage, pacticipant, number), tag, now)


def name_a_branch(version: Version, circumstances: Circumstances) -> bool:
    """Return whether the first tag that the version is given now becomes its branch."""
    settings = circumstances.settings
    limit = timedelta(seconds=settings.use_first_tag_as_branch_time_limit)
    is_first = not version.tags and not version.branches
    return settings.use_first_tag_as_branch and is_first and circumstances.now - version.created_at <= limit
