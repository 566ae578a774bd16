"""Service contracts of every kind, and what goes wrong in them: for tests that look for tracebacks."""

import copy
import random
from collections.abc import Iterator
from typing import Any

from support.contract_documents import (
    a_message,
    a_message_operation,
    a_native,
    a_native_operation,
    an_asyncapi,
    an_openapi,
)

from tally.json_schema.pointers import pointer

Json = Any
_SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "minimum": 1, "readOnly": True},
        "kind": {"enum": ["a", "b"]},
        "parts": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}, "minItems": 1},
    },
    "additionalProperties": {"type": "string"},
    "allOf": [{"description": "all"}],
    "oneOf": [{"title": "one"}],
    "not": {"type": "string"},
    "discriminator": {"propertyName": "kind", "mapping": {"a": "Order"}},
}
_FACTS = {
    "x-contract-budget": {"p95Ms": 20, "samples": 3, "maxBytes": 1000},
    "x-contract-errors": {"late": {"when": "late", "retry": True, "states": ["it is late"]}},
    "x-contract-required": True,
}
_ROOT_FACTS = {
    "x-contract-dependencies": [{"service": "Mail", "operations": ["send"], "versions": ">=1 <2"}],
    "x-contract-states": {"an order exists": {"params": {"type": "object"}}},
    "x-contract-errors": {"gone": {"when": "gone"}},
    "x-contract-role": "provider",
}


def documents() -> dict[str, Json]:
    """Return one document of each kind that uses nearly everything that the kind has."""
    return {
        "openapi 3.0": _openapi("3.0.3", "#/components/schemas/Order"),
        "openapi 3.1": _openapi("3.1.0", "#/components/schemas/Order"),
        "openapi 3.2": _openapi("3.2.0", "#/components/schemas/Order"),
        "openapi 2": _swagger(),
        "asyncapi": _asyncapi(),
        "native": _native(),
        "json schema": {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$id": "https://example.org/order",
            **_SCHEMA,
            "items": [{"$ref": "#/definitions/Id"}],
            "dependencies": {"kind": ["id"], "id": {"required": ["id"]}},
            "definitions": {"Id": {"$id": "#id", "type": "integer"}, "Other": {"$ref": "#id"}},
            "examples": [{"id": 1}],
            "x-contract-channel": "orders",
            "x-contract-direction": "sent",
            "x-contract-headers": {"type": "object"},
            "x-contract-examples": [{"name": "e", "payload": {"id": 1}, "states": ["a"]}],
            **_FACTS,
            "x-contract-states": {"a": {"params": True}},
        },
        "json schema 2020-12": {
            **_SCHEMA,
            "$anchor": "top",
            "$defs": {"Node": {"$dynamicAnchor": "node", "items": {"$dynamicRef": "#node"}}},
            "prefixItems": [{"$ref": "#/$defs/Node"}, {"$ref": "#top"}],
            "dependentSchemas": {"id": {"if": {"required": ["id"]}, "then": True, "else": False}},
            "unevaluatedProperties": False,
            "x-contract-channel": "orders",
        },
    }


