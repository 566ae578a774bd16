"""The difference between two contents, for people (Pact Broker reference §4.7)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import unified_diff
from hashlib import sha1
from heapq import nsmallest
from itertools import islice
from typing import Any

from broker.domain.pacts.publication import LISTS, Document
from broker.domain.readable_json import lines
from tally.hashing import canonical_json, parse_exactly, specification_version
from tally.values import dataclass

_LINES = 200
_LINES_COMPARED = 2_000  # comparing takes time by the square
_ITEMS_COMPARED = 100
_LONGEST = 1_000
_Known = Mapping[str, Counter[bytes]]


@dataclass(frozen=True)
class _Side:
    """What only one of two contents has, as lines; *left_out* counts the interactions beyond the limit."""

    lines: list[str]
    left_out: int


def diff(before: bytes, after: bytes) -> str:
    """Return the difference as a unified diff of what the hash covers, without ids; a long one is cut.

    Interactions that both have are left out, wherever they stand. A text over 1,000 characters is shown by
    its beginning, its length and a hash. Contents may be large: only one at a time is in memory as objects.
    """
    old, new = _side(before, _known(after)), _side(after, _known(before))
    changes = [
        line
        for line in unified_diff(old.lines, new.lines, lineterm="", n=2)
        if not line.startswith(("---", "+++"))
    ]
    if len(changes) > _LINES:
        changes = [*changes[:_LINES], f"… and {len(changes) - _LINES} more lines"]
    if old.left_out or new.left_out:
        changes.append(f"… and more differences: {old.left_out} only before, {new.left_out} only after")
    return "\n".join(changes)


def _known(text: bytes) -> _Known | None:
    """Return how often each interaction is in each list of a pact, by its hash; None if it is not a pact."""
    document = _pact(parse_exactly(text))
    return document and {key: Counter(map(_digest, _items(document, key))) for key in LISTS}


def _side(text: bytes, others: _Known | None) -> _Side:
    """Return what the document has beyond the *others*; all of it unless both are pacts."""
    whole = parse_exactly(text)
    document = _pact(whole)
    if document is None or others is None:
        return _Side(_lines(whole if document is None else _hashed_part(document)), 0)
    shown = _hashed_part(document)
    left_out = 0
    for key in LISTS:
        if isinstance(shown.get(key), list):
            only_here = _without(_items(document, key), others[key])
            shown[key] = nsmallest(_ITEMS_COMPARED, only_here, key=canonical_json)
            left_out += len(only_here) - len(shown[key])
    return _Side(_lines(shown), left_out)


def _pact(document: Document) -> dict[str, Any] | None:
    """Return the document if it is a pact, whose hash covers only a part of it (reference §5.5)."""
    is_pact = isinstance(document, dict) and any(isinstance(document.get(key), list) for key in LISTS)
    return document if is_pact and isinstance(document, dict) else None


def _hashed_part(document: dict[str, Any]) -> dict[str, Any]:
    """Return the part that the hash covers: no ids, and of the metadata only the specification version."""
    hashed = {key: _items(document, key) or document[key] for key in LISTS if key in document}
    return {**hashed, "specification version": specification_version(document)}


def _items(document: dict[str, Any], key: str) -> list[object]:
    """Return the interactions or messages, without the ids that a broker put in."""
    items = document.get(key)
    return [
        {name: value for name, value in item.items() if name != "_id"} if isinstance(item, dict) else item
        for item in (items if isinstance(items, list) else ())
    ]


def _without(items: Iterable[object], others: Counter[bytes]) -> list[object]:
    known = Counter(others)
    remaining = []
    for item in items:
        digest = _digest(item)
        if known[digest]:
            known[digest] -= 1
        else:
            remaining.append(item)
    return remaining


def _digest(item: object) -> bytes:
    return sha1(canonical_json(item), usedforsecurity=False).digest()


def _lines(document: object) -> list[str]:
    return list(islice(lines(document, longest=_LONGEST, sort_keys=True), _LINES_COMPARED))
