"""How long requests wait while `tally clean` deletes most of a broker; and how fast that is.

Run it with `make bench`. Nothing is asserted: the figures are to be compared within one run.
"""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from threading import Thread

import requests
from support import big_data
from support.databases import NEW_DATABASE, begin_run
from support.factories import a_pact, a_publication
from support.serving import TALLY, serving

SIZE = big_data.Size(consumers=10, providers=10, versions=int(os.environ.get("BENCH_VERSIONS", "340")))
KEEP = '[{"latest": true}, {"max_age": 30}]'
ALONE = 200
"""Requests before the clean-up, to compare with."""


def main() -> None:
    """Print the figures."""
    begin_run()
    print("\nPublishing while a clean-up deletes, ms")
    print(f"  {'':12}{'requests':>9}{'median':>9}{'99 %':>9}{'longest':>9}")
    for name, new_database in NEW_DATABASE.items():
        with new_database() as url, tempfile.TemporaryDirectory() as folder:
            big_data.fill(url, SIZE)
            with serving(url, Path(folder) / "log") as broker:
                measure(name, url, Publisher(broker))


def measure(name: str, url: str, publisher: "Publisher") -> None:
    """Print how long publishing takes alone, and then beside a clean-up."""
    row(name, [publisher.publish() for _ in range(ALONE)])
    reports: list[str] = []
    cleaning = Thread(target=lambda: reports.append(clean(url)))
    began = time.perf_counter()
    cleaning.start()
    waits = []
    while cleaning.is_alive():
        waits.append(publisher.publish())
    seconds = time.perf_counter() - began
    row("  cleaning", waits)
    deleted = sum(counts["deleted"] for counts in json.loads(reports[0]).values())
    print(f"  {deleted:,} rows deleted in {seconds:.1f} s")


def clean(url: str) -> str:
    """Run the command; return its report."""
    command = [TALLY, "clean", "--keep", KEEP, "--limit", "1000000", "--output", "json"]
    environment = {**os.environ, "TALLY_DATABASE_URL": url}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


class Publisher:
    """A build that publishes one version after the other."""

    def __init__(self, broker: str) -> None:
        self._session = requests.Session()
        self._url = f"{broker}/contracts/publish"
        self._number = 0

    def publish(self) -> float:
        """Publish a new version with new content, and return the seconds until the answer."""
        self._number += 1
        pact = a_pact(consumer="Consumer 01", provider="Provider 01", note=self._number)
        began = time.perf_counter()
        self._session.post(
            self._url, json=a_publication(pact, version=f"new {self._number}")
        ).raise_for_status()
        return time.perf_counter() - began


def row(name: str, seconds: list[float]) -> None:
    """Print one line of the table."""
    waits = sorted(each * 1000 for each in seconds)
    figures = (waits[len(waits) // 2], waits[len(waits) * 99 // 100], waits[-1])
    print(f"  {name:12}{len(waits):9}" + "".join(f"{figure:9.1f}" for figure in figures))


if __name__ == "__main__":
    main()
