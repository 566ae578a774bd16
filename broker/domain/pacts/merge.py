"""Merging the interactions of two pacts into one (Pact Broker reference §4.6)."""

from typing import Any

from broker.domain.limits import INTERACTIONS
from broker.domain.pacts.publication import LISTS, Document
from broker.domain.text_rules import too_many
from tally.hashing import canonical_json


def merge(existing: Document, incoming: Document) -> tuple[Document, list[str]]:
    """Return *existing* with the interactions of *incoming*, and sentences about conflicts (reference §4.6).

    Two interactions with the same description and states but another request are a conflict. The document may
    only be used when there is none. With the same request, the incoming one replaces the existing one; other
    interactions are appended. Everything else stays as it was published first.
    """
    if not isinstance(existing, dict) or not isinstance(incoming, dict):
        return existing, ["only JSON objects can be merged"]
    if not _has_interactions(existing):
        return existing, ["what was published before has no interactions"]
    if not _has_interactions(incoming):
        return existing, ["what is published now has no interactions"]
    merged = dict(existing)
    conflicts = []
    for key in LISTS:
        if isinstance(incoming.get(key), list):
            merged[key], of_list = _merge_lists(existing.get(key), incoming[key])
            conflicts += of_list
            if message := too_many(merged[key], INTERACTIONS):
                conflicts.append(f"{key} {message}")
    return merged, conflicts


def _has_interactions(document: dict[str, Any]) -> bool:
    return any(isinstance(document.get(key), list) for key in LISTS)


def _merge_lists(existing: object, incoming: list[Any]) -> tuple[list[Any], list[str]]:
    by_identity = {_identity(item): item for item in existing} if isinstance(existing, list) else {}
    conflicts = []
    for item in incoming:
        known = by_identity.get(_identity(item))
        if known is not None and _request(known) != _request(item):
            conflicts.append(f"'{_description(item)}' is already there with another request")
        by_identity[_identity(item)] = item
    return list(by_identity.values()), conflicts


def _identity(item: object) -> bytes:
    if not isinstance(item, dict):
        return canonical_json(item)
    states = item.get("providerStates", item.get("providerState", item.get("provider_state")))
    return canonical_json([item.get("description"), states])


def _request(item: object) -> bytes:
    request = item.get("request") if isinstance(item, dict) else None
    if not isinstance(request, dict):
        return b""
    parts = ("method", "path", "query", "headers", "body")
    return canonical_json({key: request[key] for key in parts if key in request})


def _description(item: object) -> str:
    return str(item.get("description", "")) if isinstance(item, dict) else ""
