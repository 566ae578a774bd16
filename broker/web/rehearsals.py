"""Requests of the rehearsal of an import: answered as always, but nothing of what they store is kept.

Their header Tally-Import-Rehearsal is a JSON object with what the import would have stored before, as far as
the request refers to it: names of pacticipants, versions, environments and pacts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import request

from broker.domain import limits
from broker.domain.assumption import AssumedPact, Assumption
from broker.domain.errors import ValidationError
from broker.domain.text_rules import broken_rule
from broker.services import rehearsal
from broker.storage.database import Database
from broker.storage.storage import Storage
from tally.errors import InvalidContractError
from tally.hashing import parse_json

HEADER = "Tally-Import-Rehearsal"


def asked_for() -> bool:
    """Return whether nothing of what the request stores may be kept."""
    return HEADER in request.headers


@contextmanager
def transaction(database: Database, now: datetime) -> Iterator[Storage]:
    """Yield a Storage in which everything is there that the request assumes; nothing of it is kept.

    Raises ValidationError when the header cannot be read.
    """
    assumed = _assumption(request.headers[HEADER])
    with database.transaction(kept=False) as storage:
        rehearsal.assume(storage, assumed, now)
        yield storage


def _assumption(text: str) -> Assumption:
    try:
        found = parse_json(text.encode("latin-1"))
    except (InvalidContractError, ValueError) as error:
        raise _unreadable() from error
    if not isinstance(found, dict) or not set(found) <= set(_LENGTHS):
        raise _unreadable()
    lists = {key: [_texts(item, length) for item in _items(found, key)] for key, length in _LENGTHS.items()}
    return Assumption(
        pacticipants=tuple(name for (name,) in lists["pacticipants"]),
        versions=tuple((name, number) for name, number in lists["versions"]),
        environments=tuple((uuid, name) for uuid, name in lists["environments"]),
        pacts=tuple(AssumedPact(*texts) for texts in lists["pacts"]),
    )


_LENGTHS = {"pacticipants": 1, "versions": 2, "environments": 2, "pacts": 4}
"""What may be assumed, and how many texts each of them is."""


def _items(found: dict[str, Any], key: str) -> list[Any]:
    items = found.get(key, [])
    if not isinstance(items, list):
        raise _unreadable()
    return items


def _texts(item: object, length: int) -> list[str]:
    texts = [text for text in (item if isinstance(item, list) else [item]) if isinstance(text, str)]
    if len(texts) != length or not all(map(_is_name, texts)):
        raise _unreadable()
    return texts


def _is_name(text: str) -> bool:
    broken = broken_rule(text, limit=limits.REFERENCE, required=True, blank=False, lines=False, spaces=True)
    return broken is None and not any("\ud800" <= character <= "\udfff" for character in text)


def _unreadable() -> ValidationError:
    return ValidationError(
        {HEADER: ['must be a JSON object such as {"pacticipants": ["Shop"], "versions": [["Shop", "1"]]}']}
    )
