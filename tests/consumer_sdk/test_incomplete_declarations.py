"""What is refused when it is declared, or missed at the end."""

import pytest

from consumer_sdk import DeclarationError, Recorder


@pytest.mark.parametrize(
    ("declare", "reason"),
    [
        (lambda orders: orders.upon_receiving(""), "needs a description"),
        (lambda orders: orders.upon_receiving("it"), r'"it" is incomplete: call \.with_request'),
        (
            lambda orders: orders.upon_receiving("it").with_request("GET", "/"),
            r'"it" is incomplete: call \.will_respond_with',
        ),
        (lambda _: None, "nothing to serve"),
        (
            lambda orders: (
                orders.upon_receiving("it")
                .with_request("GET", "/")
                .will_respond_with(200, body={"a": [object()]})
            ),
            r"At \$\.a\[0\]: .* has no form in JSON",
        ),
    ],
)
def test_an_incomplete_declaration_says_what_is_missing(answered, orders, declare, reason):
    with pytest.raises(DeclarationError, match=reason):  # noqa: PT012 - the first may fail already
        declare(orders)
        with answered(orders):
            pass


def test_a_message_without_content_is_incomplete(orders):
    with pytest.raises(DeclarationError, match=r'"it" is incomplete: call \.with_content'):
        orders.expects_message("it").handled_by(print)


def test_what_is_declared_and_never_used_is_not_lost_in_silence(orders):
    orders.upon_receiving("a request").with_request("GET", "/orders/7").will_respond_with(200)
    orders.expects_message("an order was paid").with_content({"id": 7})

    with pytest.raises(
        DeclarationError, match='never used, so not recorded: "a request", "an order was paid"'
    ):
        orders.close()


def test_an_unknown_version_of_the_specification_is_refused(recordings):
    with pytest.raises(DeclarationError, match=r"'V9' is not known; give .*V3 or V4"):
        Recorder("Shop", "Orders", recordings, specification="V9")


@pytest.mark.parametrize("names", [("", "Orders"), ("Shop", "")])
def test_both_participants_need_a_name(recordings, names):
    with pytest.raises(DeclarationError, match="names of its consumer and its provider"):
        Recorder(*names, recordings)
