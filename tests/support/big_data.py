"""A large broker, written to the database row by row: consumers that all have pacts with all providers.

Every tenth version of a consumer changes what it expects, if nothing else is said; the n-th version of a
provider verifies the n-th version of each consumer. The newest version but one is in production, the newest
in test. If that is asked for, each version of a provider has a document that it keeps, and that needs
something of the next provider; it changes as the contents do, with which it was compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import orjson
from sqlalchemy import Table, create_engine, text
from sqlalchemy.engine import Engine
from support.factories import a_pact, an_interaction

from broker.domain.pacts import outline
from broker.storage import tables
from broker.storage.database_url import with_driver
from broker.storage.overview.standing_renewal import StandingRenewal
from tally.hashing import content_hash

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
VERSIONS_PER_TAG = 10
VERSIONS_PER_FAILURE = 7
Values = tuple[object, ...]


@dataclass(frozen=True)
class Size:
    """How much there is; the history grows with the versions of each application."""

    consumers: int = 20
    providers: int = 20
    versions: int = 100
    versions_per_content: int = 10
    service_contracts: bool = False

    @property
    def results(self) -> int:
        """How many results there are, and as many publications."""
        return self.consumers * self.providers * self.versions


def fill(url: str, size: Size) -> None:
    """Write everything into a new, migrated database."""
    engine = create_engine(with_driver(url))
    write = _copy if engine.dialect.name == "postgresql" else _insert
    for table, rows in _everything(size):
        write(engine, table, rows)
    with engine.begin() as connection:
        StandingRenewal(connection).renew_all()
    if engine.dialect.name == "postgresql":
        _tidy(engine)
    engine.dispose()


def change(url: str, *statements: str) -> None:
    """Run these statements, and let PostgreSQL find out what they changed."""
    engine = create_engine(with_driver(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    if engine.dialect.name == "postgresql":
        _tidy(engine)
    engine.dispose()


def _everything(size: Size) -> Iterator[tuple[Table, Iterable[Values]]]:
    """Yield each table with its rows: all its columns, in their order."""
    names = [f"Consumer {number:02}" for number in range(1, size.consumers + 1)]
    names += [f"Provider {number:02}" for number in range(1, size.providers + 1)]
    start = _moment(0)
    yield (
        tables.pacticipants,
        [
            (number, name, name, None, None, None, "main", start, start)
            for number, name in enumerate(names, 1)
        ],
    )
    yield tables.versions, _versions(size, len(names))
    newest = (size.versions - 1) * len(names)
    yield (
        tables.branches,
        [(number, number, "main", newest + number, start, start) for number, _ in enumerate(names, 1)],
    )
    yield tables.branch_versions, _branch_versions(size, len(names))
    yield tables.tags, _tags(size, len(names))
    pairs = [
        (consumer, size.consumers + provider)
        for consumer, provider in product(range(1, size.consumers + 1), range(1, size.providers + 1))
    ]
    yield (
        tables.integrations,
        [
            (number, *pair, start, _moment(size.versions), None)
            for number, pair in enumerate([*pairs, *_following(size).items()], 1)
        ],
    )
    yield tables.pact_versions, _contents(size, pairs, names)
    yield tables.pact_publications, _publications(size, pairs, len(names))
    yield tables.verifications, _results(size, pairs, len(names))
    yield tables.failed_results, _failures(size, pairs)
    yield tables.branch_successes, _successes(size, pairs)
    yield tables.deployed_versions, _deployments(size, len(names))
    if size.service_contracts:
        yield from _service_contracts(size, pairs, len(names))


def _service_contracts(
    size: Size, pairs: list[tuple[int, int]], applications: int
) -> Iterator[tuple[Table, Iterable[Values]]]:
    """Yield what is about documents. Those of a change of the contents have the number of the change."""
    providers = range(size.consumers + 1, applications + 1)
    numbered = [
        (change * size.providers + index, change, provider)
        for change in range(size.versions // size.versions_per_content)
        for index, provider in enumerate(providers, 1)
    ]
    shas = {
        number: content_hash({"consumer": number, "interactions": [f"document {number}"]})
        for number, *_ in numbered
    }
    since = {change: _moment(change * size.versions_per_content + 1) for _, change, _ in numbered}
    yield (
        tables.service_contracts,
        [
            (number, provider, shas[number], "openapi", b"{}", 10, since[change])
            for number, change, provider in numbered
        ],
    )
    yield (
        tables.service_contract_sets,
        [(number, provider, shas[number], since[change]) for number, change, provider in numbered],
    )
    yield (
        tables.service_contract_set_documents,
        [(number, "openapi", number) for number, *_ in numbered],
    )
    versions = [
        (
            (number - 1) * applications + provider,
            (number - 1) // size.versions_per_content * size.providers + index,
        )
        for number in range(1, size.versions + 1)
        for index, provider in enumerate(providers, 1)
    ]
    yield (
        tables.service_contract_publications,
        [(version, document, True, _moment(0)) for version, document in versions],
    )
    yield (
        tables.service_contract_verifications,
        [
            (number, document, version, True, None, None, None, _moment(1))
            for number, (version, document) in enumerate(versions, 1)
        ],
    )
    yield (
        tables.comparisons,
        (
            (content, *pair, content, document, False, "compatible", b'{"interactions": []}', since[change])
            for change in since
            for index, pair in enumerate(pairs, 1)
            for content in [change * len(pairs) + index]
            for document in [change * size.providers + pair[1] - size.consumers]
        ),
    )
    yield (
        tables.service_contract_operations,
        ((number, f"operation:GET /{name}/{{}}") for number, *_ in numbered for name in range(10)),
    )
    following = {
        provider: provider + 1 if provider < applications else providers[0] for provider in providers
    }
    yield (
        tables.service_contract_dependencies,
        [(number, number, provider, following[provider], True, None) for number, _, provider in numbered],
    )
    yield (
        tables.service_contract_needs,
        [(number, "operation:GET /1/{}", "GET /1/{id}") for number, *_ in numbered],
    )


def _following(size: Size) -> dict[int, int]:
    """Return which provider each provider needs."""
    if not size.service_contracts:
        return {}
    first, last = size.consumers + 1, size.consumers + size.providers
    return {provider: provider + 1 if provider < last else first for provider in range(first, last + 1)}


def _versions(size: Size, applications: int) -> Iterator[Values]:
    for number, application in product(range(1, size.versions + 1), range(1, applications + 1)):
        version = (number - 1) * applications + application
        yield version, application, str(number), version, None, _moment(number), _moment(number)


def _branch_versions(size: Size, applications: int) -> Iterator[Values]:
    for version, branch, number, position, _, moment, _ in _versions(size, applications):
        del number
        yield version, branch, version, position, False, moment, moment


def _tags(size: Size, applications: int) -> Iterator[Values]:
    for version, application, number, position, _, moment, _ in _versions(size, applications):
        if int(str(number)) % VERSIONS_PER_TAG == 0:
            yield version, application, version, "dev", position, moment


def _contents(size: Size, pairs: list[tuple[int, int]], names: list[str]) -> Iterator[Values]:
    for change, (index, (consumer, provider)) in product(
        range(size.versions // size.versions_per_content), enumerate(pairs, 1)
    ):
        interactions = [
            {"_id": f"{number}-of-{change}", **an_interaction(f"request {number} as of {change}")}
            for number in range(5)
        ]
        document = a_pact(*interactions, consumer=names[consumer - 1], provider=names[provider - 1])
        # Hashing each document would take most of the time; what counts is that hashes differ.
        sha = content_hash({"consumer": index, "interactions": [change]})
        moment = _moment(change * size.versions_per_content + 1)
        yield (
            change * len(pairs) + index,
            consumer,
            provider,
            sha,
            orjson.dumps(document),
            5,
            0,
            moment,
            None,
            outline.written(outline.outline_of(document)),
        )


def _publications(size: Size, pairs: list[tuple[int, int]], applications: int) -> Iterator[Values]:
    for number, (index, (consumer, provider)) in product(range(1, size.versions + 1), enumerate(pairs, 1)):
        version = (number - 1) * applications + consumer
        content = (number - 1) // size.versions_per_content * len(pairs) + index
        publication = (number - 1) * len(pairs) + index
        yield publication, consumer, provider, version, content, 1, False, version, _moment(number)


def _results(size: Size, pairs: list[tuple[int, int]], applications: int) -> Iterator[Values]:
    for number, (index, (consumer, provider)) in product(range(1, size.versions + 1), enumerate(pairs, 1)):
        version = (number - 1) * applications + provider
        content = (number - 1) // size.versions_per_content * len(pairs) + index
        success = number % VERSIONS_PER_FAILURE != 0
        flags = (success, False, False, None, None, None, None, None)
        yield (number - 1) * len(pairs) + index, content, consumer, provider, version, *flags, _moment(number)


def _failures(size: Size, pairs: list[tuple[int, int]]) -> Iterator[Values]:
    problem = ("body $.id", "Expected 1, but got 2", "1", "2")
    for number in range(VERSIONS_PER_FAILURE, size.versions + 1, VERSIONS_PER_FAILURE):
        for index, _ in enumerate(pairs, 1):
            result = (number - 1) * len(pairs) + index
            yield result, 1, *problem, result, str(number), _moment(number), 1, b""


def _successes(size: Size, pairs: list[tuple[int, int]]) -> Iterator[Values]:
    for change, (index, (_, provider)) in product(
        range(size.versions // size.versions_per_content), enumerate(pairs, 1)
    ):
        first = _moment(change * size.versions_per_content + 1)
        yield change * len(pairs) + index, provider, False, first


def _deployments(size: Size, applications: int) -> Iterator[Values]:
    """Each version was in test, then in production; migrations made these environments, in this order."""
    for version, application, number, *_ in _versions(size, applications):
        at = int(str(number))
        for environment, last in ((1, size.versions), (2, size.versions - 1)):
            if at <= last:
                row = 2 * int(str(version)) + environment - 1
                ended = None if at == last else _moment(at + 1)
                place = (str(UUID(int=row)), version, application, environment)
                yield row, *place, "", False, _moment(at), _moment(at), ended


def _moment(hours: int) -> str:
    return (BEGINNING + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S.000000")


def _insert(engine: Engine, table: Table, rows: Iterable[Values]) -> None:
    connection = engine.raw_connection()
    connection.execute("PRAGMA synchronous = OFF")
    marks = ", ".join("?" for _ in table.columns)
    connection.cursor().executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)  # noqa: S608 - ours
    connection.commit()
    connection.close()


def _copy(engine: Engine, table: Table, rows: Iterable[Values]) -> None:
    connection = engine.raw_connection()
    cursor = connection.cursor()
    # Checking every reference would take most of the time; they are right.
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("SET TIME ZONE 'UTC'")
    columns = ", ".join(column.name for column in table.columns)
    with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute("SET session_replication_role = origin")
    if "id" in table.columns:
        # What counts down, far above these ids (`mix_up_sequences`), goes on from where it is.
        cursor.execute(
            f"SELECT setval(seqrelid::regclass, (SELECT max(id) FROM {table.name})) FROM pg_sequence"  # noqa: S608 - ours
            f" WHERE seqrelid = pg_get_serial_sequence('{table.name}', 'id')::regclass AND seqincrement > 0"
        )
    connection.commit()
    connection.close()


def _tidy(engine: Engine) -> None:
    """Do what the server does by itself after a while: gather statistics, and mark what all can see."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SELECT setval('version_positions', max(position)) FROM versions")
        connection.exec_driver_sql("VACUUM ANALYZE")
