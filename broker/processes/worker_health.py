"""The health of a worker's process, at a port of its own: it has no other."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from threading import Thread

import orjson

from broker.background.worker import Worker
from broker.observability.exchanges import Exchanges
from broker.server.connections import ConnectionLimits
from broker.server.gateway import LIVE, READY, Scope, Send
from broker.server.request_bodies import Receive
from broker.server.server import server_of
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.readiness import Readiness

LIMITS = ConnectionLimits(most=64, most_per_address=32, idle_seconds=10, unread_bytes=65_536)
SECONDS_WITHOUT_A_TURN = 300.0
"""After these the worker's thread hangs: a turn is short, also while the database is away."""
SECONDS_TO_STOP = 2.0


class WorkerHealth:
    """An ASGI application that answers `/health/live` and `/health/ready`, and nothing else."""

    exchanges: Exchanges | None = None
    """Nothing is told of these requests."""

    def __init__(
        self, worker: Worker, readiness: Readiness, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._worker = worker
        self._readiness = readiness
        self._timer = timer
        self._asking = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - no body
        """Answer one request."""
        status = await self._status(scope)
        content = orjson.dumps({"ok": status == HTTPStatus.OK})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(content)),
            (b"cache-control", b"no-cache"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _status(self, scope: Scope) -> HTTPStatus:
        if scope["raw_path"] not in {LIVE, READY}:
            return HTTPStatus.NOT_FOUND
        if scope["method"] not in {"GET", "HEAD"}:
            return HTTPStatus.METHOD_NOT_ALLOWED
        if scope["raw_path"] == LIVE:
            is_ok = self._timer() - self._worker.last_turn < SECONDS_WITHOUT_A_TURN
        else:
            is_ok = not self._worker.is_stopping and await self._is_ready()
        return HTTPStatus.OK if is_ok else HTTPStatus.SERVICE_UNAVAILABLE

    async def _is_ready(self) -> bool:
        async with self._asking:  # so that those who ask take one thread together
            found = await asyncio.to_thread(self._readiness.finding)
        return found.is_ready

    def begin_to_stop(self) -> None:
        """Do nothing: the worker says when it stops."""

    def close(self) -> None:
        """Do nothing: no answer is held back."""


@contextmanager
def answering(worker: Worker, database: Database, settings: Settings) -> Iterator[None]:
    """Answer while the block runs, if the settings name a port."""
    if not settings.worker_health_port:
        yield
        return
    settings = replace(settings, port=settings.worker_health_port, stop_delay_seconds=0, stop_seconds=1)
    server = server_of(WorkerHealth(worker, Readiness(database)), LIMITS, settings)
    thread = Thread(target=server.run, name="health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(SECONDS_TO_STOP)
