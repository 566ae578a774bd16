"""What each request of the API costs: with little, with much, and with ten times that history.

Run it with `make bench`. Nothing is asserted: these are figures to compare within one run. On PostgreSQL the
time in the database is the CPU of its process; on SQLite, which is part of ours, the time in its statements.
Every path of the broker that can be read is asked, from one list of values for what is variable in it.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

from bench_decisions import Cost, Question, asking, database_seconds
from big_data import Size, fill
from databases import NEW_DATABASE, begin_run
from factories import a_pact, a_publication, a_verification_result, an_interaction
from sql_statements import sql_statements
from sqlalchemy import text

from broker.app import create_app
from broker.settings import Settings
from broker.storage.database import Database
from broker.web.routes import PATHS

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "60"))
LARGEST = int(os.environ.get("BENCH_VERSIONS", "1000"))
SIZES = (Size(5, 5, 20), Size(versions=LARGEST // 10), Size(versions=LARGEST))
GROWTH = 1.3
FIRST = (
    "SELECT (SELECT sha FROM pact_versions WHERE consumer_id = c.id AND provider_id = p.id"
    " ORDER BY id DESC LIMIT 1) AS sha,"
    " (SELECT max(id) FROM verifications WHERE consumer_id = c.id AND provider_id = p.id) AS number,"
    " (SELECT uuid FROM environments WHERE name = 'production') AS uuid"
    " FROM pacticipants c, pacticipants p WHERE c.name = 'Consumer 02' AND p.name = 'Provider 03'"
)
# What cannot be asked without something that is not there, or is no question about history.
LEFT_OUT = re.compile(
    r"webhook|/secrets?|service-contract|label|/test/error|/diff/|released-versions/\{|"
    r"^/deployed-versions|/doc/|hal-browser|api-docs|openapi|diagnostic|/metadata/|\?"
)
NO_READS = {"/contracts/publish", "/relationships", PATHS["verification-results"], PATHS["integration"]}
OF_ONE = re.compile(r"deploy|/versions/\{version\}|\{branch\}/versions/")
QUERIES = {
    "/matrix": "?q[][pacticipant]=Consumer 02&q[][version]={version}&latestby=cvpv",
    "/can-i-deploy": "?pacticipant=Consumer 02&version={version}&environment=production",
    "/deploy-plan": "?q[][pacticipant]=Consumer 02&q[][version]={version}&environment=production",
}
PAGE = "?pageNumber=1&pageSize=100"
PAGED = re.compile(r"/(pacticipants|dashboard|integrations|branches)$|^/pacticipants/.*/versions$")
# They answer with all that there ever was, as the Pact Broker does.
WHOLE = re.compile(
    r"consumer\}/(versions|tag/\{tag\}|branch/versions|branch/\{branch\})$|^/matrix/provider/\{provider\}/consumer/\{consumer\}$|provider\}/(tag/\{tag\}|branch/\{branch\}|branch)$|^/pacts/provider/\{provider\}$"
)


def main() -> None:
    """Print the figures for both databases."""
    begin_run()
    for name, new_database in NEW_DATABASE.items():
        with ExitStack() as databases:
            urls = [databases.enter_context(new_database()) for _ in SIZES]
            for url, size in zip(urls, SIZES, strict=True):
                fill(url, size)
                forget_one_branch(url)
            report(name, urls)


def forget_one_branch(url: str) -> None:
    """Let there be a branch and a tag that only the first version of each application has."""
    database = Database(url)
    with database.connection() as connection:
        for statement in (
            (
                "INSERT INTO branches (pacticipant_id, name, head_version_id, created_at, updated_at)"
                " SELECT pacticipant_id, 'old', id, created_at, created_at FROM versions WHERE number = '1'"
            ),
            (
                "INSERT INTO branch_versions"
                " (branch_id, version_id, position, auto_created, created_at, updated_at)"
                " SELECT b.id, v.id, v.position, b.id < 0, v.created_at, v.created_at"
                " FROM branches b JOIN versions v ON v.id = b.head_version_id WHERE b.name = 'old'"
            ),
            (
                "INSERT INTO tags (pacticipant_id, version_id, name, position, created_at)"
                " SELECT pacticipant_id, id, 'old', position, created_at FROM versions WHERE number = '1'"
            ),
        ):
            connection.execute(text(statement))
        connection.commit()
    database.close()


def report(name: str, urls: list[str]) -> None:
    """Print what each request costs on each of the databases, and which of them grow."""
    print(f"\n{name:44}" + "".join(f"{size.results:>12} results   " for size in SIZES))
    print(f"  {'ms':42}" + len(SIZES) * f"{'app':>8}{'database':>10}{'SQL':>5}  " + f"{'ratio':>6}")
    for title in questions(urls[0], SIZES[0]):
        costs = [measure(url, questions(url, size)[title]) for url, size in zip(urls, SIZES, strict=True)]
        columns = "".join(
            f"{cost.application:8.2f}{cost.database:10.2f}{cost.statements:5}  " for cost in costs
        )
        ratio = costs[2].both / costs[1].both
        print(f"  {title:42}{columns}{ratio:6.2f}{'  grows' if ratio > GROWTH else ''}", flush=True)


def questions(url: str, size: Size) -> dict[str, Question]:
    """Return the requests by their titles: every path that can be read, and what is written most."""
    database = Database(url)
    with database.connection() as connection:
        found = connection.execute(text(FIRST)).one()._asdict()
    database.close()
    newest = str(size.versions)
    values = {
        **{key: str(value) for key, value in found.items()},
        **dict.fromkeys(("pacticipant", "consumer"), "Consumer 02"),
        "provider": "Provider 03",
        **dict.fromkeys(("version", "consumer_version"), newest),
        **dict.fromkeys(("tag", "to_tag", "provider_tag"), "dev"),
        "branch": "main",
        "environment": "production",
    }
    return {question.name: question for question in [*_reads(values), *_writes(values)]}


def _reads(values: dict[str, str]) -> Iterator[Question]:
    for name, path in PATHS.items():
        if LEFT_OUT.search(path) or path in NO_READS or WHOLE.search(path):
            continue
        query = QUERIES.get(path, PAGE if PAGED.search(path) else "")
        yield Question(name, (path + query).format_map(values))
        for variable in ("tag", "branch"):
            if f"{{{variable}}}" in path and not OF_ONE.search(path):
                yield Question(f"{name}, old", (path + query).format_map({**values, variable: "old"}))


def _writes(values: dict[str, str]) -> Iterator[Question]:
    contract = a_pact(an_interaction("new"), consumer="Consumer 02", provider="Provider 03")
    path = PATHS["verification-results"].format_map(values)
    yield Question("publish one contract", "/contracts/publish", lambda n: a_publication(contract, version=n))
    yield Question("publish one result", path, a_verification_result)


def measure(url: str, question: Question) -> Cost:
    """Return what the question costs, on average; what writes is asked with a new version each time."""
    database = Database(url)
    app = create_app(Settings(), database)
    bodies = [question.body(f"b{n}") for n in range(REQUESTS * 2)] if callable(question.body) else None
    one = asking(database, question, question.path) if bodies is None else None
    client = app.test_client()

    def ask() -> None:
        if one is not None:
            one()
        else:
            answer = client.post(question.path, json=bodies.pop())
            assert answer.status_code in {200, 201}, answer.text

    with sql_statements() as sent:
        ask()
    for _ in range(3):
        ask()
    with database_seconds(database) as seconds:
        before, began, number = seconds(), time.process_time(), 0
        while number < REQUESTS and (number < 3 or time.process_time() - began < 0.1):
            ask()
            number += 1
        application, within = time.process_time() - began, seconds() - before
    database.close()
    if url.startswith("sqlite"):
        application -= within
    return Cost(application * 1000 / number, within * 1000 / number, len(sent))


if __name__ == "__main__":
    main()