def _openapi(version: str, reference: str) -> Json:
    ref = {"$ref": reference}
    content = {
        "application/json": {"schema": ref, "example": {"id": 1}, "examples": {"e": {"value": {"id": 2}}}},
        "multipart/form-data": {
            "schema": ref,
            "encoding": {
                "parts": {
                    "contentType": "text/plain",
                    "style": "form",
                    "headers": {"X-A": {"schema": {"type": "string"}}},
                }
            },
        },
    }
    document = an_openapi(
        {
            "/orders/{id}": {
                "parameters": [{"$ref": "#/components/parameters/Id"}],
                "servers": [{"url": "https://{host}/v1", "variables": {"host": {"default": "a"}}}],
                "put": {
                    "operationId": "put",
                    "parameters": [
                        {
                            "name": "q",
                            "in": "query",
                            "style": "form",
                            "explode": False,
                            "schema": {"type": "array", "items": {"type": "string"}},
                        },
                        {"name": "c", "in": "cookie", "content": {"application/json": {"schema": ref}}},
                    ],
                    "requestBody": {"required": True, "content": content},
                    "responses": {
                        "200": {"$ref": "#/components/responses/Ok"},
                        "4XX": {"description": "", "content": content, "x-contract-error": "gone"},
                        "default": {"description": ""},
                    },
                    "security": [{"key": [], "login": ["a"]}, {}],
                    "deprecated": True,
                    "x-contract-examples": [
                        {
                            "name": "x",
                            "request": {"path": {"id": 1}, "body": {"id": 1}},
                            "response": {"status": 200, "body": {"id": 1}},
                        }
                    ],
                    **_FACTS,
                },
            },
        },
        version=version,
        components={
            "schemas": {"Order": _SCHEMA, "List": {"type": "array", "items": ref}},
            "parameters": {
                "Id": {
                    "name": "id",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "integer"},
                    "example": 1,
                }
            },
            "responses": {
                "Ok": {
                    "description": "",
                    "content": content,
                    "headers": {"X-B": {"$ref": "#/components/headers/B"}},
                    "links": {"next": {"operationId": "put", "parameters": {"id": "$response.body#/id"}}},
                }
            },
            "headers": {"B": {"required": True, "schema": {"type": "integer"}}},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X"},
                "login": {"type": "oauth2", "flows": {}},
            },
        },
        security=[{"key": []}],
        **_ROOT_FACTS,
    )
    if version == "3.2.0":
        document["paths"]["/orders/{id}"]["additionalOperations"] = {"PURGE": {"responses": {"204": {}}}}
        content["application/jsonl"] = {"itemSchema": ref}
    return document


def _swagger() -> Json:
    schema = {key: value for key, value in _SCHEMA.items() if key not in {"oneOf", "not", "discriminator"}}
    return {
        "swagger": "2.0",
        "info": {"title": "Orders", "version": "1"},
        "basePath": "/v1",
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {
            "/orders/{id}": {
                "parameters": [{"$ref": "#/parameters/Id"}],
                "put": {
                    "parameters": [
                        {
                            "name": "q",
                            "in": "query",
                            "type": "array",
                            "items": {"type": "string"},
                            "collectionFormat": "multi",
                        },
                        {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Order"}},
                    ],
                    "responses": {
                        "200": {
                            "description": "",
                            "schema": {"$ref": "#/definitions/Order"},
                            "headers": {"X-A": {"type": "integer"}},
                            "examples": {"application/json": {"id": 1}},
                        }
                    },
                    "security": [{"key": []}],
                    **_FACTS,
                },
                "post": {
                    "parameters": [{"name": "f", "in": "formData", "type": "file", "required": True}],
                    "responses": {"204": {"description": ""}},
                },
            }
        },
        "parameters": {
            "Id": {"name": "id", "in": "path", "required": True, "type": "integer", "x-example": 1}
        },
        "definitions": {"Order": {**schema, "discriminator": "kind", "x-nullable": True}},
        "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X"}},
        **_ROOT_FACTS,
    }


def _asyncapi() -> Json:
    document = an_asyncapi(
        defaultContentType="application/json",
        components={
            "schemas": {
                "Order": {key: value for key, value in _SCHEMA.items() if key != "discriminator"},
                "Old": {
                    "schemaFormat": "application/vnd.oai.openapi;version=3.0.0",
                    "schema": {"type": "string", "nullable": True},
                },
            },
            "messageTraits": {"T": {"headers": {"type": "object"}, "contentType": "application/json"}},
            "securitySchemes": {"key": {"type": "httpApiKey", "in": "header", "name": "X"}},
            "messages": {"Reply": {"payload": {"$ref": "#/components/schemas/Old"}}},
        },
        **_ROOT_FACTS,
    )
    document["channels"]["paid"]["messages"]["Other"] = a_message(
        payload={"$ref": "#/components/schemas/Order"},
        traits=[{"$ref": "#/components/messageTraits/T"}],
        examples=[{"payload": {"id": 1}, "headers": {}}],
    )
    document["channels"]["replies"] = {
        "address": None,
        "messages": {"R": {"$ref": "#/components/messages/Reply"}},
    }
    document["operations"]["ask"] = {
        "action": "receive",
        "channel": {"$ref": "#/channels/paid"},
        "messages": [{"$ref": "#/channels/paid/messages/Other"}],
        "reply": {
            "channel": {"$ref": "#/channels/replies"},
            "messages": [{"$ref": "#/channels/replies/messages/R"}],
        },
        "security": [{"$ref": "#/components/securitySchemes/key"}],
        "traits": [{"title": "t", **_FACTS}],
        "x-contract-examples": [{"name": "e", "payload": {"id": 1}, "reply": {"payload": None}}],
    }
    return document


