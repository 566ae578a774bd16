import pytest
from consumer_sdk import Recorder, match

from shop.client import Order, OrderNotFoundError, OrdersClient

AN_ORDER = {
    "id": match.integer(7),
    "status": match.regex("open", "^(open|paid)$"),
    "total_cents": match.integer(1350),
    "placed_at": match.timestamp("2026-01-05T09:30:00+00:00"),
}


def test_an_order_is_read(orders: Recorder) -> None:
    (
        orders.upon_receiving("a request for an order")
        .given("an order exists", order_id=7)
        .with_request("GET", "/orders/7", headers={"Accept": "application/json"})
        .will_respond_with(200, body=AN_ORDER)
    )

    with orders.in_process() as url:
        order = OrdersClient(url).order(7)

    assert order == Order(number=7, status="open", total_cents=1350)


def test_an_order_that_does_not_exist_is_not_found(orders: Recorder) -> None:
    (
        orders.upon_receiving("a request for an order")
        .given("no order exists", order_id=404)
        .with_request("GET", "/orders/404", headers={"Accept": "application/json"})
        .will_respond_with(404, body={"error": match.like("There is no order 404.")})
    )

    with orders.in_process() as url, pytest.raises(OrderNotFoundError):
        OrdersClient(url).order(404)


def test_an_order_is_placed(orders: Recorder) -> None:
    (
        orders.upon_receiving("a new order")
        .given("a product is sold", sku="tea", price_cents=675)
        .with_request(
            "POST", "/orders", body={"customer": "ada@example.org", "items": [{"sku": "tea", "quantity": 2}]}
        )
        .will_respond_with(
            201, headers={"Location": match.regex("/orders/7", r"/orders/\d+$")}, body=AN_ORDER
        )
    )

    with orders.in_process() as url:
        order = OrdersClient(url).place_order("ada@example.org", {"tea": 2})

    assert order.total_cents == 1350


def test_paid_orders_are_listed(orders: Recorder) -> None:
    (
        orders.upon_receiving("a request for the paid orders")
        .given("some orders exist", count=2, status="paid")
        .with_request("GET", "/orders", query={"status": "paid"})
        .will_respond_with(200, body={"orders": match.each_like({**AN_ORDER, "status": "paid"})})
    )

    with orders.in_process() as url:
        paid = OrdersClient(url).paid_orders()

    assert paid == [Order(number=7, status="paid", total_cents=1350)]
