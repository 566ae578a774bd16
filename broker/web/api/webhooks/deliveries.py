"""Triggered webhooks: deliveries, their status and logs, and sending them again (reference §10.5)."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Response, request

from broker.domain.accounts.permissions import Action
from broker.domain.webhooks.delivery import Delivery, DeliveryAttempt, Status, attempts_remaining
from broker.domain.webhooks.delivery_log import for_readers, for_writers
from broker.services.verifications import results
from broker.services.webhooks import deliveries, webhooks
from broker.web.api.webhooks.access import may_change_webhooks
from broker.web.content_types import HAL, PLAIN
from broker.web.context import links, reading, settings, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, collection, resource, timestamp
from broker.web.paths import result_number
from broker.web.resource import ApiResource

api = ApiResource("triggered_webhooks", __name__)
api.relation("pb:webhook-status", "The newest delivery of each webhook of a pair.", "pact-webhooks-status")
api.relation(
    "tally:triggered-webhook",
    "A delivery of a webhook, with its status.",
    "triggered-webhook",
    title="One delivery of a webhook",
)
api.relation("pb:triggered-webhooks", "The deliveries, newest first.")
api.relation("pb:logs", "The log of all attempts to send it.", "triggered-webhook-logs")
api.relation(
    "pb:error-logs",
    "The logs of deliveries that failed, for good or until the next attempt.",
    "triggered-webhook-logs",
)
api.relation("tally:redeliver", "POST sends it again.", "redeliver-triggered-webhook")
NOT_EXECUTED = "The webhook has not been executed yet.\n"


@api.get("pact-triggered-webhooks", answers="TriggeredWebhooks")
def of_pact(provider: str, consumer: str, consumer_version: str) -> Hal:
    """List what a pact triggered, newest first."""
    with reading() as storage:
        found = deliveries.of_pact(storage, provider, consumer, consumer_version)
    place = {"provider": provider, "consumer": consumer, "consumer_version": consumer_version}
    title = f"Webhooks triggered by the pact between {consumer} ({consumer_version}) and {provider}"
    return _represent_all(found, links().to("pact-triggered-webhooks", title, **place))


@api.get("result-triggered-webhooks", answers="TriggeredWebhooks")
def of_result(provider: str, consumer: str, sha: str, number: str) -> Hal:
    """List what a verification result triggered, newest first."""
    wanted = result_number(number)
    with reading() as storage:
        content = results.find_content(storage, consumer, provider, sha)
        found = results.deliveries_of(storage, content, wanted)
    place = {"provider": provider, "consumer": consumer, "sha": sha, "number": number}
    title = f"Webhooks triggered by the verification result {number}"
    return _represent_all(found, links().to("result-triggered-webhooks", title, **place))


@api.get("webhook-deliveries", answers="TriggeredWebhooks")
def of_webhook(uuid: str) -> Hal:
    """List what a webhook sent last, newest first."""
    with reading() as storage:
        found = deliveries.of_webhook(storage, uuid)
    return _represent_all(found, links().to("webhook-deliveries", "What the webhook sent last", uuid=uuid))


@api.get("pact-webhooks-status", answers="TriggeredWebhooks")
def status(provider: str, consumer: str) -> Hal:
    """Show the newest delivery of each webhook and event between a consumer and a provider."""
    with reading() as storage:
        found, newest = deliveries.latest_between(storage, provider, consumer)
    make = links()
    pair = {"provider": provider, "consumer": consumer}
    found_links: Hal = {
        "self": make.to("pact-webhooks-status", "Webhooks status", **pair),
        "pb:error-logs": [
            make.to("triggered-webhook-logs", "Log of a failure", item.name, uuid=item.uuid)
            for item in found
            if item.status in {Status.FAILURE, Status.RETRYING}
        ],
        "pb:pact-webhooks": make.to("pact-webhooks", "Webhooks for this pact", **pair),
        "pb:consumer": make.to("pacticipant", "Consumer", consumer, pacticipant=consumer),
        "pb:provider": make.to("pacticipant", "Provider", provider, pacticipant=provider),
    }
    if newest is not None:
        found_links["pb:pact-version"] = make.to(
            "pact", "Pact", newest.name, **pair, consumer_version=newest.version
        )
    document = _represent_all(found, found_links["self"])
    return {"summary": _summary(found), **document, "_links": found_links}


@api.get("triggered-webhook", answers="TriggeredWebhook")
def show(uuid: str) -> Hal:
    """Show one triggered webhook."""
    with reading() as storage:
        found = webhooks.find_delivery(storage, uuid)
    return represent(found, links())


@api.post("redeliver-triggered-webhook", answers="TriggeredWebhook", needs=Needs(Action.WEBHOOKS))
def redeliver(uuid: str) -> Hal:
    """Send a finished delivery again."""
    with transaction() as storage:
        found = webhooks.redeliver(storage, uuid)
    return represent(found, links())


@api.get("triggered-webhook-logs", answers="WebhookLogs", types=(HAL, PLAIN))
def logs(uuid: str) -> Response | Hal:
    """Show the log of all attempts: as text, or as HAL when asked for.

    Those who may only read see no values of headers, no query of a URL, and no body of an answer.
    """
    with reading() as storage:
        delivery, attempts = deliveries.attempts(storage, uuid, settings())
    attempts = [replace(item, logs=shown_log(item.logs, delivery.team_id)) for item in attempts]
    if "json" not in request.headers.get("Accept", ""):
        text = "\n".join(item.logs for item in attempts) or NOT_EXECUTED
        return Response(text, content_type="text/plain;charset=utf-8")
    return _represent_logs(delivery, attempts, links())


def shown_log(log: str, team_id: int | None) -> str:
    """Return a log of a team's webhook as whoever asks may see it."""
    if not may_change_webhooks(team_id):
        return for_readers(log)
    return for_writers(log) if settings().webhook_redact_sensitive_data else log


