"""The real `tally serve`, in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import requests
from support.forking import Forked

Process = subprocess.Popen[bytes] | Forked
TALLY = Path(sys.executable).with_name("tally")
HEARTBEAT = "/diagnostic/status/heartbeat"
PATIENCE = 120.0
"""Seconds to wait for an answer, or for the end, of a server: a busy machine takes half a minute for it."""


FIRST_PORT, LAST_PORT = 20_000, 32_000
"""Below those that systems give to clients, and to servers that ask for any."""
_PLACES = LAST_PORT - FIRST_PORT
_taken = count()


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on, and that nobody is given by chance.

    Processes that look for ports at the same time look at different ones.
    """
    for number in _taken:
        port = FIRST_PORT + (61 * os.getpid() + number) % _PLACES
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            break
    return port


@contextmanager
def serving(
    database_url: str,
    log: Path,
    *,
    tally: Path = TALLY,
    environment: Mapping[str, str] | None = None,
    is_forked: bool = False,
) -> Iterator[str]:
    """Yield the base URL of a new broker that answers. Stop it as Ctrl-C would, and expect exit code 0.

    Its output goes to *log*, and into the error when it does not start. One that *is_forked* costs a tenth;
    the start itself, several processes and memory are tested without.
    """
    with started(database_url, log, tally=tally, environment=environment, is_forked=is_forked) as (url, _):
        yield url


@contextmanager
def started(
    database_url: str,
    log: Path,
    *,
    tally: Path = TALLY,
    environment: Mapping[str, str] | None = None,
    is_forked: bool = False,
) -> Iterator[tuple[str, Process]]:
    """Yield the base URL of a broker as `serving` does, and its process, which may end before."""
    port = free_port()
    variables = {"TALLY_DATABASE_URL": database_url, "TALLY_PORT": str(port)}
    variables |= {"TALLY_SQLITE_SYNCHRONOUS": "normal"}  # no test but those of power loss needs more
    variables = {**os.environ, **variables, **(environment or {})}
    log.write_text("")
    process = Forked(variables, log) if is_forked else _start(tally, variables, log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for_an_answer(url + HEARTBEAT, process, log)
        yield url, process
    finally:
        code = _stop(process)
    if code != 0:
        raise AssertionError(f"tally serve ended with {code}:\n{log.read_text()}")


def _start(tally: Path, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("w") as output:
        return subprocess.Popen(
            [tally, "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _wait_for_an_answer(url: str, process: Process, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer = requests.get(url, timeout=PATIENCE)
            if answer.status_code != requests.codes.unauthorized:  # which is an answer too
                answer.raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"tally serve gave no answer at {url}:\n{log.read_text()}")


def _stop(process: Process) -> int:
    process.send_signal(signal.SIGINT)
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
