"""Run the application on Granian: in this process or, on PostgreSQL, in several."""

import asyncio
import logging
import os
import signal
import sys
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from granian.constants import Interfaces

from broker import clean_up, memory
from broker.app import create_app
from broker.gateway import Answer, Gateway
from broker.held_answers import HeldAnswers
from broker.settings import Settings
from broker.settings_from_environment import from_environment, to_environment
from broker.storage.database import Database, Limits
from broker.web.measurements import FOLDER
from broker.worker import working, working_beside

SECONDS_TO_STOP = 10
"""How long a server process may finish its requests; one that must stop while it starts may hang."""


def application() -> Gateway:
    """Return the broker as Granian runs it; each server process calls this."""
    settings = from_environment()
    memory.use_separate_blocks()
    return _gateway(settings, _database(settings))


def _database(settings: Settings) -> Database:
    limits = Limits(
        connections=settings.threads + 2,
        most=settings.database_max_connections,
        pool_timeout=settings.database_pool_timeout,
        statement_timeout=settings.database_statement_timeout,
    )
    return Database(settings.database_url, limits)


def _gateway(settings: Settings, database: Database) -> Gateway:
    held_answers = HeldAnswers[Answer](database.newest_changes)
    database.after_commit = held_answers.committed
    return Gateway(
        create_app(settings, database),
        held_answers,
        threads=settings.threads,
        max_body=settings.max_request_megabytes * 1024 * 1024,
    )


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; then answer the requests under way, and stop."""
    if settings.workers > 1:
        _run_processes(settings)
    else:
        asyncio.run(_run_here(settings))
        _leave()


def _run_processes(settings: Settings) -> None:
    os.environ.update(to_environment(settings))  # the server processes read them there
    with TemporaryDirectory(prefix="tally-measurements-") as folder:
        os.environ[FOLDER] = folder
        _serve_in_processes(settings)


def _serve_in_processes(settings: Settings) -> None:
    server = import_module("granian").Granian(
        "broker.server:application",
        factory=True,
        workers=settings.workers,
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_STOP,
        **_options(settings),
    )
    with working_beside(settings):
        server.serve()


async def _run_here(settings: Settings) -> None:
    memory.use_separate_blocks()
    database = _database(settings)
    server = import_module("granian.server.embed").Server(_gateway(settings, database), **_options(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    with working(database, settings), clean_up.regularly(database, settings):
        await server.serve()
    database.close()


def _leave() -> NoReturn:
    """End the process at once: if a thread of Granian ends while Python shuts down, the process aborts."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "address": settings.host,
        "port": settings.port,
        "interface": Interfaces.ASGI,
        "websockets": False,
        # A request that waits for a decision keeps its connection, and Granian would take only 128.
        "backlog": 2048,
        "backpressure": 1024,
        "log_enabled": False,
    }
