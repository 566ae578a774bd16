"""PostgreSQL fails over to its standby while pacts are published."""

import time
from collections import Counter
from operator import gt
from threading import Event, Thread

import pytest
import requests
from support.factories import a_publication
from support.receivers import wait_until
from support.serving import serving
from support.standby import replicated

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
            body = a_publication(version=version)
            answer = requests.post(f"{self._url}/contracts/publish", json=body, timeout=30)
            self.answers[version] = (answer.status_code, answer.headers.get("Retry-After"))
            time.sleep(0.01)

    @property
    def stored(self):
        """How many versions were acknowledged."""
        return sum(status == 200 for status, _ in [*self.answers.values()])

    def stop(self):
        self._enough.set()
        self.join(30)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_postgresql_fails_over(tmp_path):
    with replicated() as pair, serving(pair.url, tmp_path / "serve.log", is_forked=True) as url:
        publishers = [Publisher(url, number) for number in range(PUBLISHERS)]
        for publisher in publishers:
            publisher.start()
        time.sleep(0.5)

        pair.fail_over("immediate")

        stored = [each.stored for each in publishers]
        wait_until(lambda: all(map(gt, (each.stored for each in publishers), stored)))  # by the standby
        for publisher in publishers:
            publisher.stop()
        listed = requests.get(f"{url}/pacticipants/Shop/versions?size=10000", timeout=30).json()
        there = {version["number"] for version in listed["_embedded"]["versions"]}

    answers = {version: answer for each in publishers for version, answer in each.answers.items()}
    statuses = Counter(status for status, _ in answers.values())
    acknowledged = {version for version, (status, _) in answers.items() if status == 200}
    assert set(statuses) <= {200, 503}
    assert {after for status, after in answers.values() if status == 503} <= {"1"}
    assert acknowledged <= there
    assert len(acknowledged) > 10
