"""Processes are killed at random moments while pacts are published: no delivery of a webhook is lost.

The short form is part of every run. TALLYSTICK_KILLS=200 in the environment is the long one; it prints its
counts (`pytest -s`). The dice are seeded, so that a failure can be tried again.
"""

import os
import random
import time
from collections import Counter
from contextlib import ExitStack
from threading import Event, Thread

import pytest
import requests
from factories import a_publication
from receivers import answer, receiving, wait_until
from serving import free_port
from webhook_programs import Program, attempts, create_webhook, failed, is_up, unfinished, written

KILLS = int(os.environ.get("TALLYSTICK_KILLS", "10"))
SEED = 20261121
WORKERS_BESIDE = {"sqlite": 0, "postgresql": 3}
LATE = 1.0
"""Seconds by which a receiver on a busy machine may notice a request late."""
AT_ONCE = 16
"""Attempts that a worker makes at the same time: what one kill can interrupt."""


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
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "TALLY_DATABASE_URL": database_url,
        "TALLY_PORT": str(port),
        "TALLY_WEBHOOK_WORKER": str(not WORKERS_BESIDE[kind]),
    }

    def take_a_moment(handler):
        time.sleep(random.random() * 0.03)  # noqa: S311 - so that a kill finds attempts under way
        answer(handler)

    killed = []
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving(take_a_moment))
        log = stack.enter_context((tmp_path / "programs.log").open("w+"))
        server = Program("serve", environment, log)
        workers = [Program("worker", environment, log) for _ in range(WORKERS_BESIDE[kind])]
        for program in (server, *workers):
            program.start()
            stack.callback(program.stop)
        wait_until(lambda: is_up(url))
        create_webhook(url, receiver)
        publisher = Publisher(url)
        publisher.start()

        for _ in range(KILLS):
            victim = dice.choice([server, *workers])
            time.sleep(dice.uniform(0.1, 0.6))
            killed.append(victim.kill())
            victim.start()
            if victim is server:
                wait_until(lambda: is_up(url))
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
    assert sum(twice.values()) <= AT_ONCE * KILLS


def interruptions(uuid, receiver, killed):
    """Return how many kills there were between the first and the last arrival of the delivery."""
    times = [request.at for request in receiver.received if request.headers["x-tally-delivery"] == uuid]
    return sum(times[0] - LATE <= moment <= times[-1] for moment in killed)


@pytest.fixture(autouse=True)
def _has_time(request):
    request.node.add_marker("slow")