def _native() -> Json:
    facts = {
        "budget": {"p95Ms": 2},
        "errors": {"late": {"when": "late"}},
        "required": True,
        "security": [["key", {"name": "key", "scopes": ["a"]}], []],
    }
    return a_native(
        a_native_operation(
            request={
                "content": {
                    "multipart/form-data": {
                        "schema": {"$ref": "#/schemas/Order"},
                        "encoding": {"id": {"contentType": "a/b"}},
                    }
                }
            },
            responses={
                "200": {
                    "schema": {"$ref": "#/schemas/Order"},
                    "headers": {"X": {"required": True}},
                    "links": {"n": {"operation": "getOrder"}},
                },
                "404": {"error": "gone", "contentType": "text/plain"},
            },
            **facts,
        ),
        a_message_operation(
            channel={"address": "a.{b}", "parameters": {"b": {"enum": ["c"]}}},
            examples=[{"name": "e", "payload": {"orderId": 1}}],
            **facts,
        ),
        a_message_operation(
            id="ask",
            kind="request-reply",
            reply={"channel": "r", "messages": [{"name": "R", "payload": {"$ref": "#/schemas/Order"}}]},
        ),
        service="Orders",
        version="1",
        role="provider",
        schemas={"Order": _SCHEMA},
        security={"key": {"type": "http", "scheme": "basic"}},
        states={"an order exists": {"params": {"type": "object"}}},
        errors={"gone": {"when": "gone"}},
        dependencies=[{"service": "Mail", "channels": ["out"], "versions": "^1"}],
    )


_VALUES: list[Json] = [
    None,
    True,
    False,
    0,
    -1,
    2**63,
    2**65,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "/",
    "#",
    "\ud800",
    "\0",
    "é",
    "x" * 2000,
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": {}},
    {"$ref": "#"},
    {"$ref": ""},
    {"$ref": 1},
    {"$ref": "#/"},
    {"$ref": "#/%"},
    {"$ref": "http://[::1"},
    {"$ref": "https://example.org/a.json#/b"},
    {"$ref": "#/paths/~1orders~1{id}"},
    {"$ref": "#/x/99999999999999999999"},
    {"$id": "http://[", "type": "object"},
    {"$id": "#a"},
    {"id": "x"},
    {"$schema": "x"},
    {"$schema": 1},
    {"$anchor": "a"},
    {"$dynamicRef": "#a"},
    {"$recursiveRef": "#"},
    {"schemaFormat": "x", "schema": 1},
    {"pattern": "("},
    {"pattern": "(a+)+$"},
    {"type": ["string", "string"]},
    {"required": ["a", "a"]},
    {"enum": []},
    {"x-contract-bundled": {"a": 1}},
    {"multipleOf": 0},
    {"minLength": 1.5},
    {"allOf": []},
    {"properties": {"$ref": {"$ref": "#"}}},
    {"nullable": "yes"},
    "{id}",
    "/a/{id}/{id}",
    "/{",
    "200",
    "2XX",
    "x-",
    "application/json; charset=utf-8",
    ["a", 1],
    {"value": {"$ref": "#/no"}},
]


def places(node: Json, parts: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the keys of every place in a document but its root."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        yield (*parts, key)
        yield from places(value, (*parts, key))


def broken(document: Json, chance: random.Random) -> Json:
    """Return a copy of *document* with one to three things changed at random."""
    changed = copy.deepcopy(document)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        _change(changed, chance)
    return changed


def _change(document: Json, chance: random.Random) -> None:
    known = list(places(document))
    if not known:
        return
    *outer, key = chance.choice(known)
    holder = document
    for part in outer:
        holder = holder[part]
    kind = chance.random()
    if kind < 0.5:
        holder[key] = copy.deepcopy(chance.choice(_VALUES))
    elif kind < 0.65:
        del holder[key]
    elif kind < 0.85:
        holder[key] = {"$ref": "#" + pointer(chance.choice(known))}
    elif isinstance(holder, dict):
        holder[chance.choice(["", "$ref", "x-contract-budget", "name", "examples", "$id", "a" * 30])] = (
            holder.pop(key)
        )
    else:
        holder.append(holder[key])
