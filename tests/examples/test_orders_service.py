import pytest
import requests


@pytest.fixture
def given(orders_service):
    """Put the service into a state, as a verifier does; the answer is returned."""

    def given(state, **params):
        change = {"action": "setup", "state": state, "params": params}
        return requests.post(f"{orders_service}/_pact/provider_states", json=change, timeout=5)

    return given


@pytest.fixture
def message(orders_service):
    """Ask for a message, as a verifier does."""

    def message(description, *states):
        wanted = {"description": description, "providerStates": list(states)}
        return requests.post(f"{orders_service}/_pact/messages", json=wanted, timeout=5)

    return message


def test_a_state_with_parameters_makes_the_order_that_it_describes(orders_service, given):
    given("an order exists", order_id=41, status="paid", customer="bob@example.org")

    order = requests.get(f"{orders_service}/orders/41", timeout=5).json()

    assert (order["id"], order["status"], order["customer"]) == (41, "paid", "bob@example.org")


def test_an_order_can_be_made_not_to_exist(orders_service, given):
    given("an order exists", order_id=42)
    given("no order exists", order_id=42)

    answer = requests.get(f"{orders_service}/orders/42", timeout=5)

    assert (answer.status_code, answer.json()) == (404, {"error": "There is no order 42."})


def test_an_order_is_placed_at_the_price_of_its_products_and_found_where_it_says(orders_service, given):
    given("a product is sold", sku="mug", price_cents=900)
    wanted = {"customer": "ada@example.org", "items": [{"sku": "mug", "quantity": 3}]}

    placed = requests.post(f"{orders_service}/orders", json=wanted, timeout=5)

    assert placed.status_code == 201
    assert placed.json()["total_cents"] == 2700
    found = requests.get(orders_service + placed.headers["Location"], timeout=5)
    assert found.json() == placed.json()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"customer": "a", "items": [{"sku": "moonlight", "quantity": 1}]}, "We do not sell moonlight."),
        ({"customer": "a", "items": [{"sku": "tea"}]}, "An order needs a customer, and items"),
        ({"items": []}, "An order needs a customer"),
        ([], "An order needs a customer"),
    ],
)
def test_what_cannot_be_ordered_is_refused_with_the_reason(orders_service, body, reason):
    answer = requests.post(f"{orders_service}/orders", json=body, timeout=5)

    assert answer.status_code == 422
    assert answer.json()["error"].startswith(reason)


def test_orders_are_listed_by_status(orders_service, given):
    given("some orders exist", count=2, status="paid")

    paid = requests.get(f"{orders_service}/orders", params={"status": "paid"}, timeout=5).json()["orders"]

    assert {1, 2} <= {order["id"] for order in paid}
    assert {order["status"] for order in paid} == {"paid"}


def test_paying_an_order_makes_it_paid(orders_service, given):
    given("an order exists", order_id=43)

    requests.post(f"{orders_service}/orders/43/payment", timeout=5).raise_for_status()

    assert requests.get(f"{orders_service}/orders/43", timeout=5).json()["status"] == "paid"


def test_the_message_is_about_the_order_of_the_state(given, message):
    given("an order exists", order_id=44, customer="eve@example.org")

    answer = message("an order was paid", {"name": "an order exists", "params": {"order_id": 44}})

    assert answer.json() == {"order_id": 44, "customer": "eve@example.org", "total_cents": 1350}


def test_an_interaction_without_a_state_needs_nothing(given):
    assert given("").status_code == 200


@pytest.mark.parametrize("ask", ["given", "message"])
def test_an_unknown_state_or_message_is_refused_with_the_known_ones(ask, request):
    answer = request.getfixturevalue(ask)("the moon is full")

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("'the moon is full' is none of: an order")
