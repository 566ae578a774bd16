"""Comparisons of pacts with the service contracts of providers."""

from collections.abc import Sequence

import orjson

from broker.domain.decisions.comparisons import ListedComparison, StoredComparison
from broker.domain.pagination import Page
from broker.services.service_contracts import comparisons
from broker.web.context import links, reading
from broker.web.description.parameters import PAGE
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.pagination import DEFAULT_SIZE, page, paged
from broker.web.paths import result_number
from broker.web.resource import ApiResource

api = ApiResource("comparisons", __name__)
api.relation("tally:comparison", "What a comparison of a pact with a service contract found.", "comparison")
api.relation(
    "tally:comparisons",
    "The comparisons of a pact with versions of its provider, or of a version with the pacts of consumers.",
    "pact-comparisons",
)
_FIRST = Page(1, DEFAULT_SIZE)


@api.get("comparison", answers="Comparison")
def show(provider: str, consumer: str, sha: str, number: str) -> Hal:
    """Show what does not fit in a pact and a service contract."""
    wanted = result_number(number)
    with reading() as storage:
        found = comparisons.find(storage, consumer, provider, sha, wanted)
    return represent(found, links(), {"provider": provider, "consumer": consumer, "sha": sha})


def represent(found: StoredComparison, links: Links, place: dict[str, str]) -> Hal:
    """Return the HAL document of a comparison; *place* has the names and the hash of the pact."""
    written = orjson.loads(found.findings)
    name = f"Comparison of the pact of {place['consumer']} with the service contract of {place['provider']}"
    return resource(
        {
            "verdict": found.verdict.value,
            "guaranteed": found.guaranteed,
            "comparedAt": timestamp(found.created_at),
            "reason": written.get("reason"),
            "interactions": written.get("interactions", []),
            "findingsLeftOut": written.get("findingsLeftOut"),
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


@api.get("pact-comparisons", answers="Comparisons", query=PAGE)
def of_pact(provider: str, consumer: str, sha: str) -> Hal:
    """Show what came of comparing a pact with versions of its provider, newest first."""
    asked = page(_FIRST)
    with reading() as storage:
        part = comparisons.of_pact(storage, consumer, provider, sha, asked)
    make = links()
    place = {"provider": provider, "consumer": consumer, "sha": sha}
    url = make.href("pact-comparisons", **place)
    related = {"pb:pact-version": make.to("pact-version", "Pact content", sha, **place)}
    return paged(_list(part.items, make, url, related), part, url)


@api.get("service-contract-comparisons", answers="Comparisons", query=PAGE)
def of_version(pacticipant: str, version: str) -> Hal:
    """Show what came of comparing the service contract of a version with the pacts of its consumers."""
    asked = page(_FIRST)
    with reading() as storage:
        found = comparisons.of_version(storage, pacticipant, version, asked)
    make = links()
    place = {"pacticipant": pacticipant, "version": version}
    url = make.href("service-contract-comparisons", **place)
    related = {
        "pb:pacticipant-version": make.to("version", "Pacticipant version", version, **place),
        "tally:service-contract-documents": make.to("service-contract-documents", **place),
    }
    document = _list(found.part.items, make, url, related)
    return paged({"underWay": found.waiting, **document}, found.part, url)


def _list(items: Sequence[ListedComparison], links: Links, url: str, related: Hal) -> Hal:
    return resource(
        {},
        embedded={"comparisons": [_in_list(item, links) for item in items]},
        links={
            "self": {"href": url, "title": "Comparisons with service contracts"},
            **related,
            "curies": links.curies("comparisons"),
        },
    )


def _in_list(comparison: ListedComparison, links: Links) -> Hal:
    pact = {
        "provider": comparison.provider,
        "consumer": comparison.consumer,
        "sha": comparison.pact_sha,
    }
    found_links = {
        "self": links.to("comparison", "Comparison", **pact, number=str(comparison.number)),
        "pb:pact-version": links.to("pact-version", "Pact content", comparison.pact_sha, **pact),
    }
    if comparison.provider_version is not None:
        found_links["tally:service-contract-documents"] = links.to(
            "service-contract-documents",
            "Documents of the service contract",
            pacticipant=comparison.provider,
            version=comparison.provider_version,
        )
    return resource(
        {
            "verdict": comparison.verdict.value,
            "consumerName": comparison.consumer,
            "consumerVersionNumber": comparison.consumer_version,
            "providerName": comparison.provider,
            "providerVersionNumber": comparison.provider_version,
            "comparedAt": timestamp(comparison.created_at),
        },
        links=found_links,
    )
