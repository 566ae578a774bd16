"""By which keys the operations and channels of a service are found."""

import pytest

from broker.domain.service_contracts.needs import channel_key, offer_of, operation_key
from tally.service_contract.model import (
    Dependency,
    Direction,
    HttpOperation,
    MessageOperation,
    ServiceContract,
    Specification,
)

CONTRACT = ServiceContract(
    Specification.OPENAPI,
    (
        HttpOperation("getOrder", "GET", "/orders/{id}", base_path="/v1", servers=("/api/",)),
        MessageOperation("paid", Direction.SENT, "orders.{region}.paid", (), channel_name="paidOrders"),
    ),
    dependencies=(
        Dependency("Stock", ("GET /items/{sku}", "get /items/{id}"), ("stock.low",), ">=1", required=False),
    ),
)


@pytest.mark.parametrize(
    "text",
    ["getOrder", "GET /orders/{orderId}", "get /orders/{id}", "GET /v1/orders/{id}", "GET /api/orders/{x}"],
)
def test_an_operation_is_found_by_its_id_and_by_its_method_and_path(text):
    assert operation_key(text) in offer_of(CONTRACT).keys


@pytest.mark.parametrize("text", ["orders.{r}.paid", "paidOrders"])
def test_a_channel_is_found_by_its_address_and_by_its_name(text):
    assert channel_key(text) in offer_of(CONTRACT).keys


@pytest.mark.parametrize("text", ["POST /orders/{id}", "GET /orders", "GETORDER", "orders.{r}.paid"])
def test_what_is_not_offered_is_not_found(text):
    assert operation_key(text) not in offer_of(CONTRACT).keys


def test_a_dependency_names_each_need_once():
    (dependency,) = offer_of(CONTRACT).dependencies

    assert [need.key for need in dependency.needs] == ["operation:GET /items/{}", "channel:stock.low"]
    assert (dependency.service, dependency.versions, dependency.required) == ("Stock", ">=1", False)
