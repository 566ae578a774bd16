"""Pacts for verification, and the results of verifying them."""

from dataclasses import dataclass
from datetime import datetime

from broker.domain import selecting
from broker.domain.errors import NotFoundError, ValidationError
from broker.domain.model import Pacticipant
from broker.domain.parameters import Addresses
from broker.domain.pending import Provider
from broker.domain.removal import RemovalKind
from broker.domain.selecting import ConsumerVersionSelector, Found, SelectedPact
from broker.domain.verification import NewVerification, PactContent, Verification, Waiting, merged
from broker.services import notifying, pacticipants
from broker.storage.storage import Storage


@dataclass(frozen=True)
class PactsQuery:
    """What a provider asks for; *wip_since* is None when work in progress is not wanted."""

    provider: Provider
    selectors: tuple[ConsumerVersionSelector, ...] = ()
    include_pending: bool = True
    wip_since: datetime | None = None


@dataclass(frozen=True)
class PactToVerify:
    """A pact to verify; *pending* is None when it was not asked for."""

    pact: SelectedPact
    pending: bool | None


def pacts_for_verification(storage: Storage, query: PactsQuery, now: datetime) -> list[PactToVerify]:
    """Return the pacts that the selectors mean, then the work in progress.

    Raises NotFoundError for an unknown provider, ValidationError for a selector that makes no sense.
    """
    provider = pacticipants.find(storage, query.provider.name, "provider")
    _check(storage, query)
    explicit = selecting.group(_found(storage, provider, query))
    in_progress = _work_in_progress(storage, provider, query, explicit, now)
    pending = _pending(storage, provider, query, [*explicit, *in_progress], now)
    return [
        PactToVerify(pact, None if pending is None else pact.pact_version_id in pending)
        for pact in (*explicit, *in_progress)
    ]


def record_result(
    storage: Storage, result: NewVerification, now: datetime, addresses: Addresses
) -> Verification | Waiting:
    """Store a result, create the provider version when it is new, and tell those who want to know.

    Of a verification that was divided, the parts are kept until the last one arrives; then they become one
    result. Raises NotFoundError; ValidationError when parts do not agree about their number.
    """
    content = find_content(storage, result.consumer, result.provider, result.sha)
    provider = pacticipants.find(storage, result.provider, "provider")
    version, _ = storage.versions.find_or_create(provider, result.provider_version, now)
    if result.shard is not None:
        parts = storage.verification_parts.add(content, version, result, result.shard, now)
        if len(parts) < result.shard.count:
            return Waiting(len(parts), result.shard.count)
        result = merged(result, parts)
        storage.verification_parts.remove(content, version)
    number = storage.verifications.add(content, version, result, now)
    stored = find_result(storage, content, number)
    notifying.result_published(storage, content, stored, result.metadata.consumer_versions, addresses, now)
    return stored


def find_content(storage: Storage, consumer: str, provider: str, sha: str) -> PactContent:
    """Return the content with this hash. Raises NotFoundError that names what is missing."""
    content = storage.verifications.content(consumer, provider, sha)
    if content is None:
        pacticipants.find(storage, consumer, "consumer")
        pacticipants.find(storage, provider, "provider")
        raise NotFoundError(f"No pact between {consumer} and {provider} has the content {sha}")
    return content


def find_result(storage: Storage, content: PactContent, number: int) -> Verification:
    """Return a result by its number. Raises NotFoundError."""
    found = storage.verifications.find(content, number)
    if found is None:
        raise NotFoundError(f"No verification result with number {number} found for this pact")
    return found


def delete_result(storage: Storage, content: PactContent, result: Verification, now: datetime) -> None:
    """Remove a result; the one before it of the same provider version counts again."""
    storage.removals.add(RemovalKind.RESULT, {result.consumer, result.provider}, result.created_at, now)
    storage.result_removal.delete(content, result)


def _check(storage: Storage, query: PactsQuery) -> None:
    environments = {environment.name for environment in storage.environments.all()}
    errors = [
        f"{message} (at index {index})"
        for index, selector in enumerate(query.selectors)
        for message in selecting.broken_rules(
            selector, provider_branch=query.provider.branch, environments=environments
        )
    ]
    if errors:
        raise ValidationError({"consumerVersionSelectors": errors})


def _found(storage: Storage, provider: Pacticipant, query: PactsQuery) -> list[Found]:
    if not query.selectors:
        return storage.selection.find(provider.id, selecting.DEFAULT_SEARCHES)
    found: list[Found] = []
    for selector in query.selectors:
        searches = selecting.searches(selector, provider_branch=query.provider.branch)
        of_selector = storage.selection.find(provider.id, searches)
        instead = selecting.fallback(selector)
        if not of_selector and instead is not None:
            of_selector = storage.selection.find(provider.id, [instead])
        found.extend(of_selector)
    return found


def _work_in_progress(
    storage: Storage, provider: Pacticipant, query: PactsQuery, explicit: list[SelectedPact], now: datetime
) -> list[SelectedPact]:
    branch = query.provider.branch
    if query.wip_since is None or branch is None:
        return []
    selected = {pact.pact_version_id for pact in explicit}
    candidates = storage.selection.branch_heads_since(provider.id, query.wip_since)
    contents = {found.pact_version_id for found in candidates} - selected
    verified = storage.successes.from_branch(contents, provider.id, branch, now, explicit=True)
    remaining = contents - verified
    return selecting.group([found for found in candidates if found.pact_version_id in remaining], wip=True)


def _pending(
    storage: Storage, provider: Pacticipant, query: PactsQuery, pacts: list[SelectedPact], now: datetime
) -> set[int] | None:
    if not query.include_pending:
        return None
    contents = {pact.pact_version_id for pact in pacts}
    in_progress = {pact.pact_version_id for pact in pacts if pact.wip}
    return in_progress | (contents - _verified(storage, provider, query.provider, contents, now))


def _verified(
    storage: Storage, provider: Pacticipant, version: Provider, contents: set[int], now: datetime
) -> set[int]:
    if version.branch is not None:
        return storage.successes.from_branch(contents, provider.id, version.branch, now)
    if not version.tags:
        return storage.successes.by_anyone(contents)
    # Pending as long as one of the tags has not verified it (reference §6.5).
    return set.intersection(
        *(storage.successes.with_tag(contents, provider.id, tag, now) for tag in version.tags)
    )
