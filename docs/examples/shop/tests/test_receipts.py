from consumer_sdk import Recorder, match

from shop.receipts import Email, send_receipt


def test_a_customer_who_paid_gets_a_receipt(orders: Recorder) -> None:
    sent: list[Email] = []

    (
        orders.expects_message("an order was paid")
        .given("an order exists", order_id=7, customer="ada@example.org")
        .with_content(
            {
                "order_id": match.integer(7),
                "customer": match.like("ada@example.org"),
                "total_cents": match.integer(1350),
            }
        )
        .with_metadata(topic="orders.paid")
        .handled_by(lambda message: send_receipt(message.content, sent.append))
    )

    assert sent == [Email("ada@example.org", "Thank you: 13.50 € for order 7.")]
