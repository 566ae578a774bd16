"""The shop's client of the orders service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

TIMEOUT = 5


class OrderNotFoundError(LookupError):
    """The orders service knows no such order."""


@dataclass(frozen=True)
class Order:
    """What the shop shows of an order."""

    number: int
    status: str
    total_cents: int


class OrdersClient:
    """Speak to the orders service at *base_url*."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._http = requests.Session()
        self._http.headers["Accept"] = "application/json"

    def order(self, number: int) -> Order:
        """Return one order; raise OrderNotFoundError when there is none."""
        response = self._http.get(f"{self._base_url}/orders/{number}", timeout=TIMEOUT)
        if response.status_code == requests.codes.not_found:
            raise OrderNotFoundError(number)
        response.raise_for_status()
        return _order(response.json())

    def paid_orders(self) -> list[Order]:
        """Return the orders that are paid, and so can be sent."""
        response = self._http.get(f"{self._base_url}/orders", params={"status": "paid"}, timeout=TIMEOUT)
        response.raise_for_status()
        return [_order(order) for order in response.json()["orders"]]

    def place_order(self, customer: str, basket: Mapping[str, int]) -> Order:
        """Order what is in the *basket*: how many of which product."""
        items = [{"sku": sku, "quantity": quantity} for sku, quantity in basket.items()]
        response = self._http.post(
            f"{self._base_url}/orders", json={"customer": customer, "items": items}, timeout=TIMEOUT
        )
        response.raise_for_status()
        return _order(response.json())


def _order(body: Mapping[str, Any]) -> Order:
    return Order(body["id"], body["status"], body["total_cents"])
