"""Processes are killed while pacts are published: no delivery of a webhook is lost.

Every other kill finds an attempt between sending and recording; the others come at random moments. The short
form kills each process once, on SQLite the one that there is a few times, and is part of every run.
TALLYSTICK_KILLS=200 in the environment is the long one; it prints its counts (`pytest -s`). The dice are
seeded, so that a failure can be tried again.
"""

import os
import random
import time
from collections import Counter
from contextlib import ExitStack, contextmanager, nullcontext
from itertools import cycle, islice
from threading import Event, Thread

import pytest
import requests
from support.factories import a_publication
from support.receivers import answer, receiving, wait_until
from support.webhook_programs import (
    Program,
    attempts,
    create_webhook,
    failed,
    is_up,
    port_of_our_own,
    unfinished,
    written,
)

KILLS = int(os.environ.get("TALLYSTICK_KILLS", "4"))
SEED = 20261121
WORKERS_BESIDE = {"sqlite": 0, "postgresql": 3}
HELD = 1.5
"""Seconds for which an answer is held back at most: less than an attempt may take."""
LATE = 1.0
"""Seconds by which a receiver on a busy machine may notice a request late."""
AT_ONCE = 16
"""Attempts that a worker makes at the same time: what one kill can interrupt."""


class Moments:
    """A receiver's behaviour that can hold its answers back, so that attempts are sent but not recorded."""

    def __init__(self):
        self._hold = Event()
        self._holds = Event()
        self._go_on = Event()

    def behave(self, handler):
        time.sleep(random.random() * 0.03)  # noqa: S311 - so that a kill finds attempts under way
        if self._hold.is_set():
            self._holds.set()
            self._go_on.wait(HELD)
        answer(handler)

    @contextmanager
    def between_sending_and_recording(self):
        """Run the block while attempts wait for an answer."""
        self._go_on.clear()
        self._holds.clear()
        self._hold.set()
        assert self._holds.wait(30), "nothing was sent"
        time.sleep(0.2)  # the other workers have attempts under way as well
        yield
        self._hold.clear()
        self._go_on.set()


class Publisher(Thread):
    """Publish version after version, each until it is acknowledged, as a pipeline would that tries again."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self._url = url
        self._enough = Event()
        self.acknowledged = []

    def run(self):
        number = 0
        while not self._enough.is_set():
            if self._publish(str(number)):
                self.acknowledged.append(str(number))
                number += 1
            else:
                time.sleep(0.02)

    def _publish(self, version):
        try:
            body = a_publication(version=version)
            return requests.post(f"{self._url}/contracts/publish", json=body, timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self):
        """Publish no more, and wait for the last answer."""
        self._enough.set()
        self.join(30)


def test_no_delivery_is_lost_when_processes_are_killed(database, database_url, tmp_path):
    dice = random.Random(SEED)  # noqa: S311 - not for security
    kind = database_url.partition(":")[0]
    port = port_of_our_own()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "TALLY_DATABASE_URL": database_url,
        "TALLY_PORT": str(port),
        "TALLY_WEBHOOK_WORKER": str(not WORKERS_BESIDE[kind]),
    }

    moments, killed = Moments(), []
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving(moments.behave))
        log = stack.enter_context((tmp_path / "programs.log").open("w+"))
        server = Program("serve", environment, log)
        workers = [Program("worker", environment, log) for _ in range(WORKERS_BESIDE[kind])]
        for program in (server, *workers):
            program.start()
            stack.callback(program.stop)
        wait_until(lambda: is_up(url), patience=60)
        create_webhook(url, receiver)
        publisher = Publisher(url)
        publisher.start()

        for number, victim in enumerate(islice(cycle([*workers, server]), KILLS)):
            time.sleep(dice.uniform(0.1, 0.6))
            with moments.between_sending_and_recording() if number % 2 == 0 else nullcontext():
                killed.append(victim.kill())
            victim.start()
            if victim is server:
                wait_until(lambda: is_up(url), patience=60)
        publisher.stop()
        wait_until(lambda: unfinished(database) == 0, patience=60)

    # Every delivery arrived, and every acknowledged publication has one.
    arrived = Counter(receiver.delivered)
    assert set(arrived) == written(database)
    assert failed(database) == 0
    told = {request.json["version"] for request in receiver.received}
    assert told >= set(publisher.acknowledged)
    # What arrived more often than it was recorded was interrupted between sending and recording.
    recorded = attempts(database)
    twice = {uuid: count - recorded[uuid] for uuid, count in arrived.items() if count > recorded[uuid]}
    print(  # noqa: T201 - the counts are what the long form is for
        f"\n{kind}: {KILLS} kills, {len(publisher.acknowledged)} publications acknowledged, {len(arrived)} "
        f"deliveries, {len(receiver.received)} arrivals, {len(twice)} interrupted"
    )
    assert all(surplus <= interruptions(uuid, receiver, killed) for uuid, surplus in twice.items())
    assert twice, "no kill found an attempt between sending and recording"
    assert sum(twice.values()) <= AT_ONCE * KILLS


def interruptions(uuid, receiver, killed):
    """Return how many kills there were between the first and the last arrival of the delivery."""
    times = [request.at for request in receiver.received if request.headers["x-tally-delivery"] == uuid]
    return sum(times[0] - LATE <= moment <= times[-1] for moment in killed)


@pytest.fixture(autouse=True)
def _has_time(request):
    request.node.add_marker("slow")
