"""Service contracts as documents, small, and valid until a test says otherwise."""

from typing import Any

Json = dict[str, Any]


def an_openapi(paths: Json | None = None, *, version: str = "3.1.0", **changes: Any) -> Json:
    """Return an OpenAPI document; *paths* default to reading one order."""
    return {
        "openapi": version,
        "info": {"title": "Orders", "version": "1"},
        "paths": paths if paths is not None else {"/orders/{id}": {"get": an_operation()}},
        **changes,
    }


def an_operation(**changes: Any) -> Json:
    """Return the operation that reads one order, with one example."""
    return {
        "operationId": "getOrder",
        "parameters": [an_id()],
        "responses": {"200": a_response({"type": "object", "required": ["id"]})},
        **changes,
    }


def an_id(**changes: Any) -> Json:
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "integer"},
        "examples": {"open": {"value": 7}},
        **changes,
    }


def a_response(schema: Any, **media: Any) -> Json:
    return {"description": "", "content": {"application/json": {"schema": schema, **media}}}


def a_schema_document(schema: Any, *, version: str = "3.1.0", **components: Any) -> Json:
    """Return an OpenAPI document whose only operation answers with *schema*."""
    operation = {"operationId": "read", "responses": {"200": a_response(schema)}}
    return an_openapi({"/": {"get": operation}}, version=version, components={"schemas": components})


def a_native(*operations: Json, **changes: Any) -> Json:
    """Return a native document."""
    return {"serviceContract": "1", "operations": list(operations) or [a_native_operation()], **changes}


def a_native_operation(**changes: Any) -> Json:
    return {
        "id": "getOrder",
        "kind": "http",
        "method": "GET",
        "path": "/orders/{id}",
        "parameters": [{"name": "id", "in": "path", "schema": {"type": "integer"}}],
        "responses": {"200": {"schema": {"type": "object", "required": ["id"]}}},
        "examples": [
            {
                "name": "an open order",
                "states": [{"name": "an order exists", "params": {"id": 7}}],
                "request": {"path": {"id": 7}},
                "response": {"status": 200, "body": {"id": 7}},
            }
        ],
        **changes,
    }


def a_message_operation(**changes: Any) -> Json:
    """Return an operation of a native document: the service says when an order is paid."""
    return {
        "id": "orderPaid",
        "kind": "message",
        "direction": "sent",
        "channel": "orders.paid",
        "messages": [{"name": "OrderPaid", "payload": {"type": "object", "required": ["orderId"]}}],
        **changes,
    }


def an_asyncapi(**changes: Any) -> Json:
    """Return an AsyncAPI document of a service that says when an order is paid."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Orders", "version": "1"},
        "channels": {
            "paid": {
                "address": "orders.{region}.paid",
                "parameters": {"region": {"enum": ["eu", "us"]}},
                "messages": {"OrderPaid": a_message()},
            }
        },
        "operations": {"orderPaid": {"action": "send", "channel": {"$ref": "#/channels/paid"}}},
        **changes,
    }


def a_message(**changes: Any) -> Json:
    return {
        "contentType": "application/json",
        "payload": {
            "type": "object",
            "required": ["orderId"],
            "properties": {"orderId": {"type": "integer"}},
        },
        "examples": [{"name": "an order", "payload": {"orderId": 7}}],
        **changes,
    }
