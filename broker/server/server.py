"""Run the application on Uvicorn, in this process."""

import asyncio
import logging
import math
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import uvicorn
from flask import Flask

from broker import memory
from broker.app import create_app
from broker.background.access_watch import AccessWatch
from broker.background.worker import NOTHING_BESIDE, Work
from broker.databases import open_with_standby
from broker.logs import set_level
from broker.observability.access_log import AccessLog
from broker.observability.exchanges import Exchanges, Watch
from broker.server.connections import Connection, ConnectionLimits, Connections
from broker.server.gateway import Answer, Gateway, Scope, Send
from broker.server.held_answers import HeldAnswers
from broker.server.request_bodies import Receive, RequestBodies
from broker.server.server_load import of_connections, of_requests
from broker.server.standby_watch import StandbyWatch, watchers_of
from broker.services.accounts.known import KnownAccounts
from broker.settings.settings import Settings
from broker.storage.database import Database, Limits
from broker.web.measurements import Measurements

if TYPE_CHECKING:
    from broker.observability.telemetry import Telemetry

logger = logging.getLogger("broker")
MEGABYTE = 1024 * 1024
BACKLOG = 2048
FILES_BESIDE_CONNECTIONS = 256
TICKS_IN_A_SECOND = 10
SECONDS_BEFORE_A_SWITCH = 0.001
"""For how long a thread that computes keeps others waiting, such as the event loop: a fifth of Python's."""


class Asked(Protocol):
    """What a server asks: an ASGI application that is told when it stops."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    exchanges: Exchanges | None

    def begin_to_stop(self) -> None: ...

    def close(self) -> None: ...


class Server(uvicorn.Server):
    """A server that bounds its connections, and that ends with its *parent*, if it has one."""

    def __init__(
        self,
        config: uvicorn.Config,
        connections: Connections,
        gateway: Asked,
        *,
        delay: float = 0,
        parent: int | None = None,
    ) -> None:
        super().__init__(config)
        self.server_state = connections
        self.connections = connections
        self._gateway = gateway
        self._parent = parent
        self._delay = delay
        self._end_of_delay: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.each_second: Callable[[], None] = lambda: None
        self.beside = NOTHING_BESIDE
        """What has to begin to stop when this does, so that both have the same time for it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, and hurry on the next one.

        A process with a parent hears of both from that: a terminal, or what has started the parent, may send
        the same signal to all of them.
        """
        self._loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            if self._parent is None:
                self._loop.add_signal_handler(signal.SIGINT, self._stop_or_hurry)
                self._loop.add_signal_handler(signal.SIGTERM, self._stop_or_hurry)
            else:
                self._loop.add_signal_handler(signal.SIGTERM, self.begin_to_stop)
        yield

    def tell(self, exchanges: Exchanges | None) -> None:
        """Tell others of requests from the next one on. Call it in any thread."""
        self._gateway.exchanges = self.connections.exchanges = exchanges

    def _stop_or_hurry(self) -> None:
        if self.should_exit or self._end_of_delay:
            self._hurry()
        else:
            self.begin_to_stop()

    def begin_to_stop(self) -> None:
        """Stop after the delay, in which requests are answered. Call it in the event loop."""
        if self.should_exit or self._end_of_delay:
            return
        self._gateway.begin_to_stop()
        if self._delay:
            self._end_of_delay = asyncio.get_running_loop().call_later(self._delay, self.stop)
        else:
            self.stop()

    def hurry(self) -> None:
        """End the delay or, after it, no longer wait for requests under way. Call it in any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._hurry)

    def _hurry(self) -> None:
        if self.should_exit:
            for task in self.server_state.tasks:
                task.cancel()  # it answers that the broker stops
            self.beside.hurry()
        else:
            self.stop()

    def stop(self) -> None:
        """Accept no more, answer what is under way, and end. Call it in the event loop.

        Answers that are held back are released: the server waits for them.
        """
        if self._end_of_delay:
            self._end_of_delay.cancel()
        self._gateway.begin_to_stop()
        self._gateway.close()
        self.beside.stop()
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Do what is due each second; *counter* counts the ticks. Return whether to stop."""
        if counter % TICKS_IN_A_SECOND == 0:
            self.connections.give_up_overdue(asyncio.get_running_loop().time())
            self.each_second()
            if self._parent not in {None, os.getppid()}:
                self.stop()
        return await super().on_tick(counter)


class Serving:
    """A server with its application, which is made anew for other settings."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        telemetry: "Telemetry | None",
        *,
        parent: int | None = None,
        number: int = 0,
    ) -> None:
        """Serve as the process with this *number*, one of several if it is not 0."""
        limits = ConnectionLimits(
            most=settings.max_connections,
            most_per_address=0 if settings.trusted_proxies else _most_per_address(settings),
        )
        _allow_files(settings.max_connections + FILES_BESIDE_CONNECTIONS)
        logger.debug("Listening on %s, port %s, as process %s", settings.host, settings.port, os.getpid())
        self._database = database
        self._telemetry = telemetry
        self._known = KnownAccounts(database, has_providers=bool(settings.oidc_providers))
        self._measurements = Measurements(database, settings)
        application = self._application(settings)
        self._gateway = _gateway(application, settings, database, self._measurements, telemetry)
        if number:
            self._gateway.core.begin_at(number)
        self.server = server_of(self._gateway, limits, settings, parent)
        self._measurements.add(of_connections(self.server.connections))
        self.server.each_second = self._each_second

    def run(self, listener: socket.socket | None = None, *, beside: Work = NOTHING_BESIDE) -> None:
        """Serve until told to stop; *beside* begins to stop at the same time."""
        self.server.beside = beside
        sys.setswitchinterval(SECONDS_BEFORE_A_SWITCH)
        with StandbyWatch(self._database).running_if_there_is_one(), AccessWatch(self._known).running():
            self.server.run(None if listener is None else [listener])

    def _each_second(self) -> None:
        self._measurements.each_second()
        self._gateway.core.each_second()

    def use(self, settings: Settings) -> None:
        """Answer as other settings say, from the next request on. Raises what making an application does."""
        application = self._application(settings)
        set_level(settings.log_level)
        self._known.has_providers = bool(settings.oidc_providers)
        self._measurements.use(settings)
        self._gateway.use(application)
        self.server.tell(_exchanges(settings, self._telemetry))
        memory.set_apart_anew()

    def _application(self, settings: Settings) -> Flask:
        return create_app(settings, self._database, known=self._known, measurements=self._measurements)


