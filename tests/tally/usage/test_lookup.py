"""Places as people write them, found in a service contract."""

import pytest

from tally.service_contract.parsing import parse_service_contract
from tally.usage.lookup import UnknownPlaceError, find_place

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders/{id}": {
            "get": {
                "operationId": "getOrder",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"name": "expand", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "",
                        "headers": {"ETag": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                    },
                    "4XX": {"description": ""},
                },
            },
            "put": {
                "operationId": "putOrder",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
                },
                "responses": {"204": {"description": ""}},
            },
        }
    },
    "components": {
        "schemas": {
            "Order": {
                "allOf": [{"properties": {"number": {"type": "integer"}}}],
                "properties": {
                    "customer": {"properties": {"email": {"type": "string"}}},
                    "items": {"items": {"properties": {"sku": {}}}},
                    "parent": {"$ref": "#/components/schemas/Order"},
                    "prices": {"additionalProperties": {"properties": {"net": {}}}},
                    "notes": {"patternProperties": {"^x-": {}}},
                },
            }
        }
    },
}
CONTRACT = parse_service_contract(DOCUMENT)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GET /orders/{orderId}", "GET /orders/{id}"),
        ("getOrder 200", "GET /orders/{id} 200"),
        ("getOrder $.customer", "GET /orders/{id} $.customer"),
        ("getOrder 404", "GET /orders/{id} 4XX"),
        ("GET /orders/{id} 200 $.customer.email", None),
        ("GET /orders/{id} 200 $.number", None),
        ("GET /orders/{id} 200 $.items[*].sku", None),
        ("GET /orders/{id} 200 $.items[0].sku", None),
        ("GET /orders/{id} 200 $.parent.parent.customer.email", None),
        ("GET /orders/{id} 200 $.prices.EUR.net", None),
        ("GET /orders/{id} 200 $.prices.*", None),
        ("GET /orders/{id} 200 $.notes.x-one", "GET /orders/{id} 200 $.notes['x-one']"),
        ("GET /orders/{id} 200 header etag", None),
        ("GET /orders/{id} query expand", None),
        ("GET /orders/{id} path id", None),
        ("PUT /orders/{id} request", "PUT /orders/{id} request $"),
        ("PUT /orders/{id} request $.customer", None),
    ],
)
def test_a_place_that_is_there_is_found(text, found):
    assert str(find_place(CONTRACT, text)) == (found or text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("GET /order/{id}", 'no operation "GET /order/{id}"; it has GET /orders/{id}'),
        ("GET /orders/{id} 200 $.email", "did you mean GET /orders/{id} 200 $.customer.email?"),
        ("GET /orders/{id} 200 $.notes.y", "is not in the service contract"),
        ("GET /orders/{id} 302", "is not in the service contract"),
        ("GET /orders/{id} query expands", "did you mean GET /orders/{id} query expand?"),
        ("GET /orders/{id} request", "is not in the service contract"),
        ("GET /orders/{id} 200 header X", "is not in the service contract"),
        ("", "names no place: expected"),
    ],
)
def test_a_place_that_is_not_there_is_refused_with_what_is(text, complaint):
    with pytest.raises(UnknownPlaceError) as refused:
        find_place(CONTRACT, text)

    assert complaint in str(refused.value)
