"""As many connections as a broker allows, that want nothing or take for ever; and the heartbeat meanwhile."""

import http.client
import os
import resource
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import requests
from endurance.brokers import Broker
from support.factories import a_pact, an_interaction
from support.serving import HEARTBEAT

HEAD = "HTTP/1.1\r\nHost: x\r\n"
LARGE = "/pacts/provider/Orders/consumer/Shop/latest"
KEPT, UNREAD = "kept alive", "answers that nobody reads"
SECONDS_BETWEEN_REQUESTS = 0.005
"""Whole requests are carried out, so these come one after the other."""
KINDS = {
    "idle": b"",
    "half-sent headers": f"GET / {HEAD}X-Half: ".encode(),
    "silent bodies": f"POST /contracts/publish {HEAD}Content-Length: 50000\r\n\r\n{{".encode(),
    KEPT: f"GET {HEARTBEAT} {HEAD}\r\n".encode(),
    UNREAD: f"GET {LARGE} {HEAD}\r\n".encode(),
}
ADDRESSES = 8
"""Of this machine that the connections come from: what one address may hold is bounded below all."""
MOST_SECONDS = 1.0
"""In which the heartbeat answers, on a machine that has the time for it."""
MORE_MEGABYTES = 100
MORE_DESCRIPTORS = 12


@dataclass
class Pulse:
    """How long each look at the heartbeat took."""

    seconds: list[float]

    @property
    def slowest(self) -> float:
        return max(self.seconds)


@contextmanager
def heartbeats(port: int) -> Iterator[Pulse]:
    """Ask for the heartbeat all the time while the block runs, each time with a new connection."""
    pulse, enough = Pulse([]), Event()

    def ask() -> None:
        while not enough.wait(0.1):
            began = time.monotonic()
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", HEARTBEAT)
                assert connection.getresponse().status == 200
                connection.close()
            pulse.seconds.append(time.monotonic() - began)

    thread = Thread(target=ask)
    thread.start()
    try:
        yield pulse
    finally:
        enough.set()
        thread.join()


class Crowd:
    """So many connections, each opened again when the server gives it up."""

    def __init__(self, port: int, data: bytes, size: int, pause: float = 0) -> None:
        self._port = port
        self._data = data
        self._poll = select.poll()
        self._open: dict[int, socket.socket] = {}
        self.given_up = 0
        for number in range(size):
            self._connect(number)
            time.sleep(pause)

    def stay(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.2)
            for number, (descriptor, _) in enumerate(self._poll.poll(0)):
                self.given_up += 1
                self._poll.unregister(descriptor)
                self._open.pop(descriptor).close()
                self._connect(number)

    def leave(self) -> None:
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def _connect(self, number: int) -> None:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.bind((f"127.0.0.{2 + number % ADDRESSES}", 0))
        connection.settimeout(30)
        connection.connect(("127.0.0.1", self._port))
        with suppress(OSError):  # the server may give it up at once
            connection.sendall(self._data)
        self._open[connection.fileno()] = connection
        self._poll.register(connection, select.POLLRDHUP | select.POLLHUP | select.POLLERR)


def crowd(
    database_url: str, folder: Path, *, connections: int, seconds: float, is_forked: bool = False
) -> dict[str, str]:
    """Hold so many connections of each kind for so long; return figures, by kind."""
    allow_files(connections + 200)
    figures = {}
    with ExitStack() as stack:
        broker = Broker(database_url, folder / "serve.log", is_forked=is_forked)
        stack.callback(broker.end)
        broker.start()
        pact = a_pact(*(an_interaction(f"request {number} {'x' * 500}") for number in range(200)))
        path = "/pacts/provider/Orders/consumer/Shop/version/1"
        requests.put(broker.url + path, json=pact, timeout=30).raise_for_status()
        for number in range(20):
            requests.get(broker.url + (LARGE if number % 2 else HEARTBEAT), timeout=30)
        before = broker.held()
        for kind, data in KINDS.items():
            with heartbeats(broker.port) as pulse:
                pause = SECONDS_BETWEEN_REQUESTS if kind in {KEPT, UNREAD} else 0
                many = Crowd(broker.port, data, connections, pause)
                stack.callback(many.leave)
                many.stay(seconds)
                during = broker.held()
                many.leave()
            assert pulse.slowest < _bound(), (kind, pulse.slowest)
            figures[kind] = (
                f"heartbeat in {1000 * pulse.slowest:.0f} ms at most ({len(pulse.seconds)} times); "
                f"{many.given_up} given up; {during.megabytes} MB and {during.descriptors} descriptors"
            )
        time.sleep(min(10, seconds))
        after = broker.held()
        broker.stop()
        assert not broker.errors(), broker.errors()
    assert after.descriptors <= before.descriptors + MORE_DESCRIPTORS, (before, after)
    assert after.megabytes <= before.megabytes + MORE_MEGABYTES, (before, after)
    figures["before and after"] = (
        f"{before.megabytes} MB and {before.descriptors} descriptors before all, "
        f"{after.megabytes} MB and {after.descriptors} after"
    )
    return figures


def _bound() -> float:
    """Return the seconds in which the heartbeat answers: longer where more wants to run than can."""
    return MOST_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def allow_files(count: int) -> None:
    """Let this process open so many files."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now != resource.RLIM_INFINITY and now < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, most))
