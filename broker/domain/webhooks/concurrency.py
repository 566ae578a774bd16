"""How many deliveries may be sent at once, so that a slow receiver never delays the others."""

from collections import Counter
from collections.abc import Mapping

from tally.values import dataclass

SLOW_AFTER = 1.0
"""Seconds after which an attempt counts as slow."""
MOST_TO_A_SLOW_RECEIVER = 2
"""Attempts at the same time to one slow receiver."""
THREADS_FOR_EACH_SENDER = 4


@dataclass(frozen=True)
class AttemptUnderWay:
    """An attempt under way; *since* is a monotonic clock's time, in seconds."""

    receiver: str
    since: float


@dataclass(frozen=True)
class SendingCapacity:
    """How many attempts may begin now: *free* ones, to receivers that are neither *full* nor *slow*.

    Besides those, one attempt to a *slow* receiver may begin; none to a *full* one, which is slow as well.
    The deliveries *under_way*, by their ids, wait for their attempts, even if their leases seem to have
    ended: a clock may jump.
    """

    free: int
    full: frozenset[str]
    slow: frozenset[str]
    under_way: frozenset[int] = frozenset()


def sending_capacity(
    under_way: Mapping[int, AttemptUnderWay], durations: Mapping[str, float], senders: int, now: float
) -> SendingCapacity:
    """Return which attempts may begin besides those *under_way*.

    At most *senders* attempts that are not slow run at the same time. A slow attempt does not count, so that
    the others are not delayed, but its receiver gets few at the same time until it has answered quickly
    again: *durations* has the seconds that the last attempt to each receiver took. With the slow ones, there
    are never more than *senders* x THREADS_FOR_EACH_SENDER attempts.
    """
    late = [item for item in under_way.values() if now - item.since > SLOW_AFTER]
    slow = {item.receiver for item in late} | {
        receiver for receiver, seconds in durations.items() if seconds > SLOW_AFTER
    }
    at_once = Counter(item.receiver for item in under_way.values())
    full = frozenset(receiver for receiver in slow if at_once[receiver] >= MOST_TO_A_SLOW_RECEIVER)
    quick = len(under_way) - len(late)
    free = min(senders - quick, senders * THREADS_FOR_EACH_SENDER - len(under_way))
    return SendingCapacity(max(0, free), full, frozenset(slow - full), frozenset(under_way))
