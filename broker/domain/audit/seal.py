"""A seal of some entries: whoever has its hash notices when one of them, or of those before, is changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from broker.domain.audit.entry import Entry, moment_text
from tally.audit.hashing import BEFORE_THE_FIRST, entry_hash, seal_hash
from tally.values import dataclass

_UUID, _HASH = 16, 32


@dataclass(frozen=True)
class Seal:
    """The seals are numbered from 1 without a gap; *entries* is how many entries it has.

    *digests* is, for each entry, the 16 bytes of its UUID and the 32 of its hash; None when the entries were
    removed because of their age.
    """

    number: int
    previous: bytes
    hash: bytes
    entries: int
    digests: bytes | None
    sealed_at: datetime
    removed_at: datetime | None = None

    def to_document(self) -> dict[str, Any]:
        """Return what the API says of it."""
        return {
            "number": self.number,
            "previous": self.previous.hex(),
            "hash": self.hash.hex(),
            "count": self.entries,
            "sealedAt": moment_text(self.sealed_at),
            "removedAt": None if self.removed_at is None else moment_text(self.removed_at),
        }

    def hashes(self) -> list[dict[str, str]]:
        """Return UUID and hash of each entry, in their order; nothing when they were removed."""
        found, size = self.digests or b"", _UUID + _HASH
        return [
            {"uuid": str(UUID(bytes=each[:_UUID])), "hash": each[_UUID:].hex()}
            for each in (found[start : start + size] for start in range(0, len(found), size))
        ]


def next_seal(last: Seal | None, entries: Sequence[Entry], now: datetime) -> Seal:
    """Return the seal of *entries*, in their order, that follows the *last* one."""
    previous = last.hash if last else BEFORE_THE_FIRST
    hashes = [entry_hash(entry.canonical()) for entry in entries]
    return Seal(
        number=last.number + 1 if last else 1,
        previous=previous,
        hash=seal_hash(previous, hashes),
        entries=len(entries),
        digests=b"".join(
            UUID(entry.uuid).bytes + found for entry, found in zip(entries, hashes, strict=True)
        ),
        sealed_at=now,
    )
