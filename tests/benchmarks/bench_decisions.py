"""What the questions of a pipeline cost on a large broker, and on one with ten times the history.

Run it with `make bench`. Nothing is asserted: these are figures to compare within one run. On PostgreSQL the
time in the database is the CPU of its process; on SQLite, which is part of ours, the time in its statements.
"""

import io
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from big_data import Size, fill
from databases import NEW_DATABASE, begin_run
from sql_statements import sql_statements
from sqlalchemy import Engine, event

from broker.app import create_app
from broker.settings import Settings
from broker.storage.database import Database

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "300"))
SIZES = (Size(), Size(versions=1000))
SELECTORS = {
    "consumerVersionSelectors": [{"mainBranch": True}, {"deployedOrReleased": True}],
    "providerVersionBranch": "main",
    "includePendingStatus": True,
}


@dataclass(frozen=True)
class Question:
    """One request; *path* has a place for the newest version. *body* makes it a POST."""

    name: str
    path: str
    body: object = None


QUESTIONS = (
    Question("can I deploy", "/can-i-deploy?pacticipant=Consumer 07&version={}&environment=production"),
    Question("can I deploy a provider", "/can-i-deploy?pacticipant=Provider 07&version={}&environment=test"),
    Question(
        "matrix of the command line",
        "/matrix?q[][pacticipant]=Consumer 07&q[][version]={}&latestby=cvpv&environment=production",
    ),
    Question(
        "matrix of a pair, limit 100",
        "/matrix?q[][pacticipant]=Consumer 07&q[][pacticipant]=Provider 03&latestby=cvpv&limit=100",
    ),
    Question("pacts for verification", "/pacts/provider/Provider 07/for-verification", SELECTORS),
)


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


def main() -> None:
    """Print the figures for both databases."""
    begin_run()
    for name, new_database in NEW_DATABASE.items():
        with new_database() as small, new_database() as large:
            for url, size in zip((small, large), SIZES, strict=True):
                began = time.perf_counter()
                fill(url, size)
                print(f"{name}: {size.results} results written in {time.perf_counter() - began:.1f} s")
            report(name, (small, large))


def report(name: str, urls: tuple[str, str]) -> None:
    """Print what each question costs on each of the databases."""
    print(f"\n{name:30}{SIZES[0].results:>12} results{SIZES[1].results:>16} results")
    print(f"  {'ms':28}" + 2 * f"{'app':>8}{'database':>10}{'SQL':>5}  " + f"{'ratio':>6}")
    for question in QUESTIONS:
        costs = [measure(url, size, question) for url, size in zip(urls, SIZES, strict=True)]
        columns = "".join(
            f"{cost.application:8.2f}{cost.database:10.2f}{cost.statements:5}  " for cost in costs
        )
        print(f"  {question.name:28}{columns}{costs[1].both / costs[0].both:6.2f}")
    print()


def measure(url: str, size: Size, question: Question) -> Cost:
    """Return what the question costs, on average, when it is asked again and again."""
    database = Database(url)
    ask = asking(database, question, question.path.format(size.versions))
    in_database = database_seconds(database)
    with sql_statements() as sent:
        ask()
    for _ in range(REQUESTS // 10):
        ask()
    with in_database as seconds:
        before, began = seconds(), time.process_time()
        for _ in range(REQUESTS):
            ask()
        application, within = time.process_time() - began, seconds() - before
    database.close()
    if url.startswith("sqlite"):
        application -= within
    return Cost(application * 1000 / REQUESTS, within * 1000 / REQUESTS, len(sent))


def asking(database: Database, question: Question, path: str) -> Callable[[], None]:
    """Return a function that sends the question to the application, and reads the answer."""
    app = create_app(Settings(), database)
    path, _, query = path.partition("?")
    body = b"" if question.body is None else json.dumps(question.body).encode()
    environ = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "PATH_INFO": path,
        "REQUEST_URI": path.replace(" ", "%20"),
        "QUERY_STRING": query.replace(" ", "+"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "application/hal+json",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
    }

    def ask() -> None:
        status = []
        answer = app({**environ, "wsgi.input": io.BytesIO(body)}, lambda line, *_: status.append(line))
        content = b"".join(answer)
        answer.close()
        if status != ["200 OK"]:
            raise RuntimeError(f"{path} answered {status[0]}: {content[:500]!r}")

    return ask


@contextmanager
def database_seconds(database: Database) -> Iterator[Callable[[], float]]:
    """Yield a function that returns the seconds that the database has worked for this process so far."""
    if not database.url.startswith("sqlite"):
        with database.connection() as connection:
            processes = connection.exec_driver_sql(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            )
            files = [Path(f"/proc/{pid}/schedstat") for (pid,) in processes]
        yield lambda: sum(int(file.read_text().split()[0]) for file in files) / 1e9
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


if __name__ == "__main__":
    main()
