"""Documents and values with defaults for everything that a test does not care about.

Each call builds a new one, so that a test may change it.
"""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from broker.domain.model import BranchMembership, Version

Json = dict[str, Any]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def an_interaction(description: str = "a request for order 1", **changes: Any) -> Json:
    """Return one HTTP interaction of a pact V3; *changes* replace whole keys of it."""
    interaction = {
        "description": description,
        "providerStates": [{"name": "an order exists", "params": {"id": 1}}],
        "request": {"method": "GET", "path": "/orders/1"},
        "response": {
            "status": 200,
            "headers": {"Content-Type": "application/json"},
            "body": {"id": 1, "status": "paid"},
        },
    }
    return {**interaction, **changes}


def a_message(description: str = "an order was paid", **changes: Any) -> Json:
    """Return one message of a pact V3; *changes* replace whole keys of it."""
    message = {
        "description": description,
        "metaData": {"contentType": "application/json"},
        "contents": {"id": 1, "status": "paid"},
    }
    return {**message, **changes}


def a_pact(*interactions: Json, consumer: str = "Shop", provider: str = "Orders", **changes: Any) -> Json:
    """Return a pact V3 between *consumer* and *provider*, with one interaction when none is given."""
    pact = {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "interactions": list(interactions) or [an_interaction()],
        "metadata": {"pactSpecification": {"version": "3.0.0"}},
    }
    return {**pact, **changes}


def a_message_pact(*messages: Json, consumer: str = "Shop", provider: str = "Orders", **changes: Any) -> Json:
    """Return a message pact V3 between *consumer* and *provider*, with one message when none is given."""
    pact = a_pact(consumer=consumer, provider=provider, messages=list(messages) or [a_message()], **changes)
    del pact["interactions"]
    return pact


def a_publication(*pacts: Json, version: str = "1", branch: str | None = "main", **changes: Any) -> Json:
    """Return the body of `POST /contracts/publish` for *pacts* of one consumer; for one if none is given."""
    pacts = pacts or (a_pact(),)
    publication = {
        "pacticipantName": pacts[0]["consumer"]["name"],
        "pacticipantVersionNumber": version,
        "branch": branch,
        "contracts": [_a_contract(pact) for pact in pacts],
    }
    return {**publication, **changes}


def _a_contract(pact: Json) -> Json:
    return {
        "consumerName": pact["consumer"]["name"],
        "providerName": pact["provider"]["name"],
        "specification": "pact",
        "contentType": "application/json",
        "content": base64.b64encode(json.dumps(pact).encode()).decode(),
    }


def a_verification_result(version: str = "1", *, success: bool = True, **changes: Any) -> Json:
    """Return what a verifier sends about the provider version *version*."""
    result = {
        "success": success,
        "providerApplicationVersion": version,
        "verifiedBy": {"implementation": "a verifier", "version": "1.0.0"},
    }
    return {**result, **changes}


def a_version(
    number: str = "1", *, pacticipant: str = "Shop", branch: str | None = "main", **changes: Any
) -> Version:
    """Return a version as the storage would: the head of *branch*, unless that is None."""
    values: Json = {
        "id": 1,
        "pacticipant": pacticipant,
        "number": number,
        "position": 1,
        "build_url": None,
        "created_at": NOON,
        "updated_at": NOON,
        "branches": () if branch is None else (BranchMembership(branch, latest=True),),
    }
    return Version(**{**values, **changes})


def results_of(published: Json, *failed: str, key: str = "interactions", **how: Any) -> list[Json]:
    """Return what a verifier says of each interaction of a pact; *how* is told of those that *failed*."""
    return [
        {"interactionId": item["_id"], "success": item["description"] not in failed}
        | (how if item["description"] in failed else {})
        for item in published[key]
    ]
