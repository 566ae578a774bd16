"""The newest result of a pact, by the version that published it; and removing results (reference §7.2)."""

from collections.abc import Callable

from flask import Response

from broker.domain.accounts.permissions import Action
from broker.domain.verifications.result import PactContent
from broker.services.verifications import results
from broker.web.api.verifications.results import A_RESULT, show_latest
from broker.web.context import now, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal
from broker.web.paths import result_number
from broker.web.resource import ApiResource

api = ApiResource("latest_results", __name__)


@api.get("latest-version-verification-result", **A_RESULT)
def of_version(provider: str, consumer: str, consumer_version: str) -> Hal | Response:
    """Show the newest result of the pact of a consumer version."""
    return show_latest(results.content_of_version, consumer, provider, consumer_version)


@api.get("latest-pact-verification-result", "latest-tagged-pact-verification-result", **A_RESULT)
def of_latest(provider: str, consumer: str, tag: str | None = None) -> Hal | Response:
    """Show the newest result of the latest pact, of versions with the tag if one is given."""
    return show_latest(results.content_of_latest, consumer, provider, tag)


@api.delete(
    "verification-result", "verification-result-with-metadata", needs=Needs(Action.DELETE, "provider")
)
def delete(provider: str, consumer: str, sha: str, number: str, metadata: str = "") -> tuple[str, int]:  # noqa: ARG001 - the metadata changes nothing here
    """Remove one result."""
    wanted = result_number(number)
    with transaction() as storage:
        content = results.find_content(storage, consumer, provider, sha)
        found = results.find_result(storage, content, wanted)
        results.delete_result(storage, content, found, now())
    return "", 204


@api.delete("latest-verification-result", needs=Needs(Action.DELETE, "provider"))
def delete_latest_of_content(provider: str, consumer: str, sha: str) -> tuple[str, int]:
    """Remove the newest result of a content."""
    return _delete_latest(results.find_content, consumer, provider, sha)


@api.delete("latest-version-verification-result", needs=Needs(Action.DELETE, "provider"))
def delete_of_version(provider: str, consumer: str, consumer_version: str) -> tuple[str, int]:
    """Remove the newest result of the pact of a consumer version."""
    return _delete_latest(results.content_of_version, consumer, provider, consumer_version)


@api.delete(
    "latest-pact-verification-result",
    "latest-tagged-pact-verification-result",
    needs=Needs(Action.DELETE, "provider"),
)
def delete_of_latest(provider: str, consumer: str, tag: str | None = None) -> tuple[str, int]:
    """Remove the newest result of the latest pact."""
    return _delete_latest(results.content_of_latest, consumer, provider, tag)


def _delete_latest(find_content: Callable[..., PactContent], *names: str | None) -> tuple[str, int]:
    with transaction() as storage:
        content = find_content(storage, *names)
        results.delete_result(storage, content, results.latest(storage, content), now())
    return "", 204
