"""What mypy and pyright accept, and the types that they see."""

from decimal import Decimal
from typing import TypedDict, assert_type

from consumer_sdk import Message, Recorder, bodies, generate, match, metadata
from consumer_sdk.match import Matcher


class Order(TypedDict):
    number: int


assert_type(match.integer(7), Matcher[int])
assert_type(match.decimal(4.5), Matcher[float | Decimal])
assert_type(match.null(), Matcher[None])
assert_type(match.like("a"), Matcher[str])
assert_type(match.like({"a": 1}), Matcher[dict[str, int]])
assert_type(match.each_like("a"), Matcher[list[str]])
assert_type(match.one_of("a", "b"), Matcher[str])
assert_type(match.one_of(1, 2), Matcher[int])
assert_type(match.integer(7) | match.null(), Matcher[int | None])
assert_type(match.includes("a") & match.not_empty("a"), Matcher[str])
assert_type(generate.provider_state("${id}", 7), Matcher[int])
assert_type(generate.uuid("…"), Matcher[str])


def declare(orders: Recorder, order: Order) -> int:
    (
        orders.upon_receiving("an order")
        .given("an order exists", id=7)
        .given("the shop is open", {"opening-hour": 9})
        .with_request(
            "PUT",
            generate.provider_state("/orders/${id}", "/orders/7"),
            query={"page": match.integer(1), "tag": ["a", match.like("b")], "dry": True},
            headers={"X-Trace": match.uuid("…"), "X-Count": 7, "X-Both": match.like(["a", "b"])},
            body=order,
        )
        .will_respond_with(
            match.status_code(200, "success"), body={"id": match.integer(7), "total": Decimal("1.50")}
        )
        .with_comment("why")
        .pending()
    )
    orders.upon_receiving("a form").with_request("POST", "/", body=bodies.form({"a": match.like("x")}))
    orders.upon_receiving("bytes").with_request("POST", "/", body=b"").will_respond_with(204)
    handled = (
        orders.expects_message("an order was paid")
        .with_content({"id": match.integer(7)})
        .with_metadata(metadata.kafka("orders", key=match.like("7")), trace="a")
        .handled_by(lambda message: len(message.content))
    )
    assert_type(handled, int)
    price = (
        orders.exchanges_messages("a price")
        .with_request({"sku": "tea"})
        .will_reply_with({"cents": match.integer(1350)})
        .exchanged_by(lambda send: send(Message(b"{}"))[0].content)
    )
    assert_type(price, bytes)
    return handled
