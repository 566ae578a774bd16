import json

import pytest
import yaml
from support import shop
from support.app_server import app_serving

from tally.errors import TallyError
from tally.workflows.files import load_workflows


def an_exchange(description, method, path, *, body=None, status=200, answer=None, states=(), headers=None):
    request = {"method": method, "path": path, "headers": headers or {}}
    response = {"status": status}
    if body is not None:
        request |= {"body": body}
        request["headers"] = {"Content-Type": "application/json", **request["headers"]}
    if answer is not None:
        response |= {"body": answer, "headers": {"Content-Type": "application/json"}}
    return {
        "description": description,
        "providerStates": [{"name": name} for name in states],
        "request": request,
        "response": response,
    }


def a_contract(consumer, provider, *interactions):
    return {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "interactions": list(interactions),
        "metadata": {"pactSpecification": {"version": "3.0.0"}},
    }


ORDER = {"id": 7, "total": 12, "status": "open"}
SHOP_ORDERS = a_contract(
    "Shop",
    "Orders",
    an_exchange("a request to cancel", "DELETE", "/orders/7", status=204),
    an_exchange("a request for an order", "GET", "/orders/7", answer=ORDER, states=["an order exists"]),
    an_exchange(
        "an order",
        "POST",
        "/orders",
        body={"total": 12},
        status=201,
        answer=ORDER,
        headers={"Authorization": "Bearer abc"},
    ),
    an_exchange("a request for another", "GET", "/orders/9", status=404, answer={"error": "no"}),
)
ORDERS_PAYMENTS = a_contract(
    "Orders",
    "Payments",
    an_exchange(
        "a payment",
        "POST",
        "/payments",
        body={"orderId": 7, "amount": 12},
        status=201,
        answer={"id": "p1", "order": 7, "amount": 12},
    ),
    an_exchange("a request for a payment", "GET", "/payments/81", answer={"id": 81}),
)


@pytest.fixture
def broker_url(broker):
    """A broker with pacts of Shop with Orders and of Orders with Payments, and a document of Orders."""
    for pact in (SHOP_ORDERS, ORDERS_PAYMENTS):
        consumer, provider = pact["consumer"]["name"], pact["provider"]["name"]
        put = broker.put(f"/pacts/provider/{provider}/consumer/{consumer}/version/1", json=pact)
        assert put.status_code == 201, put.text
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": shop.ORDERS}
    assert broker.post("/service-contracts/publish", json=body).status_code == 200
    with app_serving(broker.application) as url:
        yield url


@pytest.fixture
def a_draft(scenarios, broker_url, tmp_path):
    """Draft a workflow through services, and return the document and what was printed."""

    def make(services="Shop,Orders,Payments"):
        out = tmp_path / "draft" / "shop.arazzo.yaml"
        ended = scenarios.call(
            "draft", "--from-broker", "--services", services, "--out", out, "-b", broker_url
        )
        assert ended.exit_code == 0, ended.stderr
        return out, ended

    return make


def steps_of(out):
    workflow = yaml.safe_load(out.read_text())["workflows"][0]
    return {step["stepId"]: step for step in workflow["steps"] + workflow.get("x-contract-cleanup", [])}


def test_a_draft_goes_from_consumers_to_providers_and_can_be_read(a_draft):
    out, _ = a_draft()

    document = load_workflows(out)
    assert [step.id for step in document.workflows[0].steps] == [
        "orders-an-order",
        "orders-a-request-for-an-order",
        "payments-a-payment",
        "payments-a-request-for-a-payment",
    ]
    assert [step.id for step in document.workflows[0].cleanup] == ["orders-a-request-to-cancel"]
    assert document.workflows[0].states[0].state.name == "an order exists"
    assert json.loads((out.parent / "orders.openapi.json").read_text()) == shop.ORDERS


def test_what_an_answer_names_is_passed_on(a_draft):
    out, _ = a_draft()

    steps = steps_of(out)
    number = "$steps.orders-an-order.outputs.id"
    assert steps["orders-an-order"]["operationId"] == "$sourceDescriptions.orders.placeOrder"
    assert steps["orders-an-order"]["outputs"] == {"id": "$response.body#/id"}
    assert (
        steps["orders-a-request-for-an-order"]["parameters"][0]["value"]
        == "$steps.orders-an-order.outputs.id"
    )
    assert steps["payments-a-payment"]["requestBody"]["payload"] == {"orderId": number, "amount": 12}


def test_what_to_decide_is_marked_and_said(a_draft):
    _, ended = a_draft()

    assert "Payments has no service contract at the broker: save its OpenAPI document as" in ended.stderr
    assert "Left out: 1 request of Shop with Orders, answered with an error." in ended.stderr
    assert "{id} is '81', as in the pact: it has to exist, or be passed on." in ended.stderr
    assert "7 is passed on from orders-an-order to another service" in ended.stderr


def test_credentials_become_an_input(a_draft):
    out, _ = a_draft()

    document = yaml.safe_load(out.read_text())
    assert document["workflows"][0]["inputs"]["properties"]["orders-authorization"]["format"] == "password"
    assert "Bearer abc" not in out.read_text()


def test_a_draft_runs(a_draft, scenarios):
    out, _ = a_draft("Shop,Orders")
    scenarios.orders.routes["POST /states"] = lambda _: (200, {})

    ended = scenarios.call(
        out,
        f"--source=orders={scenarios.orders.url}",
        f"--state-change-url=orders={scenarios.orders.url}/states",
        "--input=orders-authorization=Bearer xyz",
        "--output=json",
    )

    assert ended.exit_code == 0, ended.stdout
    assert scenarios.orders.asked_for("DELETE /orders/7")
    assert any("still to be decided" in warning for warning in ended.json["warnings"])


@pytest.mark.parametrize(
    ("services", "message"),
    [
        ("Shop", "--services needs at least two names"),
        ("Shop,Ordrs", "Ordrs"),
        ("Shop,Payments", "The broker knows no pact between Shop, Payments"),
    ],
)
def test_services_that_do_not_call_each_other_are_refused(scenarios, broker_url, services, message):
    with pytest.raises(TallyError, match=message):
        scenarios.call("draft", "--services", services, "-b", broker_url)


def test_a_file_that_is_there_is_kept(scenarios, broker_url, tmp_path):
    (tmp_path / "there.yaml").write_text("mine")
    with pytest.raises(TallyError, match="is there already"):
        scenarios.call("draft", "--services=Shop,Orders", "-b", broker_url, f"--out={tmp_path}/there.yaml")
    assert (tmp_path / "there.yaml").read_text() == "mine"