def server_of(
    gateway: Asked, limits: ConnectionLimits, settings: Settings, parent: int | None = None
) -> Server:
    """Return a server that asks *gateway*, and keeps to these limits."""
    config = uvicorn.Config(
        gateway,
        host=settings.host,
        port=settings.port,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # the broker reads them itself
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=2 * math.ceil(limits.idle_seconds),  # `Connections` comes before it
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    return Server(
        config,
        Connections(limits, gateway.exchanges),
        gateway,
        delay=settings.stop_delay_seconds,
        parent=parent,
    )


def _allow_files(count: int) -> None:
    """Let this process open *count* files, if it may: each connection is one."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has none

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now != resource.RLIM_INFINITY and now < count:
        wanted = count if most == resource.RLIM_INFINITY else min(count, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    if now < count > most != resource.RLIM_INFINITY:
        logger.warning("TALLY_MAX_CONNECTIONS needs %s open files; this process may open %s.", count, most)


def _most_per_address(settings: Settings) -> int:
    return settings.max_connections_per_address or settings.max_connections // 2


def database_of(settings: Settings) -> Database:
    """Return the database with as many connections as a server process may need."""
    limits = Limits(
        connections=settings.threads + 3,
        most=settings.database_max_connections,
        pool_timeout=settings.database_pool_timeout,
        statement_timeout=settings.database_statement_timeout,
    )
    return open_with_standby(settings, limits)


def _exchanges(settings: Settings, telemetry: "Telemetry | None") -> Exchanges | None:
    """Return what is told of requests; None while nobody wants to know."""
    watches: list[Watch] = [AccessLog()] if settings.access_log else []
    if telemetry is not None:
        watches.append(telemetry)
    return Exchanges(watches, settings.trusted_proxies) if watches else None


def _gateway(
    application: Flask,
    settings: Settings,
    database: Database,
    measurements: Measurements,
    telemetry: "Telemetry | None",
) -> Gateway:
    held_answers = HeldAnswers[Answer](database.newest_changes)
    database.after_commit = held_answers.committed
    bodies = RequestBodies(
        largest=settings.max_request_megabytes * MEGABYTE, most=settings.max_bodies_megabytes * MEGABYTE
    )
    watchers = watchers_of(database)
    gateway = Gateway(
        application,
        held_answers,
        bodies,
        watchers=watchers,
        threads=settings.threads,
        exchanges=_exchanges(settings, telemetry),
    )
    measurements.add(of_requests(gateway, bodies, held_answers, watchers))
    return gateway
