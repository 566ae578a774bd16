"""Receipts, for orders that were paid."""

import json
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Email:
    """A message to a customer."""

    to: str
    text: str


def send_receipt(message: bytes, send: Callable[[Email], object]) -> None:
    """Handle the message that an order was paid: *send* the customer a receipt."""
    event = json.loads(message)
    amount = f"{event['total_cents'] / 100:.2f}"
    send(Email(event["customer"], f"Thank you: {amount} € for order {event['order_id']}."))
