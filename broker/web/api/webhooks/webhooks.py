"""Webhooks: their resource, and executing them at once (reference §10.1)."""

from flask import Blueprint, Response, jsonify, request

from broker.domain.webhooks.webhook import Criterion
from broker.services.webhooks import webhooks
from broker.web import parsing
from broker.web.api.webhooks.attempts import represent_attempt
from broker.web.api.webhooks.documents import parse, represent, represent_all
from broker.web.context import links, now, reading, settings, transaction
from broker.web.hal import Hal
from broker.web.routes import rule

blueprint = Blueprint("webhooks", __name__)


@blueprint.get(rule("webhooks"))
def index() -> Hal:
    """List all webhooks."""
    with reading() as storage:
        found = storage.webhooks.all()
    return represent_all(found, links().to("webhooks", "Webhooks"), links())


@blueprint.get(rule("pact-webhooks"))
@blueprint.get(rule("pact-webhooks-alias"))
def of_pact(provider: str, consumer: str) -> Hal:
    """List the webhooks for one consumer with one provider."""
    itself = links().to("pact-webhooks", "Webhooks for this pact", provider=provider, consumer=consumer)
    return _scoped(itself, consumer, provider)


@blueprint.get(rule("provider-webhooks"))
def of_provider(provider: str) -> Hal:
    """List the webhooks for any consumer with one provider."""
    itself = links().to("provider-webhooks", "Webhooks for the provider", provider=provider)
    return _scoped(itself, None, provider)


@blueprint.get(rule("consumer-webhooks"))
def of_consumer(consumer: str) -> Hal:
    """List the webhooks for one consumer with any provider."""
    itself = links().to("consumer-webhooks", "Webhooks for the consumer", consumer=consumer)
    return _scoped(itself, consumer, None)


@blueprint.post(rule("webhooks"))
@blueprint.post(rule("pact-webhooks"))
@blueprint.post(rule("pact-webhooks-alias"))
@blueprint.post(rule("provider-webhooks"))
@blueprint.post(rule("consumer-webhooks"))
def create(provider: str | None = None, consumer: str | None = None) -> Response:
    """Add a webhook; the names in the path apply unless the body has others."""
    what = parse(
        parsing.json_object(), settings(), consumer=Criterion(consumer), provider=Criterion(provider)
    )
    with transaction() as storage:
        webhooks.scoped(storage, consumer, provider)
        created = webhooks.create(storage, what, now())
    answer = jsonify(represent(created, links()))
    answer.status_code = 201
    answer.headers["Location"] = links().href("webhook", uuid=created.uuid)
    return answer


@blueprint.get(rule("webhook"))
def show(uuid: str) -> Hal:
    """Show one webhook; what may be secret in it is starred."""
    with reading() as storage:
        found = webhooks.find(storage, uuid)
    return represent(found, links())


@blueprint.put(rule("webhook"))
def replace(uuid: str) -> tuple[Hal, int]:
    """Create a webhook with a uuid, or describe it anew; starred values stay as they were."""
    what = parse(parsing.json_object(), settings())
    with transaction() as storage:
        stored, created = webhooks.put(storage, uuid, what, now())
    return represent(stored, links()), 201 if created else 200


@blueprint.delete(rule("webhook"))
def delete(uuid: str) -> tuple[str, int]:
    """Remove a webhook; what it triggered stays."""
    with transaction() as storage:
        webhooks.delete(storage, uuid)
    return "", 204


@blueprint.post(rule("execute-webhook"))
def execute(uuid: str) -> Hal:
    """Send a webhook at once, about the latest pact it is for; with ?dryRun=true, only show the request."""
    with reading() as storage:
        to_send = webhooks.request_to_try(storage, webhooks.find(storage, uuid).what, links())
    attempt = webhooks.execute(to_send, settings(), now, dry_run=_is_dry_run())
    return represent_attempt(attempt, settings(), links(), uuid=uuid)


@blueprint.post(rule("execute-unsaved-webhook"))
def execute_unsaved() -> Hal:
    """Send a webhook that is not stored at once; with ?dryRun=true, only show the request."""
    what = parse(parsing.json_object(), settings())
    with reading() as storage:
        to_send = webhooks.request_to_try(storage, what, links())
    attempt = webhooks.execute(to_send, settings(), now, dry_run=_is_dry_run())
    return represent_attempt(attempt, settings(), links(), uuid=None)


def _scoped(itself: Hal, consumer: str | None, provider: str | None) -> Hal:
    with reading() as storage:
        found = webhooks.scoped(storage, consumer, provider)
    return represent_all(found, itself, links())


def _is_dry_run() -> bool:
    return request.args.get("dryRun", "false").lower() == "true"
