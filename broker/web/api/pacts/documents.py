"""The document of a pact, with its links (reference §4.8)."""

from collections.abc import Iterable

import orjson
from flask import Response, request

from broker.domain.pacticipants.details import LatestTag
from broker.domain.pacts.pact import PublishedPact
from broker.web.api import extended
from broker.web.hal import Hal, Links, timestamp


def shown(
    pact: PublishedPact,
    tags_of_newest: Iterable[str] | None,
    links: Links,
    *,
    metadata: str = "",
    named: Iterable[str] = (),
) -> Response:
    """Return the document; the extended one with the tags for which this is the newest pact, unless None.

    *metadata* goes into the link to publish results; *named* are the consumer versions in the address.
    """
    if tags_of_newest is None:
        return represent(pact, links, metadata=metadata, named=named)
    return extended.answer(
        {
            "contract": orjson.Fragment(pact.text),
            "createdAt": timestamp(pact.created_at),
            "_links": _links(pact, links, metadata, named),
        },
        [_tag(name, pact, links) for name in tags_of_newest],
    )


def _tag(name: str, pact: PublishedPact, links: Links) -> Hal:
    tag = extended.tag(LatestTag(name, latest=True), links, pacticipant=pact.consumer, version=pact.version)
    tag["_links"]["pb:latest-pact"] = links.to(
        "latest-tagged-pact",
        "Latest pact with this tag",
        provider=pact.provider,
        consumer=pact.consumer,
        tag=name,
    )
    return tag


def represent(
    pact: PublishedPact, links: Links, *, metadata: str = "", named: Iterable[str] = ()
) -> Response:
    """Return the stored document with our keys put into its text, which is never parsed for it.

    An array cannot hold links, and is returned as it is (reference §4.8).
    """
    text = pact.text
    if text.startswith(b"{"):
        ours = orjson.dumps(
            {"createdAt": timestamp(pact.created_at), "_links": _links(pact, links, metadata, named)}
        )
        text = ours if text == b"{}" else b",".join((memoryview(text)[:-1], memoryview(ours)[1:]))
    json_only = "hal+json" not in request.headers.get("Accept", "hal+json")
    kind = "json" if json_only and "application/json" in request.headers.get("Accept", "") else "hal+json"
    return Response(text, content_type=f"application/{kind};charset=utf-8")


def represent_remaining(latest: PublishedPact | None, links: Links) -> Hal:
    """Return the links to follow after pacts of a pair were deleted; *latest* remains, if any does."""
    remaining = {}
    if latest is not None:
        remaining["pb:latest-pact-version"] = links.to(
            "latest-pact", "Latest pact", provider=latest.provider, consumer=latest.consumer
        )
    return {"_links": {"index": links.to("index"), **remaining}}


def _links(pact: PublishedPact, links: Links, metadata: str, named: Iterable[str]) -> Hal:
    return {
        **_of_whom(pact, links),
        **_of_others(pact, links),
        **_of_results(pact, links, metadata),
        **_of_tags(pact, links),
        **_of_webhooks(pact, links),
        **_of_consumer_versions(pact, links, named),
        "curies": links.curies("pact"),
    }


def _of_whom(pact: PublishedPact, links: Links) -> Hal:
    place = {"provider": pact.provider, "consumer": pact.consumer}
    return {
        "self": links.to("pact", "Pact", pact.name, **place, consumer_version=pact.version),
        "pb:consumer": links.to("pacticipant", "Consumer", pact.consumer, pacticipant=pact.consumer),
        "pb:consumer-version": links.to(
            "version", "Consumer version", pact.version, pacticipant=pact.consumer, version=pact.version
        ),
        "pb:provider": links.to("pacticipant", "Provider", pact.provider, pacticipant=pact.provider),
        "pb:pact-version": links.to("pact-version", "Pact content", pact.sha, **place, sha=pact.sha),
    }


def _of_others(pact: PublishedPact, links: Links) -> Hal:
    """Return the links to other pacts of the pair, and to what is different in them."""
    pair = {"provider": pact.provider, "consumer": pact.consumer}
    published = {**pair, "consumer_version": pact.version}
    return {
        "pb:latest-pact-version": links.to("latest-pact", "Latest pact", **pair),
        "pb:all-pact-versions": links.to("all-pact-versions", "All versions of this pact", **pair),
        "pb:latest-untagged-pact-version": links.to(
            "latest-untagged-pact", "Latest pact of a version without tags", **pair
        ),
        "pb:latest-tagged-pact-version": links.template(
            "latest-tagged-pact", "Latest pact of a version with a tag", **pair
        ),
        "pb:previous-distinct": links.to(
            "previous-distinct-pact", "Newest earlier pact with other content", **published
        ),
        "pb:diff-previous-distinct": links.to(
            "diff-with-previous-distinct", "What changed since then", **published
        ),
        "pb:diff": links.template(
            "diff-of-contents", "What is different from another content", **pair, sha=pact.sha
        ),
    }


def _of_results(pact: PublishedPact, links: Links, metadata: str) -> Hal:
    content = {"provider": pact.provider, "consumer": pact.consumer, "sha": pact.sha}
    publish = (
        links.to("verification-results-with-metadata", "Publish results", **content, metadata=metadata)
        if metadata
        else links.to("verification-results", "Publish results", **content)
    )
    return {
        "pb:publish-verification-results": publish,
        "tally:publish-verification-part": {**publish, "title": "Publish a part of the results"},
        "pb:latest-verification-results": links.to("latest-verification-result", **content),
        "tally:comparisons": links.to("pact-comparisons", "Comparisons with service contracts", **content),
        "pb:matrix-for-consumer-version": links.to_query(
            "matrix",
            "Results for this consumer version",
            [("q[][pacticipant]", pact.consumer), ("q[][version]", pact.version), ("latestby", "cvpv")],
        ),
    }


def _of_tags(pact: PublishedPact, links: Links) -> Hal:
    version = {"pacticipant": pact.consumer, "version": pact.version}
    return {
        "pb:tag-prod-version": links.to("version-tag", "Tag this version as prod", **version, tag="prod"),
        "pb:tag-version": links.template("version-tag", "Tag this version", **version),
    }


def _of_webhooks(pact: PublishedPact, links: Links) -> Hal:
    pair = {"provider": pact.provider, "consumer": pact.consumer}
    return {
        "pb:pact-webhooks": links.to("pact-webhooks", "Webhooks for this pact", **pair),
        "pb:consumer-webhooks": links.to(
            "consumer-webhooks", "Webhooks for all pacts of the consumer", consumer=pact.consumer
        ),
        "pb:provider-webhooks": links.to(
            "provider-webhooks", "Webhooks for all pacts with the provider", provider=pact.provider
        ),
        "pb:triggered-webhooks": links.to(
            "pact-triggered-webhooks",
            "Webhooks that this pact triggered",
            **pair,
            consumer_version=pact.version,
        ),
    }


def _of_consumer_versions(pact: PublishedPact, links: Links, numbers: Iterable[str]) -> Hal:
    found = [
        links.to("version", "Consumer version", number, pacticipant=pact.consumer, version=number)
        for number in numbers
    ]
    return {"pb:consumer-versions": found} if found else {}
