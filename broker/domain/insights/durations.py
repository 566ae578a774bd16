"""Durations in a small form that can be added: how many there are in each of 256 fixed buckets.

A bucket is a tenth wider than the one before it, so a quantile is at most 5 % from the true one. The buckets
begin at 0.1 ms and end after weeks; what is shorter or longer counts in the first or the last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from math import ceil, log
from typing import Self

from tally.values import dataclass

GROWTH = 1.1
SHORTEST = 0.1
"""Milliseconds: where the first bucket ends."""
BUCKETS = 256
ERROR_PERCENT = 5
"""How far, in percent, a quantile may be from the true one."""
_LOG_GROWTH = log(GROWTH)
_LEAST_LOW_BIT = 0x80


def bucket(milliseconds: float) -> int:
    """Return the number of the bucket of a duration."""
    if milliseconds <= SHORTEST:
        return 0
    return min(BUCKETS - 1, ceil(log(milliseconds / SHORTEST) / _LOG_GROWTH))


def _middle(number: int) -> float:
    """Return the duration that stands for a bucket: as near, in percent, to its beginning as to its end."""
    end: float = SHORTEST * GROWTH**number
    return end if number == 0 else 2 * end / (1 + GROWTH)


@dataclass(frozen=True)
class Durations:
    """How many durations there are in each bucket, by its number."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, milliseconds: Iterable[float]) -> Self:
        """Count durations."""
        counts: dict[int, int] = {}
        for each in milliseconds:
            number = bucket(each)
            counts[number] = counts.get(number, 0) + 1
        return cls(counts)

    @classmethod
    def decode(cls, text: bytes | None) -> Self:
        """Read what `encode` wrote; None is none."""
        counts: dict[int, int] = {}
        number, shift, count = -1, 0, 0
        for byte in text or b"":
            if number < 0:
                number, shift, count = byte, 0, 0
                continue
            count |= (byte & (_LEAST_LOW_BIT - 1)) << shift
            shift += 7
            if byte < _LEAST_LOW_BIT:
                counts[number] = count
                number = -1
        return cls(counts)

    def encode(self) -> bytes | None:
        """Return each bucket that has any: its number in a byte, and how many in as few bytes as needed."""
        written = bytearray()
        for number, count in sorted(self.counts.items()):
            written.append(number)
            left = count
            while left >= _LEAST_LOW_BIT:
                written.append(left & (_LEAST_LOW_BIT - 1) | _LEAST_LOW_BIT)
                left >>= 7
            written.append(left)
        return bytes(written) or None

    @property
    def total(self) -> int:
        """How many durations there are."""
        return sum(self.counts.values())

    def quantile(self, share: float) -> float | None:
        """Return the duration, in milliseconds, that this *share* of all do not exceed; None when none is."""
        rank = max(1, ceil(share * self.total))
        for number, count in sorted(self.counts.items()):
            rank -= count
            if rank <= 0:
                return _middle(number)
        return None


def quantiles(durations: Durations, shares: Sequence[float]) -> list[float | None]:
    """Return several quantiles, by shares that grow, at once: see `Durations.quantile`."""
    found: list[float | None] = []
    total, seen, buckets = durations.total, 0, iter(sorted(durations.counts.items()))
    number = 0
    for share in shares:
        rank = max(1, ceil(share * total))
        while seen < rank and (following := next(buckets, None)):
            number, seen = following[0], seen + following[1]
        found.append(_middle(number) if total else None)
    return found


def added(several: Iterable[Durations]) -> Durations:
    """Return all of these durations together."""
    counts: dict[int, int] = {}
    for each in several:
        for number, count in each.counts.items():
            counts[number] = counts.get(number, 0) + count
    return Durations(counts)


def without(durations: Durations, removed: Durations) -> Durations:
    """Return the durations without some of them."""
    left = {number: count - removed.counts.get(number, 0) for number, count in durations.counts.items()}
    return Durations({number: count for number, count in left.items() if count > 0})
