"""Pages of the webhooks: which there are, whether they arrive, and what came of each delivery."""

from typing import Any

from flask import Response, request

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.errors import NotFoundError
from broker.domain.names import did_you_mean
from broker.domain.pagination import Page
from broker.domain.webhooks.answers import in_words
from broker.domain.webhooks.delivery import Delivery
from broker.domain.webhooks.events import EXPLAINED, Event
from broker.domain.webhooks.runs import Run
from broker.domain.webhooks.webhook_filter import WebhookFilter, WebhookOrder, WebhookSort, WebhookState
from broker.services.webhooks import webhooks as stored
from broker.services.webhooks import webhooks_page
from broker.services.webhooks.webhooks_page import ListedWebhook, Reader
from broker.web import query_values
from broker.web.api.webhooks.access import may_change_webhooks
from broker.web.api.webhooks.deliveries import shown_log
from broker.web.context import reading, settings, transaction
from broker.web.description.needs import Needs
from broker.web.lagging import may_lag
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table
from broker.web.routes import rule

MOST_IN_RUN = 8
MOST_IN_FILE = 10_000
MOST_FAILING = 6


def _state(item: ListedWebhook) -> str:
    if item.webhook.disabled_at is not None:
        return "given up"
    if item.failure:
        return WebhookState.FAILING
    return WebhookState.ON if item.webhook.what.enabled else WebhookState.OFF


TABLE: Table[ListedWebhook] = Table(
    "webhooks",
    (
        Column("uuid", "", lambda item: item.webhook.uuid),
        Column("webhook", "Webhook", lambda item: item.webhook.what.title, sort="name"),
        Column("pact", "For", None),
        Column("consumer", "", lambda item: item.webhook.what.consumer.name),
        Column("consumerLabel", "", lambda item: item.webhook.what.consumer.label),
        Column("provider", "", lambda item: item.webhook.what.provider.name),
        Column("providerLabel", "", lambda item: item.webhook.what.provider.label),
        Column("events", "Tells of", lambda item: item.webhook.what.events),
        Column("state", "State", _state, sort="state"),
        Column("lastDelivery", "Last delivery", lambda item: item.latest and item.latest.status),
        Column("lastAnswer", "", lambda item: item.failure and item.failure.answer),
        Column("failures", "", lambda item: item.webhook.failures),
        Column("failingSince", "", lambda item: item.webhook.failing_since),
        Column("lastTriggeredAt", "Age", lambda item: item.latest and item.latest.triggered_at),
        Column("createdAt", "", lambda item: item.webhook.created_at, sort="created"),
    ),
)


DELIVERIES: Table[tuple[Run, Delivery]] = Table(
    "deliveries",
    (
        Column("uuid", "", lambda item: item[1].uuid),
        Column("event", "Event", lambda item: item[1].event),
        Column("consumer", "", lambda item: item[1].consumer),
        Column("provider", "", lambda item: item[1].provider),
        Column("status", "Status", lambda item: item[1].status),
        Column("answer", "Answer", lambda item: item[1].answer or item[0].answer),
        Column("attempts", "Attempts", lambda item: item[1].attempts),
        Column("triggeredAt", "Triggered", lambda item: item[1].triggered_at),
    ),
)


@blueprint.get(rule("webhooks"))
@may_lag
def webhooks() -> Response:
    """Show what others are told, and whether it arrives."""
    wanted, order = _filter(), TABLE.order("state")
    page = Page(1, MOST_IN_FILE) if TABLE.asked_format() else Page(page_number(), webhooks_page.PAGE_SIZE)
    with reading() as storage:
        found = webhooks_page.all_webhooks(
            storage, wanted, WebhookOrder(WebhookSort(order.by), order.descending), page=page, reader=reader()
        )
    if file := TABLE.download(found.part.items):
        return file
    return render(
        "webhooks.html",
        part=found.part,
        counts=found.counts,
        failing=[item for item in found.part.items if item.failure][:MOST_FAILING],
        table=TABLE,
        order=order,
        state=wanted.state,
        event=wanted.event,
        application=wanted.application or "",
        events=[(event.value, event.value.replace("_", " ")) for event in Event],
    )


@blueprint.get(rule("webhook"))
@may_lag
def webhook(uuid: str) -> Response:
    """Show a webhook and what it sent last."""
    with reading() as storage:
        found = webhooks_page.one_webhook(storage, uuid, page_number(), reader())
    sent = [(run, delivery) for run, _ in found.runs for delivery in run.deliveries]
    if file := DELIVERIES.download(sent):
        return file
    answers = [in_words(run.answer, log) if run.answer else "" for run, log in found.runs]
    return render(
        "webhook.html", answers=answers, most_in_run=MOST_IN_RUN, explained=EXPLAINED, **vars(found)
    )


@blueprint.get(rule("triggered-webhook-logs"))
@may_lag
def logs(uuid: str) -> Response:
    """Show what came of a delivery."""
    return _delivery(Form(), uuid)


def _delivery(form: Form, uuid: str) -> Response:
    with reading() as storage:
        found = webhooks_page.one_delivery(storage, uuid, reader())
    return render("delivery.html", form=form, **vars(found))


@forms.change("redeliver-triggered-webhook", again=_delivery, needs=Needs(Action.WEBHOOKS))
def redeliver(_form: Form, uuid: str) -> Response:
    """Send a finished delivery again."""
    with transaction() as storage:
        stored.redeliver(storage, uuid)
    return forms.done("It will be sent again in a moment.", "triggered-webhook-logs", uuid=uuid)


def reader() -> Reader:
    """Return who looks."""
    return Reader(settings(), shown_log, may_change_webhooks)


def _filter() -> WebhookFilter:
    """Return which webhooks the query asks for. Raises ValidationError."""
    application = query_values.name("application")
    return WebhookFilter(_chosen("state", WebhookState), _chosen("event", Event), application or None)


def _chosen(name: str, kind: Any) -> Any:
    given = request.args.get(name, "")
    known = [item.value for item in kind]
    if given and given not in known:
        hint = did_you_mean(given, known) or f": there are {', '.join(known)}"
        raise NotFoundError(f"'{given[: limits.NAME]}' is no {name}{hint}")
    return kind(given) if given else None
