"""The orders service as contract tests see it: the real application, and two routes beside it.

    flask --app docs/examples/orders/testing.py run

`POST /_pact/provider_states` puts the service into the state that an interaction needs;
`POST /_pact/messages` answers with a message that the service would send. Production has neither.
"""

import os
import tempfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, abort, json, jsonify, request
from flask.typing import ResponseReturnValue

from orders import app as service
from orders.model import Event, Item, Order, order_paid
from orders.storage import OrderBook

MONDAY = "2026-01-05T09:30:00+00:00"


def create_app() -> Flask:
    """Build the service on the database ORDERS_DATABASE (a file), or on a temporary one."""
    database = os.environ.get("ORDERS_DATABASE") or f"{tempfile.mkdtemp()}/orders.sqlite3"
    book = OrderBook(Path(database))
    app = service.create_app(book, publish=print)
    app.register_blueprint(contract_tests(book))
    return app


def contract_tests(book: OrderBook) -> Blueprint:
    """Return the routes that verifiers use."""
    routes = Blueprint("contract_tests", __name__, url_prefix="/_pact")

    @routes.post("/provider_states")
    def provider_states() -> ResponseReturnValue:
        change = request.get_json()
        # An interaction without a state arrives as "", and there is nothing to tear down.
        if change["state"] and change["action"] == "setup":
            _known(STATES, change["state"])(book, **change["params"])
        return jsonify({})

    @routes.post("/messages")
    def messages() -> ResponseReturnValue:
        wanted = request.get_json()
        params = {key: value for state in wanted["providerStates"] for key, value in state["params"].items()}
        event = _known(MESSAGES, wanted["description"])(book, params)
        metadata = json.dumps({"contentType": "application/json", "topic": event.topic})
        return jsonify(event.content), {"Pact-Message-Metadata": b64encode(metadata.encode()).decode()}

    return routes


def _known(functions: Mapping[str, Callable[..., Any]], name: str) -> Callable[..., Any]:
    if name not in functions:
        abort(400, f"{name!r} is none of: {', '.join(functions)}.")
    return functions[name]


def an_order_exists(
    book: OrderBook, order_id: int, status: str = "open", customer: str = "ada@example.org"
) -> None:
    book.save(Order(order_id, customer, (Item("tea", 2),), 1350, status, MONDAY))


def no_order_exists(book: OrderBook, order_id: int) -> None:
    book.remove(order_id)


def some_orders_exist(book: OrderBook, count: int, status: str) -> None:
    for number in range(1, count + 1):
        an_order_exists(book, number, status)


def a_product_is_sold(book: OrderBook, sku: str, price_cents: int) -> None:
    book.sell(sku, price_cents)


def an_order_was_paid(book: OrderBook, params: Mapping[str, Any]) -> Event:
    order = book.find(params["order_id"]) or abort(400, f"There is no order {params['order_id']}.")
    return order_paid(book.pay(order))


STATES: Mapping[str, Callable[..., None]] = {
    "an order exists": an_order_exists,
    "no order exists": no_order_exists,
    "some orders exist": some_orders_exist,
    "a product is sold": a_product_is_sold,
}
MESSAGES: Mapping[str, Callable[..., Event]] = {"an order was paid": an_order_was_paid}
