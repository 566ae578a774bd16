"""The counters of results and interactions. Whoever changes them holds them until the transaction ends."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.insights.counts import (
    ALL,
    Additions,
    Counts,
    InteractionCounts,
    InteractionKey,
    Key,
    joined,
    less,
    total,
)
from broker.domain.insights.durations import Durations
from broker.storage.dialects import AS_BYTES, is_in
from broker.storage.leases import Leases
from broker.storage.tables import interaction_counts, pacticipants, result_counts

LEASE = "counting"
NUMBERS = ("passed", "failed", "pending", "interactions", "flaky")
_counts, _interactions = result_counts.c, interaction_counts.c
_KEY = ("consumer_id", "provider_id", "span", "start")
_WHOLE = select(*(_counts[name] for name in (*_KEY, *NUMBERS, "durations"))).execution_options(**AS_BYTES)
_KEPT = _WHOLE.where(
    is_in(_counts.provider_id, "provider_ids"),
    is_in(_counts.consumer_id, "consumer_ids"),
    _counts.start.in_(bindparam("starts", expanding=True)),
)
_ADD = insert(result_counts)
_ADD = _ADD.on_conflict_do_update(
    index_elements=_KEY, set_={name: _ADD.excluded[name] for name in (*NUMBERS, "durations")}
)
_PLACE = ("consumer_id", "provider_id", "key", "month")
_OF_INTERACTION = ("identity", "name", "runs", "failures", "flaky", "durations")
_KEPT_INTERACTIONS = (
    select(*(_interactions[name] for name in (*_PLACE, *_OF_INTERACTION)))
    .where(
        is_in(_interactions.provider_id, "provider_ids"),
        is_in(_interactions.consumer_id, "consumer_ids"),
        is_in(_interactions.key, "keys"),
        _interactions.month.in_(bindparam("months", expanding=True)),
    )
    .execution_options(**AS_BYTES)
)
_PUT_INTERACTION = insert(interaction_counts)
_PUT_INTERACTION = _PUT_INTERACTION.on_conflict_do_update(
    index_elements=_PLACE, set_={name: _PUT_INTERACTION.excluded[name] for name in (*_OF_INTERACTION, "p95")}
)


def _is_gone(column: ColumnElement[Any]) -> ColumnElement[bool]:
    known = select(pacticipants.c.id).where(pacticipants.c.id == column).exists()
    return is_in(column, "ids") & ~known


_OF_THE_GONE = or_(_is_gone(_counts.provider_id), _is_gone(_counts.consumer_id))
_PAIRS_OF_THE_GONE = _WHOLE.where(_OF_THE_GONE, _counts.consumer_id != ALL)
_FORGET = delete(result_counts).where(_OF_THE_GONE)
_FORGET_ALL = delete(result_counts)


class Counters:
    """Results, counted by day and week, and interactions, counted by month."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self) -> None:
        """Let no other transaction change the counters until this one ends."""
        # Everybody has the same name, so nobody is refused: who comes second waits for the row.
        Leases(self._connection).take(LEASE, LEASE, 0)

    def add(self, additions: Additions) -> None:
        """Add what was counted."""
        if not additions.counts:
            return
        kept = self._kept(additions.counts)
        self._put({key: total((kept.get(key, Counts()), new)) for key, new in additions.counts.items()})
        if additions.interactions:
            known = self._kept_interactions(additions.interactions)
            rows = {place: joined(known.get(place), new) for place, new in additions.interactions.items()}
            self._connection.execute(_PUT_INTERACTION, [_row(*row) for row in _in_order(rows)])

    def forget_deleted(self, ids: Collection[int]) -> None:
        """Remove the counters of those of these pacticipants that are gone, also from sums with others."""
        values = {"ids": sorted(ids)}
        removed: dict[Key, list[Counts]] = {}
        for key, counts in self._read(_PAIRS_OF_THE_GONE, values).items():
            for consumer_id, provider_id in ((ALL, key.provider_id), (ALL, ALL)):
                removed.setdefault(Key(consumer_id, provider_id, key.span, key.start), []).append(counts)
        self._connection.execute(_FORGET, values)
        if removed:
            kept = self._kept(removed)
            self._put({key: less(counts, total(removed[key])) for key, counts in kept.items()})

    def forget_all(self) -> None:
        """Remove all counters."""
        self._connection.execute(_FORGET_ALL)

    def _kept(self, keys: Collection[Key]) -> Mapping[Key, Counts]:
        values = {
            "provider_ids": sorted({key.provider_id for key in keys}),
            "consumer_ids": sorted({key.consumer_id for key in keys}),
            "starts": sorted({key.start for key in keys}),
        }
        return {key: counts for key, counts in self._read(_KEPT, values).items() if key in keys}

    def _read(self, statement: Any, values: Mapping[str, Any]) -> dict[Key, Counts]:
        return {Key(*row[:4]): _counts_of(row) for row in self._connection.execute(statement, values)}

    def _put(self, counters: Mapping[Key, Counts]) -> None:
        rows = [
            {
                **vars(key),
                **{name: getattr(counts, name) for name in NUMBERS},
                "durations": counts.durations.encode(),
            }
            for key, counts in _in_order(counters)
        ]
        if rows:
            self._connection.execute(_ADD, rows)

    def _kept_interactions(
        self, places: Collection[InteractionKey]
    ) -> Mapping[InteractionKey, InteractionCounts]:
        values = {
            "provider_ids": sorted({place.provider_id for place in places}),
            "consumer_ids": sorted({place.consumer_id for place in places}),
            "keys": sorted({place.key for place in places}),
            "months": sorted({place.month for place in places}),
        }
        return {
            InteractionKey(*row[:4]): _counts_of_interaction(row)
            for row in self._connection.execute(_KEPT_INTERACTIONS, values)
        }


def _counts_of(row: Any) -> Counts:
    *_, passed, failed, pending, interactions, flaky, durations = row
    return Counts(passed, failed, pending, interactions, flaky, Durations.decode(durations))


def _counts_of_interaction(row: Any) -> InteractionCounts:
    *_, identity, name, runs, failures, flaky, durations = row
    return InteractionCounts(identity, name, runs, failures, flaky, Durations.decode(durations))


def _in_order(rows: Mapping[Any, Any]) -> Iterable[tuple[Any, Any]]:
    return sorted(rows.items(), key=lambda item: tuple(vars(item[0]).values()))


def _row(place: InteractionKey, counts: InteractionCounts) -> dict[str, Any]:
    return {
        **vars(place),
        "identity": counts.id,
        "name": counts.name,
        "runs": counts.runs,
        "failures": counts.failures,
        "flaky": counts.flaky,
        "durations": counts.durations.encode(),
        "p95": counts.durations.quantile(0.95),
    }
