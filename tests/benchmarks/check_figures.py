"""Compare what requests, starts and replays cost with the figures that are kept; fail when one costs more.

`make bench-check` runs it, by hand and before a release, on a quiet machine: never with the tests. Figures
are in bare requests of Flask, measured in the same run, so that they mean the same on another machine; memory
is in MB. What seems to cost more is measured again, since another program can only add to it. A machine whose
bare requests differ too much among themselves is not quiet: that ends with 2, and says nothing. With
KEEP=yes, what is measured becomes what is kept.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench_broker import WORLD, questions
from bench_verifier import cost_of, provider, write_pact
from support.big_data import fill
from support.databases import NEW_DATABASE, begin_run
from support.serving import TALLY
from whole_process import Spread, bare_milliseconds, bare_rounds, broker, measure

KEPT = Path(__file__).with_name("figures.json")
MORE = 1.15
"""How many times the kept figure something may cost."""
LOUD = 1.15
"""The upper quartile of bare requests in lower ones, from which the machine is not quiet."""
TRIES = 3
CLIENTS = 4
COMMANDS = {
    "tally --help": ("--help",),
    "tally can-i-deploy --help": ("can-i-deploy", "--help"),
    "tally record-deployment --help": ("record-deployment", "--help"),
}
REPLAYS = (1, 1000)


@dataclass(frozen=True)
class Figure:
    """Something that is measured: *measured* returns milliseconds of CPU, or MB."""

    name: str
    measured: Callable[[], float]
    is_memory: bool = False


def figures(stack: ExitStack, folder: Path) -> Iterator[Figure]:
    """Yield what is measured; what it needs lives as long as the stack."""
    for kind in ("sqlite", "postgresql"):
        url = stack.enter_context(NEW_DATABASE[kind]())
        fill(url, WORLD)
        yield Figure(f"{kind}, start", partial(_start, url, folder))
        served = stack.enter_context(broker(url, folder / f"{kind}.log"))
        yield Figure(f"{kind}, MB after the start", served.megabytes, is_memory=True)
        for name, question in questions(url, WORLD.versions).items():
            yield Figure(f"{kind}, {name}", partial(_request, served, question))
    for name, words in COMMANDS.items():
        yield Figure(name, partial(_least_cpu, [str(TALLY), *words], folder))
    port = stack.enter_context(provider(0))
    for count in REPLAYS:
        pact = write_pact(folder / f"{count}.json", count)
        command = [str(TALLY), "verify", str(pact), "--provider-url", f"http://127.0.0.1:{port}"]
        yield Figure(f"tally verify, interactions: {count}", partial(_least_cpu, command, folder))


def _start(url: str, folder: Path) -> float:
    spent = []
    for _ in range(TRIES):
        with broker(url, folder / "start.log") as served:
            spent.append(served.cpu_seconds() * 1000)
    return min(spent)


def _request(served, question) -> float:
    return measure(served, question, CLIENTS).both.median


def _least_cpu(command: list[str], folder: Path) -> float:
    return min(cost_of(*command, folder=folder).cpu for _ in range(TRIES)) * 1000


def _found(figure: Figure, bare: float, kept: float | None) -> float:
    """Return the figure in its unit: the least of several tries while it is more than it may be."""
    found = float("inf")
    for _ in range(TRIES):
        found = min(found, figure.measured() / (1 if figure.is_memory else bare))
        if kept is None or found <= kept * MORE:
            break
        time.sleep(1)
    return round(found, 1)


def _compared(kept: dict[str, float]) -> tuple[dict[str, float], list[str]]:
    """Print a line for each figure; return what was found, and the names of those that cost too much."""
    found: dict[str, float] = {}
    costlier = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "work"
        folder.mkdir()
        for figure in figures(stack, folder):
            before = kept.get(figure.name)
            now = found[figure.name] = _found(figure, bare_milliseconds(), before)
            remark = "" if before is not None else "new"
            if before is not None and now > before * MORE:
                costlier.append(figure.name)
                remark = "more than it may"
            print(f"  {figure.name:44}{before or '-':>9}{now:9.1f}  {remark}".rstrip(), flush=True)
    return found, costlier


def main(*, keeps: bool) -> int:
    """Return 0 when nothing costs more than it may, 1 when something does, 2 when that cannot be told."""
    spread = Spread.of(bare_rounds())
    print(f"A bare request: {spread} ms of CPU")
    if spread.upper > spread.lower * LOUD:
        print("This machine is not quiet: its bare requests differ too much. Nothing was compared.")
        return 2
    if not keeps and not KEPT.exists():
        print("No figures are kept: KEEP=yes keeps those that are measured.")
        return 2
    begin_run()
    kept = {} if keeps else json.loads(KEPT.read_text())
    found, costlier = _compared(kept)
    if keeps:
        KEPT.write_text(json.dumps(found, indent=2) + "\n")
    missing = sorted(kept.keys() - found.keys())
    for name in missing:
        print(f"  {name:44} is kept, but was not measured")
    print(f"{len(costlier)} of {len(found)} cost more than {MORE - 1:.0%} above what is kept.")
    return 1 if costlier or missing else 0


if __name__ == "__main__":
    sys.exit(main(keeps=os.environ.get("KEEP") == "yes"))
