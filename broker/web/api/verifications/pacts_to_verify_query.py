"""What a provider asks for when it wants pacts to verify, from a body or a query string (reference §6.1)."""

from datetime import datetime
from typing import Any, Literal

from flask import request

from broker.domain import limits
from broker.domain.names import did_you_mean
from broker.domain.verifications import consumer_selector_rules
from broker.domain.verifications.consumer_selectors import ConsumerVersionSelector
from broker.domain.verifications.pending import Provider
from broker.services.verifications.pacts_to_verify import PactsQuery
from broker.web import dates, parsing, query
from broker.web.description.notation import TEXT, Schema, many
from broker.web.description.operation import QueryParameter
from broker.web.description.parameters import FLAG
from broker.web.parsing import Fields
from broker.web.query import Query

_SELECTORS = "consumer_version_selectors"
_OF_SELECTOR: dict[str, tuple[str, Schema]] = {
    "main_branch": ("Whether a selector means the main branch", FLAG),
    "branch": ("Branch of the consumer versions; `true` for the head of every branch", TEXT),
    "matching_branch": ("Whether a selector means the branch of the provider's name", FLAG),
    "fallback_branch": ("Branch to use when there is no pact of the first", TEXT),
    "tag": ("Tag of the consumer versions", TEXT),
    "fallback_tag": ("Tag to use when there is none of the first", TEXT),
    "latest": ("Whether only the latest counts, of the tag or of all versions", FLAG),
    "deployed": ("Whether a selector means what is deployed", FLAG),
    "released": ("Whether a selector means what is released and supported", FLAG),
    "deployed_or_released": ("Whether a selector means both", FLAG),
    "environment": ("Environment in which the consumer versions are", TEXT),
    "consumer": ("The only consumer of a selector", TEXT),
}
"""The fields of a selector in a query string; one that comes again begins a selector."""
DESCRIBED = (
    *(
        QueryParameter(f"{_SELECTORS}[][{name}]", description, many(kind, maxItems=limits.SELECTORS))
        for name, (description, kind) in _OF_SELECTOR.items()
    ),
    QueryParameter("provider_version_branch", "Branch of the provider's version"),
    QueryParameter(
        "provider_version_tags[]", "Tags of the provider's version", many(TEXT, maxItems=limits.TAGS)
    ),
    QueryParameter("include_pending_status", "Whether to tell which pacts are pending", FLAG),
    QueryParameter("include_wip_pacts_since", "Date from which work in progress is included"),
)
"""The parameters of the deprecated GET as the description of the API has them."""
_TAGS = "provider_version_tags"
_WRITTEN = {_SELECTORS: f"{_SELECTORS}[][branch]=main", _TAGS: f"{_TAGS}[]=prod"}
_PARAMETERS = tuple(dict.fromkeys(parameter.name.partition("[")[0] for parameter in DESCRIBED))


def from_body(provider: str) -> PactsQuery:
    """Return what the body asks for. Raises ValidationError that names the field."""
    fields = Fields(parsing.json_object(empty=True))
    branch = _branch(fields, "providerVersionBranch")
    tags = fields.texts("providerVersionTags", limit=limits.REFERENCE, most=limits.TAGS) or ()
    selectors = [
        _selector(item) for item in fields.objects("consumerVersionSelectors", most=limits.SELECTORS) or ()
    ]
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
    asked = query.parse(request.query_string.decode("utf-8", "replace"), blank=True)
    fields = Fields(_as_document(asked))
    _check_names(fields, asked)
    branch = _branch(fields, "provider_version_branch")
    tags = fields.texts(_TAGS, limit=limits.REFERENCE, most=limits.TAGS) or ()
    selectors = [_selector_in_query(item) for item in fields.objects(_SELECTORS, most=limits.SELECTORS) or ()]
    include_pending = _flag(fields, "include_pending_status")
    since = _date(fields, "include_wip_pacts_since")
    if branch == "" and not tags and (include_pending or since):
        fields.refuse("provider_version_branch", "cannot be blank")
    fields.done()
    return PactsQuery(
        Provider(provider, branch or None, tags),
        tuple(selectors),
        include_pending=include_pending is not False,
        wip_since=since,
    )


def _as_document(asked: Query) -> dict[str, Any]:
    """Return the parameters as an object like that of the body, under their own names."""
    return {
        **asked.values,
        _TAGS: list(asked.lists.get(_TAGS, ())),
        _SELECTORS: [dict(item) for item in asked.objects.get(_SELECTORS, ())],
    }


def _check_names(fields: Fields, asked: Query) -> None:
    """Refuse parameters that are nearly among those that are known, and those of another form than theirs.

    Other parameters are ignored: proxies and browsers add their own.
    """
    for name in sorted({*asked.values, *asked.lists, *asked.objects} - set(_PARAMETERS)):
        if hint := did_you_mean(name, _PARAMETERS, cutoff=0.8):
            fields.refuse(name, f"is no parameter{hint}")
    unread = [(key, key.partition("[")[0]) for key in asked.unread]
    unread += [(name, name) for name in asked.lists if name != _TAGS and name not in asked.values]
    unread += [(name, name) for name in (*asked.values, *asked.lists) if name == _SELECTORS]
    unread += [(name, name) for name in asked.objects if name != _SELECTORS]
    for key, name in dict(unread).items():
        if name in _PARAMETERS:
            fields.refuse(key, f"cannot be read: write {_WRITTEN.get(name, f'{name}=VALUE')}")


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


def _selector_in_query(fields: Fields) -> ConsumerVersionSelector:
    fields.only(tuple(_OF_SELECTOR))
    branch = fields.text("branch", limit=limits.REFERENCE)
    return ConsumerVersionSelector(
        consumer=fields.text("consumer", limit=limits.NAME),
        main_branch=_flag(fields, "main_branch"),
        branch=True if branch == "true" else branch,
        matching_branch=_flag(fields, "matching_branch"),
        fallback_branch=fields.text("fallback_branch", limit=limits.REFERENCE),
        tag=fields.text("tag", limit=limits.REFERENCE),
        fallback_tag=fields.text("fallback_tag", limit=limits.REFERENCE),
        latest=_flag(fields, "latest"),
        deployed=_flag(fields, "deployed"),
        released=_flag(fields, "released"),
        deployed_or_released=_flag(fields, "deployed_or_released"),
        environment=fields.text("environment", limit=limits.NAME),
    )


def _branch(fields: Fields, name: str) -> str | None:
    may_be_empty = not fields.anything(name)
    return fields.text(name, limit=limits.REFERENCE, blank=may_be_empty)


def _flag(fields: Fields, name: str) -> bool | None:
    text = fields.one_of(name, ("true", "false"))
    return None if text is None else text == "true"


def _date(fields: Fields, name: str) -> datetime | None:
    text = fields.text(name)
    if text is None or not text.strip():
        return None
    moment = dates.lenient(text)
    if moment is None:
        fields.refuse(name, "must be a date, such as 2026-01-31 or 2026-01-31T10:00:00Z")
    return moment
