"""`tally serve` as processes: this one or, on PostgreSQL, several that accept from one socket."""

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import Pipe, get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import uvicorn

from broker import memory
from broker.background import clean_up
from broker.background.worker import working
from broker.logs import logging_its_end, set_level
from broker.observability.exporting import exporting
from broker.processes import worker_process
from broker.processes.orders import Orders, OrdersTo, follow, leave_signals_to_the_parent
from broker.processes.reloading import Reloading
from broker.server.server import Serving, database_of
from broker.settings.settings import Settings
from broker.web.measured.processes import FOLDER, forget, measure_as, write_list
from tally.loading import loading

logger = logging.getLogger("broker")
SECONDS_TO_START_AGAIN = 0.5
SECONDS_TO_LEAVE = 5
"""How much longer than the grace period a server process may take to end."""


def run(reloading: Reloading) -> None:
    """Serve until SIGINT or SIGTERM; then answer the requests under way, and stop."""
    settings = reloading.settings
    if settings.workers > 1:
        with TemporaryDirectory(prefix="tally-measurements-") as folder:
            os.environ[FOLDER] = folder
            _run_processes(reloading, Path(folder))
    else:
        _run_here(reloading)


def _run_here(reloading: Reloading) -> NoReturn:
    settings = reloading.settings
    memory.use_separate_blocks()
    database = database_of(settings)
    with (
        exporting(settings, database, "server") as telemetry,
        working(database, settings, telemetry) as work,
        clean_up.regularly(database, settings),
    ):
        with loading():
            serving = Serving(settings, database, telemetry)

        def use(settings: Settings) -> None:
            serving.use(settings)
            work.use(settings)

        reloading.begin(use)
        serving.run(beside=work)
    database.close()
    _leave()


_Start = Callable[[], tuple[SpawnProcess, OrdersTo]]


class _Family:
    """The processes of one broker. One that ends is started again, with the settings that hold then.

    Each has a place with a name, under which it is measured; *measurements* is the folder for that.
    """

    def __init__(self, settings: Settings, listener: socket.socket, measurements: Path) -> None:
        self._listener = listener
        self._settings = settings
        self._measurements = measurements
        places = [f"server-{number}" for number in range(1, settings.workers + 1)]
        self._starts: dict[str, _Start] = {
            place: partial(self._start, "server", _run_process, listener, place) for place in places
        }
        if settings.webhook_worker:
            self._starts["worker"] = partial(self._start, "webhook worker", worker_process.run_as_child)
        self._members = {place: start() for place, start in self._starts.items()}
        self._list()

    def _start(self, name: str, target: Callable[..., None], *given: object) -> tuple[SpawnProcess, OrdersTo]:
        """Start a process, and return what tells it of settings: a process with threads should not fork."""
        read, told = Pipe(duplex=False)
        process = get_context("spawn").Process(
            target=logging_its_end,
            args=(self._settings, target, self._settings, read, os.getpid(), *given),
            name=name,
        )
        process.start()
        read.close()
        return process, OrdersTo(told)

    def replace_dead(self) -> None:
        """Start what has ended."""
        for place, (process, orders) in self._members.items():
            if not process.is_alive():
                logger.error("A %s process ended (%s); another one starts", process.name, process.exitcode)
                orders.close()
                forget(place)
                self._members[place] = self._starts[place]()
                self._list()

    def _list(self) -> None:
        """Write down which processes there are, for whichever is asked for measurements."""
        found = {place: process.pid for place, (process, _) in self._members.items() if process.pid}
        write_list(self._measurements, {"main": os.getpid(), **found})

    def use(self, settings: Settings) -> None:
        """Have all work as other settings say."""
        self._settings = settings
        for _, orders in self._members.values():
            orders.use(settings)

    def hurry(self) -> None:
        """Have all wait no longer for what they wait for while they stop."""
        for _, orders in self._members.values():
            orders.hurry()

    def end(self) -> None:
        """Ask all to stop, and kill those that have not in time: one that starts may hang."""
        self._listener.close()  # otherwise clients are let in at which nobody looks any more
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.hurry())
        for process, _ in self._members.values():
            process.terminate()
        seconds = self._settings.stop_delay_seconds + self._settings.stop_seconds + SECONDS_TO_LEAVE
        deadline = time.monotonic() + seconds
        for process, _ in self._members.values():
            process.join(max(0, deadline - time.monotonic()))
            process.kill()
            process.join()


def _run_processes(reloading: Reloading, measurements: Path) -> None:
    """Keep as many server processes as the settings say."""
    settings = reloading.settings
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    listener = uvicorn.Config(
        _no_application, host=settings.host, port=settings.port, log_config=None, log_level="warning"
    ).bind_socket()
    family = _Family(settings, listener, measurements)

    def use(settings: Settings) -> None:
        set_level(settings.log_level)
        family.use(settings)

    while not stopping.wait(SECONDS_TO_START_AGAIN):
        family.replace_dead()
        reloading.reload_if_asked(use)
    family.end()


async def _no_application(*_: object) -> None:
    """Stand in for the application where only the address is needed."""


def _run_process(
    settings: Settings, orders: Orders, parent: int, listener: socket.socket, place: str
) -> NoReturn:
    measure_as(place)
    leave_signals_to_the_parent()
    memory.use_separate_blocks()
    database = database_of(settings)
    with exporting(settings, database, "server") as telemetry:
        number = int(place.rpartition("-")[2])
        with loading():
            serving = Serving(settings, database, telemetry, parent=parent, number=number)
        follow(orders, use=serving.use, hurry=serving.server.hurry)
        serving.run(listener)
    database.close()
    _leave()


def _leave() -> NoReturn:
    """End the process at once: Python would wait for a thread that still runs after the grace period."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
