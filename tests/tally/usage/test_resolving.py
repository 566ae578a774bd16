"""Which places of a document interactions use, and which nobody uses."""

import pytest

from tally.pact import parse_pact
from tally.service_contract.model import (
    Direction,
    Header,
    HttpOperation,
    MediaType,
    Message,
    MessageOperation,
    OperationResponse,
    Parameter,
    RequestBody,
    ServiceContract,
    Specification,
)
from tally.usage.declared import declared_places
from tally.usage.index import UsedIndex
from tally.usage.places import parse_place
from tally.usage.resolving import Resolver, places_of
from tally.usage.uses import anything

ORDER = {
    "$ref": "#/$defs/Order",
    "$defs": {
        "Order": {
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "customer": {"properties": {"email": {"type": "string"}, "name": {"type": "string"}}},
                "items": {"type": "array", "items": {"properties": {"sku": {"type": "string"}}}},
                "parent": {"$ref": "#/$defs/Order"},
                "prices": {"additionalProperties": {"type": "number"}},
            },
        }
    },
}
GET = HttpOperation(
    "getOrder",
    "GET",
    "/orders/{id}",
    parameters=(
        Parameter("id", "path", required=True),
        Parameter("expand", "query", schema={"type": "string"}),
        Parameter("filter", "query", schema={"type": "object"}, style="form", explode=True),
        Parameter("X-Tenant", "header"),
    ),
    responses=(
        OperationResponse("200", (MediaType("application/json", ORDER),), headers=(Header("ETag"),)),
        OperationResponse("4XX", (MediaType("application/json", {"properties": {"code": {}}}),)),
    ),
)
NEW = HttpOperation("newest", "GET", "/orders/newest", responses=(OperationResponse("200"),))
POST = HttpOperation(
    "placeOrder",
    "POST",
    "/orders",
    request=RequestBody((MediaType("application/json", ORDER),)),
    responses=(OperationResponse("201"), OperationResponse("default")),
)
PAID = MessageOperation(
    "orderPaid",
    Direction.SENT,
    "orders.{region}.paid",
    (
        Message(
            "paid", payload={"properties": {"id": {}, "total": {}}}, headers={"properties": {"eventId": {}}}
        ),
    ),
)
SHIPPED = MessageOperation(
    "orderShipped", Direction.SENT, "orders.shipped", (Message("shipped", payload=ORDER),)
)
QUOTE = MessageOperation(
    "quote",
    Direction.RECEIVED,
    "quotes",
    (Message("ask", payload={"properties": {"sku": {}}}),),
    (Message("answer", payload={"properties": {"price": {}}}),),
)
CONTRACT = ServiceContract(Specification.NATIVE, (GET, NEW, POST, PAID, SHIPPED, QUOTE))


def an_interaction(method="GET", path="/orders/7", request=None, status=200, body=None, **more):
    return {
        "description": f"{method} {path}",
        "request": {"method": method, "path": path, **(request or {})},
        "response": {"status": status, **({} if body is None else {"body": body})},
        **more,
    }


def used(*interactions, contract=CONTRACT, messages=()):
    pact = {
        "consumer": {"name": "Shop"},
        "provider": {"name": "Orders"},
        "interactions": list(interactions),
        "messages": list(messages),
        "metadata": {"pactSpecification": {"version": "3.0.0"}},
    }
    return places_of(parse_pact(pact), contract)


def certain(places):
    return {str(each.place) for each in places if not each.doubt}


def doubtful(places):
    return {(str(each.place), each.doubt) for each in places if each.doubt}


def test_an_exchange_uses_an_operation_and_its_parts():
    places = used(
        an_interaction(
            request={"query": "expand=all", "headers": {"X-Tenant": "a"}},
            body={"id": 7, "customer": {"email": ""}},
        )
    )

    assert certain(places) == {
        "GET /orders/{id}",
        "GET /orders/{id} path id",
        "GET /orders/{id} query expand",
        "GET /orders/{id} header x-tenant",
        "GET /orders/{id} 200",
        "GET /orders/{id} 200 $.id",
        "GET /orders/{id} 200 $.customer.email",
    }
    assert doubtful(places) == set()
    assert {(each.interaction, each.index) for each in places} == {("GET /orders/7", 0)}


def test_a_status_is_the_one_that_the_document_describes():
    assert "GET /orders/{id} 4XX $.code" in certain(used(an_interaction(status=404, body={"code": "x"})))
    assert "POST /orders default" in certain(used(an_interaction("POST", "/orders", status=500)))


def test_a_status_that_is_not_described_may_be_any():
    places = used(an_interaction(status=301, body={"id": 1}))

    assert ("GET /orders/{id} response", "the document describes no status 301") in doubtful(places)


def test_a_literal_path_wins_and_the_other_operation_is_possible():
    places = used(an_interaction(path="/orders/newest"))

    assert "GET /orders/newest 200" in certain(places)
    assert ("GET /orders/{id} 200", "/orders/newest fits GET /orders/{id} as well") in doubtful(places)


def test_a_path_that_fits_nothing_is_a_possible_use_of_all_with_the_method():
    places = used(an_interaction(path="/api/orders/7", body={"id": 1}))

    assert certain(places) == set()
    assert {place for place, _ in doubtful(places)} >= {"GET /orders/{id} 200 $.id", "GET /orders/newest 200"}
    assert not any(place.startswith("POST") for place, _ in doubtful(places))


def test_a_rule_of_the_path_may_be_about_other_operations():
    interaction = an_interaction()
    interaction["request"]["matchingRules"] = {
        "path": {"matchers": [{"match": "regex", "regex": "/orders/.+"}]}
    }

    places = used(interaction)

    assert "GET /orders/{id}" in certain(places)
    assert ("GET /orders/newest", "the path may be what /orders/.+ describes") in doubtful(places)


