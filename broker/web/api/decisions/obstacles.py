"""Obstacles to a deployment: who has to act, and how."""

import shlex
from functools import lru_cache

from broker.domain.decisions.evidence import Doubt, Kind
from broker.domain.decisions.matrix import ContractPart, Row, Verdict
from broker.domain.decisions.obstacles import Obstacle, PactDelivery
from broker.domain.verifications.url_metadata import Metadata, encode
from broker.web.api.decisions import row_evidence
from broker.web.hal import Hal, Links, timestamp

_PROBLEMS = {Verdict.FAILED: "failed", Verdict.UNKNOWN: "missing"}


def represent(obstacle: Obstacle, links: Links) -> Hal:
    """Return the problem, since when it exists, who has to act, what is under way, and what to run."""
    row = obstacle.row
    result, kept_by = result_url(row, links), obstacle.kept_by
    found: Hal = {} if result is None else {"pb:verification-result": {"href": result}}
    if row.result_number is not None:
        found["tally:page"] = page(row, links)
    return {
        "problem": _PROBLEMS[row.verdict],
        "since": timestamp(obstacle.since),
        "consumer": {"name": row.consumer, "version": row.consumer_version.number},
        "provider": {"name": row.provider, "versions": list(obstacle.verifiers)},
        "failingSince": obstacle.began
        and {
            "version": obstacle.began.version,
            "at": timestamp(obstacle.began.at),
            "versions": obstacle.began.versions,
        },
        "teams": {
            "consumer": list(obstacle.teams.get(row.consumer, ())),
            "provider": list(obstacle.teams.get(row.provider, ())),
        },
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
        "command": command(obstacle, links),
        "_links": {
            "tally:service-contract" if row.subject else "pb:pact-version": {
                "href": contract_url(row, links)
            },
            **found,
        },
        **row_evidence.represent(row, links),
    }


def contract_url(row: Row, links: Links) -> str:
    """Return the URL of the pact, or of the service contract, that the row is about."""
    return row_evidence.contract_url(row, links) or pact_url(row, links)


def pact_url(row: Row, links: Links) -> str:
    """Return the URL of the pact of the row."""
    return links.href(
        "pact", provider=row.provider, consumer=row.consumer, consumer_version=row.consumer_version.number
    )


def page(row: Row, links: Links) -> Hal:
    """Return a link to the page of the pact, with the result of the row."""
    return links.to(
        "pact-with-result",
        "The pact with this result, as a page",
        number=str(row.result_number),
        provider=row.provider,
        consumer=row.consumer,
        consumer_version=row.consumer_version.number,
    )


def result_url(row: Row, links: Links) -> str | None:
    """Return the URL of the result of the row: of a replay, of a comparison, or of a document."""
    decided_by_contract = row_evidence.result_url(row, links)
    if decided_by_contract is not None or row.result_number is None:
        return decided_by_contract
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


def command(obstacle: Obstacle, links: Links) -> str | None:
    """Return the command that verifies the pact; for a failed one without publishing, to find the cause.

    Where a service contract has to be verified, it is the command for that; None where none helps.
    """
    part = obstacle.row.contract
    if part is not None and not _is_about_a_replay(part):
        return _contract_command(obstacle, part, links)
    line = f"tally verify {shlex.quote(pact_url(obstacle.row, links))} --provider-url URL"
    if obstacle.row.verdict is Verdict.FAILED:
        return line
    number = _verifier(obstacle)
    return f"{line} -b {links.base} --provider-version {number} --publish"


def _verifier(obstacle: Obstacle) -> str:
    return shlex.quote(obstacle.verifiers[0]) if len(obstacle.verifiers) == 1 else "VERSION"


def _is_about_a_replay(part: ContractPart) -> bool:
    if part.undecided:
        return part.undecided[0].doubt is not Doubt.PROMISED
    return part.kind is Kind.REPLAYED


def _contract_command(obstacle: Obstacle, part: ContractPart, links: Links) -> str | None:
    row = obstacle.row
    is_promised = bool(part.undecided)
    if not (is_promised or part.kind is Kind.SERVICE_CONTRACT or part.doubt is Doubt.NOT_KEPT):
        return None
    version = part.undecided[0].version if is_promised else row.provider_version
    number = shlex.quote(version.number) if version else "VERSION"
    line = (
        f"tally verify --service-contract-from-broker {number} --provider {shlex.quote(row.provider)} "
        f"--provider-url URL -b {links.base}"
    )
    return f"{line} --provider-version {number} --publish" if is_promised else line
