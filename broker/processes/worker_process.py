"""The process of a worker: of its own, or beside the server processes of a broker."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from broker.background import clean_up
from broker.background.worker import Worker, beside
from broker.databases import open_database
from broker.logs import set_level
from broker.observability.exporting import exporting
from broker.processes.orders import Orders, follow, leave_signals_to_the_parent
from broker.processes.reloading import Reloading
from broker.processes.worker_health import answering
from broker.settings.settings import Settings
from broker.storage.database import Database, Limits


def run(reloading: Reloading) -> None:
    """Send until SIGINT or SIGTERM, then wait for the attempts under way, until the next of them comes.

    Clean up as well, if set.
    """
    settings = reloading.settings
    with _worker(settings) as (worker, database):

        def stop_or_hurry(*_: object) -> None:
            (worker.hurry if worker.is_stopping else worker.ask_to_stop)()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop_or_hurry)
        reloading.begin(partial(_use, worker))
        with answering(worker, database, settings):
            _run(worker, database, settings)


def run_as_child(settings: Settings, orders: Orders, parent: int) -> None:
    """Send beside the server processes of *parent*, until terminated or that is gone."""
    leave_signals_to_the_parent()
    with _worker(settings, lambda: parent == os.getppid()) as (worker, database):
        signal.signal(signal.SIGTERM, lambda *_: worker.ask_to_stop())
        follow(orders, use=partial(_use, worker), hurry=worker.hurry)
        _run(worker, database, settings)


@contextmanager
def _worker(
    settings: Settings, is_wanted: Callable[[], bool] = lambda: True
) -> Iterator[tuple[Worker, Database]]:
    database = open_database(settings, Limits(connections=4))
    with exporting(settings, database, "worker") as telemetry:
        yield Worker(database, settings, is_wanted=is_wanted, telemetry=telemetry), database
    database.close()


def _use(worker: Worker, settings: Settings) -> None:
    set_level(settings.log_level)
    worker.use(settings)


def _run(worker: Worker, database: Database, settings: Settings) -> None:
    logging.getLogger("broker.worker").debug("Sending webhooks as process %s", os.getpid())
    with clean_up.regularly(database, settings), beside(database, settings):
        worker.run()
