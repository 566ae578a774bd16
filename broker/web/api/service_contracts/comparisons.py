"""Comparisons of pacts with the service contracts of providers."""

import orjson

from broker.domain.decisions.comparisons import StoredComparison
from broker.services.service_contracts import comparisons
from broker.web.context import links, reading
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.paths import result_number
from broker.web.resource import ApiResource

api = ApiResource("comparisons", __name__)
api.relation("tally:comparison", "What a comparison of a pact with a service contract found.", "comparison")


@api.get("comparison", answers="Comparison")
def show(provider: str, consumer: str, sha: str, number: str) -> Hal:
    """Show what does not fit in a pact and a service contract."""
    wanted = result_number(number)
    with reading() as storage:
        found = comparisons.find(storage, consumer, provider, sha, wanted)
    return represent(found, links(), {"provider": provider, "consumer": consumer, "sha": sha})


def represent(found: StoredComparison, links: Links, place: dict[str, str]) -> Hal:
    """Return the HAL document of a comparison; *place* has the names and the hash of the pact."""
    name = f"Comparison of the pact of {place['consumer']} with the service contract of {place['provider']}"
    return resource(
        {
            "verdict": found.verdict.value,
            "guaranteed": found.guaranteed,
            "comparedAt": timestamp(found.created_at),
            "interactions": orjson.loads(found.findings).get("interactions", []),
        },
        links={
            "self": links.to("comparison", "Comparison", name, **place, number=str(found.number)),
            "pb:pact-version": links.to("pact-version", "Pact", place["sha"], **place),
            "tally:service-contract-content": [
                links.to(
                    "service-contract-content",
                    "Service contract",
                    document,
                    pacticipant=place["provider"],
                    sha=sha,
                )
                for document, sha in found.documents
            ],
        },
    )
