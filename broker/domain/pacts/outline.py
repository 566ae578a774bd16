"""The outline of a content: its interactions by their ids, and by what stays when they change."""

import zlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from hashlib import sha1
from typing import Any

import orjson

from tally.hashing import canonical_json
from tally.values import dataclass

LISTS = ("interactions", "messages")
"""The keys of a pact with what is verified."""
LONGEST_DESCRIPTION = 200
_KEY_LENGTH = 16


@dataclass(frozen=True)
class OutlinedInteraction:
    """An interaction by its id. *key* stays the same when something else than its name or states changes."""

    id: str
    key: str
    description: str


@dataclass(frozen=True)
class Outline:
    """The interactions of a content, in their order."""

    interactions: tuple[OutlinedInteraction, ...] = ()

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """The keys by the ids."""
        return {item.id: item.key for item in self.interactions}

    @cached_property
    def descriptions(self) -> Mapping[str, str]:
        """The descriptions by the ids."""
        return {item.id: item.description for item in self.interactions}

    @cached_property
    def all_keys(self) -> frozenset[str]:
        """The keys alone."""
        return frozenset(item.key for item in self.interactions)


NO_OUTLINE = Outline()


def outline_of(document: object) -> Outline:
    """Return the outline of a document with ids; an empty one when it is no pact."""
    if not isinstance(document, dict):
        return Outline()
    items = (item for name in LISTS for item in _objects(document.get(name)))
    return Outline(
        tuple(
            OutlinedInteraction(str(item["_id"]), key_of(item), description_of(item)[:LONGEST_DESCRIPTION])
            for item in items
            if "_id" in item
        )
    )


def key_of(interaction: Mapping[str, Any]) -> str:
    """Return what tells an interaction from others of its pact whatever it says: description and states.

    A state as a text, as V1 and V2 write it, is the same as one without parameters.
    """
    named = canonical_json([description_of(interaction), states_of(interaction)])
    return sha1(named, usedforsecurity=False).hexdigest()[:_KEY_LENGTH]


def description_of(interaction: Mapping[str, Any]) -> str:
    """Return the description; "" for what has none."""
    description = interaction.get("description")
    return description if isinstance(description, str) else ""


def states_of(interaction: Mapping[str, Any]) -> list[list[Any]]:
    """Return each state as a list of its name and its parameters."""
    for name in ("providerStates", "providerState", "provider_state"):
        states = interaction.get(name)
        if isinstance(states, str) and states:
            return [[states, {}]]
        if isinstance(states, list):
            return [[state.get("name"), state.get("params") or {}] for state in _objects(states)]
    return []


def written(outline: Outline) -> bytes:
    """Return the outline as it is stored."""
    rows = [[item.id, item.key, item.description] for item in outline.interactions]
    return zlib.compress(orjson.dumps(rows))


def read(stored: bytes | None) -> Outline:
    """Return the outline that was stored; an empty one for None."""
    if stored is None:
        return Outline()
    return Outline(tuple(OutlinedInteraction(*row) for row in orjson.loads(zlib.decompress(stored))))


def _objects(items: Any) -> Iterable[dict[str, Any]]:
    return (item for item in (items if isinstance(items, list) else ()) if isinstance(item, dict))
