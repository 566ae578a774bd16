"""Webhooks as JSON: parsing and representing them (reference §10.1)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from broker.domain import limits
from broker.domain.model import Notice
from broker.domain.text_rules import too_many
from broker.domain.webhooks.events import Event
from broker.domain.webhooks.redaction import redacted
from broker.domain.webhooks.request_rules import Allowed, broken_rules
from broker.domain.webhooks.webhook import (
    ANY,
    DEFAULT_EVENTS,
    Criterion,
    Webhook,
    WebhookDescription,
    WebhookRequest,
)
from broker.settings.settings import Settings
from broker.web.hal import Hal, Links, resource, timestamps
from broker.web.parsing import Fields
from tally.hashing import compact_json


def parse(
    document: dict[str, Any], settings: Settings, *, consumer: Criterion = ANY, provider: Criterion = ANY
) -> WebhookDescription:
    """Return what the document describes; it overrides *consumer* and *provider*. Raises ValidationError."""
    fields = Fields(document)
    description = fields.text("description", blank=True)
    enabled = fields.boolean("enabled")
    signing_secret = fields.text("signingSecret", limit=limits.NAME)
    belonging = fields.belonging()
    what = WebhookDescription(
        _request(fields, settings),
        _events(fields),
        description or None,
        _criterion(fields, "consumer") or consumer,
        _criterion(fields, "provider") or provider,
        enabled is not False,
        signing_secret,
        belonging,
    )
    fields.done()
    return what


def _criterion(fields: Fields, role: str) -> Criterion | None:
    given = fields.nested(role)
    if given is None:
        return None
    name, label = given.text("name", limit=limits.NAME), given.text("label", limit=limits.NAME)
    if name is not None and label is not None:
        given.refuse("label", "cannot be used together with name")
    elif name is None and label is None:
        given.refuse("name", "is missing")
    return Criterion(name, label)


def _events(fields: Fields) -> tuple[Event, ...]:
    items = fields.objects("events", most=limits.EVENTS)
    if items is None:
        return DEFAULT_EVENTS
    if not items:
        fields.refuse("events", "size cannot be less than 1")
    known = tuple(event.value for event in Event)
    names = [item.one_of("name", known, required=True) for item in items]
    return tuple(dict.fromkeys(Event(name) for name in names if name is not None))


def _request(fields: Fields, settings: Settings) -> WebhookRequest:
    given = fields.nested("request")
    if given is None:
        if not isinstance(fields.anything("request"), dict):
            fields.refuse("request", "is missing")
        return WebhookRequest("POST", "")
    method, url = given.text("method"), given.text("url", limit=limits.URL, required=True)
    request = WebhookRequest(
        (method or "POST").upper(),
        (url or "").strip(),
        _headers(given),
        given.anything("body") if given.json("body", limit=limits.TEMPLATE) else None,
        given.text("username", blank=True),
        given.text("password", limit=limits.SECRET, blank=True) or None,
    )
    allowed = Allowed(
        settings.webhook_http_method_whitelist,
        settings.webhook_scheme_whitelist,
        settings.webhook_host_whitelist,
    )
    if url:
        for field, message in broken_rules(request, allowed):
            given.refuse(field, message)
    return request


def _headers(given: Fields) -> dict[str, str]:
    headers = given.anything("headers")
    if headers is None:
        return {}
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        given.refuse("headers", "must be an object whose values are strings")
        return {}
    if message := too_many(headers, limits.HEADERS):
        given.refuse("headers", message)
        return {}
    return {name.lower(): value for name, value in headers.items()}


def represent(
    webhook: Webhook, links: Links, *, dropped: Sequence[str] = (), for_reader: bool = False
) -> Hal:
    """Return the HAL document of a webhook; what may be secret in it is starred, more of it for a reader.

    *dropped* names what it lost by the change that this answers.
    """
    what = webhook.what
    notices = [*webhook.notices, *([_loss(what.request, dropped)] if dropped else [])]
    return resource(
        {
            "uuid": webhook.uuid,
            "description": what.title,
            "consumer": _shown(what.consumer),
            "provider": _shown(what.provider),
            "enabled": what.enabled,
            "request": _shown_request(redacted(what.request, for_reader=for_reader)),
            "events": [{"name": event.value} for event in what.events],
            "signingSecret": what.signing_secret,
            "team": webhook.team,
            "notices": [{"type": item.type, "text": item.text} for item in notices] or None,
            **timestamps(webhook.created_at, webhook.updated_at),
        },
        links=_links(webhook, links),
    )


def _loss(request: WebhookRequest, dropped: Sequence[str]) -> Notice:
    return Notice(
        "warning",
        f"The webhook is now sent to {request.receiver} by {urlsplit(request.url).scheme}, which is another "
        f"place. What was stored for the earlier one was dropped: {', '.join(dropped)}. "
        "To send it there too, update the webhook with its value.",
    )


def _shown(criterion: Criterion) -> Hal | None:
    if criterion.name is not None:
        return {"name": criterion.name}
    return None if criterion.label is None else {"label": criterion.label}


def _shown_request(request: WebhookRequest) -> Hal:
    shown = {**vars(request), "headers": dict(request.headers) or None}
    if request.body is not None:
        shown["body"] = orjson.Fragment(compact_json(request.body))
    return {key: value for key, value in shown.items() if value is not None}


def _links(webhook: Webhook, links: Links) -> Hal:
    what, uuid = webhook.what, webhook.uuid
    found: Hal = {
        "self": links.to("webhook", what.title, uuid=uuid),
        "pb:execute": links.to("execute-webhook", "Send it now, to try it", uuid=uuid),
        "tally:dry-run": links.to_query(
            "execute-webhook", "Show what it would send", [("dryRun", "true")], uuid=uuid
        ),
        "pb:webhooks": links.to("webhooks", "All webhooks"),
        "tally:triggered-webhooks": links.to("webhook-deliveries", "What it sent last", uuid=uuid),
        "curies": links.curies("webhooks"),
    }
    for role, criterion in (("consumer", what.consumer), ("provider", what.provider)):
        if criterion.name is not None:
            name = criterion.name
            found[f"pb:{role}"] = links.to("pacticipant", role.capitalize(), name, pacticipant=name)
        elif criterion.label is not None:
            label = criterion.label
            title = f"{role.capitalize()}s with the label"
            found[f"pb:{role}s"] = links.to("pacticipants-with-label", title, label, label=label)
    if what.consumer.name is not None and what.provider.name is not None:
        found["pb:pact-webhooks"] = links.to(
            "pact-webhooks",
            "All webhooks for this consumer and provider",
            consumer=what.consumer.name,
            provider=what.provider.name,
        )
    return found


def represent_all(found: Sequence[Webhook], itself: Hal, links: Links) -> Hal:
    """Return the list; *itself* is the link to it, where new ones are posted as well."""
    return {
        "_links": {
            "self": itself,
            "pb:create": {**itself, "title": "Create a webhook by POST"},
            "pb:webhooks": [
                links.to("webhook", _scope(webhook.what), webhook.what.title, uuid=webhook.uuid)
                for webhook in found
            ],
            "curies": links.curies("webhooks"),
        }
    }


def _scope(what: WebhookDescription) -> str:
    if what.consumer == what.provider == ANY:
        return "A webhook for all pacts"
    return (
        f"A webhook for pacts between {_who(what.consumer, 'consumer')} and {_who(what.provider, 'provider')}"
    )


def _who(criterion: Criterion, role: str) -> str:
    if criterion.name is not None:
        return f"{role} {criterion.name}"
    return f"any {role}" if criterion.label is None else f"any {role} labelled {criterion.label}"
