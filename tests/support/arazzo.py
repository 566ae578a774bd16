"""Arazzo documents for tests: the shortest ones that are complete."""

from typing import Any


def an_arazzo(
    *workflows: dict[str, Any], sources: tuple[str, ...] = ("orders",), **more: Any
) -> dict[str, Any]:
    """Return a document whose sources are `NAME.openapi.json`."""
    return {
        "arazzo": "1.0.1",
        "info": {"title": "The shop", "version": "1"},
        "sourceDescriptions": [
            {"name": name, "url": f"{name}.openapi.json", "type": "openapi"} for name in sources
        ],
        "workflows": list(workflows) or [a_workflow(a_step())],
        **more,
    }


def a_workflow(*steps: dict[str, Any], id: str = "buy", **more: Any) -> dict[str, Any]:  # noqa: A002 - as Arazzo
    return {"workflowId": id, "steps": list(steps) or [a_step()], **more}


def a_step(id: str = "place", operation: str = "placeOrder", **more: Any) -> dict[str, Any]:  # noqa: A002 - ditto
    """Return a step; one that places an order gets a body."""
    body = {"requestBody": {"payload": {"total": 5}}} if operation == "placeOrder" else {}
    target = {} if more.keys() & {"workflowId", "operationPath"} else {"operationId": operation, **body}
    return {"stepId": id, **target, **more}


def in_path(value: Any, name: str = "id") -> dict[str, Any]:
    return {"name": name, "in": "path", "value": value}
