"""Pointers into a document as it was written, where its schemas are in the words of an older draft."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tally.compatibility.model import Change
from tally.json_schema.pointers import pointer, pointer_parts

_OLD_NAMES = {"$defs": "definitions", "dependentRequired": "dependencies", "dependentSchemas": "dependencies"}

Documents = Mapping[str, Any]
"""Documents by name, as they were published; the only one may have the name ""."""


def with_pointers_as_written(changes: Iterable[Change], old: Documents, new: Documents) -> list[Change]:
    """Return the changes with pointers into the documents as they were written, as far as those are known."""
    return [
        replace(
            change,
            old=_exact(change.old, change.document, old),
            new=_exact(change.new, change.document, new),
        )
        for change in changes
    ]


def _exact(place: str, document: str, written: Documents) -> str:
    source = written.get(document, written.get(""))
    return place if source is None else as_written(place, source)


def as_written(place: str, document: Any) -> str:
    """Return the pointer of what *place*, in the words of 2020-12, is in *document*.

    Where the document does not have it, that of the smallest part that it is in.
    """
    found: list[str] = []
    node = document
    parts = list(pointer_parts(place))
    while parts:
        key = parts.pop(0)
        if isinstance(node, list):
            if not key.isdigit() or int(key) >= len(node):
                break
            node = node[int(key)]
        elif isinstance(node, dict):
            if key == "anyOf" and key not in node and parts[:1] == ["0"]:
                parts.pop(0)  # what may also be null in OpenAPI
                continue
            key = _old_key(key, node)
            if key not in node:
                break
            node = node[key]
        else:
            break
        found.append(key)
    return pointer(found)


def _old_key(key: str, node: dict[str, Any]) -> str:
    if key in {"prefixItems", "items"} and isinstance(node.get("items"), list) and "prefixItems" not in node:
        return "items" if key == "prefixItems" else "additionalItems"
    if key in _OLD_NAMES and key not in node:
        return _OLD_NAMES[key]
    return key
