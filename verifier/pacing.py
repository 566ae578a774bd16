"""How many cases are replayed at the same time, and which ones may be."""

import math
import os
from dataclasses import dataclass

from verifier.cases import AnyCase, Case

READS = frozenset({"GET", "HEAD", "OPTIONS"})
_MEASURED = 3
_OWN_MS = 0.3
_SHORT_MS = 2
_FOR_EACH_CORE = 32
_MOST = 64


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What the user said: *concurrency* is how many cases at once, None to choose by measuring.

    *parallel_states* lets cases run at once that have provider states or change data.
    """

    concurrency: int | None = None
    parallel_states: bool = False

    def allows(self, case: AnyCase) -> bool:
        """Whether *case* may run beside its neighbours.

        Of themselves only cases do so that nobody can tell the order of: those that need no state, and only
        read. A user who asks for a number also lets those run that write.
        """
        if self.concurrency == 1:
            return False
        if self.parallel_states:
            return True
        writes = not isinstance(case, Case) or case.request.method.upper() not in READS
        return not case.states and (self.concurrency is not None or not writes)


class Stopwatch:
    """Learn from the first durations how many cases to replay at once."""

    def __init__(self, cores: int | None = None) -> None:
        self._cores = cores or os.cpu_count() or 1
        self._durations: list[float] = []

    def saw(self, duration_ms: float) -> None:
        """Remember one more duration."""
        if len(self._durations) < _MEASURED:
            self._durations.append(duration_ms)

    @property
    def workers(self) -> int | None:
        """How many threads are worth their cost; None until enough was seen.

        As many as there is time to serve while one waits: 0.3 ms each. The shortest duration counts, for the
        first ones warm the provider up. A provider that answers within 2 ms is asked by one.
        """
        if len(self._durations) < _MEASURED:
            return None
        latency = min(self._durations)
        if latency < _SHORT_MS:
            return 1
        return min(math.ceil(latency / _OWN_MS), self._cores * _FOR_EACH_CORE, _MOST)
