"""What a request costs: CPU time in the application and in the database, and SQL statements.

The same request is asked of several databases in turns, and the least of several rounds counts: whatever else
the machine does can only add to it. What is already there when measuring begins is kept out of the garbage
collector's sight, so that no request pays for looking through it. On PostgreSQL the time in the database is
the CPU of its process; on SQLite, which is part of ours, the time in its statements.
"""

import gc
import io
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, event
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
ROUND_SECONDS = 0.02
WARM_UP = 12
"""Requests: after five, psycopg keeps a statement prepared; after five more, PostgreSQL chooses its plan."""
NEW = "<new>"
"""Stands in a path for a name that is another one for each request."""
_numbers = count(1)


@dataclass(frozen=True)
class Question:
    """One request. A *body*, which may be made from a new name, is sent by POST if nothing else is said.

    *target* is how many milliseconds it may take on the large broker.
    """

    name: str
    path: str
    body: object = None
    method: str = ""
    accept: str = "application/hal+json"
    target: float | None = None


@dataclass(frozen=True)
class Cost:
    """What one request costs: milliseconds, and statements."""

    application: float
    database: float
    statements: int

    @property
    def both(self) -> float:
        """The milliseconds in all."""
        return self.application + self.database


def costs(urls: Sequence[str], questions: Sequence[Question]) -> list[Cost]:
    """Return what the question costs on each database; each has its own form of it."""
    with ExitStack() as stack:
        places = [
            stack.enter_context(_place(url, question)) for url, question in zip(urls, questions, strict=True)
        ]
        statements = [_warm_up(place.ask) for place in places]
        gc.collect()
        gc.freeze()
        rounds = [[place.round() for place in places] for _ in range(ROUNDS)]
        gc.unfreeze()
    least = [min(of_place, key=sum) for of_place in zip(*rounds, strict=True)]
    return [
        Cost(application, within, number)
        for (application, within), number in zip(least, statements, strict=True)
    ]


@dataclass(frozen=True)
class _Place:
    """Where a question is asked; *is_ours* tells that the database's seconds are part of our own."""

    ask: Callable[[], None]
    seconds: Callable[[], float]
    is_ours: bool

    def round(self) -> tuple[float, float]:
        """Return the milliseconds of a request in the application and in the database."""
        before, began, number = self.seconds(), time.process_time(), 0
        while number < 3 or time.process_time() - began < ROUND_SECONDS:
            self.ask()
            number += 1
        application, within = time.process_time() - began, self.seconds() - before
        application -= within if self.is_ours else 0
        return application * 1000 / number, within * 1000 / number


@contextmanager
def _place(url: str, question: Question) -> Iterator[_Place]:
    database = Database(url)
    ask = asking(database, question)
    ask()  # opens the connection whose process is looked at
    try:
        with database_seconds(database) as seconds:
            yield _Place(ask, seconds, url.startswith("sqlite"))
    finally:
        database.close()


def _warm_up(ask: Callable[[], None]) -> int:
    with sql_statements() as sent:
        ask()
    for _ in range(WARM_UP):
        ask()
    return len(sent)


def asking(database: Database, question: Question) -> Callable[[], None]:
    """Return a function that sends the question to the application, and reads the answer."""
    app = create_app(Settings(), database)
    method = question.method or ("GET" if question.body is None else "POST")

    def ask() -> None:
        name = f"b{next(_numbers)}"
        body = question.body(name) if callable(question.body) else question.body
        content = b"" if body is None else json.dumps(body).encode()
        path, _, query = question.path.replace(NEW, name).partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "REQUEST_URI": quote(path, safe="/%"),
            "QUERY_STRING": query.replace(" ", "+"),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "HTTP_HOST": "localhost",
            "HTTP_ACCEPT": question.accept,
            "CONTENT_TYPE": "application/merge-patch+json" if method == "PATCH" else "application/json",
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(content),
        }
        status = []
        answer = app(environ, lambda line, *_: status.append(line))
        text = b"".join(answer)
        answer.close()
        if status[0][0] != "2":
            raise RuntimeError(f"{method} {path} answered {status[0]}: {text[:500]!r}")

    return ask


@contextmanager
def database_seconds(database: Database) -> Iterator[Callable[[], float]]:
    """Yield a function that returns the seconds that the database has worked for this process so far."""
    if not database.url.startswith("sqlite"):
        with database.connection() as connection:  # the only one, as there is only one thread
            process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        times = Path(f"/proc/{process}/schedstat")
        yield lambda: int(times.read_text().split()[0]) / 1e9
        return
    spent = [0.0]

    def begin(*_: object) -> None:
        spent[0] -= time.thread_time()

    def end(*_: object) -> None:
        spent[0] += time.thread_time()

    event.listen(Engine, "before_cursor_execute", begin)
    event.listen(Engine, "after_cursor_execute", end)
    yield lambda: spent[0]
    event.remove(Engine, "before_cursor_execute", begin)
    event.remove(Engine, "after_cursor_execute", end)
