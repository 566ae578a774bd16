"""A process that has loaded the broker already, and forks for each `tally serve`: loading takes a second.

Run as a program it reads orders, one on a line, as JSON, and answers each with a line.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from coverage import Coverage

COUNTING = "COVERAGE_PROCESS_CONFIG"
"""The environment variable that has coverage.py count the lines of a program."""
LOADED = ("tally.cli", "broker.commands.serve", "broker.processes.processes", "uvicorn.loops.auto")
_running: list[subprocess.Popen[str]] = []
_counting: dict[str, str] = {}
"""For the process that forks, which serves counted and uncounted tests."""


@contextmanager
def uncounted() -> Iterator[None]:
    """Start programs whose lines are not counted."""
    count_nothing()
    try:
        yield
    finally:
        os.environ.update(_counting)


def count_nothing() -> None:
    """From here on, start programs whose lines are not counted."""
    if COUNTING in os.environ:
        _counting[COUNTING] = os.environ.pop(COUNTING)


class Forked:
    """A `tally serve` that was forked, with what the tests need of `subprocess.Popen`."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        place = {"log": str(log), "folder": str(Path.cwd())}
        self.pid = int(_order({"environment": dict(environment), **place}))
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, negative after a signal, or None while it runs."""
        if self._code is None:
            self._code = _order({"pid": self.pid})
        return self._code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float = 60) -> int:
        """Wait for the end, *timeout* seconds at most; return the exit code.

        Raises subprocess.TimeoutExpired.
        """
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("tally serve", timeout)
            time.sleep(0.02)
        return code


def stop() -> None:
    """End the process that forks, if there is one."""
    while _running:
        process = _running.pop()
        process.communicate()


def _order(order: dict[str, Any]) -> Any:
    if not _running:
        command = [sys.executable, __file__]
        _running.append(
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
                env={**os.environ, **_counting},
            )
        )
    (process,) = _running
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order) + "\n")
    return json.loads(process.stdout.readline())


def _carry_out(order: dict[str, Any]) -> int | None:
    if "pid" in order:
        ended, status = os.waitpid(order["pid"], os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if ended else None
    child = os.fork()
    if child == 0:
        _serve(order)
    return child


def _serve(order: dict[str, Any]) -> None:
    if COUNTING not in order["environment"] and (coverage := Coverage.current()):
        coverage.stop()
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND)
    for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    sys.argv = ["tally", "serve"]
    code: object = 1
    try:
        import_module("tally.cli").main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    for module in LOADED:
        import_module(module)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_carry_out(json.loads(line))) + "\n")
        sys.stdout.flush()
