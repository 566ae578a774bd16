"""PostgreSQL restarts while pacts are published: no delivery of a publication that was accepted is lost."""

import time
from collections import Counter
from contextlib import ExitStack
from threading import Event, Thread

import pytest
import requests
from support.databases import own_postgresql
from support.factories import a_publication
from support.receivers import receiving, wait_until
from support.webhook_programs import (
    Program,
    create_webhook,
    failed,
    is_up,
    port_of_our_own,
    unfinished,
    written,
)

from broker.storage.database import Database

RESTARTS = ("fast", "immediate")
REFUSALS = {
    "The database does not answer. Try again in a moment",
    "The database went away while it stored this. Look whether it is there before you send it again",
}
PUBLISHERS = 3


class Publisher(Thread):
    """Publish version after version, once each, and remember what the answers were."""

    def __init__(self, url, number):
        super().__init__(daemon=True)
        self._url = url
        self._number = number
        self._enough = Event()
        self.answers = {}

    def run(self):
        while not self._enough.is_set():
            version = f"{self._number}.{len(self.answers)}"
            answer = requests.post(
                f"{self._url}/contracts/publish", json=a_publication(version=version), timeout=30
            )
            self.answers[version] = (answer.status_code, answer.json())
            time.sleep(0.01)

    def stop(self):
        self._enough.set()
        self.join(30)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2], ids=["in the server", "beside it"])
def test_postgresql_restarts_under_load(workers, tmp_path):
    with ExitStack() as stack:
        postgresql = stack.enter_context(own_postgresql())
        receiver = stack.enter_context(receiving())
        port = port_of_our_own()
        environment = {
            "TALLY_DATABASE_URL": postgresql.url,
            "TALLY_PORT": str(port),
            "TALLY_WEBHOOK_WORKER": str(not workers),
        }
        log = stack.enter_context((tmp_path / "programs.log").open("w+"))
        programs = [Program(command, environment, log) for command in ["serve", *["worker"] * workers]]
        for program in programs:
            program.start()
            stack.callback(program.stop)
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: is_up(url), patience=60)
        create_webhook(url, receiver)
        publishers = [Publisher(url, number) for number in range(PUBLISHERS)]
        for publisher in publishers:
            publisher.start()

        for mode in RESTARTS:
            time.sleep(0.7)
            postgresql.restart(mode)
        time.sleep(0.7)
        for publisher in publishers:
            publisher.stop()
        database = Database(postgresql.url)
        stack.callback(database.close)
        wait_until(lambda: not unfinished(database), patience=60)

        answers = {
            version: answer for publisher in publishers for version, answer in publisher.answers.items()
        }
        statuses = Counter(status for status, _ in answers.values())
        accepted = {version for version, (status, _) in answers.items() if status == 200}
        told = {request.json["version"] for request in receiver.received}
        print(  # noqa: T201 - the counts are what it is for
            f"\n{len(RESTARTS)} restarts, answers {dict(statuses)}, {len(set(receiver.delivered))} "
            f"deliveries, {len(receiver.received)} arrivals, {len(accepted - told)} lost"
        )
        assert [program.process.poll() for program in programs] == [None] * len(programs)
        assert set(statuses) <= {200, 503}
        refusals = {body["error"]["message"] for status, body in answers.values() if status == 503}
        assert refusals <= REFUSALS
        assert len(accepted) > 10
        assert told >= accepted
        assert set(receiver.delivered) == written(database)
        assert failed(database) == 0
