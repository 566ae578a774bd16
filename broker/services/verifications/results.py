"""The results of verifying pacts."""

from datetime import datetime

from broker.domain.errors import NotFoundError
from broker.domain.removal import RemovalKind
from broker.domain.verifications.result import NewVerification, PactContent, Verification, Waiting, merged
from broker.domain.webhooks.parameters import Addresses
from broker.services.pacticipants import pacticipants
from broker.services.webhooks import notify
from broker.services.webhooks.new_deliveries import ResultPublished
from broker.storage.storage import Storage


def record_result(
    storage: Storage, result: NewVerification, now: datetime, addresses: Addresses | None
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
    number = storage.verification_results.add(content, version, result, now)
    stored = find_result(storage, content, number)
    published = ResultPublished(content, stored, result.metadata.consumer_versions)
    notify.result_published(storage, published, addresses, now)
    return stored


def find_content(storage: Storage, consumer: str, provider: str, sha: str) -> PactContent:
    """Return the content with this hash. Raises NotFoundError that names what is missing."""
    content = storage.verification_results.content(consumer, provider, sha)
    if content is None:
        pacticipants.find(storage, consumer, "consumer")
        pacticipants.find(storage, provider, "provider")
        raise NotFoundError(f"No pact between {consumer} and {provider} has the content {sha}")
    return content


def find_result(storage: Storage, content: PactContent, number: int) -> Verification:
    """Return a result by its number. Raises NotFoundError."""
    found = storage.verification_results.find(content, number)
    if found is None:
        raise NotFoundError(f"No verification result with number {number} found for this pact")
    return found


def delete_result(storage: Storage, content: PactContent, result: Verification, now: datetime) -> None:
    """Remove a result; the one before it of the same provider version counts again."""
    storage.removals.add(RemovalKind.RESULT, {result.consumer, result.provider}, result.created_at, now)
    storage.verification_results.delete(content, result)
