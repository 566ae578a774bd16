"""What is near a service, and what breaks with it."""

import pytest

from broker.domain.network.network import dependents, within

SHOP, CART, PRICES, TAX, MAIL = range(1, 6)
PAIRS = ((SHOP, CART), (CART, PRICES), (PRICES, TAX), (MAIL, TAX))


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        (0, set()),
        (1, {(SHOP, CART), (CART, PRICES)}),
        (2, {(SHOP, CART), (CART, PRICES), (PRICES, TAX)}),
        (None, set(PAIRS)),
    ],
)
def test_what_is_near_is_found_in_both_directions(steps, found):
    assert within(PAIRS, CART, steps) == found


def test_nothing_is_near_a_service_without_integrations():
    assert within(PAIRS, 99, None) == set()


def test_who_needs_a_service_through_others_breaks_with_it():
    assert dependents(PAIRS) == {CART: 1, PRICES: 2, TAX: 4}


def test_services_that_need_each_other_do_not_count_themselves():
    assert dependents(((SHOP, CART), (CART, SHOP), (MAIL, SHOP), (TAX, TAX))) == {SHOP: 2, CART: 2, TAX: 0}