def _represent_all(found: Sequence[Delivery], itself: Hal) -> Hal:
    items = [represent(item, links()) for item in found]
    return collection("triggeredWebhooks", items, links={"self": itself})


def represent(delivery: Delivery, links: Links) -> Hal:
    """Return the HAL document of a triggered webhook."""
    log = links.to("triggered-webhook-logs", "Webhook execution logs", delivery.name, uuid=delivery.uuid)
    found: Hal = {
        "self": links.to("triggered-webhook", "Triggered webhook", delivery.name, uuid=delivery.uuid),
        "pb:logs": log,
        "logs": {**log, "title": "Deprecated: use pb:logs"},
    }
    if delivery.webhook_exists:
        found["pb:webhook"] = links.to("webhook", "Webhook", delivery.name, uuid=delivery.webhook_uuid)
        if delivery.status in {Status.SUCCESS, Status.FAILURE}:
            found["tally:redeliver"] = links.to(
                "redeliver-triggered-webhook", "Send it again", uuid=delivery.uuid
            )
    return resource(
        {
            "uuid": delivery.uuid,
            "name": delivery.name,
            "status": delivery.status.value,
            "attemptsMade": delivery.attempts,
            "attemptsRemaining": attempts_remaining(delivery, settings().webhook_retry_schedule),
            "triggerType": delivery.trigger_type,
            "eventName": delivery.event,
            "triggeredAt": timestamp(delivery.triggered_at),
        },
        links=found,
    )


def _represent_logs(delivery: Delivery, attempts: Sequence[DeliveryAttempt], links: Links) -> Hal:
    found = {"self": links.to("triggered-webhook-logs", "Webhook execution logs", uuid=delivery.uuid)}
    if delivery.webhook_exists:
        found["pb:webhook"] = links.to("webhook", "Webhook", delivery.name, uuid=delivery.webhook_uuid)
    return resource(
        {
            "eventName": delivery.event,
            "consumerName": delivery.consumer or None,
            "providerName": delivery.provider or None,
            "executions": [
                {"success": item.success, "logs": item.logs, "createdAt": timestamp(item.created_at)}
                for item in attempts
            ],
        },
        embedded={"triggeredWebhook": {"uuid": delivery.uuid}},
        links=found,
    )


def _summary(found: Sequence[Delivery]) -> Hal:
    counts = {status: sum(item.status is status for item in found) for status in Status}
    summary = {"successful": counts[Status.SUCCESS], "failed": counts[Status.FAILURE]}
    if counts[Status.RETRYING]:
        summary["retrying"] = counts[Status.RETRYING]
    if counts[Status.NOT_RUN]:
        summary["notRun"] = counts[Status.NOT_RUN]
    return summary
