"""The provider states that the consumers of a provider expect. Every function raises NotFoundError."""

from collections.abc import Sequence

from broker.domain.pacts.provider_states import ExpectedState, expected_states
from broker.domain.verifications.consumer_selectors import Search
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def on_main_branches(storage: Storage, provider: str) -> list[ExpectedState]:
    """Return what the heads of the consumers' main branches expect."""
    return _states(storage, provider, [Search("main-branch")])


def on_branch(storage: Storage, provider: str, branch: str) -> list[ExpectedState]:
    """Return what the heads of the consumers' branches of this name expect."""
    return _states(storage, provider, [Search("branch", branch)])


def in_environment(storage: Storage, provider: str, environment: str) -> list[ExpectedState]:
    """Return what the consumers in an environment, a name or a uuid, expect."""
    by_uuid = storage.environments.find(environment)
    name = by_uuid.name if by_uuid else environment
    return _states(storage, provider, [Search("deployed", name), Search("released", name)])


def _states(storage: Storage, provider: str, searches: Sequence[Search]) -> list[ExpectedState]:
    selected = storage.selected_pacts.find(provider, searches)
    if selected is None:
        raise pacticipants.not_found(provider, "provider")
    found = selected.of(searches)
    contents = storage.pact_history.contents({pact.pact_version_id for pact in found})
    return expected_states(
        (consumer, contents[content_id])
        for consumer, content_id in sorted({(pact.consumer, pact.pact_version_id) for pact in found})
    )
