"""One pact: publishing, reading and deleting it (reference §4.6, §4.8)."""

import orjson
from flask import Blueprint, Response, request

from broker.domain.errors import NotFoundError, ValidationError
from broker.domain.metadata import Metadata, decode, encode
from broker.domain.pact import PublishedPact
from broker.domain.planning import Outcome
from broker.domain.publishing import Contract, OnConflict, Publication
from broker.services import pacticipants, publishing
from broker.storage.storage import Storage
from broker.web import parsing
from broker.web.api.contracts import name_inside
from broker.web.context import links, now, reading, settings, transaction
from broker.web.hal import Hal, Links, timestamp
from broker.web.routes import rule

blueprint = Blueprint("pacts", __name__)


@blueprint.put(rule("pact"))
@blueprint.put(rule("pact-versions-alias"))
@blueprint.put(rule("pact-alias"))
def publish(provider: str, consumer: str, consumer_version: str) -> tuple[Response, int]:
    """Store the pact of a consumer version."""
    return _publish(_contract(provider, consumer, consumer_version, "overwrite"), consumer_version)


@blueprint.patch(rule("pact"))
@blueprint.patch(rule("pact-versions-alias"))
@blueprint.patch(rule("pact-alias"))
def merge(provider: str, consumer: str, consumer_version: str) -> tuple[Response, int]:
    """Merge interactions into the pact of a consumer version."""
    return _publish(_contract(provider, consumer, consumer_version, "merge"), consumer_version)


@blueprint.delete(rule("pact"))
@blueprint.delete(rule("pact-versions-alias"))
@blueprint.delete(rule("pact-alias"))
def delete(provider: str, consumer: str, consumer_version: str) -> Hal:
    """Remove the pact of a consumer version."""
    with transaction() as storage:
        latest = publishing.delete_pact(storage, provider, consumer, consumer_version, now())
    make = links()
    found: Hal = {"index": make.to("index")}
    if latest is not None:
        found["pb:latest-pact-version"] = make.to(
            "latest-pact", "Latest pact", provider=provider, consumer=consumer
        )
    return {"_links": found}


@blueprint.get(rule("pact"))
@blueprint.get(rule("pact-versions-alias"))
@blueprint.get(rule("pact-alias"))
def show(provider: str, consumer: str, consumer_version: str) -> Response:
    """Show the pact of a consumer version."""
    with reading() as storage:
        found = _existing(storage, storage.pacts.of_version(provider, consumer, consumer_version))
    return represent(found, links())


@blueprint.get(rule("pact-version"))
@blueprint.get(rule("pact-version-with-metadata"))
def show_content(provider: str, consumer: str, sha: str, metadata: str = "") -> Response:
    """Show the newest pact with this content, of the versions that the metadata names if they have it."""
    named = decode(metadata).consumer_versions
    with reading() as storage:
        found = _existing(storage, storage.pacts.with_content(provider, consumer, sha, named))
    return represent(found, links(), metadata)


@blueprint.get(rule("latest-pact"))
@blueprint.get(rule("latest-pact-alias"))
def show_latest(provider: str, consumer: str) -> Response:
    """Show the pact of the latest version that has one."""
    with reading() as storage:
        found = _existing(storage, storage.pacts.latest(provider, consumer))
    return _latest(found)


@blueprint.get(rule("latest-tagged-pact"))
def show_latest_tagged(provider: str, consumer: str, tag: str) -> Response:
    """Show the pact of the latest version with the tag."""
    with reading() as storage:
        found = _existing(storage, storage.pacts.latest_with_tag(provider, consumer, tag))
    return _latest(found)


@blueprint.get(rule("latest-untagged-pact"))
def show_latest_untagged(provider: str, consumer: str) -> Response:
    """Show the pact of the latest version without tags."""
    with reading() as storage:
        found = _existing(storage, storage.pacts.latest_untagged(provider, consumer))
    return _latest(found)


@blueprint.get(rule("latest-branch-pact"))
def show_latest_on_branch(provider: str, consumer: str, branch: str) -> Response:
    """Show the pact of the latest version on the branch."""
    with reading() as storage:
        found = _existing(storage, storage.pacts.latest_on_branch(provider, consumer, branch))
    return _latest(found)


def _contract(provider: str, consumer: str, version: str, on_conflict: OnConflict) -> Contract:
    document = parsing.json_value()
    errors = {}
    for role, name in (("consumer", consumer), ("provider", provider)):
        said = name_inside(document, role)
        if not name.strip():
            errors[f"{role}.name"] = ["cannot be blank"]
        elif said is not None and said != name:
            errors[f"{role}.name"] = [f"'{said}' does not match the {role} name in the path, '{name}'"]
    if not version.strip():
        errors["consumer_version_number"] = ["cannot be blank"]
    if errors:
        raise ValidationError(errors)
    return Contract(consumer, provider, document, on_conflict)


