"""Webhooks: their resource, and executing them at once (reference §10.1)."""

from flask import Response, jsonify

from broker.domain.accounts.permissions import Action
from broker.domain.webhooks.webhook import Criterion
from broker.services.webhooks import webhooks
from broker.services.webhooks.deliver import RequestToSend
from broker.web import parsing, query_values
from broker.web.api.webhooks.access import may_change_webhooks
from broker.web.api.webhooks.attempts import represent_attempt
from broker.web.api.webhooks.documents import parse, represent, represent_all
from broker.web.context import (
    actor,
    audit_log,
    begin_to_send,
    circumstances,
    links,
    now,
    reading,
    reading_for_change,
    settings,
    transaction,
)
from broker.web.description.needs import Needs
from broker.web.description.operation import QueryParameter
from broker.web.description.parameters import FLAG
from broker.web.hal import Hal
from broker.web.resource import ApiResource

api = ApiResource("webhooks", __name__)
api.relation(
    "pb:webhooks",
    "The webhooks: requests that the broker sends when pacts or results are published.",
    "webhooks",
    title="Webhooks",
)
api.relation("pb:webhook", "A webhook.", "webhook", title="Webhook")
api.relation("pb:create", "POST creates a webhook.")
api.relation("pb:execute", "POST sends the webhook now, to try it.", "execute-webhook")
api.relation("pb:pact-webhooks", "The webhooks for one consumer with one provider.", "pact-webhooks")
api.relation("pb:consumer-webhooks", "The webhooks for one consumer with any provider.", "consumer-webhooks")
api.relation("pb:provider-webhooks", "The webhooks for one provider with any consumer.", "provider-webhooks")
api.relation("tally:dry-run", "POST shows the request that would be sent, without sending it.")
DRY_RUN = QueryParameter("dryRun", "`true` shows the request without sending it", FLAG)


@api.get("webhooks", answers="Webhooks")
def index() -> Hal:
    """List all webhooks."""
    with reading() as storage:
        found = webhooks.every(storage)
    return represent_all(found, links().to("webhooks", "Webhooks"), links())


@api.get("pact-webhooks", "pact-webhooks-alias", answers="Webhooks")
def of_pact(provider: str, consumer: str) -> Hal:
    """List the webhooks for one consumer with one provider."""
    itself = links().to("pact-webhooks", "Webhooks for this pact", provider=provider, consumer=consumer)
    return _scoped(itself, consumer, provider)


@api.get("provider-webhooks", answers="Webhooks")
def of_provider(provider: str) -> Hal:
    """List the webhooks for any consumer with one provider."""
    itself = links().to("provider-webhooks", "Webhooks for the provider", provider=provider)
    return _scoped(itself, None, provider)


@api.get("consumer-webhooks", answers="Webhooks")
def of_consumer(consumer: str) -> Hal:
    """List the webhooks for one consumer with any provider."""
    itself = links().to("consumer-webhooks", "Webhooks for the consumer", consumer=consumer)
    return _scoped(itself, consumer, None)


@api.post(
    "webhooks",
    "pact-webhooks",
    "pact-webhooks-alias",
    "provider-webhooks",
    "consumer-webhooks",
    answers="Webhook",
    statuses=(201,),
    takes="NewWebhook",
    needs=Needs(Action.WEBHOOKS),
)
def create(provider: str | None = None, consumer: str | None = None) -> Response:
    """Add a webhook; the names in the path apply unless the body has others."""
    what = parse(
        parsing.json_object(), settings(), consumer=Criterion(consumer), provider=Criterion(provider)
    )
    with transaction() as storage:
        webhooks.scoped(storage, consumer, provider)
        created = webhooks.create(storage, what, circumstances())
    answer = jsonify(represent(created, links()))
    answer.status_code = 201
    answer.headers["Location"] = links().href("webhook", uuid=created.uuid)
    return answer


@api.get("webhook", answers="Webhook")
def show(uuid: str) -> Hal:
    """Show one webhook; what may be secret in it is starred: more for those who may only read."""
    with reading() as storage:
        found = webhooks.find_readable(storage, uuid, settings())
    return represent(found, links(), for_reader=not may_change_webhooks(found.team_id))


@api.put("webhook", answers="Webhook", statuses=(200, 201), takes="NewWebhook", needs=Needs(Action.WEBHOOKS))
def replace(uuid: str) -> tuple[Hal, int]:
    """Create a webhook with a uuid, or describe it anew; starred values stay as they were.

    When its URL leads to another place, they are dropped, and a notice names them.
    """
    what = parse(parsing.json_object(), settings())
    with transaction() as storage:
        stored = webhooks.put(storage, uuid, what, circumstances())
    return represent(stored.webhook, links(), dropped=stored.dropped), 201 if stored.is_new else 200


@api.delete("webhook", needs=Needs(Action.WEBHOOKS))
def delete(uuid: str) -> tuple[str, int]:
    """Remove a webhook; what it triggered stays."""
    with transaction() as storage:
        webhooks.delete(storage, uuid)
    return "", 204


@api.post("execute-webhook", answers="ExecutedWebhook", query=(DRY_RUN,), needs=Needs(Action.WEBHOOKS))
def execute(uuid: str) -> Hal:
    """Send a webhook at once, about the latest pact it is for; with ?dryRun=true, only show the request."""
    dry_run = query_values.flag(DRY_RUN.name)
    with reading_for_change() as storage:
        found = webhooks.find_changeable(storage, uuid)
        to_send = webhooks.request_to_try(
            storage, found.what, links(), team_id=found.team_id, sealed=found.sealed
        )
    return _executed(to_send, dry_run=dry_run, uuid=uuid)


@api.post(
    "execute-unsaved-webhook",
    answers="ExecutedWebhook",
    takes="NewWebhook",
    query=(DRY_RUN,),
    needs=Needs(Action.WEBHOOKS),
)
def execute_unsaved() -> Hal:
    """Send a webhook that is not stored at once; with ?dryRun=true, only show the request."""
    dry_run, what = query_values.flag(DRY_RUN.name), parse(parsing.json_object(), settings())
    with reading_for_change() as storage:
        what, team_id = webhooks.described(storage, "", what, settings())
        to_send = webhooks.request_to_try(storage, what, links(), team_id=team_id)
    return _executed(to_send, dry_run=dry_run, uuid=None)


def _executed(to_send: RequestToSend, *, dry_run: bool, uuid: str | None) -> Hal:
    if not dry_run:
        begin_to_send()
        audit_log().sent(actor(), to_send, uuid)
    attempt = webhooks.execute(to_send, settings(), now, dry_run=dry_run)
    return represent_attempt(attempt, settings(), links(), uuid=uuid)


def _scoped(itself: Hal, consumer: str | None, provider: str | None) -> Hal:
    with reading() as storage:
        found = webhooks.scoped(storage, consumer, provider)
    return represent_all(found, itself, links())
