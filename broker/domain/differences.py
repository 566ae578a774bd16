"""What changed between two contents, for people (Pact Broker reference §4.7)."""

import json
from collections import Counter
from difflib import unified_diff

from broker.domain.publishing import LISTS, Document
from tally.hashing import canonical_json, specification_version

_LINES = 200
_LINES_COMPARED = 2_000  # comparing takes time by the square


def diff(before: bytes, after: bytes) -> str:
    """Return what changed in what the hash is about, as a unified diff without ids; long ones are cut.

    Interactions that are in both do not show, wherever they are.
    """
    old, new = _what_differs(json.loads(before), json.loads(after))
    changes = [
        line
        for line in unified_diff(_lines(old), _lines(new), lineterm="", n=2)
        if not line.startswith(("---", "+++"))
    ]
    if len(changes) > _LINES:
        changes = [*changes[:_LINES], f"… and {len(changes) - _LINES} more lines"]
    return "\n".join(changes)


def _what_differs(before: Document, after: Document) -> tuple[Document, Document]:
    old, new = _what_counts(before), _what_counts(after)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return old, new
    for key in LISTS:
        if isinstance(old.get(key), list) and isinstance(new.get(key), list):
            old[key], new[key] = _without(old[key], new[key]), _without(new[key], old[key])
    return old, new


def _what_counts(document: Document) -> Document:
    """Return the same as counts for the hash (reference §5.5): not the tools' notes in the metadata."""
    if not isinstance(document, dict) or not any(isinstance(document.get(key), list) for key in LISTS):
        return document
    counting = {key: _without_ids(document[key]) for key in LISTS if key in document}
    return {**counting, "specification version": specification_version(document)}


def _without_ids(items: object) -> object:
    if not isinstance(items, list):
        return items
    bare = [
        {key: value for key, value in item.items() if key != "_id"} if isinstance(item, dict) else item
        for item in items
    ]
    return sorted(bare, key=canonical_json)


def _without(items: list[object], others: list[object]) -> list[object]:
    known = Counter(canonical_json(item) for item in others)
    remaining = []
    for item in items:
        text = canonical_json(item)
        if known[text]:
            known[text] -= 1
        else:
            remaining.append(item)
    return remaining


def _lines(document: Document) -> list[str]:
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)
    return text.splitlines()[:_LINES_COMPARED]
