"""Count results and judge quality gates, beside requests."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from broker.background.background import Background
from broker.services.insights.counting import count_some
from broker.services.insights.judging import judge_gates
from broker.storage.database import Database
from broker.web.hal import Links

SECONDS_BETWEEN_JUDGEMENTS = 60.0
"""Until gates are judged again that no new result has turned: time alone turns some."""
REST = 100
"""Judging that takes long waits for this many times its duration: it takes 1 % of a processor at most."""


class Counter(Background):
    """Count until stopped. What was counted and not committed is counted by another one later."""

    name = "counter"
    trouble = "Results cannot be counted at the moment"
    waiting = "counting waits"

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(database.retrying)
        self._database = database
        self._clock = clock
        self._next_judgement = time.monotonic()

    def turn(self) -> bool:
        """Count some, and judge the gates; return whether more may be left to count."""
        self._judge_all()
        with self._database.reading() as storage:
            if not storage.uncounted.any():
                return False
        with self.unhurried(self._database) as storage:
            counted = count_some(storage)
            judge_gates(storage, self._clock(), Links, counted.provider_ids)
        return counted.may_be_more

    def _judge_all(self) -> None:
        started = time.monotonic()
        if started < self._next_judgement:
            return
        with self._database.reading() as storage:
            there_are_gates = bool(storage.quality_gates.all())
        if there_are_gates:
            with self._database.transaction() as storage:
                storage.counters.hold()
                judge_gates(storage, self._clock(), Links)
        took = time.monotonic() - started
        self._next_judgement = started + max(SECONDS_BETWEEN_JUDGEMENTS, REST * took)
