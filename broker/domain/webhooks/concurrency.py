"""How many deliveries may be attempted at once, so that a slow receiver never delays the others."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

SLOW_AFTER = 1.0
"""Seconds after which an attempt counts as slow."""
SLOW_AT_ONCE = 2
"""Attempts at once to a receiver that is slow."""
THREADS_FOR_EACH_SENDER = 4


@dataclass(frozen=True)
class Begun:
    """An attempt under way; *since* is a monotonic clock's time, in seconds."""

    receiver: str
    since: float


@dataclass(frozen=True)
class Lanes:
    """What may be begun: *free* attempts to receivers that are neither *full* nor *slow*.

    A slow receiver that is not full may get one more.
    """

    free: int
    full: frozenset[str]
    slow: frozenset[str]


def lanes(under_way: Mapping[int, Begun], durations: Mapping[str, float], senders: int, now: float) -> Lanes:
    """Return what may be begun beside what is *under_way*.

    An attempt that takes long no longer counts against the *senders*, so that others get on; its receiver
    gets few at once from then on, until it has answered quickly again: *durations* has how long the last
    attempt of each took. A multiple of *senders* is the end of it.
    """
    late = [item for item in under_way.values() if now - item.since > SLOW_AFTER]
    slow = {item.receiver for item in late} | {
        receiver for receiver, seconds in durations.items() if seconds > SLOW_AFTER
    }
    at_once = Counter(item.receiver for item in under_way.values())
    full = frozenset(receiver for receiver in slow if at_once[receiver] >= SLOW_AT_ONCE)
    quick = len(under_way) - len(late)
    free = min(senders - quick, senders * THREADS_FOR_EACH_SENDER - len(under_way))
    return Lanes(max(0, free), full, frozenset(slow - full))
