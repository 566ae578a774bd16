"""What a publication of pacts means: pure decisions over parsed documents (reference §4.6, §4.7, §5)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, Literal

from tally.hashing import (
    canonical_json,
    compact_json,
    content_hash,
    interaction_id,
    specification_version,
)

Document = dict[str, Any] | list[Any]
_LISTS = ("interactions", "messages")
_ADDED_BY_A_BROKER = {"createdAt", "_links"}
_DIFF_LINES = 200


@dataclass(frozen=True)
class Contract:
    """One pact of a publication; *document* is its parsed content."""

    consumer: str
    provider: str
    document: Document
    on_conflict: Literal["overwrite", "merge"] = "overwrite"


@dataclass(frozen=True)
class Publication:
    """A consumer version with its pacts."""

    pacticipant: str
    version: str
    contracts: tuple[Contract, ...]
    branch: str | None = None
    tags: tuple[str, ...] = ()
    build_url: str | None = None


@dataclass(frozen=True)
class Content:
    """A document as it is stored: *text* is JSON with an `_id` in every interaction and message."""

    sha: str
    text: bytes
    interactions: int
    messages: int


def content(document: Document) -> Content:
    """Return what is stored of a document; what a broker added to a downloaded pact is left out."""
    if isinstance(document, list):
        return Content(content_hash(document), compact_json(document), 0, 0)
    kept = {key: value for key, value in document.items() if key not in _ADDED_BY_A_BROKER}
    counts = {}
    for key in _LISTS:
        items = kept.get(key)
        counts[key] = len(items) if isinstance(items, list) else 0
        if isinstance(items, list):
            kept[key] = [_with_id(item) for item in items]
    return Content(content_hash(kept), compact_json(kept), counts["interactions"], counts["messages"])


def _with_id(item: object) -> object:
    if not isinstance(item, dict) or "_id" in item:
        return item
    return {"_id": interaction_id(item), **item}


def merge(existing: Document, incoming: Document) -> tuple[Document, list[str]]:
    """Return *existing* with the interactions of *incoming*, and what stands against it (reference §4.6).

    What stands against it are descriptions of interactions that cannot both be in one pact: the same
    description and states, but another request. The document may only be used when there are none.

    An interaction with the same description and states replaces the old one; others are appended.
    Everything else stays as it was published first.
    """
    if not isinstance(existing, dict) or not isinstance(incoming, dict):
        return existing, ["a document that is no pact"]
    merged = dict(existing)
    conflicts = []
    lists = [key for key in _LISTS if isinstance(incoming.get(key), list)]
    if not lists or not any(isinstance(existing.get(key), list) for key in _LISTS):
        return existing, ["a document without interactions"]
    for key in lists:
        by_identity = {_identity(item): item for item in existing.get(key) or ()}
        for item in incoming[key]:
            known = by_identity.get(_identity(item))
            if known is not None and not _same_request(known, item):
                conflicts.append(_description(item))
            by_identity[_identity(item)] = item
        merged[key] = list(by_identity.values())
    return merged, conflicts


def _identity(item: object) -> bytes:
    if not isinstance(item, dict):
        return canonical_json(item)
    states = item.get("providerStates", item.get("providerState", item.get("provider_state")))
    return canonical_json([item.get("description"), states])


def _same_request(known: object, item: object) -> bool:
    return _request(known) == _request(item)


def _request(item: object) -> bytes:
    request = item.get("request") if isinstance(item, dict) else None
    if not isinstance(request, dict):
        return b""
    parts = ("method", "path", "query", "headers", "body")
    return canonical_json({key: request[key] for key in parts if key in request})


def _description(item: object) -> str:
    return str(item.get("description", "")) if isinstance(item, dict) else ""


def diff(before: bytes, after: bytes) -> str:
    """Return what changed in what the hash is about, as a unified diff without ids; long ones are cut."""
    old, new = (list(_lines(json.loads(text))) for text in (before, after))
    changes = [
        line for line in unified_diff(old, new, lineterm="", n=2) if not line.startswith(("---", "+++"))
    ]
    if len(changes) > _DIFF_LINES:
        changes = [*changes[:_DIFF_LINES], f"… and {len(changes) - _DIFF_LINES} more lines"]
    return "\n".join(changes)


def _lines(document: Document) -> Iterator[str]:
    if isinstance(document, dict) and any(isinstance(document.get(key), list) for key in _LISTS):
        # The same as counts for the hash (reference §5.5): not the tools' notes in the metadata.
        version = specification_version(document)
        document = {key: _sorted_items(document[key]) for key in _LISTS if key in document}
        document["specification version"] = version
    yield from json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False).splitlines()


def _sorted_items(items: object) -> object:
    if not isinstance(items, list):
        return items
    bare = [
        {key: value for key, value in item.items() if key != "_id"} if isinstance(item, dict) else item
        for item in items
    ]
    return sorted(bare, key=canonical_json)
