"""The results of verifying pacts."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from broker.domain.errors import NotFoundError
from broker.domain.pacts.filter import PactFilter
from broker.domain.removal import RemovalKind
from broker.domain.verifications.failing_since import NewResult
from broker.domain.verifications.result import NewVerification, PactContent, Verification, Waiting, merged
from broker.domain.webhooks.delivery import Delivery
from broker.domain.webhooks.parameters import Addresses
from broker.services.pacticipants import pacticipants
from broker.services.pacts import lists, pacts
from broker.services.verifications import failures
from broker.services.webhooks import notify
from broker.services.webhooks.new_deliveries import ResultPublished
from broker.storage.storage import Storage


def record_result(
    storage: Storage, result: NewVerification, now: datetime, addresses: Addresses | None
) -> Callable[[], Verification | Waiting]:
    """Store a result, create the provider version if it is new, and trigger webhooks.

    Return what returns the result. Its number is best asked for after the transaction: then it is there.

    The parts of a divided verification are kept until the last one arrives. Then they become one result.
    Raises NotFoundError; ValidationError when parts do not agree about their number.
    """
    created = storage.versions.create_soon(result.provider, result.provider_version, now)
    subject = storage.verification_results.subject(result)
    if subject is None:
        pacts.missing(storage, result.provider, result.consumer, sha=result.sha)
    content = subject.content
    version = created() or storage.versions.hold(content.provider_id, result.provider_version, now)
    storage.note(
        "verification_results",
        f"{result.consumer} / {result.provider} / {result.provider_version}",
        after={
            "pactVersion": result.sha,
            "consumerVersions": result.metadata.consumer_versions,
            "success": result.success,
        },
    )
    if result.shard is not None:
        parts = storage.verification_parts.add(content, version, result, result.shard, now)
        if len(parts) < result.shard.count:
            return partial(Waiting, len(parts), result.shard.count)
        result = merged(result, parts)
        storage.verification_parts.remove(content, version)
    number = storage.verification_results.add(content, version, result, now)
    if not result.success:
        failures.keep(
            storage,
            content,
            version,
            NewResult(number(), content.id, version.id, version.number, now, result.test_results),
        )

    def stored() -> Verification:
        return _stored(result, number(), subject.consumer_version, now)

    if subject.has_webhooks:
        published = ResultPublished(content, stored(), result.metadata.consumer_versions)
        notify.result_published(storage, published, addresses, now)
    return stored


def _stored(
    result: NewVerification, number: int, consumer_version: str | None, now: datetime
) -> Verification:
    """Return the result as it is read from now on."""
    return Verification(
        number,
        result.consumer,
        result.provider,
        result.sha,
        consumer_version,
        result.provider_version,
        result.success,
        result.metadata.wip,
        result.metadata.pending,
        result.build_url,
        result.test_results,
        result.verified_by,
        now,
    )


def find_content(storage: Storage, consumer: str, provider: str, sha: str) -> PactContent:
    """Return the content with this hash. Raises NotFoundError that names what is missing."""
    content = storage.verification_results.content(consumer, provider, sha)
    if content is None:
        pacts.missing(storage, provider, consumer, sha=sha)
    return content


def content_of_version(storage: Storage, consumer: str, provider: str, version: str) -> PactContent:
    """Return the content of the pact of a consumer version. Raises NotFoundError."""
    pact = pacts.of_version(storage, provider, consumer, version)
    return find_content(storage, consumer, provider, pact.sha)


def content_of_latest(storage: Storage, consumer: str, provider: str, tag: str | None = None) -> PactContent:
    """Return the content of the latest pact, of versions with the tag if one is given.

    Raises NotFoundError.
    """
    found = lists.between(storage, provider, consumer, PactFilter(tag=tag, latest=True))
    if not found:
        pacts.missing(storage, provider, consumer)
    return find_content(storage, consumer, provider, found[0].sha)


def latest(storage: Storage, content: PactContent) -> Verification:
    """Return the newest result. Raises NotFoundError."""
    found = storage.verification_results.latest(content)
    if found is None:
        raise NotFoundError("This pact has not been verified yet")
    return found


def deliveries_of(storage: Storage, content: PactContent, number: int) -> list[Delivery]:
    """Return the deliveries of webhooks that a result triggered, newest first. Raises NotFoundError."""
    find_result(storage, content, number)
    return storage.deliveries.of_result(number)


def latest_of_consumer_version(
    storage: Storage, consumer: str, number: str
) -> tuple[list[Verification], list[str]]:
    """Return the newest result of each pact of the version, and the providers that have given none.

    Raises NotFoundError.
    """
    version = pacticipants.find_version(storage, consumer, number)
    found = storage.verification_results.latest_of_consumer_version(version)
    have_given_one = {result.provider for result in found}
    providers = storage.verification_results.providers_of(version)
    return found, [provider for provider in providers if provider not in have_given_one]


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
