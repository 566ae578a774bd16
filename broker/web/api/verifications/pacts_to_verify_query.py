"""What a provider asks for when it wants pacts to verify, from a body or a query string (reference §6.1)."""

from datetime import datetime
from typing import Literal

from flask import request

from broker.domain import limits
from broker.domain.verifications import consumer_selector_rules
from broker.domain.verifications.consumer_selectors import ConsumerVersionSelector
from broker.domain.verifications.pending import Provider
from broker.services.verifications.pacts_to_verify import PactsQuery
from broker.web import dates, parsing, query
from broker.web.description.notation import TEXT, many
from broker.web.description.operation import QueryParameter
from broker.web.description.parameters import TRUE
from broker.web.parsing import Fields

DESCRIBED = (
    QueryParameter(
        "consumer_version_selectors[][tag]", "Tag of the consumer versions; begins a selector", many(TEXT)
    ),
    QueryParameter(
        "consumer_version_selectors[][latest]", "Whether only the latest with the tag counts", many(TRUE)
    ),
    QueryParameter(
        "consumer_version_selectors[][fallback_tag]", "Tag to use when there is none of the first", many(TEXT)
    ),
    QueryParameter("consumer_version_selectors[][consumer]", "The only consumer of a selector", many(TEXT)),
    QueryParameter("provider_version_tags[]", "Tags of the provider's version", many(TEXT)),
    QueryParameter("include_pending_status", "Whether to tell which pacts are pending", TRUE),
    QueryParameter("include_wip_pacts_since", "Date from which work in progress is included"),
)
"""The parameters of the deprecated GET as the description of the API has them."""
_FIELDS_IN_QUERY = ("tag", "latest", "fallback_tag", "consumer")


def from_body(provider: str) -> PactsQuery:
    """Return what the body asks for. Raises ValidationError that names the field."""
    fields = Fields(parsing.json_object(empty=True))
    may_be_empty = not fields.anything("providerVersionBranch")
    branch = fields.text("providerVersionBranch", limit=limits.REFERENCE, blank=may_be_empty)
    tags = fields.texts("providerVersionTags", limit=limits.REFERENCE) or ()
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


def from_query_string(provider: str) -> PactsQuery:
    """Return what the parameters of the deprecated GET ask for. Raises ValidationError that names one."""
    asked = query.parse(request.query_string.decode("utf-8", "replace"))
    selectors = [dict(item) for item in asked.objects.get("consumer_version_selectors", ())]
    fields = Fields(
        {
            **asked.values,
            "provider_version_tags": list(asked.lists.get("provider_version_tags", ())),
            "consumer_version_selectors": selectors,
        }
    )
    tags = fields.texts("provider_version_tags", limit=limits.REFERENCE) or ()
    found = [_tag_selector(item) for item in fields.objects("consumer_version_selectors") or ()]
    include_pending = fields.one_of("include_pending_status", ("true", "false"))
    since = _date(fields, "include_wip_pacts_since")
    fields.done()
    return PactsQuery(
        Provider(provider, tags=tags),
        tuple(found),
        include_pending=include_pending != "false",
        wip_since=since,
    )


def _selector(fields: Fields) -> ConsumerVersionSelector:
    fields.only(consumer_selector_rules.FIELDS)
    branch: str | Literal[True] | None = True
    if fields.anything("branch") is not True:
        branch = fields.text("branch", limit=limits.REFERENCE)
    return ConsumerVersionSelector(
        consumer=fields.text("consumer", limit=limits.NAME),
        main_branch=fields.boolean("mainBranch"),
        branch=branch,
        matching_branch=fields.boolean("matchingBranch"),
        fallback_branch=fields.text("fallbackBranch", limit=limits.REFERENCE),
        tag=fields.text("tag", limit=limits.REFERENCE),
        fallback_tag=fields.text("fallbackTag", limit=limits.REFERENCE),
        latest=fields.boolean("latest"),
        deployed=fields.boolean("deployed"),
        released=fields.boolean("released"),
        deployed_or_released=fields.boolean("deployedOrReleased"),
        environment=fields.text("environment", limit=limits.NAME),
    )


def _tag_selector(fields: Fields) -> ConsumerVersionSelector:
    fields.only(_FIELDS_IN_QUERY)
    latest = fields.one_of("latest", ("true", "false"))
    return ConsumerVersionSelector(
        consumer=fields.text("consumer", limit=limits.NAME),
        tag=fields.text("tag", limit=limits.REFERENCE, required=True),
        fallback_tag=fields.text("fallback_tag", limit=limits.REFERENCE),
        latest=None if latest is None else latest == "true",
    )


def _date(fields: Fields, name: str) -> datetime | None:
    text = fields.text(name)
    if text is None or not text.strip():
        return None
    moment = dates.lenient(text)
    if moment is None:
        fields.refuse(name, "must be a date, such as 2026-01-31 or 2026-01-31T10:00:00Z")
    return moment
