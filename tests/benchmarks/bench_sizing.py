"""What a broker needs for 10, 100 and 1,000 developers: the whole process, clients, the database and memory.

Run it with `make bench`. Nothing is asserted. A team's day is a
model: see `A_PUSH`. Each broker has ninety days of history: a clean-up leaves that by default. The rate is
what four clients who ask without a pause get answered in a second, on the same machine.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import requests
from api_questions import values_of
from support.big_data import Size, fill
from support.databases import NEW_DATABASE, begin_run
from support.factories import a_pact, a_publication, a_verification_result, an_interaction
from whole_process import bare_milliseconds, broker, database_seconds

from broker.domain.verifications.url_metadata import Metadata, encode
from broker.web.routes import PATHS

SECONDS = float(os.environ.get("BENCH_SECONDS", "10"))
CLIENTS = 4
PUSHES_A_DAY, LOOKS_A_DAY = 4, 6
"""Of one developer: pushes that run a pipeline, and pages and badges that are looked at."""
HOUR, BURST = 0.2, 3
"""The share of a day's requests in its busiest hour, and how much more than that the busiest minute has."""
TEAMS = {
    10: Size(consumers=5, providers=5, versions=150),
    100: Size(consumers=20, providers=20, versions=90),
    1000: Size(consumers=40, providers=40, versions=225),
}
"""By developers: about as many results as their pipelines leave in ninety days."""
A_PUSH = {
    "publish a contract": 1,
    "pacts for verification": 2,
    "publish a result": 2,
    "can I deploy": 2,
}
"""The requests of a pipeline of an application that is a consumer and a provider."""
DEPLOYMENTS = 4
"""One of so many pushes is deployed, which is recorded."""
_numbers = count(1)


@dataclass(frozen=True)
class Request:
    """One request of the day; a *body* is sent by POST."""

    path: str
    body: object = None
    accept: str = "application/hal+json"


@dataclass(frozen=True)
class Found:
    """What was measured of the mix: requests a second, CPU in ms for each, and memory in MB."""

    rate: float
    broker_ms: float
    database_ms: float
    megabytes: float


class Mix:
    """The requests of one day, in their shares, one after the other."""

    def __init__(self, url: str, newest: int) -> None:
        self._values = values_of(url, str(newest))

    def day(self) -> Iterator[Request]:
        """Yield the requests of one developer's day."""
        for push in range(PUSHES_A_DAY):
            for name, times in A_PUSH.items():
                yield from (self._request(name) for _ in range(times))
            if push % DEPLOYMENTS == 0:
                yield Request(PATHS["version-deployments"].format_map(self._values), {})
        pages = ["index", "latest-pact", "environments", "pacticipant", "index", "latest-pact-badge"]
        for name in pages[:LOOKS_A_DAY]:
            yield Request(PATHS[name].format_map(self._values), accept="text/html")

    def _request(self, name: str) -> Request:
        number, values = f"s{next(_numbers)}", self._values
        if name == "publish a contract":
            pact = a_pact(an_interaction(number), consumer=values["consumer"], provider=values["provider"])
            return Request(PATHS["publish-contracts"], a_publication(pact, version=number))
        if name == "pacts for verification":
            body = {"consumerVersionSelectors": [{"mainBranch": True}, {"deployedOrReleased": True}]}
            body |= {"providerVersionBranch": "main", "includePendingStatus": True}
            return Request(PATHS["pacts-for-verification"].format_map(values), body)
        if name == "publish a result":
            metadata = encode(Metadata(consumer_versions=(values["version"],)))
            path = PATHS["verification-results-with-metadata"].format_map({**values, "metadata": metadata})
            return Request(path, a_verification_result(number))
        question = "?pacticipant={consumer}&version={version}&environment=production"
        return Request(PATHS["can-i-deploy"] + question.format_map(values))


def measure(url: str, size: Size, processes: int) -> Found:
    """Return what the mix costs a broker of so many processes."""
    mix = Mix(url, size.versions)
    settings = {"TALLY_WORKERS": str(processes)}
    with tempfile.TemporaryDirectory() as folder, broker(url, Path(folder) / "log", **settings) as served:
        address = f"http://127.0.0.1:{served.port}"
        _ask(address, mix, time.monotonic() + SECONDS / 4)
        began, cpu, database = time.monotonic(), served.cpu_seconds(), database_seconds()
        with ThreadPoolExecutor(CLIENTS) as clients:
            end = began + SECONDS
            answered = sum(clients.map(lambda _: _ask(address, mix, end), range(CLIENTS)))
        seconds = time.monotonic() - began
        return Found(
            answered / seconds,
            (served.cpu_seconds() - cpu) * 1000 / answered,
            (database_seconds() - database) * 1000 / answered,
            served.megabytes(),
        )


def _ask(address: str, mix: Mix, end: float) -> int:
    """Ask until *end*; return how many requests were answered."""
    answered = 0
    with requests.Session() as session:
        while True:
            for request in mix.day():
                if time.monotonic() > end:
                    return answered
                method = "GET" if request.body is None else "POST"
                headers = {"Accept": request.accept}
                answer = session.request(
                    method, address + request.path, json=request.body, headers=headers, timeout=60
                )
                answer.raise_for_status()
                answered += 1


def _needed(developers: int) -> float:
    """Return the requests a second in the busiest minute."""
    of_pushes = PUSHES_A_DAY * (sum(A_PUSH.values()) + 1 / DEPLOYMENTS)
    return developers * (of_pushes + LOOKS_A_DAY) * HOUR * BURST / 3600


def main() -> None:
    """Print a line for each team, database and number of processes."""
    begin_run()
    print(f"A bare request: {bare_milliseconds():.3f} ms of CPU. {CLIENTS} clients for {SECONDS:.0f} s each.")
    print(
        f"{'developers':>10} {'needs/s':>8}  {'broker':24}{'per s':>7}{'CPU ms':>8}{'database':>9}{'MB':>6}"
    )
    for developers, size in TEAMS.items():
        for kind, processes in (("sqlite", 1), ("postgresql", 1), ("postgresql", 2)):
            with NEW_DATABASE[kind]() as url:
                fill(url, size)
                found = measure(url, size, processes)
            name = f"{kind}, {processes} process{'es' * (processes > 1)}"
            print(
                f"{developers:>10} {_needed(developers):>8.1f}  {name:24}{found.rate:>9.0f}"
                f"{found.broker_ms:>9.2f}{found.database_ms:>9.2f}{found.megabytes:>9.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
