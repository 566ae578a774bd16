"""Whether webhooks arrive, and why not: the contents of their pages."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from broker.domain.pagination import Page, PartOfList
from broker.domain.webhooks.answers import advice, in_words
from broker.domain.webhooks.delivery import Delivery, DeliveryAttempt, Status
from broker.domain.webhooks.delivery_log import answer_in
from broker.domain.webhooks.redaction import redacted
from broker.domain.webhooks.runs import Run, runs
from broker.domain.webhooks.webhook import Webhook, WebhookRequest
from broker.domain.webhooks.webhook_filter import CountsByState, WebhookFilter, WebhookOrder
from broker.services.webhooks import attempt_logs, deliveries, webhooks
from broker.settings.settings import Settings
from broker.storage.storage import Storage
from tally.values import dataclass

PAGE_SIZE = 50
DELIVERIES = 100
"""Deliveries on a page of a webhook."""
MOST_LOGS = 10
"""Logs on one page; an answer in a log may be large."""
_FAILED = {Status.FAILURE, Status.RETRYING}


@dataclass(frozen=True)
class Failure:
    """Why a webhook fails: what was answered last, how often in a row and since when, and what to do."""

    answer: str
    times: int
    since: datetime | None
    advice: str


@dataclass(frozen=True)
class ListedWebhook:
    """A webhook with its newest delivery, if it has any, and why it fails, if it does."""

    webhook: Webhook
    latest: Delivery | None
    failure: Failure | None


@dataclass(frozen=True)
class WebhooksPage:
    """A page of the list of webhooks, and how many there are in each state."""

    part: PartOfList[ListedWebhook]
    counts: CountsByState


@dataclass(frozen=True)
class WebhookPage:
    """One webhook; in its *request*, what may be secret is starred.

    *runs* are its deliveries, each run with the log of its newest one, as far as these are shown.
    """

    webhook: Webhook
    request: WebhookRequest
    failure: Failure | None
    runs: Sequence[tuple[Run, str | None]]
    number: int
    has_more: bool
    may_change: bool


@dataclass(frozen=True)
class DeliveryPage:
    """One delivery with all attempts to send it, the newest first."""

    delivery: Delivery
    attempts: Sequence[DeliveryAttempt]
    answer: str
    advice: str
    may_change: bool


@dataclass(frozen=True)
class Reader:
    """Who looks: what they may see of a log, and whether they may change webhooks of a team, by its id."""

    settings: Settings
    shown: Callable[[str, int | None], str]
    may_change: Callable[[int | None], bool]


def all_webhooks(
    storage: Storage, wanted: WebhookFilter, order: WebhookOrder, *, page: Page, reader: Reader
) -> WebhooksPage:
    """Return a page of the webhooks that are wanted; five statements."""
    part = storage.webhook_lists.page(wanted, order, page)
    latest = storage.webhook_lists.newest_deliveries([item.id for item in part.items])
    failing = [item.uuid for item in part.items if _is_failing(item, latest.get(item.uuid))]
    logs = _logs(storage, [latest[uuid] for uuid in failing if uuid in latest], reader)
    items = [_listed(item, latest.get(item.uuid), logs) for item in part.items]
    return WebhooksPage(PartOfList(items, part.total, page), storage.webhook_lists.counts())


def one_webhook(storage: Storage, uuid: str, number: int, reader: Reader) -> WebhookPage:
    """Return a webhook with a page of its deliveries; four statements. Raises NotFoundError."""
    found = webhooks.find_readable(storage, uuid, reader.settings)
    may_change = reader.may_change(found.team_id)
    page = Page(number, DELIVERIES)
    sent = storage.webhook_lists.deliveries_of(found, Page(number, DELIVERIES))
    grouped = runs(sent)
    logs = _logs(storage, [run.newest for run in grouped if run.newest.attempts], reader)
    newest = grouped[0].newest if grouped and page.number == 1 else None
    return WebhookPage(
        found,
        redacted(found.what.request, for_reader=not may_change),
        _listed(found, newest, logs).failure,
        [(_answered(run, logs), logs.get(run.newest.uuid)) for run in grouped],
        number,
        len(sent) == DELIVERIES,
        may_change,
    )


def one_delivery(storage: Storage, uuid: str, reader: Reader) -> DeliveryPage:
    """Return a delivery with its logs. Raises NotFoundError."""
    delivery, attempts = deliveries.attempts(storage, uuid, reader.settings)
    shown = [replace(item, logs=reader.shown(item.logs, delivery.team_id)) for item in reversed(attempts)]
    newest = shown[0].logs if shown else ""
    answer = _kept(delivery, newest)
    return DeliveryPage(
        delivery,
        shown,
        in_words(answer, newest),
        advice(answer) if delivery.status in _FAILED else "",
        reader.may_change(delivery.team_id),
    )


def _logs(storage: Storage, newest: Sequence[Delivery], reader: Reader) -> dict[str, str]:
    teams = {delivery.uuid: delivery.team_id for delivery in newest[:MOST_LOGS]}
    found = storage.webhook_lists.last_attempts(list(teams))
    return {
        uuid: reader.shown(attempt_logs.readable(item, reader.settings).logs, teams[uuid])
        for uuid, item in found.items()
    }


def _is_failing(webhook: Webhook, latest: Delivery | None) -> bool:
    return webhook.is_failing or (webhook.what.enabled and latest is not None and latest.status in _FAILED)


def _listed(webhook: Webhook, latest: Delivery | None, logs: dict[str, str]) -> ListedWebhook:
    if not _is_failing(webhook, latest):
        return ListedWebhook(webhook, latest, None)
    has_failed = latest is not None and latest.status in _FAILED
    log = logs.get(latest.uuid) if latest and has_failed else None
    answer = _kept(latest, log) if latest and has_failed else ""
    since = webhook.failing_since or (latest.triggered_at if latest and has_failed else None)
    failure = Failure(
        in_words(answer, log), max(1, webhook.failures), since, advice(answer) if answer else ""
    )
    return ListedWebhook(webhook, latest, failure)


def _kept(delivery: Delivery, log: str | None) -> str:
    """Return the answer of a delivery; an earlier release kept it in the log alone."""
    if delivery.answer is not None:
        return delivery.answer
    return ((log and answer_in(log)) or "").removeprefix("HTTP ")


def _answered(run: Run, logs: dict[str, str]) -> Run:
    if run.newest.answer is not None or not run.newest.attempts:
        return run
    newest = replace(run.newest, answer=_kept(run.newest, logs.get(run.newest.uuid)))
    return Run([newest, *run.deliveries[1:]])
