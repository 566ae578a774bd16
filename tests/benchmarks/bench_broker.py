"""What pipelines ask, of the whole process beside the application alone; and a start.

Run it with `make bench`; with a pattern as its argument, it asks only what has a name like that. See
`whole_process` for how it measures. Figures are CPU in ms of the broker with its database: the median of
several rounds, between its quartiles, and in bare requests of Flask. "In process" is what `measuring` finds
when it calls the application itself, in a hot loop, and keeps the best round.
"""

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from api_questions import values_of
from measuring import Question, costs
from support.big_data import Size, fill
from support.databases import NEW_DATABASE, begin_run
from support.factories import a_pact, a_publication, a_verification_result, an_interaction
from whole_process import Broker, bare_milliseconds, broker, measure

from broker.domain.verifications.url_metadata import Metadata, encode
from broker.web.routes import PATHS

WORLD = Size(consumers=10, providers=10, versions=int(os.environ.get("BENCH_VERSIONS", "60")))
"""As many results as the Pact Broker was measured with; an application has ten partners."""
CLIENTS = tuple(map(int, os.environ.get("BENCH_CLIENTS", "1,4,16").split(",")))
KINDS = tuple(os.environ.get("BENCH_DATABASES", "sqlite,postgresql").split(","))
HTML = "text/html"


def questions(url: str, newest: int) -> dict[str, Question]:
    """Return what is asked, by name: what reads first."""
    values = {**values_of(url, str(newest)), "consumer": "Consumer 02", "provider": "Provider 03"}
    return {question.name: question for question in (*_reads(values), *_writes(values))}


def _reads(values: dict[str, str]) -> Iterator[Question]:
    yield Question("heartbeat", PATHS["heartbeat"])
    yield Question("index", PATHS["index"])
    yield Question("latest pact", PATHS["latest-pact"].format_map(values))
    selectors = [{"mainBranch": True}, {"deployedOrReleased": True}]
    body = {
        "consumerVersionSelectors": selectors,
        "providerVersionBranch": "main",
        "includePendingStatus": True,
    }
    yield Question("for verification", PATHS["pacts-for-verification"].format_map(values), body)
    asked = "?pacticipant={pacticipant}&version={version}&environment=production"
    yield Question("can-i-deploy", (PATHS["can-i-deploy"] + asked).format_map(values))
    asked = "?q[][pacticipant]={pacticipant}&q[][version]={version}&latestby=cvp&environment=production"
    yield Question("matrix", (PATHS["matrix"] + asked).format_map(values))
    yield Question("matrix of a pair", PATHS["matrix-of-pair"].format_map(values))
    yield Question("page of the index", PATHS["index"], accept=HTML)


def _writes(values: dict[str, str]) -> Iterator[Question]:
    metadata = encode(Metadata(consumer_versions=(values["version"],)))
    path = PATHS["verification-results-with-metadata"].format_map({**values, "metadata": metadata})
    yield Question("publish a result", path, a_verification_result)
    new = {**values, "consumer_version": "<new>", "version": "<new>"}
    yield Question("PUT a pact", PATHS["pact"].format_map(new), lambda name: _pact(name, values), "PUT")
    publish, same = PATHS["publish-contracts"], _pact("same", values)
    yield Question("publish the same", publish, lambda name: _publication(same, name))
    yield Question("publish a new one", publish, lambda name: _publication(_pact(name, values), name))
    yield Question("record a deployment", PATHS["version-deployments"].format_map(values), {})


def _pact(name: str, values: dict[str, str]) -> dict[str, object]:
    return a_pact(an_interaction(name), consumer=values["consumer"], provider=values["provider"])


def _publication(pact: dict[str, object], name: str) -> dict[str, object]:
    return a_publication(pact, version=name, branch="main")


def report(kind: str, url: str, served: Broker, pattern: str) -> None:
    """Print a line for each question and number of clients."""
    began = f"{served.megabytes():.0f} MB, {served.cpu_seconds():.2f} s of CPU to start"
    print(f"\n{kind}: {WORLD.results} results; {began}")
    print(
        f"  {'request':22}{'clients':>8}{'bare':>8}  {'CPU ms':24}{'database':>9}"
        f"{'switches':>9}{'per s':>7}{'in process':>11}{'SQL':>5}"
    )
    for name, question in questions(url, WORLD.versions).items():
        if not re.search(pattern, name):
            continue
        for clients in CLIENTS:
            bare = bare_milliseconds()
            found = measure(served, question, clients)
            beside = ""
            if clients == CLIENTS[-1]:
                (cost,) = costs([url], [question])
                beside = f"{cost.both:11.2f}{cost.statements:5}"
            print(
                f"  {name:22}{clients:8}{found.both.median / bare:8.1f}  {found.both!s:24}"
                f"{found.database.median:9.2f}{found.switches.median:9.1f}{found.rate.median:7.0f}{beside}",
                flush=True,
            )
    print(f"  afterwards: {served.megabytes():.0f} MB")


def main(pattern: str = "") -> None:
    """Print the figures for both databases."""
    begin_run()
    print(f"A bare request: {bare_milliseconds():.3f} ms of CPU")
    for kind in KINDS:
        with NEW_DATABASE[kind]() as url, tempfile.TemporaryDirectory() as folder:
            fill(url, WORLD)
            began = time.monotonic()
            with broker(url, Path(folder) / "log") as served:
                print(f"{kind}: first answer after {time.monotonic() - began:.2f} s")
                report(kind, url, served, pattern)


if __name__ == "__main__":
    main(*sys.argv[1:])
