"""The pacts that a provider has to verify (reference §6)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from flask import Blueprint, request

from broker.domain import pending
from broker.domain.metadata import Metadata, encode
from broker.domain.pending import Provider, VerificationNotice
from broker.domain.selecting import ConsumerVersionSelector
from broker.services import verifying
from broker.services.verifying import PactsQuery, PactToVerify
from broker.web import parsing
from broker.web.context import links, now, reading
from broker.web.hal import Hal, Links
from broker.web.parsing import Fields
from broker.web.routes import rule

blueprint = Blueprint("pacts_for_verification", __name__)


@blueprint.post(rule("pacts-for-verification"))
def ask(provider: str) -> Hal:
    """List the pacts that the selectors in the body mean."""
    query = _query(provider, Fields(parsing.json_object(empty=True)))
    with reading() as storage:
        found = verifying.pacts_for_verification(storage, query, now())
    return represent(found, query, links())


@blueprint.get(rule("pacts-for-verification"))
def ask_by_query(provider: str) -> Hal:
    """List the pacts as the deprecated GET does.

    Verifiers ask without parameters, only to find the link to POST to (reference §14).
    """
    query = _query(provider, Fields(_from_query_string()))
    with reading() as storage:
        found = verifying.pacts_for_verification(storage, query, now())
    return represent(found, query, links())


def _query(provider: str, fields: Fields) -> PactsQuery:
    branch = fields.text("providerVersionBranch", blank=not fields.anything("providerVersionBranch"))
    tags = fields.texts("providerVersionTags") or ()
    selectors = [_selector(item) for item in fields.objects("consumerVersionSelectors") or ()]
    include_pending = fields.boolean("includePendingStatus")
    since = _date(fields, "includeWipPactsSince")
    if branch == "" and not tags and (include_pending or since):
        fields.refuse("providerVersionBranch", "cannot be blank")
    fields.done()
    return PactsQuery(
        Provider(provider, branch or None, tags),
        tuple(selectors),
        include_pending=include_pending is not False,
        wip_since=since,
    )


def _selector(fields: Fields) -> ConsumerVersionSelector:
    branch: str | Literal[True] | None = True
    if fields.anything("branch") is not True:
        branch = fields.text("branch")
    return ConsumerVersionSelector(
        consumer=fields.text("consumer"),
        main_branch=fields.boolean("mainBranch"),
        branch=branch,
        matching_branch=fields.boolean("matchingBranch"),
        fallback_branch=fields.text("fallbackBranch"),
        tag=fields.text("tag"),
        fallback_tag=fields.text("fallbackTag"),
        latest=fields.boolean("latest"),
        deployed=fields.boolean("deployed"),
        released=fields.boolean("released"),
        deployed_or_released=fields.boolean("deployedOrReleased"),
        environment=fields.text("environment"),
    )


def _date(fields: Fields, name: str) -> datetime | None:
    text = fields.text(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        fields.refuse(name, "must be a date in the format 2026-01-31 or 2026-01-31T10:00:00Z")
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _from_query_string() -> dict[str, Any]:
    document: dict[str, Any] = {}
    if tags := request.args.getlist("provider_version_tags[]"):
        document["providerVersionTags"] = tags
    if since := request.args.get("include_wip_pacts_since"):
        document["includeWipPactsSince"] = since
    if (status := request.args.get("include_pending_status")) is not None:
        document["includePendingStatus"] = status == "true"
    return document


def represent(found: Sequence[PactToVerify], query: PactsQuery, links: Links) -> Hal:
    """Return the pacts to verify (reference §6.3)."""
    provider = query.provider
    return {
        "_embedded": {"pacts": [_pact(item, provider, links) for item in found]},
        "_links": {
            "self": links.to("pacts-for-verification", "Pacts to be verified", provider=provider.name),
            "curies": links.curies("pacts-for-verification"),
        },
    }


def _pact(item: PactToVerify, provider: Provider, links: Links) -> Hal:
    pact = item.pact
    segment = encode(Metadata(pact.consumer_versions, None if pact.wip else item.pending, wip=pact.wip))
    url = links.href(
        "pact-version-with-metadata",
        provider=provider.name,
        consumer=pact.consumer,
        sha=pact.sha,
        metadata=segment,
    )
    notices = pending.notices(pact, provider, url, pending=item.pending)
    properties: Hal = {"notices": [_notice(notice) for notice in notices]}
    if item.pending is not None:
        properties = {"pending": item.pending, **properties}
    if pact.wip:
        properties = {"wip": True, **properties}
    name = f"Pact between {pact.consumer} ({pact.version}) and {provider.name}"
    return {
        "shortDescription": pending.short_description(pact),
        "verificationProperties": properties,
        "_links": {"self": {"href": url, "name": name}},
    }


def _notice(notice: VerificationNotice) -> Hal:
    return {"when": notice.when, "text": notice.text}
