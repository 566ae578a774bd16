"""Counters of a large broker for many days, written row by row: results of each day of all pairs.

The newest day is today. Each consumer has ten interactions with each provider, in each month.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import Table, create_engine, insert
from support.big_data import Size

from broker.domain.insights.durations import Durations
from broker.domain.insights.periods import SPANS, month_of, start_of
from broker.storage import tables
from broker.storage.database_url import with_driver

_TIMES = Durations.of([5 * 1.3**power for power in range(20)]).encode()
_INTERACTIONS = 10
Row = dict[str, Any]


def fill_counters(url: str, size: Size, days: int) -> None:
    """Write the counters of so many *days* for the consumers and providers of a broker of this size."""
    engine = create_engine(with_driver(url))
    pairs = list(
        product(range(1, size.consumers + 1), range(size.consumers + 1, size.consumers + size.providers + 1))
    )
    today = datetime.now(UTC).date()
    known = [today - timedelta(days=number) for number in range(days)]
    with engine.begin() as connection:
        for table, rows in (
            (tables.result_counts, list(_counts(pairs, known))),
            (tables.interaction_counts, list(_interactions(pairs, known))),
            (tables.integration_activity, list(_activity(pairs))),
            (tables.contract_sizes, list(_sizes(pairs, known))),
        ):
            _write(connection, table, rows)
    engine.dispose()


def _write(connection: Any, table: Table, rows: list[Row]) -> None:
    connection.execute(insert(table), rows)


def _counts(pairs: list[tuple[int, int]], days: list[date]) -> Iterator[Row]:
    providers = {provider for _, provider in pairs}
    keys = [*pairs, *((0, provider) for provider in providers), (0, 0)]
    for span in SPANS:
        for start, (consumer, provider) in product(sorted({start_of(day, span) for day in days}), keys):
            yield {
                "consumer_id": consumer,
                "provider_id": provider,
                "span": span,
                "start": start,
                "passed": 9,
                "failed": 1,
                "pending": 0,
                "interactions": 100,
                "flaky": 1,
                "durations": _TIMES,
            }


def _interactions(pairs: list[tuple[int, int]], days: list[date]) -> Iterator[Row]:
    months = sorted({month_of(day) for day in days})
    for month, (consumer, provider), number in product(months, pairs, range(_INTERACTIONS)):
        yield {
            "consumer_id": consumer,
            "provider_id": provider,
            "key": f"{number:032}",
            "month": month,
            "identity": f"{number:040}",
            "name": f"a request for something of kind {number}",
            "runs": 30,
            "failures": 3,
            "flaky": (consumer + provider + number) % 7 == 0,
            "durations": _TIMES,
            "p95": 10.0 * number + consumer + provider / 100,
        }


def _activity(pairs: list[tuple[int, int]]) -> Iterator[Row]:
    now = datetime.now(UTC)
    for consumer, provider in pairs:
        yield {
            "consumer_id": consumer,
            "provider_id": provider,
            "first_at": now - timedelta(days=700),
            "result_at": now - timedelta(hours=consumer * provider % 900),
            "failure_at": now - timedelta(hours=consumer * provider % 900),
            "published_at": now,
            "interactions": 12,
            "size": 12_000 + consumer,
        }


def _sizes(pairs: list[tuple[int, int]], days: list[date]) -> Iterator[Row]:
    now = datetime.now(UTC)
    for day, (consumer, provider) in product(days, pairs):
        yield {
            "consumer_id": consumer,
            "provider_id": provider,
            "day": day,
            "publications": 3,
            "interactions": 10,
            "size": 10_000,
            "published_at": now,
        }
