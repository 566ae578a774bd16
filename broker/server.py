"""Run the application on Uvicorn: in this process or, on PostgreSQL, in several."""

import asyncio
import logging
import math
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NoReturn

import uvicorn

from broker import clean_up, memory
from broker.access_log import AccessLog
from broker.access_watch import AccessWatch
from broker.app import create_app
from broker.connections import Connection, ConnectionLimits, Connections
from broker.databases import open_with_standby
from broker.exchanges import Exchanges, Watch
from broker.exporting import exporting
from broker.gateway import Answer, Gateway
from broker.held_answers import HeldAnswers
from broker.logs import logging_its_end
from broker.request_bodies import RequestBodies
from broker.services.accounts.known import KnownAccounts
from broker.settings import Settings
from broker.standby_watch import StandbyWatch, watchers_of
from broker.storage.database import Database, Limits
from broker.web.measurements import FOLDER
from broker.worker import start_beside, working

if TYPE_CHECKING:
    from broker.telemetry import Telemetry

logger = logging.getLogger("broker")
MEGABYTE = 1024 * 1024
BACKLOG = 2048
FILES_BESIDE_CONNECTIONS = 256
TICKS_IN_A_SECOND = 10
SECONDS_TO_START_AGAIN = 0.5
SECONDS_TO_LEAVE = 5
"""How much longer than the grace period a server process may take to end."""


def nothing() -> None:
    """Do nothing."""


class Server(uvicorn.Server):
    """A server that bounds its connections, and that ends with its *parent*, if it has one."""

    def __init__(
        self, config: uvicorn.Config, connections: Connections, gateway: Gateway, parent: int | None
    ) -> None:
        super().__init__(config)
        self.server_state = connections
        self._connections = connections
        self._gateway = gateway
        self._parent = parent
        self.also_stop = nothing
        """What else has to begin to stop when this does, so that both have the same time for it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM. Answers that are held back are released: the server waits for them."""
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.stop)
        yield

    def stop(self) -> None:
        """Accept no more, answer what is under way, and end. Call it in the event loop."""
        self._gateway.close()
        self.also_stop()
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Do what is due each second; *counter* counts the ticks. Return whether to stop."""
        if counter % TICKS_IN_A_SECOND == 0:
            self._connections.give_up_overdue(asyncio.get_running_loop().time())
            if self._parent not in {None, os.getppid()}:
                self.stop()
        return await super().on_tick(counter)


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; then answer the requests under way, and stop."""
    if settings.workers > 1:
        with TemporaryDirectory(prefix="tally-measurements-") as folder:
            os.environ[FOLDER] = folder
            _run_processes(settings)
    else:
        _run_here(settings)


def _run_here(settings: Settings) -> NoReturn:
    memory.use_separate_blocks()
    database = _database(settings)
    with (
        exporting(settings, database, "server") as telemetry,
        working(database, settings, telemetry) as stop_sending,
        clean_up.regularly(database, settings),
    ):
        _serve(settings, database, telemetry, also_stop=stop_sending)
    database.close()
    _leave()


def _run_processes(settings: Settings) -> None:
    """Keep as many server processes as the settings say, which accept from one socket."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    listener = uvicorn.Config(
        _no_application, host=settings.host, port=settings.port, log_config=None
    ).bind_socket()
    servers = [_start(settings, listener) for _ in range(settings.workers)]
    workers = [start_beside(settings)] if settings.webhook_worker else []
    while not stopping.wait(SECONDS_TO_START_AGAIN):
        _replace_dead(servers, partial(_start, settings, listener))
        _replace_dead(workers, partial(start_beside, settings))
    _end([*servers, *workers], settings.stop_seconds + SECONDS_TO_LEAVE)


def _replace_dead(processes: list[SpawnProcess], start: Callable[[], SpawnProcess]) -> None:
    for place, process in enumerate(processes):
        if not process.is_alive():
            logger.error("A %s process ended (%s); another one starts", process.name, process.exitcode)
            processes[place] = start()


def _start(settings: Settings, listener: socket.socket) -> SpawnProcess:
    process = get_context("spawn").Process(
        target=logging_its_end, args=(settings, _run_process, settings, listener, os.getpid()), name="server"
    )
    process.start()
    return process


def _end(processes: list[SpawnProcess], seconds: float) -> None:
    """Ask all to stop, and kill those that have not after *seconds*: one that starts may hang."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + seconds
    for process in processes:
        process.join(max(0, deadline - time.monotonic()))
        process.kill()
        process.join()


def _run_process(settings: Settings, listener: socket.socket, parent: int) -> NoReturn:
    memory.use_separate_blocks()
    database = _database(settings)
    with exporting(settings, database, "server") as telemetry:
        _serve(settings, database, telemetry, listener=listener, parent=parent)
    database.close()
    _leave()


def _serve(  # noqa: PLR0913 - where it listens, what it answers from, and what ends with it
    settings: Settings,
    database: Database,
    telemetry: "Telemetry | None",
    *,
    listener: socket.socket | None = None,
    parent: int | None = None,
    also_stop: Callable[[], None] = nothing,
) -> None:
    limits = ConnectionLimits(
        most=settings.max_connections,
        most_per_address=0 if settings.trusted_proxies else _most_per_address(settings),
    )
    _allow_files(settings.max_connections + FILES_BESIDE_CONNECTIONS)
    logger.debug("Listening on %s, port %s, as process %s", settings.host, settings.port, os.getpid())
    known = KnownAccounts(database, has_providers=bool(settings.oidc_providers))
    server = server_of(_gateway(settings, database, known, telemetry), limits, settings, parent)
    server.also_stop = also_stop
    with StandbyWatch(database).running_if_there_is_one(), AccessWatch(known).running():
        server.run(None if listener is None else [listener])


def server_of(
    gateway: Gateway, limits: ConnectionLimits, settings: Settings, parent: int | None = None
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
    return Server(config, Connections(limits, gateway.exchanges), gateway, parent)


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


async def _no_application(*_: object) -> None:
    """Stand in for the application where only the address is needed."""


def _database(settings: Settings) -> Database:
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
    settings: Settings, database: Database, known: KnownAccounts, telemetry: "Telemetry | None"
) -> Gateway:
    held_answers = HeldAnswers[Answer](database.newest_changes)
    database.after_commit = held_answers.committed
    bodies = RequestBodies(
        largest=settings.max_request_megabytes * MEGABYTE, most=settings.max_bodies_megabytes * MEGABYTE
    )
    watchers = watchers_of(database)
    application = create_app(settings, database, known=known)
    return Gateway(
        application,
        held_answers,
        bodies,
        watchers=watchers,
        threads=settings.threads,
        exchanges=_exchanges(settings, telemetry),
    )


def _leave() -> NoReturn:
    """End the process at once: Python would wait for a thread that still runs after the grace period."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