def _publish(contract: Contract, version: str) -> tuple[Response, int]:
    publication = Publication(contract.consumer, version, (contract,))
    with transaction() as storage:
        published = publishing.publish_pact(storage, publication, settings(), now(), links())
        stored = _existing(storage, storage.pacts.of_version(contract.provider, contract.consumer, version))
    created = published.contracts[0].outcome is Outcome.CREATED
    return represent(stored, links()), 201 if created else 200


def _existing(storage: Storage, found: PublishedPact | None) -> PublishedPact:
    if found is not None:
        return found
    path = request.view_args or {}
    for role in ("consumer", "provider"):
        pacticipants.find(storage, path[role], role)
    raise NotFoundError(f"No such pact between {path['consumer']} and {path['provider']} found")


def _latest(found: PublishedPact) -> Response:
    answer = represent(found, links(), encode(Metadata((found.version,))))
    answer.headers["X-Pact-Consumer-Version"] = found.version
    return answer


def represent(pact: PublishedPact, links: Links, metadata: str = "") -> Response:
    """Return the stored document with our keys put into its text, which is never parsed for it.

    An array cannot hold links, and is returned as it is (reference §4.8).
    """
    text = pact.text
    if text.startswith(b"{"):
        ours = orjson.dumps(
            {"createdAt": timestamp(pact.created_at), "_links": _links(pact, links, metadata)}
        )
        text = ours if text == b"{}" else text[:-1] + b"," + ours[1:]
    json_only = "hal+json" not in request.headers.get("Accept", "hal+json")
    kind = "json" if json_only and "application/json" in request.headers.get("Accept", "") else "hal+json"
    return Response(text, content_type=f"application/{kind};charset=utf-8")


def _links(pact: PublishedPact, links: Links, metadata: str) -> Hal:
    pair = {"provider": pact.provider, "consumer": pact.consumer}
    of_version = {"pacticipant": pact.consumer, "version": pact.version}
    published = {"consumer_version": pact.version}
    content = {**pair, "sha": pact.sha}
    results = (
        links.to("verification-results-with-metadata", "Publish results", **content, metadata=metadata)
        if metadata
        else links.to("verification-results", "Publish results", **content)
    )
    found = {
        "self": links.to("pact", "Pact", pact.name, **pair, consumer_version=pact.version),
        "pb:consumer": links.to("pacticipant", "Consumer", pact.consumer, pacticipant=pact.consumer),
        "pb:consumer-version": links.to("version", "Consumer version", pact.version, **of_version),
        "pb:provider": links.to("pacticipant", "Provider", pact.provider, pacticipant=pact.provider),
        "pb:pact-version": links.to("pact-version", "Pact content", pact.sha, **content),
        "pb:latest-pact-version": links.to("latest-pact", "Latest pact", **pair),
        "pb:all-pact-versions": links.to("all-pact-versions", "All versions of this pact", **pair),
        "pb:latest-untagged-pact-version": links.to(
            "latest-untagged-pact", "Latest pact of a version without tags", **pair
        ),
        "pb:latest-tagged-pact-version": links.template(
            "latest-tagged-pact", "Latest pact of a version with a tag", **pair
        ),
        "pb:previous-distinct": links.to(
            "previous-distinct-pact", "Newest earlier pact with other content", **pair, **published
        ),
        "pb:diff-previous-distinct": links.to(
            "diff-with-previous-distinct", "What changed since then", **pair, **published
        ),
        "pb:diff": links.template("diff-of-contents", "What is different from another content", **content),
        "pb:tag-prod-version": links.to("version-tag", "Tag this version as prod", **of_version, tag="prod"),
        "pb:tag-version": links.template("version-tag", "Tag this version", **of_version),
        "pb:publish-verification-results": results,
        "tally:publish-verification-part": {**results, "title": "Publish a part of the results"},
        "pb:latest-verification-results": links.to("latest-verification-result", **content),
        "pb:matrix-for-consumer-version": links.to_query(
            "matrix",
            "Results for this consumer version",
            [("q[][pacticipant]", pact.consumer), ("q[][version]", pact.version), ("latestby", "cvpv")],
        ),
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
        "curies": links.curies("pact"),
    }
    if versions := decode(metadata).consumer_versions:
        found["pb:consumer-versions"] = [
            links.to("version", "Consumer version", number, pacticipant=pact.consumer, version=number)
            for number in versions
        ]
    return found
