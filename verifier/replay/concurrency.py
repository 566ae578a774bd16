"""How many cases are replayed at the same time, and which ones may be."""

import math
import os
from threading import Lock

from tally.errors import UsageError
from tally.values import dataclass
from verifier.contracts.cases import AnyCase, Case

# HTTP calls these methods safe: a client may expect that they change nothing.
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
    """Which cases may run at the same time, as the user chose.

    *concurrency* is the number of cases at a time; None chooses it from the measured durations. *writes*
    adds cases that change data but need no provider state, *parallel_states* adds all cases.
    """

    concurrency: int | None = None
    writes: bool = False
    parallel_states: bool = False

    @property
    def is_chosen(self) -> bool:
        """Whether the user wants cases at once."""
        return self.concurrency not in (None, 1) or self.writes or self.parallel_states

    def allows(self, case: AnyCase) -> bool:
        """Whether *case* may run at the same time as the cases before and after it.

        By default only cases that read and need no provider state may: their order cannot change a result.
        With --concurrency (a number, or auto), cases that write may as well.
        """
        if self.concurrency == 1:
            return False
        if self.parallel_states:
            return True
        reads = isinstance(case, Case) and case.request.method.upper() in READS
        return not case.states and (reads or self.writes or self.concurrency is not None)


def read_concurrency(text: str | None) -> tuple[int | None, bool]:
    """Read "8" or "auto"; return the number, None for auto, and whether cases that write are included."""
    if text is None or text.lower() == "auto":
        return None, text is not None
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"--concurrency {text!r}: write a number from 1 on, or auto.")
    return int(text), True


class Throttle:
    """Choose how many cases to replay at the same time from the durations measured so far.

    One case costs this process about 0.2 ms, so the maximum is the shortest duration divided by 0.2 ms; it is
    never above 48 for each core, or 96. A provider that answers within 2 ms gets one case at a time.
    The first step is a quarter of the maximum. After a round whose median is at most twice the shortest
    duration, the maximum is used. After any other round, half of the present number is the new maximum.
    """

    def __init__(self, cores: int | None = None) -> None:
        self._most = min((cores or os.cpu_count() or 1) * _WORKERS_PER_CORE, _MOST_WORKERS)
        self._lock = Lock()
        self._shortest = math.inf
        self._begun_before = 0
        self._round: list[float] = []
        self.workers = 1
        """How many threads to use now."""

    def record(self, duration_ms: float) -> None:
        """Add one duration; any thread may call this."""
        with self._lock:
            # The shortest, because the first requests are slow while a provider fills its caches.
            self._shortest = min(self._shortest, duration_ms)
            if self._begun_before:
                # Cases begun before the last change were not replayed with the new number.
                self._begun_before -= 1
                return
            self._round.append(duration_ms)
            if len(self._round) >= max(self.workers, _FEWEST_MEASURED):
                self._adjust()

    def _adjust(self) -> None:
        before, most = self.workers, self._maximum()
        # The median, because a few slow responses do not mean that the provider cannot keep up.
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
