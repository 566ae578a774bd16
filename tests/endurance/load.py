"""Clients that write without a pause, and what has to hold when they have stopped."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import requests
from endurance.stored import facts_of, what_is_amiss
from endurance.writes import PUBLISHED, VERIFIED, Done, Write, Writes
from support.consistency import what_is_wrong
from support.receivers import Receiver, wait_until
from support.webhook_programs import attempts, failed, unfinished, written

from broker.storage.database import Database

AT_ONCE = 16
"""Attempts that a worker makes at the same time: what one interruption can double."""
PATIENCE = 180.0
PAUSE = 0.1
"""Seconds after a write that was not acknowledged."""
NO_ANSWER = 0
AGAIN = frozenset({NO_ANSWER, 409, 503})
"""Repeat a request with a key then; 409 says that the first one is still being carried out."""


class Writer(Thread):
    """Write one thing after the other, and note what was answered.

    Each is sent once or, by one that *repeats*, with an Idempotency-Key until it is acknowledged.
    """

    def __init__(self, url: str, writes: Writes, *, repeats: bool) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._writes = writes
        self._repeats = repeats
        self._enough = Event()
        self.done: list[Done] = []

    def run(self) -> None:
        session = requests.Session()
        while not self._enough.is_set():
            write = self._writes.next()
            done = Done(write, self._send(session, write))
            self._writes.note(done)
            self.done.append(done)
            if not done.is_acknowledged:
                self._enough.wait(PAUSE)

    def _send(self, session: requests.Session, write: Write) -> int:
        headers = {"Idempotency-Key": str(uuid4())} if self._repeats else {}
        while True:
            status = self._send_once(session, write, headers)
            if not self._repeats or status not in AGAIN or self._enough.wait(PAUSE):
                return status

    def _send_once(self, session: requests.Session, write: Write, headers: dict[str, str]) -> int:
        url = self._url + write.path
        try:
            answer = session.request(write.method, url, json=write.body, headers=headers, timeout=60)
        except requests.RequestException:
            return NO_ANSWER
        return answer.status_code

    def ask_to_stop(self) -> None:
        self._enough.set()


def set_up(url: str, receiver: Receiver) -> dict[str, str]:
    """Make the webhook for what is written; return the uuids of the environments, by name."""
    body = {
        "events": [{"name": PUBLISHED}, {"name": VERIFIED}],
        "request": {"method": "POST", "url": receiver.url, "body": {"about": "${pactbroker.pactUrl}"}},
    }
    requests.post(f"{url}/webhooks", json=body, timeout=30).raise_for_status()
    listed: Any = requests.get(f"{url}/environments", timeout=30).json()
    return {each["name"]: each["uuid"] for each in listed["_embedded"]["environments"]}


@contextmanager
def writing(url: str, environments: dict[str, str], *, seed: int, writers: int = 4) -> Iterator[list[Writer]]:
    """Let so many clients write while the block runs; they have stopped when it is over.

    Every other one repeats what is not acknowledged.
    """
    clients = [
        Writer(url, Writes(str(number), seed + number, environments), repeats=number % 2 == 1)
        for number in range(writers)
    ]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        for client in clients:
            client.ask_to_stop()
        for client in clients:
            client.join(90)


def all_done(writers: list[Writer]) -> list[Done]:
    return [done for writer in writers for done in writer.done]


def acknowledged(done: list[Done]) -> int:
    return sum(each.is_acknowledged for each in done)


def check(database: Database, receiver: Receiver, done: list[Done], *, interruptions: int) -> dict[str, int]:
    """Check that the database has all that was acknowledged, nothing in part, and that all was delivered.

    A delivery may have been made twice where one of the *interruptions* came between sending and recording.
    Return figures.
    """
    wait_until(lambda: unfinished(database) == 0, patience=PATIENCE)
    for wrong in (what_is_amiss(done, facts_of(database)), what_is_wrong(database)):
        assert not wrong, wrong
    arrived, recorded = Counter(receiver.delivered), attempts(database)
    assert set(arrived) == written(database)
    assert failed(database) == 0
    twice = sum(max(0, times - recorded[uuid]) for uuid, times in arrived.items())
    assert twice <= AT_ONCE * interruptions
    return {"deliveries": len(arrived), "of them sent again": twice}
