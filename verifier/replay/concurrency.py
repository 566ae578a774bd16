"""How many cases are replayed at the same time, and which ones may be."""

import math
import os
from dataclasses import dataclass
from threading import Lock

from tally.errors import UsageError
from verifier.contracts.cases import AnyCase, Case

READS = frozenset({"GET", "HEAD", "OPTIONS"})
_FEWEST_MEASURED = 2
_COST_MS = 0.2
_SHORTEST_WORTHWHILE_MS = 2
_WORKERS_PER_CORE = 48
_MOST_WORKERS = 96
_FIRST_FRACTION = 4
_TOLERATED_SLOWDOWN = 2


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What the user said: *concurrency* is how many cases at once, None to choose by measuring.

    *writes* lets cases run at once that change data and need no state, *parallel_states* all others too.
    """

    concurrency: int | None = None
    writes: bool = False
    parallel_states: bool = False

    def allows(self, case: AnyCase) -> bool:
        """Whether *case* may run beside its neighbours.

        Of themselves only cases do so that nobody can tell the order of: those that need no state, and only
        read. A user who asks for a number, or says auto, also lets those run that write.
        """
        if self.concurrency == 1:
            return False
        if self.parallel_states:
            return True
        reads = isinstance(case, Case) and case.request.method.upper() in READS
        return not case.states and (reads or self.writes or self.concurrency is not None)


def read_concurrency(text: str | None) -> tuple[int | None, bool]:
    """Read "8" or "auto": how many at once, None to choose by measuring, and whether writes too."""
    if text is None or text.lower() == "auto":
        return None, text is not None
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"--concurrency {text!r}: write a number from 1 on, or auto.")
    return int(text), True


class Throttle:
    """Choose how many cases to replay at once, by how long each takes.

    As many as there is time to serve while one waits: 0.2 ms each, up to 48 for each core and 96 in all; one
    for a provider that answers within 2 ms. The shortest duration counts: the first ones warm a provider up.
    A quarter of them at first; all once a round shows that the provider keeps up, that is, half the answers
    take at most twice the shortest duration. When it does not, half as many, and never more again.
    """

    def __init__(self, cores: int | None = None) -> None:
        self._most = min((cores or os.cpu_count() or 1) * _WORKERS_PER_CORE, _MOST_WORKERS)
        self._lock = Lock()
        self._shortest = math.inf
        self._begun_before = 0
        self._round: list[float] = []
        self.workers = 1
        """How many threads are worth their cost."""

    def record(self, duration_ms: float) -> None:
        """Learn from one more duration, in any thread; what began before a change says nothing about it."""
        with self._lock:
            self._shortest = min(self._shortest, duration_ms)
            if self._begun_before:
                self._begun_before -= 1
                return
            self._round.append(duration_ms)
            if len(self._round) >= max(self.workers, _FEWEST_MEASURED):
                self._adjust()

    def _adjust(self) -> None:
        before, most = self.workers, self._maximum()
        typical = sorted(self._round)[len(self._round) // 2]
        if typical > _TOLERATED_SLOWDOWN * self._shortest and before > 1:
            self._most = before // 2
            self.workers = min(before // 2, most)
        else:
            self.workers = most if before > 1 else math.ceil(most / _FIRST_FRACTION)
        self._begun_before = before if before != self.workers > 1 else 0
        self._round.clear()

    def _maximum(self) -> int:
        if self._shortest < _SHORTEST_WORTHWHILE_MS:
            return 1
        return min(math.ceil(self._shortest / _COST_MS), self._most)
