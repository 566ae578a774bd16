"""XML is judged as Pact's core judges it, without the core."""

import pytest
import requests

from consumer_sdk import MismatchError, bodies, match
from consumer_sdk.judging.xml_bodies import compare_xml
from tally.matching import xml_bodies as by_core
from tally.pact import Body, Presence, Rule, RuleSet

ORDER = '<order id="7"><item sku="tea"><n>2</n></item></order>'
TYPE, INTEGER = RuleSet((Rule("type"),)), RuleSet((Rule("integer"),))
REGEX = RuleSet((Rule("regex", {"regex": "^[a-z]+$"}),))
AT_MOST_TWO = RuleSet((Rule("type", {"min": 1, "max": 2}),))


def body(text):
    return Body(Presence.PRESENT, text, "application/xml")


@pytest.mark.parametrize(
    ("sent", "rules"),
    [
        (ORDER, {}),
        ('<?xml version="1.0"?>\n<order id="7">\n  <item sku="tea">\n <n> 2 </n></item>\n</order>', {}),
        ('<order id="8"><item sku="tea"><n>2</n></item></order>', {}),
        ('<order id="8"><item sku="tea"><n>2</n></item></order>', {"$.order['@id']": INTEGER}),
        ('<order id="x"><item sku="tea"><n>2</n></item></order>', {"$.order['@id']": INTEGER}),
        ('<order><item sku="tea"><n>2</n></item></order>', {}),
        ('<order id="7" x="1"><item sku="tea"><n>2</n></item></order>', {}),
        ('<order id="7"><item sku="tea"><n>3</n></item></order>', {}),
        ('<order id="7"><item sku="tea"><n>3</n></item></order>', {"$.order.item.n['#text']": INTEGER}),
        ('<order id="7"><item sku="tea"><n>a</n></item></order>', {"$.order.item.n['#text']": INTEGER}),
        ('<order id="7"><item sku="milk"><n>2</n></item></order>', {"$.order.item['@sku']": REGEX}),
        ('<order id="7"><item sku="MILK"><n>2</n></item></order>', {"$.order.item['@sku']": REGEX}),
        ('<order id="7"/>', {}),
        ('<order id="7"/>', {"$.order.item": AT_MOST_TWO}),
        (ORDER.replace("</order>", '<item sku="tea"><n>2</n></item></order>'), {}),
        (ORDER.replace("</order>", '<item sku="tea"><n>2</n></item></order>'), {"$.order.item": AT_MOST_TWO}),
        (ORDER.replace("</order>", "<extra/></order>"), {}),
        (ORDER.replace("order", "basket"), {}),
        ("no xml", {}),
    ],
)
def test_the_verdict_on_a_request_is_that_of_the_core(sent, rules):
    ours = compare_xml(body(ORDER), body(sent), rules, strict=True)

    assert bool(ours) == bool(by_core.compare_xml(body(ORDER), body(sent), rules, strict=True)), ours


def test_xml_with_matchers_is_recorded_in_process(answered, orders, pact):
    content = bodies.xml(ORDER, {"$.order['@id']": match.integer(7), "$.order.item": match.like("x")})
    orders.upon_receiving("a new order").with_request("POST", "/", body=content).will_respond_with(
        200, body=content
    )
    headers = {"Content-Type": "application/xml"}

    with answered(orders) as url:
        answer = requests.post(url, data=ORDER.replace("7", "8"), headers=headers, timeout=5)

    assert answer.text == ORDER
    assert answer.headers["Content-Type"] == "application/xml"
    assert len(pact()["interactions"]) == 1


def test_other_xml_is_shown_by_its_place(answered, orders):
    orders.upon_receiving("a new order").with_request("POST", "/", body=bodies.xml(ORDER)).will_respond_with(
        200
    )
    sent = ORDER.replace(">2<", ">3<")

    with pytest.raises(MismatchError) as failure, answered(orders) as url:
        requests.post(url, data=sent, headers={"Content-Type": "application/xml"}, timeout=5)

    assert "$.order.item.n['#text']" in str(failure.value)


def test_bytes_that_are_no_text_are_no_xml(answered, orders):
    orders.upon_receiving("a new order").with_request("POST", "/", body=bodies.xml(ORDER)).will_respond_with(
        200
    )
    headers = {"Content-Type": "application/xml"}

    with (
        pytest.raises(MismatchError, match="Expected a body of XML, but what came cannot be read"),
        answered(orders) as url,
    ):
        requests.post(url, data=b"<order>\xff</order>", headers=headers, timeout=5)
