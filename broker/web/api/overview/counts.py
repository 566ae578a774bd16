"""Counts and measurements, for operators (reference §11.5)."""

from collections.abc import Mapping
from datetime import datetime

from flask import Response, request

from broker.domain.overview.counts import Metrics
from broker.web.content_types import HAL, PLAIN
from broker.web.context import counting, links, measurements
from broker.web.hal import Hal, Links, timestamp
from broker.web.resource import ApiResource

api = ApiResource("metrics", __name__)
api.relation("pb:metrics", "Counts of everything in the broker.", "metrics", title="Metrics")


@api.get("metrics", answers="Metrics", types=(HAL, PLAIN))
def show() -> Hal | Response:
    """Count everything; or show measurements to Prometheus, which asks for text."""
    accept = request.headers.get("Accept", "")
    if "text/plain" in accept or "application/openmetrics-text" in accept:
        text, content_type = measurements().exposition(accept)
        return Response(text, content_type=content_type)
    return represent(*counting().newest(), links())


def represent(metrics: Metrics, counted_at: datetime, links: Links) -> Hal:
    """Return the counts under the Pact Broker's keys."""
    return {
        **_contracts(metrics),
        **_applications(metrics),
        **_elsewhere(metrics),
        "tally:countedAt": timestamp(counted_at),
        "_links": {"self": links.to("metrics", "Metrics")},
    }


def _contracts(metrics: Metrics) -> Hal:
    counts = metrics.counts
    return {
        "interactions": {
            "latestInteractionsCount": counts.latest_interactions,
            "latestMessagesCount": counts.latest_messages,
            "latestInteractionsAndMessagesCount": counts.latest_interactions + counts.latest_messages,
        },
        "integrations": {"count": counts.integrations},
        "pactPublications": {
            "count": counts.pact_publications,
            "first": _moment(counts.first_pact_publication),
            "last": _moment(counts.last_pact_publication),
        },
        "pactVersions": {"count": counts.pact_versions},
        "pactRevisionsPerConsumerVersion": _distribution(metrics.revisions_per_version),
        "verificationResults": {
            "count": counts.verification_results,
            "successCount": counts.successful_results,
            "failureCount": counts.verification_results - counts.successful_results,
            "distinctCount": counts.distinct_results,
            "first": _moment(counts.first_result),
            "last": _moment(counts.last_result),
        },
        "verificationResultsPerPactVersion": _distribution(metrics.results_per_content),
        "matrix": {"count": -1},  # what the Pact Broker says: nobody counts it
    }


def _applications(metrics: Metrics) -> Hal:
    counts = metrics.counts
    return {
        "pacticipants": {
            "count": counts.pacticipants,
            "withMainBranchSetCount": counts.pacticipants_with_main_branch,
        },
        "pacticipantVersions": {
            "count": counts.versions,
            "withUserCreatedBranchCount": counts.versions_put_on_branch,
            "withBranchCount": counts.versions_on_branch,
            "withBranchSetCount": counts.versions_on_branch,
        },
        "tags": {
            "count": counts.tags,
            "distinctCount": counts.distinct_tags,
            "distinctWithPacticipantCount": metrics.distinct_tags_by_pacticipant,
        },
    }


def _elsewhere(metrics: Metrics) -> Hal:
    counts = metrics.counts
    return {
        "webhooks": {"count": counts.webhooks},
        "triggeredWebhooks": {"count": counts.deliveries},
        "webhookExecutions": {"count": counts.delivery_attempts},
        "environments": {"count": counts.environments},
        "deployedVersions": {
            "count": counts.deployed_versions,
            "userCreatedCount": counts.deployments_by_users,
            "currentlyDeployedCount": counts.currently_deployed,
        },
        "releasedVersions": {
            "count": counts.released_versions,
            "currentlySupportedCount": counts.currently_supported,
        },
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)


def _distribution(found: Mapping[int, int]) -> Hal:
    return {"distribution": {str(amount): times for amount, times in found.items()}}
