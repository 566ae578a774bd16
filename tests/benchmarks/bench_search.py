"""Search among a thousand interactions and among a hundred times as many, on both databases.

Prints milliseconds and the ratio of the two for queries of each kind, and how large the index is. Nothing is
asserted. Another size may be given, and a database: `bench_search.py 1000000 sqlite` takes eight minutes.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice, product

from support import databases

from broker.domain.search.entries import Entry, Kind
from broker.domain.search.query import query
from broker.domain.search.words import folded
from broker.storage.database import Database
from broker.storage.tables import integrations

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = 1_000
PER_INTEGRATION = 1_000
QUERIES = {
    "a word that one interaction has": "needle",
    "inside a word": "eedl",
    "a path": "/needles/{id}",
    "a word that all have": "request",
    "two words that all have": "get request",
    "one letter": "r",
    "two letters": "or",
    "one sign that all have": "/",
    "a number that many have": "317",
    "words that never stand together": "request 317 needle",
    "nothing": "zyzzyva",
    "letters that are everywhere, nowhere so": "requestget",
}


def main(large: int, names: Sequence[str]) -> None:
    """Print one table for each database."""
    for name in names:
        with databases.NEW_DATABASE[name]() as small_url, databases.NEW_DATABASE[name]() as large_url:
            took = fill(large_url, large)
            fill(small_url, SMALL)
            print(f"{name}: {large:,} interactions indexed in {took:.0f} s; {size(large_url)}")
            for kind, text in QUERIES.items():
                few, many = measured(small_url, text), measured(large_url, text)
                print(f"  {kind:42} {few:6.2f} ms {many:6.2f} ms   {many / few:5.2f}")


def fill(url: str, number: int) -> float:
    """Index as many interactions, and one that is like no other; return the seconds that it took."""
    database = Database(url, synchronous="normal")
    names = [f"Service {index}" for index in range(number // PER_INTEGRATION + 2)]
    with database.transaction() as storage:
        made = storage.pacticipants.create(names, NOW)
        storage.integrations.touch(made[names[0]], [made[name] for name in names[1:]], NOW)
        ids = list(storage.connection.scalars(integrations.select().with_only_columns(integrations.c.id)))
    started = time.perf_counter()
    texts = interactions(number)
    for owner in ids:
        some = [entry(owner, *each) for each in islice(texts, PER_INTEGRATION)]
        with database.transaction() as storage:
            storage.search_index.replace("integration_id", [owner], some)
    took = time.perf_counter() - started
    if database.url.startswith("postgresql"):
        with database.connection() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")
    database.close()
    return took


def interactions(number: int) -> Iterator[tuple[str, str]]:
    """Yield descriptions and paths, all different."""
    yield "a request for a needle", "/needles/{id}"
    syllables = ("or", "ba", "ke", "li", "mo", "nu", "pa", "re", "sa", "ti", "ve", "zo", "qui")
    nouns = ("".join(parts) for parts in product(syllables, repeat=3))
    yield from islice(
        (
            (f"a request for {noun} {index}", f"/{noun}s/{index}/lines")
            for noun in nouns
            for index in range(500)
        ),
        number - 1,
    )


def entry(owner: int, description: str, path: str) -> Entry:
    """Return the entry of one interaction."""
    text = folded(f"{description} GET {path}")
    return Entry(Kind.INTERACTION, owner, text, description, "GET", path, interaction="0" * 40)


def measured(url: str, text: str) -> float:
    """Return the milliseconds of a search for *text*, the least of many."""
    asked = query(text)
    assert asked is not None
    database = Database(url)
    times = []
    for _ in range(40):
        with database.reading() as storage:
            began = time.perf_counter()
            storage.search_results.find(asked, list(Kind), 50)
            times.append(1000 * (time.perf_counter() - began))
    database.close()
    return min(times)


def size(url: str) -> str:
    """Return how large the database is, as a sentence."""
    database = Database(url)
    statement = (
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if database.url.startswith("sqlite")
        else "SELECT pg_database_size(current_database())"
    )
    with database.connection() as connection:
        found = connection.exec_driver_sql(statement).scalar()
    database.close()
    return f"the database has {found / 1_000_000:,.0f} MB"


if __name__ == "__main__":
    databases.begin_run()
    main(int((sys.argv[1:] or ["100000"])[0]), sys.argv[2:] or ("sqlite", "postgresql"))