def test_a_parameter_that_is_an_object_may_be_written_under_other_names():
    places = used(an_interaction(request={"query": "status=open"}))

    assert ("GET /orders/{id} query filter", "status may be a part of it") in doubtful(places)
    assert "GET /orders/{id} query filter" in certain(used(an_interaction(request={"query": "filter[a]=1"})))


def test_a_rule_for_paths_never_takes_long():
    rule = {"path": {"matchers": [{"match": "regex", "regex": r"/\w+/(\w+)+:"}]}}
    exchange = an_interaction(path=f"/orders/{'7' * 60}", request={"matchingRules": rule})
    operations = (GET, HttpOperation("bill", "GET", "/bills/{id}"))

    places = used(exchange, contract=ServiceContract(Specification.NATIVE, operations))

    assert not [place for place, _ in doubtful(places) if "bills" in place]


def test_messages_are_found_by_their_channel_or_by_the_only_one():
    message = {"description": "paid", "contents": {"id": 1}, "metaData": {"topic": "orders.eu.paid"}}

    assert {"sends orders.{region}.paid", "sends orders.{region}.paid $.id"} <= certain(
        used(messages=[message])
    )
    message["metaData"] = {}
    assert {place for place, doubt in doubtful(used(messages=[message])) if "which channel" in doubt} >= {
        "sends orders.{region}.paid $.id",
        "sends orders.shipped $.id",
    }


def test_an_unknown_consumer_may_use_everything():
    places = list(Resolver(CONTRACT).places(anything("the pact is too large")))
    index = UsedIndex(places)

    assert all(index.is_used(place) for place in declared_places(CONTRACT))


def test_the_places_of_a_document_are_listed():
    assert [str(place) for place in declared_places(CONTRACT)] == [
        "GET /orders/{id}",
        "GET /orders/{id} path id",
        "GET /orders/{id} query expand",
        "GET /orders/{id} query filter",
        "GET /orders/{id} header X-Tenant",
        "GET /orders/{id} 200",
        "GET /orders/{id} 200 header ETag",
        *[
            f"GET /orders/{{id}} 200 {path}"
            for path in (
                "$.id",
                "$.customer",
                "$.customer.email",
                "$.customer.name",
                "$.items",
                "$.items[*]",
                "$.items[*].sku",
                "$.parent",
                "$.prices",
                "$.prices.*",
            )
        ],
        "GET /orders/{id} 4XX",
        "GET /orders/{id} 4XX $.code",
        "GET /orders/newest",
        "GET /orders/newest 200",
        "POST /orders",
        *[
            f"POST /orders request {path}"
            for path in (
                "$.id",
                "$.customer",
                "$.customer.email",
                "$.customer.name",
                "$.items",
                "$.items[*]",
                "$.items[*].sku",
                "$.parent",
                "$.prices",
                "$.prices.*",
            )
        ],
        "POST /orders 201",
        "POST /orders default",
        "sends orders.{region}.paid",
        "sends orders.{region}.paid header eventId",
        "sends orders.{region}.paid $.id",
        "sends orders.{region}.paid $.total",
        "sends orders.shipped",
        *[
            f"sends orders.shipped {path}"
            for path in (
                "$.id",
                "$.customer",
                "$.customer.email",
                "$.customer.name",
                "$.items",
                "$.items[*]",
                "$.items[*].sku",
                "$.parent",
                "$.prices",
                "$.prices.*",
            )
        ],
        "receives quotes",
        "receives quotes $.sku",
        "receives quotes reply $.price",
    ]


PLACES = [
    "GET /orders/{id}",
    "GET /orders/{id} 200",
    "GET /orders/{id} 200 $",
    "GET /orders/{id} 200 $.customer",
    "GET /orders/{id} 200 $.customer.email",
    "GET /orders/{id} 200 $.customer.name",
    "GET /orders/{id} 200 $.items",
    "GET /orders/{id} 200 $.items[0].sku",
    "GET /orders/{id} 200 $.items[*].name",
    "GET /orders/{id} 200 $.prices.*",
    "GET /orders/{id} 200 $.prices.EUR",
    "GET /orders/{id} 200 header ETag",
    "GET /orders/{id} $.id",
    "GET /orders/{id} 4XX",
    "GET /orders/{id} query expand",
    "GET /orders/newest",
    "POST /orders request $.id",
    "POST /orders request $.customer.email",
    "POST /orders 201",
]


@pytest.mark.parametrize("text", PLACES)
def test_the_index_says_what_the_places_themselves_say(text):
    places = used(
        an_interaction(body={"customer": {"email": ""}, "items": [{"sku": ""}], "prices": {"EUR": 1}}),
        an_interaction(
            "POST",
            "/orders",
            request={"body": {"id": 1}, "headers": {"Content-Type": "application/json"}},
            status=201,
        ),
    )
    place = parse_place(text)

    assert UsedIndex(places).is_used(place) is any(each.is_concerned_by(place) for each in places)


def test_parts_of_a_recursive_schema_are_used_by_whoever_uses_them_further_down():
    found = used(an_interaction(body={"parent": {"parent": {"items": [{"sku": "tea"}]}}}))

    sku = {"GET /orders/{id} 200 $.items[*].sku", "GET /orders/{id} 200 $.parent.items[*].sku"}
    deepest = "GET /orders/{id} 200 $.parent.parent.items[*].sku"
    assert {
        (place, f"{deepest} is used, which the same part of a recursive schema describes") for place in sku
    } <= (doubtful(found))
    assert deepest in certain(found)
    assert UsedIndex(found).is_used(parse_place("GET /orders/{id} 200 $.items"))
