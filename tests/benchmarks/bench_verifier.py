"""Compare `tally verify` with the Rust verifier; run with `python tests/benchmarks/bench_verifier.py`.

All replay the same pacts against the same provider, in turns: wall and CPU seconds and the largest resident
memory of each process, its start included, and how many times more the Rust verifier needs, as the command
`pact verifier` and through pact-python. `--rounds 3` takes the least of three turns each; `--large` adds a
pact of 5,000 interactions, which takes the Rust verifier minutes; `--small` stops at 100. Modules are
compiled, as those that are installed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
ORDER = {
    "id": 1,
    "status": "paid",
    "items": [{"sku": "A7", "count": 2, "price": 4.5}],
    "customer": {"name": "Ada", "email": "ada@example.org"},
}
RULES = {
    "$.id": {"matchers": [{"match": "integer"}]},
    "$.items": {"matchers": [{"match": "type", "min": 1}]},
    "$.items[*].price": {"matchers": [{"match": "decimal"}]},
    "$.customer.name": {"matchers": [{"match": "type"}]},
}
PROVIDER = """
import json, socket, sys, threading, time

latency, content = float(sys.argv[1]) / 1000, sys.argv[2].encode()
head = "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n"
head += "Content-Length: %d\\r\\n\\r\\n" % len(content)

def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    received = b""
    while data := connection.recv(65536):
        received += data
        while b"\\r\\n\\r\\n" in received:
            received = received.partition(b"\\r\\n\\r\\n")[2]
            time.sleep(latency)
            connection.sendall(head.encode() + content)

with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
    print(server.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""
APPLICATION = """
import os, time

content = os.environ["BENCH_CONTENT"].encode()
latency = float(os.environ["BENCH_LATENCY"]) / 1000

def app(environ, start_response):
    time.sleep(latency)
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    start_response("200 OK", headers)
    return [content]
"""


@dataclass(frozen=True)
class Cost:
    """Seconds and megabytes of one process."""

    wall: float
    cpu: float
    memory: float


PACT_PYTHON = """
import sys, pact

pact.Verifier("Orders", host="127.0.0.1").add_source(sys.argv[1]).add_transport(url=sys.argv[2]).verify()
"""


def least(costs: Iterable[Cost]) -> Cost:
    """Return the least of each: whatever else the machine did can only have added to it."""
    return Cost(*(min(values) for values in zip(*((c.wall, c.cpu, c.memory) for c in costs), strict=True)))


def cost_of(*command: str, folder: Path, **environment: str) -> Cost:
    """Run *command* and return what it took; raises RuntimeError when it fails."""
    log = folder / "output"
    environment |= {
        "PYTHONPYCACHEPREFIX": str(folder.parent / "compiled"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONUNBUFFERED": "",
        "PACT_DO_NOT_TRACK": "true",
    }
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, cwd=folder, env={**os.environ, **environment}
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}:\n{log.read_text()[-1000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@contextmanager
def provider(latency: int) -> Iterator[str]:
    """Yield the port of a provider that answers every request after *latency* milliseconds."""
    command = [sys.executable, "-c", PROVIDER, str(latency), json.dumps(ORDER)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.kill()


def write_pact(path: Path, interactions: int) -> Path:
    pact = {
        "consumer": {"name": "Shop"},
        "provider": {"name": "Orders"},
        "interactions": [
            {
                "description": f"a request for order {number}",
                "request": {"method": "GET", "path": f"/orders/{number}"},
                "response": {
                    "status": 200,
                    "headers": {"Content-Type": "application/json"},
                    "body": ORDER,
                    "matchingRules": {"body": RULES},
                },
            }
            for number in range(interactions)
        ],
        "metadata": {"pactSpecification": {"version": "3.0.0"}},
    }
    path.write_text(json.dumps(pact))
    return path


def row(interactions: int, latency: int, how: str, ours: Cost, theirs: Cost) -> str:
    ratios = (theirs.wall / ours.wall, theirs.cpu / ours.cpu, theirs.memory / ours.memory)
    numbers = " ".join(
        f"{mine:>8.2f} {other:>8.2f} {ratio:>6.1f}"
        for mine, other, ratio in zip(
            (ours.wall, ours.cpu, ours.memory), (theirs.wall, theirs.cpu, theirs.memory), ratios, strict=True
        )
    )
    return f"{interactions:>6} {latency:>5} ms {how:<28} {numbers}"


def compare(folder: Path, interactions: int, latency: int, rounds: int) -> None:
    pact = str(write_pact(folder / "pact.json", interactions))
    settings = {"BENCH_CONTENT": json.dumps(ORDER), "BENCH_LATENCY": str(latency)}
    at_once = ("--concurrency", "32") if latency else ()
    tally = (str(BIN / "tally"), "verify", pact)
    with provider(latency) as port:
        url = f"http://127.0.0.1:{port}"
        rust = (str(BIN / "pact"), "verifier", "--file", pact, "--hostname", "127.0.0.1", "--port", port)
        commands: dict[str, tuple[str, ...]] = {
            "Rust": (*rust, "--provider-name", "Orders"),
            "pact-python": (sys.executable, "-c", PACT_PYTHON, pact, url),
            "URL": (*tally, "--provider-url", url),
            "in process": (*tally, "--app", "bench_application:app", *at_once),
        }
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                costs[name].append(cost_of(*command, folder=folder, **settings))
    took = {name: least(turns) for name, turns in costs.items()}
    for own in ("URL", "in process"):
        for theirs in ("Rust", "pact-python"):
            line = row(interactions, latency, f"{own}, {theirs}", took[own], took[theirs])
            print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 5,000 interactions")
    parser.add_argument("--small", action="store_true", help="no more than 100 interactions")
    parser.add_argument("--rounds", type=int, default=1, help="how many turns each has")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "work"
        folder.mkdir()
        (folder / "bench_application.py").write_text(APPLICATION)
        for _ in range(2):
            start = cost_of(str(BIN / "tally"), "verify", "--help", folder=folder)
        print(f"tally verify --help: {start.cpu * 1000:.0f} ms of CPU")
        print(f"{'':>44}{'wall s':^24} {'CPU s':^24} {'memory MB':^24}")
        print(f"{'':>44}" + f"{'ours':>7} {'theirs':>8} {'ratio':>6} " * 3)
        for interactions in (
            1,
            100,
            *((1000,) if not given.small else ()),
            *((5000,) if given.large else ()),
        ):
            for latency in (0, 20):
                compare(folder, interactions, latency, given.rounds)


if __name__ == "__main__":
    main()
