"""Single pacts, found by version, content, tag or branch. What is missing is named in a NotFoundError."""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from broker.domain.errors import NotFoundError
from broker.domain.pacts.pact import PublishedPact
from broker.domain.removal import RemovalKind
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def of_version(storage: Storage, provider: str, consumer: str, version: str) -> PublishedPact:
    """Return the pact of a consumer version."""
    found = storage.pacts.of_version(provider, consumer, version)
    return found or missing(storage, provider, consumer, version=version)


def with_content(
    storage: Storage, provider: str, consumer: str, sha: str, *, versions: Sequence[str] = ()
) -> PublishedPact:
    """Return the newest pact that has this content; one of *versions*, if any of them has it."""
    found = storage.pacts.with_content(provider, consumer, sha, versions)
    return found or missing(storage, provider, consumer, sha=sha)


def latest(storage: Storage, provider: str, consumer: str) -> PublishedPact:
    """Return the pact of the latest version that has one."""
    return storage.pacts.latest(provider, consumer) or missing(storage, provider, consumer)


def latest_with_tag(storage: Storage, provider: str, consumer: str, tag: str) -> PublishedPact:
    """Return the pact of the latest version with the tag."""
    return storage.pacts.latest_with_tag(provider, consumer, tag) or missing(storage, provider, consumer)


def latest_untagged(storage: Storage, provider: str, consumer: str) -> PublishedPact:
    """Return the pact of the latest version without tags."""
    return storage.pacts.latest_untagged(provider, consumer) or missing(storage, provider, consumer)


def latest_on_branch(storage: Storage, provider: str, consumer: str, branch: str) -> PublishedPact:
    """Return the pact of the latest version on the branch."""
    return storage.pacts.latest_on_branch(provider, consumer, branch) or missing(storage, provider, consumer)


def previous_distinct(storage: Storage, pact: PublishedPact) -> PublishedPact | None:
    """Return the newest earlier pact with other content, if there is one."""
    version = storage.pact_history.previous_distinct(pact)
    return None if version is None else storage.pacts.of_version(pact.provider, pact.consumer, version)


def tags_of_newest(storage: Storage, pact: PublishedPact) -> Sequence[str]:
    """Return the tags for which this is the newest pact."""
    return storage.tags.whose_newest_pact_is(pact)


def delete(
    storage: Storage, provider: str, consumer: str, version: str, *, now: datetime
) -> PublishedPact | None:
    """Remove a pact and return the latest that remains. Raises NotFoundError."""
    consumer_version = pacticipants.find_version(storage, consumer, version)
    if not storage.pacts.delete(consumer_version, provider):
        missing(storage, provider, consumer, version=version)
    storage.removals.add(RemovalKind.PACT, {consumer, provider}, consumer_version.created_at, now)
    return storage.pacts.latest(provider, consumer)


def missing(
    storage: Storage, provider: str, consumer: str, *, version: str | None = None, sha: str | None = None
) -> NoReturn:
    """Raise NotFoundError that names the pact, or the pacticipant if that does not exist either."""
    pacticipants.find(storage, consumer, "consumer")
    pacticipants.find(storage, provider, "provider")
    of_version = "" if version is None else f" ({version})"
    with_content = "" if sha is None else f" with the content {sha}"
    raise NotFoundError(f"No pact between {consumer}{of_version} and {provider}{with_content} found")
