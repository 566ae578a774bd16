"""The canonical form of an audit entry, and the hashes of entries and of seals.

They are computed by the broker when it seals, and again by whoever verifies: from what they read, so that
they need not trust the broker.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from tally.hashing import canonical_json

FIELDS = (
    *("uuid", "at", "actor", "via", "address", "action", "subject", "team", "before", "after"),
    *("requestId", "outcome"),
)
"""What is hashed of an entry. Its seal is not: it comes later."""
BEFORE_THE_FIRST = bytes(32)
"""What the first seal has in place of the hash of the one before."""


def canonical_entry(entry: Mapping[str, Any]) -> bytes:
    """Return the JSON of an entry that is hashed: all FIELDS, keys sorted, no spaces, UTF-8.

    What else the entry has, such as links, does not count. A missing field is null.
    """
    found = {name: entry.get(name) for name in FIELDS}
    return canonical_fields(found, *(canonical_json(found[name]) for name in ("before", "after")))


def canonical_fields(fields: Mapping[str, Any], before: bytes, after: bytes) -> bytes:
    """Return the canonical form of an entry whose *before* and *after* are canonical JSON already."""
    details = {"before": orjson.Fragment(before), "after": orjson.Fragment(after)}
    return orjson.dumps({**fields, **details}, option=orjson.OPT_SORT_KEYS)


def entry_hash(canonical: bytes) -> bytes:
    """Return the SHA-256 of the canonical form of an entry."""
    return hashlib.sha256(canonical).digest()


def seal_hash(previous: bytes, hashes: Iterable[bytes]) -> bytes:
    """Return the hash of a seal: SHA-256 of the hash of the seal before, and of its entries' hashes."""
    found = hashlib.sha256(previous)
    for each in hashes:
        found.update(each)
    return found.digest()
