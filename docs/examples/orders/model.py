"""What the service talks about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Item:
    """So many of one product."""

    sku: str
    quantity: int


@dataclass(frozen=True)
class Order:
    """What a customer ordered; *status* is "open" or "paid", *placed_at* ISO 8601."""

    id: int
    customer: str
    items: tuple[Item, ...]
    total_cents: int
    status: str
    placed_at: str


@dataclass(frozen=True)
class Event:
    """Something that happened, for whoever listens to *topic*."""

    topic: str
    content: Mapping[str, Any]


def order_paid(order: Order) -> Event:
    """Say that *order* is paid."""
    content = {"order_id": order.id, "customer": order.customer, "total_cents": order.total_cents}
    return Event("orders.paid", content)
