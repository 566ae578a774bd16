"""The newest result of a pact, by the version that published it; and removing results (reference §7.2)."""

from flask import Response

from broker.domain.errors import NotFoundError
from broker.domain.pacts.filter import PactFilter
from broker.domain.verifications.result import PactContent, Verification
from broker.services.pacts import lists
from broker.services.pacts.pacts import pact_of_version
from broker.services.verifications import results
from broker.storage.storage import Storage
from broker.web.api.verifications.results import shown
from broker.web.content_types import EXTENDED, HAL
from broker.web.context import now, reading, transaction
from broker.web.hal import Hal
from broker.web.paths import result_number
from broker.web.resource import Resource

api = Resource("latest_results", __name__)


@api.get("latest-version-verification-result", answers="VerificationResult", types=(HAL, EXTENDED))
def of_version(provider: str, consumer: str, consumer_version: str) -> Hal | Response:
    """Show the newest result of the pact of a consumer version."""
    with reading() as storage:
        return shown(storage, _latest(storage, _of_version(storage, provider, consumer, consumer_version)))


@api.get(
    "latest-pact-verification-result",
    "latest-tagged-pact-verification-result",
    answers="VerificationResult",
    types=(HAL, EXTENDED),
)
def of_latest(provider: str, consumer: str, tag: str | None = None) -> Hal | Response:
    """Show the newest result of the latest pact, of versions with the tag if one is given."""
    with reading() as storage:
        return shown(storage, _latest(storage, _of_latest(storage, provider, consumer, tag)))


@api.delete("verification-result", "verification-result-with-metadata")
def delete(provider: str, consumer: str, sha: str, number: str, metadata: str = "") -> tuple[str, int]:  # noqa: ARG001 - the metadata changes nothing here
    """Remove one result."""
    wanted = result_number(number)
    with transaction() as storage:
        content = results.find_content(storage, consumer, provider, sha)
        found = results.find_result(storage, content, wanted)
        results.delete_result(storage, content, found, now())
    return "", 204


@api.delete("latest-verification-result")
def delete_latest_of_content(provider: str, consumer: str, sha: str) -> tuple[str, int]:
    """Remove the newest result of a content."""
    with transaction() as storage:
        _delete_latest(storage, results.find_content(storage, consumer, provider, sha))
    return "", 204


@api.delete("latest-version-verification-result")
def delete_of_version(provider: str, consumer: str, consumer_version: str) -> tuple[str, int]:
    """Remove the newest result of the pact of a consumer version."""
    with transaction() as storage:
        _delete_latest(storage, _of_version(storage, provider, consumer, consumer_version))
    return "", 204


@api.delete("latest-pact-verification-result", "latest-tagged-pact-verification-result")
def delete_of_latest(provider: str, consumer: str, tag: str | None = None) -> tuple[str, int]:
    """Remove the newest result of the latest pact."""
    with transaction() as storage:
        _delete_latest(storage, _of_latest(storage, provider, consumer, tag))
    return "", 204


def _of_version(storage: Storage, provider: str, consumer: str, version: str) -> PactContent:
    pact = pact_of_version(storage, provider, consumer, version)
    return results.find_content(storage, consumer, provider, pact.sha)


def _of_latest(storage: Storage, provider: str, consumer: str, tag: str | None) -> PactContent:
    pacts = lists.between(storage, provider, consumer, PactFilter(tag=tag, latest=True))
    if not pacts:
        raise NotFoundError(f"No such pact between {consumer} and {provider} found")
    return results.find_content(storage, consumer, provider, pacts[0].sha)


def _latest(storage: Storage, content: PactContent) -> Verification:
    found = storage.verification_results.latest(content)
    if found is None:
        raise NotFoundError("This pact has not been verified yet")
    return found


def _delete_latest(storage: Storage, content: PactContent) -> None:
    results.delete_result(storage, content, _latest(storage, content), now())
