"""The HTTP face of the orders service."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from orders.model import Event, Item, Order, order_paid
from orders.storage import OrderBook, UnknownProductError


def create_app(book: OrderBook, publish: Callable[[Event], object]) -> Flask:
    """Serve the orders in *book*; *publish* sends an event to the message broker."""
    app = Flask(__name__)

    @app.get("/orders/<int:number>")
    def show(number: int) -> ResponseReturnValue:
        return jsonify(_found(book, number))

    @app.get("/orders")
    def search() -> ResponseReturnValue:
        return jsonify(orders=book.with_status(request.args.get("status", "open")))

    @app.post("/orders")
    def place() -> ResponseReturnValue:
        customer, items = _wanted(request.get_json())
        try:
            order = book.place(customer, items, datetime.now(UTC).isoformat(timespec="seconds"))
        except UnknownProductError as error:
            abort(422, f"We do not sell {error}.")
        return jsonify(order), 201, {"Location": url_for("show", number=order.id)}

    @app.post("/orders/<int:number>/payment")
    def pay(number: int) -> ResponseReturnValue:
        order = book.pay(_found(book, number))
        publish(order_paid(order))
        return jsonify(order)

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> ResponseReturnValue:
        return jsonify(error=error.description), error.code or 500

    return app


def _found(book: OrderBook, number: int) -> Order:
    return book.find(number) or abort(404, f"There is no order {number}.")


def _wanted(body: Any) -> tuple[str, list[Item]]:
    try:
        items = [Item(str(item["sku"]), int(item["quantity"])) for item in body["items"]]
        return str(body["customer"]), items
    except (KeyError, TypeError, ValueError):
        abort(422, "An order needs a customer, and items with a sku and a quantity.")
