"""What a request costs as a user gets it: of the whole process tree of `tally serve`, and of the database.

Clients are one process of their own, which sends bytes that were made before: what they cost is not counted.
CPU times are read from the clocks of the processes, in nanoseconds. The unit is a bare request: what the
smallest application costs that Flask makes, in process, in the same run.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from measuring import Question
from support.databases import RUN, postgresql_cpu_seconds
from support.serving import TALLY, free_port

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "9"))
ROUND_SECONDS = float(os.environ.get("BENCH_ROUND_SECONDS", "0.4"))
BARE_REQUESTS = 200
WARM_UP, SECONDS_TO_WARM_UP = 200, 8
"""Requests before it counts: on each connection, PostgreSQL keeps a plan after ten executions."""
LOAD = Path(__file__).with_name("load.py")


@dataclass(frozen=True)
class Spread:
    """The lower quartile, the median and the upper quartile of several rounds."""

    lower: float
    median: float
    upper: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return that of these values."""
        return cls(*statistics.quantiles(values, n=4)) if len(values) > 1 else cls(*values * 3)

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.lower:.2f} to {self.upper:.2f})"


@dataclass(frozen=True)
class Figures:
    """What one request costs: CPU in ms, context switches, and requests per second."""

    application: Spread
    database: Spread
    both: Spread
    switches: Spread
    rate: Spread


def bare_milliseconds() -> float:
    """Return what a request costs that Flask answers with a word: the unit."""
    return statistics.median(bare_rounds())


def bare_rounds() -> list[float]:
    """Return the milliseconds of such a request in several rounds."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "word")
    client = app.test_client()
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(BARE_REQUESTS):
            client.get("/")
        rounds.append((time.process_time() - began) * 1000 / BARE_REQUESTS)
    return rounds


class Broker:
    """`tally serve` on a database, as it is when nothing else is said, in a session of its own."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port

    def processes(self) -> list[int]:
        """Return the processes of the broker."""
        return [number for number in _all_processes() if _session(number) == self._process.pid]

    def cpu_seconds(self) -> float:
        """Return the CPU time of the broker so far."""
        return sum(map(_cpu_seconds, self.processes()))

    def context_switches(self) -> int:
        """Return how often the threads that live now have been switched."""
        return sum(map(_context_switches, self.processes()))

    def megabytes(self) -> float:
        """Return what the processes hold; what they share is counted once."""
        return sum(map(_proportional_kilobytes, self.processes())) / 1024


@contextmanager
def broker(url: str, log: Path, **variables: str) -> Iterator[Broker]:
    """Yield a broker that answers."""
    port = free_port()
    environment = {**os.environ, "TALLY_DATABASE_URL": url, "TALLY_PORT": str(port), **variables}
    with log.open("w") as output:
        process = subprocess.Popen(
            [TALLY, "serve"], env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        with load(port, Question("heartbeat", "/diagnostic/status/heartbeat"), 1):
            pass
        yield Broker(process, port)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def load(port: int, question: Question, clients: int) -> Iterator[Callable[[float], int]]:
    """Yield a function that asks for so many seconds, and returns how many answers there were."""
    asked = {"port": port, "clients": clients, "requests": [request_of(question, n) for n in range(64)]}
    if callable(question.body) or "<new>" in question.path:
        asked["requests"] = [request_of(question, n) for n in _fresh_numbers()]
    process = subprocess.Popen(
        [sys.executable, LOAD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def say(what: object) -> int:
        print(json.dumps(what), file=process.stdin, flush=True)
        answer = process.stdout.readline()
        if not answer.strip().isdigit():
            raise RuntimeError(f"{question.name}: {answer or 'the clients ended'}")
        return int(answer)

    try:
        say(asked)
        yield say
    finally:
        process.stdin.close()
        process.wait()


_begun = [0]


def _fresh_numbers() -> range:
    """Return numbers that no request has had: as many as may be needed."""
    _begun[0] += 20_000
    return range(_begun[0], _begun[0] + 20_000)


def request_of(question: Question, number: int) -> list[str]:
    """Return a request: its first line, and its body."""
    name = f"w{number}"
    body = question.body(name) if callable(question.body) else question.body
    method = question.method or ("GET" if question.body is None else "POST")
    path = question.path.replace("<new>", name).replace(" ", "%20")
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    content = "" if body is None else json.dumps(body)
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Accept: {question.accept}"]
    if body is not None:
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(content.encode())}"]
    return ["\r\n".join([*lines, "", ""]), content]


def measure(served: Broker, question: Question, clients: int) -> Figures:
    """Return what the question costs, asked by so many clients without a pause."""
    rounds = []
    with load(served.port, question, clients) as ask:
        _warm_up(ask)
        for _ in range(ROUNDS):
            began, before = time.monotonic(), _used_by(served)
            answers = ask(ROUND_SECONDS)
            seconds, after = time.monotonic() - began, _used_by(served)
            ours, theirs, switches = (b - a for a, b in zip(before, after, strict=True))
            rounds.append(
                (
                    ours * 1000 / answers,
                    theirs * 1000 / answers,
                    (ours + theirs) * 1000 / answers,
                    switches / answers,
                    answers / seconds,
                )
            )
    return Figures(*map(Spread.of, zip(*rounds, strict=True)))


def _warm_up(ask: Callable[[float], int]) -> None:
    answered, end = 0, time.monotonic() + SECONDS_TO_WARM_UP
    while answered < WARM_UP and time.monotonic() < end:
        answered += ask(ROUND_SECONDS / 2)


def _used_by(served: Broker) -> tuple[float, float, int]:
    return served.cpu_seconds(), database_seconds(), served.context_switches()


def database_seconds() -> float:
    """Return what all processes of this run's PostgreSQL have used; 0 without one."""
    file = Path(os.environ[RUN]) / "cluster" / "postmaster.pid"
    if not file.exists():
        return 0.0
    server = file.read_text().split()[0]
    serving = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return postgresql_cpu_seconds() + sum(map(_cpu_seconds, map(int, serving)))


def _all_processes() -> Iterator[int]:
    yield from (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _session(process: int) -> int:
    try:
        return os.getsid(process)
    except ProcessLookupError:
        return 0


def _cpu_seconds(process: int) -> float:
    """Return the CPU time of a process with all its threads, also those that ended."""
    try:
        return time.clock_gettime((~process << 3) | 2)  # as clock_getcpuclockid makes it on Linux
    except OSError:
        return 0.0


def _context_switches(process: int) -> int:
    found = 0
    for thread in Path(f"/proc/{process}/task").iterdir():
        try:
            lines = (thread / "status").read_text().splitlines()
        except OSError:
            continue
        found += sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)
    return found


def _proportional_kilobytes(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
