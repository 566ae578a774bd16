"""Replicas that are restarted one after the other, behind a proxy, while clients write and read."""

import time
from collections import Counter
from pathlib import Path
from threading import Event, Thread

import requests
from endurance.brokers import PATIENCE, Broker
from support.balancing_proxy import BalancingProxy, balancing
from support.factories import a_pact, a_publication

REPLICAS = 3
PAUSE = 0.02
"""Seconds between what a client does: the restarts are of interest, not the load."""
DELAY = {"TALLY_STOP_DELAY_SECONDS": "1"}


class Client(Thread):
    """Publishes versions of an application of its own, and reads each of them back."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._pact = a_pact(consumer=f"Shop {number}")
        self._path = f"/pacticipants/Shop%20{number}/versions"
        self._enough = Event()
        self.statuses = Counter[int]()
        self.published: list[str] = []

    def run(self) -> None:
        session = requests.Session()
        while not self._enough.is_set():
            version = str(len(self.published) + 1)
            body = a_publication(self._pact, version=version)
            written = session.post(f"{self._url}/contracts/publish", json=body, timeout=PATIENCE)
            read = session.get(f"{self._url}{self._path}/{version}", timeout=PATIENCE)
            self.published.append(version)
            self.statuses.update((written.status_code, read.status_code))
            self._enough.wait(PAUSE)
        session.close()

    def end(self) -> None:
        """Stop after what is under way."""
        self._enough.set()
        self.join(PATIENCE)

    def missing(self) -> set[str]:
        """Return which of its versions the broker does not have."""
        return {
            version
            for version in self.published
            if not requests.get(f"{self._url}{self._path}/{version}", timeout=PATIENCE).ok
        }


def restart_under_load(
    database_url: str, folder: Path, *, rounds: int, clients: int, is_forked: bool = False
) -> str:
    """Restart each replica *rounds* times; every request has to be answered, and none with 5xx."""
    brokers = [
        Broker(database_url, folder / f"replica-{number}", is_forked=is_forked, environment=DELAY)
        for number in range(REPLICAS)
    ]
    try:
        for broker in brokers:
            broker.start()
        with balancing([broker.url for broker in brokers]) as (url, proxy):
            crowd = [Client(url, number) for number in range(clients)]
            for client in crowd:
                client.start()
            for _ in range(rounds):
                for number, broker in enumerate(brokers):
                    _restart(broker, proxy, number)
            for client in crowd:
                client.end()
            statuses = sum((client.statuses for client in crowd), Counter[int]())
            missing = [client.missing() for client in crowd]
            lost = proxy.lost
    finally:
        for broker in brokers:
            broker.end()
    assert lost == []
    assert set(statuses) == {200}, statuses
    assert not any(missing), missing
    return (
        f"{rounds * REPLICAS} restarts of {REPLICAS} replicas, {statuses.total()} requests of {clients} "
        "clients: each was answered, none with 5xx"
    )


def _restart(broker: Broker, proxy: BalancingProxy, number: int) -> None:
    broker.stop()
    broker.start()
    deadline = time.monotonic() + PATIENCE
    while not proxy.replicas[number].is_ready:
        assert time.monotonic() < deadline, "the proxy does not find it ready"
        time.sleep(0.05)
