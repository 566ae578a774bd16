"""Obstacles to a deployment: who has to act, and how."""

import shlex
from functools import lru_cache

from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.obstacles import Obstacle, PactDelivery
from broker.domain.verifications.url_metadata import Metadata, encode
from broker.web.hal import Hal, Links, timestamp

_PROBLEMS = {Verdict.FAILED: "failed", Verdict.UNKNOWN: "missing"}


def represent(obstacle: Obstacle, links: Links) -> Hal:
    """Return the problem, since when it exists, who has to act, what is under way, and what to run."""
    row = obstacle.row
    result, kept_by = result_url(row, links), obstacle.kept_by
    return {
        "problem": _PROBLEMS[row.verdict],
        "since": timestamp(obstacle.since),
        "consumer": {"name": row.consumer, "version": row.consumer_version.number},
        "provider": {"name": row.provider, "versions": list(obstacle.verifiers)},
        "interactions": [
            {
                "description": description,
                "problems": [f"{found.place}: {found.text}".removeprefix(": ") for found in problems],
            }
            for description, problems in obstacle.interactions.items()
        ],
        "webhooks": [_delivery(delivery, links) for delivery in obstacle.deliveries],
        "keptBy": kept_by and {"version": kept_by.number, "branch": kept_by.branch},
        "underWay": obstacle.under_way,
        "buildUrl": obstacle.build_url,
        "command": _command(obstacle, links),
        "_links": {
            "pb:pact-version": {"href": pact_url(row, links)},
            **(
                {"pb:verification-result": {"href": result}, "tally:page": page(row, links)} if result else {}
            ),
        },
    }


def pact_url(row: Row, links: Links) -> str:
    """Return the URL of the pact of the row."""
    return links.href(
        "pact", provider=row.provider, consumer=row.consumer, consumer_version=row.consumer_version.number
    )


def page(row: Row, links: Links) -> Hal:
    """Return a link to the page of the pact, with the result of the row."""
    return links.to_query(
        "pact",
        "The pact with this result, as a page",
        [("result", str(row.result_number))],
        provider=row.provider,
        consumer=row.consumer,
        consumer_version=row.consumer_version.number,
    )


def result_url(row: Row, links: Links) -> str | None:
    """Return the URL of the result of the row."""
    if row.result_number is None:
        return None
    return links.href(
        "verification-result-with-metadata",
        provider=row.provider,
        consumer=row.consumer,
        sha=row.sha,
        metadata=_segment(row.consumer_version.number),
        number=str(row.result_number),
    )


@lru_cache(maxsize=1024)
def _segment(number: str) -> str:
    # An answer has the results of many providers for the same few consumer versions.
    return encode(Metadata((number,)))


def _delivery(delivery: PactDelivery, links: Links) -> Hal:
    return {
        "name": delivery.title,
        "event": delivery.event,
        "providerVersion": delivery.provider_version,
        "status": delivery.status.value,
        "answer": delivery.answer,
        "triggeredAt": timestamp(delivery.triggered_at),
        "_links": {"pb:logs": {"href": links.href("triggered-webhook-logs", uuid=delivery.uuid)}},
    }


def _command(obstacle: Obstacle, links: Links) -> str:
    """Return the command that verifies the pact; for a failed one without publishing, to find the cause."""
    command = f"tally verify {shlex.quote(pact_url(obstacle.row, links))} --provider-url URL"
    if obstacle.row.verdict is Verdict.FAILED:
        return command
    number = shlex.quote(obstacle.verifiers[0]) if len(obstacle.verifiers) == 1 else "VERSION"
    return f"{command} -b {links.base} --provider-version {number} --publish"
