"""What documents say that is not compared: callbacks and webhooks of OpenAPI. A change in it is no yes."""

import json
from collections.abc import Iterator
from typing import Any

from tally.json_schema.pointers import pointer, pointer_parts


def uncompared(old: Any, new: Any) -> list[str]:
    """Return a sentence for each callback and webhook of *old* that *new* has otherwise, or not at all."""
    before, after = dict(_calls(old)), dict(_calls(new))
    return [
        f"{place}: it changed, and callbacks and webhooks are not compared"
        for place, call in before.items()
        if place not in after or _with_targets(call, old) != _with_targets(after[place], new)
    ]


def _calls(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield each callback and webhook with its pointer."""
    if not isinstance(document, dict):
        return
    for name, call in _items(document.get("webhooks")):
        yield pointer(["webhooks", name]), call
    for path, item in _items(document.get("paths")):
        for method, operation in _items(_followed(item, document)):
            callbacks = operation.get("callbacks") if isinstance(operation, dict) else None
            for name, call in _items(callbacks):
                yield pointer(["paths", path, method, "callbacks", name]), call


def _items(value: Any) -> Any:
    return value.items() if isinstance(value, dict) else ()


def _followed(item: Any, document: Any) -> Any:
    return _target(item["$ref"], document) if isinstance(item, dict) and "$ref" in item else item


def _with_targets(call: Any, document: Any) -> str:
    """Return a call as a text, with all that it refers to."""
    found: dict[str, Any] = {"": call}
    waiting = [call]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in found:
                found[reference] = _target(reference, document)
                waiting.append(found[reference])
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return json.dumps(found, sort_keys=True)


def _target(reference: str, document: Any) -> Any:
    found = document
    for part in pointer_parts(reference):
        found = found.get(part) if isinstance(found, dict) else None
    return found
