"""Lists of pacts (reference §4.9)."""

from collections.abc import Mapping, Sequence

from broker.domain.pacts.pact import ListedPact
from broker.services.pacts import lists
from broker.web.api.pacticipants.pacticipants import embedded_pacticipant
from broker.web.context import links, reading
from broker.web.hal import Hal, Links, timestamp
from broker.web.resource import ApiResource

api = ApiResource("pact_lists", __name__)
api.relation("pb:pacts", "Pacts, each with its own link.")
api.relation("pb:pact-versions", "The pacts of a version, or the versions of a pact, each with its own link.")
api.relation("pb:all-pact-versions", "All versions of a pact, newest first.", "all-pact-versions")
api.relation(
    "pb:latest-pact-versions",
    "The latest pact of every consumer with every provider.",
    "latest-pacts",
    title="Latest pact versions",
)
api.relation(
    "pb:provider-pacts", "All pacts with a provider.", "provider-pacts", title="All pacts by provider"
)
api.relation(
    "pb:latest-provider-pacts",
    "The latest pact of each consumer of a provider.",
    "latest-provider-pacts",
    title="Latest pacts by provider",
)
api.relation(
    "pb:latest-provider-pacts-with-tag",
    "The latest pact with a tag of each consumer of a provider.",
    "latest-provider-pacts-with-tag",
    title="Latest pacts by provider, of versions with a tag",
)


@api.get("all-pact-versions", answers="PactsOfPair")
def between(provider: str, consumer: str) -> Hal:
    """List every pact between a consumer and a provider, newest first."""
    with reading() as storage:
        found = lists.all_between(storage, provider, consumer)
    pair = {"provider": provider, "consumer": consumer}
    title = f"All versions of the pact between {consumer} and {provider}"
    return represent_between(pair, found, links().to("all-pact-versions", title, **pair), links())


@api.get("latest-pacts", answers="LatestPacts")
def latest() -> Hal:
    """List the latest pact of every integration."""
    with reading() as storage:
        found = lists.latest(storage)
    make = links()
    return {
        "pacts": [_latest(pact, make) for pact in found],
        "_links": {
            "self": make.to("latest-pacts", "Latest pacts"),
            "pb:pacts": [_latest_link(pact, make) for pact in found],
            "pacts": [_latest_link(pact, make) for pact in found],
            "curies": make.curies("pacts"),
        },
    }


@api.get("provider-pacts", answers="PactsOfProvider")
def of_provider(provider: str) -> Hal:
    """List every pact with a provider."""
    with reading() as storage:
        found = lists.all_of_provider(storage, provider)
    itself = links().to("provider-pacts", f"All pacts with {provider}", provider=provider)
    return represent_of_provider(provider, found, itself, links())


@api.get("latest-provider-pacts", answers="PactsOfProvider")
def latest_of_provider(provider: str) -> Hal:
    """List the latest pact of every consumer of a provider."""
    with reading() as storage:
        found = lists.latest_of_provider(storage, provider)
    itself = links().to("latest-provider-pacts", f"Latest pacts with {provider}", provider=provider)
    return represent_of_provider(provider, found, itself, links())


@api.get("latest-provider-pacts-with-tag", answers="PactsOfProvider")
def latest_of_provider_with_tag(provider: str, tag: str) -> Hal:
    """List the latest pact with a tag of every consumer of a provider."""
    with reading() as storage:
        found = lists.latest_of_provider(storage, provider, tag)
    title = f"Latest pacts with {provider}, tagged {tag}"
    itself = links().to("latest-provider-pacts-with-tag", title, provider=provider, tag=tag)
    return represent_of_provider(provider, found, itself, links())


def represent_between(
    pair: Mapping[str, str], found: Sequence[ListedPact], itself: Hal, links: Links, *, prefix: str = ""
) -> Hal:
    """Return the pacts of a pair, {"consumer": NAME, "provider": NAME}; *prefix* is that of the relations."""
    return {
        "_embedded": {"pacts": [_listed(pact, links) for pact in found]},
        "_links": {
            "self": itself,
            f"{prefix}consumer": links.to(
                "pacticipant", "Consumer", pair["consumer"], pacticipant=pair["consumer"]
            ),
            f"{prefix}provider": links.to(
                "pacticipant", "Provider", pair["provider"], pacticipant=pair["provider"]
            ),
            f"{prefix}pact-versions": [
                _link(pact, links, "Pact", f"Version {pact.version} - {pact.created_at:%d/%m/%Y}")
                for pact in found
            ],
        },
    }


def represent_of_provider(provider: str, found: Sequence[ListedPact], itself: Hal, links: Links) -> Hal:
    """Return the pacts with a provider: links alone."""
    # `pacts` and `provider` are old twins of the relations with a prefix; verifiers still read them.
    pacts = [_link(pact, links, pact.name, pact.consumer) for pact in found]
    of_provider = links.to("pacticipant", None, provider, pacticipant=provider)
    return {
        "_links": {
            "self": itself,
            "pb:provider": of_provider,
            "pb:pacts": pacts,
            "provider": of_provider,
            "pacts": pacts,
            "curies": links.curies("pacts"),
        }
    }


def _listed(pact: ListedPact, links: Links) -> Hal:
    return {
        "createdAt": timestamp(pact.created_at),
        "_embedded": {"consumerVersion": _consumer_version(pact, links)},
        "_links": {"self": _link(pact, links, pact.name)},
    }


def _latest(pact: ListedPact, links: Links) -> Hal:
    consumer = embedded_pacticipant(pact.consumer, links)
    latest = links.href("latest-pact", provider=pact.provider, consumer=pact.consumer)
    return {
        "createdAt": timestamp(pact.created_at),
        "_embedded": {
            "consumer": {**consumer, "_embedded": {"version": _consumer_version(pact, links)}},
            "provider": embedded_pacticipant(pact.provider, links),
        },
        "_links": {"self": [{"href": latest}, {"href": _link(pact, links)["href"]}]},
    }


def _latest_link(pact: ListedPact, links: Links) -> Hal:
    return links.to("latest-pact", pact.name, provider=pact.provider, consumer=pact.consumer)


def _consumer_version(pact: ListedPact, links: Links) -> Hal:
    itself = links.to("version", "Version", pact.version, pacticipant=pact.consumer, version=pact.version)
    return {"number": pact.version, "_links": {"self": itself}}


def _link(pact: ListedPact, links: Links, title: str | None = None, name: str | None = None) -> Hal:
    return links.to(
        "pact",
        title,
        name,
        provider=pact.provider,
        consumer=pact.consumer,
        consumer_version=pact.version,
    )
