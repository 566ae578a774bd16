"""Lists of webhooks by the page, those first that fail."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, or_, select, true

from broker.domain.pagination import Page, PartOfList
from broker.domain.webhooks.delivery import Delivery, DeliveryAttempt, Status
from broker.domain.webhooks.webhook import Webhook
from broker.domain.webhooks.webhook_filter import (
    CountsByState,
    WebhookFilter,
    WebhookOrder,
    WebhookSort,
    WebhookState,
)
from broker.storage.dialects import ONE
from broker.storage.tables import deliveries, delivery_attempts, pacticipants, webhook_events, webhooks
from broker.storage.webhooks.deliveries import SHOWN, delivery
from broker.storage.webhooks.webhooks import FOUND, Webhooks

_of_webhook = deliveries.c.webhook_id == webhooks.c.id
_newest_status = (
    select(deliveries.c.status)
    .where(_of_webhook)
    .order_by(deliveries.c.id.desc())
    .limit(ONE)
    .correlate(webhooks)
).scalar_subquery()
_FAILING: ColumnElement[bool] = or_(
    webhooks.c.failures > 0,
    webhooks.c.disabled_at.is_not(None),
    webhooks.c.enabled & _newest_status.in_([Status.FAILURE.value, Status.RETRYING.value]).is_(true()),
)
_IN_STATE: Mapping[WebhookState, ColumnElement[bool]] = {
    WebhookState.FAILING: _FAILING,
    WebhookState.ON: webhooks.c.enabled & ~_FAILING,
    WebhookState.OFF: ~webhooks.c.enabled & ~_FAILING,
}
_COUNTS = select(
    func.count().filter(_FAILING), func.count().filter(webhooks.c.enabled & ~_FAILING), func.count()
).select_from(webhooks)
_ORDERS: Mapping[WebhookSort, tuple[Any, ...]] = {
    WebhookSort.STATE: (case((_FAILING, 0), (webhooks.c.enabled, 1), else_=2), webhooks.c.id),
    # Those without a description come last, whatever they are called after.
    WebhookSort.NAME: (
        webhooks.c.description.is_(None),
        func.lower(webhooks.c.description),
        webhooks.c.id,
    ),
    WebhookSort.CREATED: (webhooks.c.id,),
}
_named = pacticipants.alias("named")
_IS_OF_APPLICATION = (
    select(_named.c.id)
    .where(
        _named.c.name == bindparam("application"),
        or_(_named.c.id == webhooks.c.consumer_id, _named.c.id == webhooks.c.provider_id),
    )
    .correlate(webhooks)
    .exists()
)
_HAS_EVENT = (
    select(webhook_events.c.name)
    .where(webhook_events.c.webhook_id == webhooks.c.id, webhook_events.c.name == bindparam("event"))
    .correlate(webhooks)
    .exists()
)
_newest_of = (
    select(deliveries.c.id).where(_of_webhook).order_by(deliveries.c.id.desc()).limit(ONE).correlate(webhooks)
).scalar_subquery()
_NEWEST = SHOWN.where(
    deliveries.c.id.in_(select(_newest_of).where(webhooks.c.id.in_(bindparam("ids", expanding=True))))
)
_PAGE_OF_WEBHOOK = (
    SHOWN.where(deliveries.c.webhook_id == bindparam("webhook_id"))
    .limit(bindparam("page_size"))
    .offset(bindparam("page_offset"))
)
_others = delivery_attempts.alias("others")
_LAST_ATTEMPTS = (
    select(
        deliveries.c.uuid,
        delivery_attempts.c.success,
        delivery_attempts.c.logs,
        delivery_attempts.c.created_at,
    )
    .join(deliveries, deliveries.c.id == delivery_attempts.c.triggered_webhook_id)
    .where(
        deliveries.c.uuid.in_(bindparam("uuids", expanding=True)),
        delivery_attempts.c.id
        == select(func.max(_others.c.id))
        .where(_others.c.triggered_webhook_id == deliveries.c.id)
        .correlate(deliveries)
        .scalar_subquery(),
    )
)


class WebhookLists(Webhooks):
    """Webhooks as a page lists them, and their deliveries."""

    def page(self, wanted: WebhookFilter, order: WebhookOrder, page: Page) -> PartOfList[Webhook]:
        """Return the webhooks of a page of those that are wanted, and how many these are."""
        statement = _filtered(FOUND.add_columns(func.count().over().label("total")), wanted)
        by = [part.desc() if order.descending else part for part in _ORDERS[order.by]]
        statement = statement.order_by(None).order_by(*by).limit(page.size).offset(page.offset)
        values = {"application": wanted.application, "event": wanted.event}
        given = {name: value for name, value in values.items() if value is not None}
        rows = self._connection.execute(statement, given).all()
        return PartOfList(self._complete(rows), rows[0].total if rows else 0, page)

    def counts(self) -> CountsByState:
        """Return how many webhooks there are in each state."""
        failing, working, total = self._connection.execute(_COUNTS).one()
        return CountsByState(failing, working, total - failing - working)

    def newest_deliveries(self, ids: Collection[int]) -> Mapping[str, Delivery]:
        """Return the newest delivery of each of these webhooks that has any, by the webhook's uuid."""
        rows = self._connection.execute(_NEWEST, {"ids": list(ids)}) if ids else ()
        return {item.webhook_uuid: item for item in map(delivery, rows)}

    def deliveries_of(self, webhook: Webhook, page: Page) -> list[Delivery]:
        """Return a page of the deliveries of a webhook, newest first."""
        values = {"webhook_id": webhook.id, "page_size": page.size, "page_offset": page.offset}
        return [delivery(row) for row in self._connection.execute(_PAGE_OF_WEBHOOK, values)]

    def last_attempts(self, uuids: Collection[str]) -> Mapping[str, DeliveryAttempt]:
        """Return the last attempt of each of these deliveries that has any, by the delivery's uuid."""
        rows = self._connection.execute(_LAST_ATTEMPTS, {"uuids": list(uuids)}) if uuids else ()
        return {row.uuid: DeliveryAttempt(*row[1:]) for row in rows}


def _filtered(statement: Select[Any], wanted: WebhookFilter) -> Select[Any]:
    conditions: list[Any] = []
    if wanted.state is not None:
        conditions.append(_IN_STATE[wanted.state])
    if wanted.event is not None:
        conditions.append(_HAS_EVENT)
    if wanted.application is not None:
        conditions.append(_IS_OF_APPLICATION)
    return statement.where(*conditions)
