"""Clients that write at the same time with all transactions serializable.

So have databases of several machines. Nothing may be lost or stored in part.
"""

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

from endurance.stored import facts_of, what_is_amiss
from endurance.writes import PUBLISHED, VERIFIED, Done, Writes
from sqlalchemy import text
from support.consistency import what_is_wrong

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database, Limits

# The tables are small here. What is serializable locks all that a statement may have read: tables as a whole,
# if the planner did not use their indexes, as it does with large ones.
OPTIONS = "options=-c%20enable_seqscan%3Doff"
LEVELS = {
    "READ COMMITTED": OPTIONS,
    "SERIALIZABLE": f"{OPTIONS}%20-c%20default_transaction_isolation%3Dserializable",
}
SETTINGS = Settings(webhook_host_whitelist=("127.0.0.0/8",), webhook_scheme_whitelist=("http",))
WEBHOOK = {
    "events": [{"name": PUBLISHED}, {"name": VERIFIED}],
    "request": {"method": "POST", "url": "http://127.0.0.1:9/"},
}
WARM_UP = 12
"""Writes of each client, one after the other, before the load begins: they make the applications."""
BETWEEN_LOOKS = 0.02
_WAITS = text("""
    SELECT wait_event_type || ' ' || wait_event, query FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
""")


@dataclass
class Figures:
    """What came of some seconds of load; *waits* counts looks at a session, by what it waited for."""

    seconds: float = 0.0
    requests: int = 0
    transactions: int = 0
    refused: int = 0
    retries: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)

    def as_text(self) -> str:
        often = 1000 * self.retries.total() / max(1, self.transactions)
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.retries.most_common())
        return (
            f"{self.requests / self.seconds:.0f} writes/s, {self.transactions} transactions, "
            f"{often:.1f} retries per 1,000 ({kinds or 'none'}), {self.refused} answered with 503"
        )


def write_at(
    level: str, url: str, *, seconds: float, seed: int, is_apart: bool = False, clients: int = 8
) -> Figures:
    """Let so many clients write to a new database; check what is stored, and return figures.

    All write about the same five applications or, if they are *apart*, each about five of its own.
    """
    database = Database(f"{url}&{LEVELS[level]}", Limits(clients + 2))
    try:
        return _Load(database, seed, is_apart=is_apart).run(seconds, clients)
    finally:
        database.close()


class _Load:
    def __init__(self, database: Database, seed: int, *, is_apart: bool) -> None:
        self._is_apart = is_apart
        self._database = database
        self._app = create_app(SETTINGS, database)
        self._seed = seed
        self._figures = Figures()
        self._lock = Lock()
        self._stopping = Event()
        database.after_commit = self._committed
        database.retrying.noted = self._again

    def run(self, seconds: float, clients: int) -> Figures:
        client = self._app.test_client()
        assert client.post("/webhooks", json=WEBHOOK).status_code == 201
        listed = client.get("/environments").json["_embedded"]["environments"]
        environments = {each["name"]: each["uuid"] for each in listed}
        every = [self._writes(number, environments) for number in range(clients)]
        early = [done for writes in every for done in self._write(writes, most=WARM_UP)]
        self._figures = Figures()
        looking = Thread(target=self._look)
        looking.start()
        began = time.monotonic()
        self._deadline = began + seconds
        try:
            with ThreadPoolExecutor(clients) as threads:
                of_each = list(threads.map(self._write, every))
        finally:
            self._stopping.set()
            looking.join()
        figures = self._figures
        figures.seconds = time.monotonic() - began
        figures.requests = sum(map(len, of_each))
        done = early + [each for some in of_each for each in some]
        figures.refused = sum(each.status == 503 for each in done)
        odd = [each for each in done if not each.is_acknowledged and each.status not in {409, 503}]
        assert not odd, odd[:3]
        for wrong in (what_is_amiss(done, facts_of(self._database)), what_is_wrong(self._database)):
            assert not wrong, wrong
        return figures

    def _writes(self, number: int, environments: dict[str, str]) -> Writes:
        whose = f"-{number}" if self._is_apart else ""
        return Writes(str(number), self._seed + number, environments, whose=whose)

    def _write(self, writes: Writes, most: int = 0) -> list[Done]:
        """Write until the time is over or, with *most*, so many times."""
        client: Any = self._app.test_client()
        done: list[Done] = []
        while len(done) < most if most else time.monotonic() < self._deadline:
            write = writes.next()
            answer = client.open(write.path, method=write.method, json=write.body)
            done.append(Done(write, answer.status_code))
            writes.note(done[-1])
        return done

    def _committed(self) -> None:
        with self._lock:
            self._figures.transactions += 1

    def _again(self, error: Exception) -> None:
        with self._lock:
            self._figures.retries[type(getattr(error, "orig", error)).__name__] += 1

    def _look(self) -> None:
        while not self._stopping.wait(BETWEEN_LOOKS):
            with self._database.reading() as storage:
                for wait, query in storage.connection.execute(_WAITS):
                    self._figures.waits[f"{wait or 'runs'}: {_short(query)}"] += 1


def _short(query: str) -> str:
    """Return what a statement does, to which table."""
    found = re.match(r"(?:INSERT INTO|UPDATE|DELETE FROM|LOCK TABLE)\s+\w+|COMMIT|ROLLBACK|BEGIN", query)
    if found:
        return found.group()
    table = re.search(r"FROM (\w+)", query)
    return f"SELECT {table.group(1) if table else ''}{' FOR …' if ' FOR ' in query else ''}"
