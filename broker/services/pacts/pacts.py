"""Pacts next to each other, and what several of them ask of a provider."""

from collections.abc import Iterable

from broker.domain.errors import NotFoundError
from broker.domain.pacts.pact import PublishedPact
from broker.domain.pacts.provider_states import ExpectedState, expected_states
from broker.domain.verifications.consumer_selectors import Search
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def pact_of_version(storage: Storage, provider: str, consumer: str, version: str) -> PublishedPact:
    """Return the pact of a consumer version. Raises NotFoundError."""
    found = storage.pacts.of_version(provider, consumer, version)
    if found is None:
        _check_names(storage, provider, consumer)
        raise NotFoundError(f"No pact between {consumer} ({version}) and {provider} found")
    return found


def pact_with_content(storage: Storage, provider: str, consumer: str, sha: str) -> PublishedPact:
    """Return the newest pact that has this content. Raises NotFoundError."""
    found = storage.pacts.with_content(provider, consumer, sha)
    if found is None:
        _check_names(storage, provider, consumer)
        raise NotFoundError(f"No pact between {consumer} and {provider} has the content {sha}")
    return found


def previous_distinct(storage: Storage, pact: PublishedPact) -> PublishedPact | None:
    """Return the newest earlier pact with other content."""
    version = storage.pact_history.previous_distinct(pact)
    return None if version is None else storage.pacts.of_version(pact.provider, pact.consumer, version)


def states_on_main_branches(storage: Storage, provider: str) -> list[ExpectedState]:
    """Return what the heads of the consumers' main branches expect. Raises NotFoundError."""
    return _states(storage, provider, [Search("main-branch")])


def states_on_branch(storage: Storage, provider: str, branch: str) -> list[ExpectedState]:
    """Return what the heads of the consumers' branches of this name expect. Raises NotFoundError."""
    return _states(storage, provider, [Search("branch", branch)])


def states_in_environment(storage: Storage, provider: str, environment: str) -> list[ExpectedState]:
    """Return what the consumers in an environment, a name or a uuid, expect. Raises NotFoundError."""
    by_uuid = storage.environments.find(environment)
    name = by_uuid.name if by_uuid else environment
    return _states(storage, provider, [Search("deployed", name), Search("released", name)])


def _states(storage: Storage, provider: str, searches: Iterable[Search]) -> list[ExpectedState]:
    found = storage.selected_pacts.find(pacticipants.find(storage, provider, "provider").id, searches)
    contents = storage.pact_history.contents({pact.pact_version_id for pact in found})
    return expected_states(
        (consumer, contents[content_id])
        for consumer, content_id in sorted({(pact.consumer, pact.pact_version_id) for pact in found})
    )


def _check_names(storage: Storage, provider: str, consumer: str) -> None:
    pacticipants.find(storage, consumer, "consumer")
    pacticipants.find(storage, provider, "provider")
