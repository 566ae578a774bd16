"""The service contract of the shop: 14 operations on products, customers, orders and a report."""

from typing import Any

Json = dict[str, Any]
JSON, PROBLEM, CSV = "application/json", "application/problem+json", "text/csv"
SKU = r"^[A-Z]{3}-\d{4}$"


def reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def answer(schema: Any, kind: str = JSON, **more: Any) -> Json:
    return {"description": "", "content": {kind: {"schema": schema}}, **more}


def problem() -> Json:
    return answer(reference("Problem"), PROBLEM)


def takes(name: str) -> Json:
    return {"required": True, "content": {JSON: {"schema": reference(name)}}}


def query(name: str, schema: Json, **more: Any) -> Json:
    return {"name": name, "in": "query", "schema": schema, **more}


def in_path(name: str, schema: Json, example: Any) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


SCHEMAS: Json = {
    "Problem": {
        "type": "object",
        "required": ["title"],
        "properties": {"title": {"type": "string"}, "detail": {"type": "string"}},
    },
    "NewProduct": {
        "type": "object",
        "required": ["sku", "name", "price"],
        "additionalProperties": False,
        "properties": {
            "sku": {"type": "string", "pattern": SKU},
            "name": {"type": "string", "minLength": 1, "maxLength": 40},
            "price": {"type": "integer", "minimum": 0},
            "category": {"enum": ["tea", "cup", "book"]},
            "note": {"type": ["string", "null"], "maxLength": 100},
        },
    },
    "Product": {
        "type": "object",
        "required": ["sku", "name", "price", "category"],
        "properties": {
            "sku": {"type": "string", "pattern": SKU},
            "name": {"type": "string"},
            "price": {"type": "integer"},
            "category": {"enum": ["tea", "cup", "book"]},
            "note": {"type": ["string", "null"]},
        },
    },
    "NewCustomer": {
        "type": "object",
        "required": ["name", "email"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 80},
            "email": {"type": "string", "format": "email", "maxLength": 100},
            "born": {"type": "string", "format": "date"},
            "points": {"type": "integer", "minimum": 0, "maximum": 1000},
        },
    },
    "CustomerChange": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 80},
            "points": {"type": "integer", "minimum": 0, "maximum": 1000},
        },
    },
    "Customer": {
        "type": "object",
        "required": ["id", "name", "email", "points"],
        "properties": {
            "id": {"type": "integer"},
            "name": {"type": "string"},
            "email": {"type": "string"},
            "born": {"type": "string", "format": "date"},
            "points": {"type": "integer"},
        },
    },
    "NewOrder": {
        "type": "object",
        "required": ["lines"],
        "properties": {
            "customer": {"type": "integer", "minimum": 1},
            "lines": {
                "type": "array",
                "minItems": 1,
                "maxItems": 5,
                "items": {
                    "type": "object",
                    "required": ["sku", "quantity"],
                    "properties": {
                        "sku": {"type": "string", "pattern": SKU},
                        "quantity": {"type": "integer", "minimum": 1, "maximum": 99},
                    },
                },
            },
            "gift": {"type": "boolean"},
            "comment": {"type": "string", "maxLength": 200},
        },
    },
    "Order": {
        "type": "object",
        "required": ["id", "status", "lines"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "status": {"enum": ["open", "paid", "cancelled"]},
            "lines": {"type": "array", "items": {"type": "object", "required": ["sku", "quantity"]}},
            "comment": {"type": "string"},
        },
    },
    "Page": {
        "type": "object",
        "required": ["items", "total"],
        "properties": {
            "items": {"type": "array", "items": reference("Product")},
            "total": {"type": "integer", "minimum": 0},
        },
    },
}  # fmt: skip


def operation(name: str, responses: Json, **more: Any) -> Json:
    return {"operationId": name, "responses": responses, **more}


def document() -> Json:
    """Return the document."""
    product = {"parameters": [in_path("sku", {"type": "string", "pattern": SKU}, "TEA-0001")]}
    customer = {"parameters": [in_path("id", {"type": "integer", "minimum": 1}, 1)]}
    order_id = {"type": "string", "format": "uuid"}
    first, second = (
        [in_path("id", order_id, f"6f1c3ad5-0000-4000-8000-00000000000{number}")] for number in (1, 2)
    )
    refused, unknown, conflict = {"400": problem()}, {"404": problem()}, {"409": problem()}
    located = {"Location": {"required": True, "schema": {"type": "string"}}}
    counted = {"X-Total": {"required": True, "schema": {"type": "integer"}}}
    paths = {
        "/products": {
            "get": operation(
                "listProducts",
                {"200": answer(reference("Page"), headers=counted), **refused},
                parameters=[
                    query("category", {"enum": ["tea", "cup", "book"]}),
                    query("limit", {"type": "integer", "minimum": 1, "maximum": 50}),
                    query("offset", {"type": "integer", "minimum": 0}),
                ],
            ),
            "post": operation(
                "addProduct",
                {"201": answer(reference("Product"), headers=located), **refused, **conflict},
                requestBody=takes("NewProduct"),
            ),
        },
        "/products/{sku}": {
            **product,
            "get": operation("getProduct", {"200": answer(reference("Product")), **refused, **unknown}),
            "put": operation(
                "changeProduct",
                {"200": answer(reference("Product")), **refused, **unknown},
                requestBody=takes("NewProduct"),
            ),
            "delete": operation("removeProduct", {"204": {"description": ""}, **refused, **unknown}),
        },
        "/customers": {
            "get": operation(
                "findCustomers",
                {"200": answer({"type": "array", "items": reference("Customer")}), **refused},
                parameters=[query("name", {"type": "string", "maxLength": 80})],
            ),
            "post": operation(
                "addCustomer",
                {"201": answer(reference("Customer"), headers=located), **refused},
                requestBody=takes("NewCustomer"),
            ),
        },
        "/customers/{id}": {
            **customer,
            "get": operation("getCustomer", {"200": answer(reference("Customer")), **refused, **unknown}),
            "patch": operation(
                "changeCustomer",
                {"200": answer(reference("Customer")), **refused, **unknown},
                requestBody=takes("CustomerChange"),
            ),
        },
        "/orders": {
            "post": operation(
                "placeOrder",
                {"201": answer(reference("Order"), headers=located), **refused},
                requestBody=takes("NewOrder"),
            )
        },
        "/orders/{id}": {
            "parameters": first,
            "get": operation("getOrder", {"200": answer(reference("Order")), **refused, **unknown}),
        },
        "/orders/{id}/payment": {
            "parameters": first,
            "post": operation(
                "payOrder", {"200": answer(reference("Order")), **refused, **unknown, **conflict}
            ),
        },
        "/orders/{id}/cancellation": {
            "parameters": second,
            "post": operation(
                "cancelOrder", {"200": answer(reference("Order")), **refused, **unknown, **conflict}
            ),
        },
        "/report": {
            "get": operation(
                "report",
                {
                    "200": {
                        "description": "",
                        "content": {
                            JSON: {"schema": {"type": "object", "required": ["sold"]}},
                            CSV: {"schema": {"type": "string"}},
                        },
                    },
                    **refused,
                },
                parameters=[query("day", {"type": "string", "format": "date"}, required=True)],
            )
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }
