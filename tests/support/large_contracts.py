"""OpenAPI documents of the size that large services have."""

from copy import deepcopy
from typing import Any

Json = dict[str, Any]
SCHEMAS = 60


def a_large_openapi(operations: int) -> Json:
    """Return a document with so many operations, over schemas that refer to each other and to themselves."""
    paths: Json = {}
    for number in range(operations // 2):
        paths[f"/things{number}/{{id}}"] = {"get": _reading(number)}
        paths[f"/things{number}"] = {"post": _writing(number)}
    schemas = {f"Thing{number}": _a_thing(number) for number in range(SCHEMAS)}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Large", "version": "1"},
        "paths": paths,
        "components": {"schemas": {**schemas, "Problem": PROBLEM}},
    }


PROBLEM = {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}}


def _a_thing(number: int) -> Json:
    return {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "name": {"type": "string", "minLength": 1, "maxLength": 80},
            "status": {"type": "string", "enum": ["draft", "open", "paid", "closed"]},
            "amount": {"type": "number", "minimum": 0, "multipleOf": 0.01},
            "note": {"type": "string", "nullable": True},
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 20},
            "next": _reference((number * 7 + 1) % SCHEMAS),
            "parts": {"type": "array", "items": _reference((number * 3 + 2) % SCHEMAS)},
            "owner": {"oneOf": [_reference((number + 5) % SCHEMAS), PROBLEM]},
        },
    }


def _reference(number: int) -> Json:
    return {"$ref": f"#/components/schemas/Thing{number}"}


def _content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _reading(number: int) -> Json:
    return {
        "operationId": f"readThing{number}",
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
            {"name": "expand", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
        ],
        "responses": {
            "200": {"description": "", "content": _content(_reference(number % SCHEMAS))},
            "4XX": {"description": "", "content": _content({"$ref": "#/components/schemas/Problem"})},
        },
    }


def _writing(number: int) -> Json:
    return {
        "operationId": f"writeThing{number}",
        "requestBody": {"required": True, "content": _content(_reference(number % SCHEMAS))},
        "responses": {"201": {"description": "", "content": _content(_reference(number % SCHEMAS))}},
    }


def changed(document: Json) -> Json:
    """Return the document with changes as they are made in a week: some break callers, most do not."""
    new = deepcopy(document)
    paths = list(new["paths"].values())
    paths[0]["get"]["description"] = "Now described."
    paths[2]["get"]["parameters"].append({"name": "X-Trace", "in": "header", "schema": {"type": "string"}})
    paths[4]["get"]["responses"]["202"] = {"description": "later"}
    body = paths[1]["post"]["requestBody"]["content"]["application/json"]
    body["schema"] = {"allOf": [body["schema"], {"properties": {"coupon": {"type": "string"}}}]}
    local = {"type": "object", "properties": {"count": {"type": "integer"}}}
    paths[6]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = local
    return new
