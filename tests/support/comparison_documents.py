"""Pacts and documents of providers for comparisons, in few words."""

from typing import Any

JSON = "application/json"


def an_api(paths: dict[str, Any], version: str = "3.0.3", **more: Any) -> dict[str, Any]:
    return {"openapi": version, "info": {"title": "Orders", "version": "1"}, "paths": paths, **more}


def schemas(**schemas: Any) -> dict[str, Any]:
    return {"components": {"schemas": schemas}}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def described(**content: Any) -> dict[str, Any]:
    """Return a response; *content* is by media type."""
    return {"description": "described", **({"content": content} if content else {})}


def getting(schema: Any, **more: Any) -> dict[str, Any]:
    """Return a path that answers GET with JSON."""
    return {"get": {"responses": {"200": described(**{JSON: {"schema": schema}})}, **more}}


def taking(*parameters: dict[str, Any], location: str = "query") -> dict[str, Any]:
    """Return a path that GET reaches with these parameters."""
    placed = [{"in": location, **parameter} for parameter in parameters]
    return {"get": {"parameters": placed, "responses": {"200": described()}}}


def a_pact(*interactions: dict[str, Any], specification: str = "2.0.0", **more: Any) -> dict[str, Any]:
    return {
        "consumer": {"name": "Shop"},
        "provider": {"name": "Orders"},
        "interactions": [{"description": f"interaction {n}", **each} for n, each in enumerate(interactions)],
        "metadata": {"pactSpecification": {"version": specification}},
        **more,
    }


def asking(line: str, status: int = 200, *, response: Any = None, **request: Any) -> dict[str, Any]:
    """Return an interaction: "GET /orders", the status, and what else request and response have."""
    method, _, path = line.partition(" ")
    return {
        "request": {"method": method, "path": path, **request},
        "response": {"status": status, **(response or {})},
    }


def answered(body: Any, line: str = "GET /", **response: Any) -> dict[str, Any]:
    """Return an interaction that GET answers with a body of JSON."""
    return asking(line, response={"headers": {"Content-Type": JSON}, "body": body, **response})
