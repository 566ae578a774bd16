"""The tables of the page of the insights: what is slow, flaky, old, or grows. One statement finds all."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Float,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from broker.domain.insights.periods import Window
from broker.domain.insights.question import (
    Filter,
    FlakyInteraction,
    GrownContract,
    KnownNames,
    Lists,
    OldResult,
    SlowInteraction,
)
from broker.storage.insights import filters
from broker.storage.tables import (
    contract_sizes,
    integration_activity,
    integrations,
    interaction_counts,
    pacticipants,
)

_interactions, _active, _sizes = interaction_counts.c, integration_activity.c, contract_sizes.c
_consumers, _providers = pacticipants.alias("consumers"), pacticipants.alias("providers")
_TEXT, _NUMBER = cast(null(), String), cast(null(), BigInteger)
_RATIO, _MOMENT = cast(null(), Float), cast(null(), _active.result_at.type)
_MOST: BindParameter[int] = bindparam("most")


def _named(some: Select[Any], order: ColumnElement[Any], kind: str, columns: Sequence[str]) -> Select[Any]:
    """Return the first of *some* rows with the names of their pairs, in columns that all kinds have."""
    few = some.order_by(order).limit(_MOST).subquery()
    known = {name: few.c[name] for name in columns}
    empty = {"identity": _TEXT, "name": _TEXT, "amount": _RATIO, "first": _NUMBER, "second": _NUMBER}
    empty |= {"third": _NUMBER, "fourth": _NUMBER, "at": _MOMENT}
    return (
        select(
            literal(kind).label("kind"),
            _consumers.c.name.label("consumer"),
            _providers.c.name.label("provider"),
            *((known.get(name, nothing)).label(name) for name, nothing in empty.items()),
        )
        .join_from(few, _consumers, _consumers.c.id == few.c.consumer_id)
        .join(_providers, _providers.c.id == few.c.provider_id)
    )


def _of_months(chosen: Filter, months: int, kind: str) -> Select[Any]:
    """Return what selects the slowest, or the flakiest: of each month the first entries of an index."""
    column = _interactions.p95 if kind == "slow" else _interactions.flaky
    some = select(
        _interactions.consumer_id,
        _interactions.provider_id,
        _interactions.key,
        _interactions.identity,
        _interactions.name,
        _interactions.p95,
        _interactions.runs,
        _interactions.flaky,
    ).where(column.is_not(None) if kind == "slow" else column > 0)
    some = filters.restrict(some, chosen, _interactions.provider_id, _interactions.consumer_id)
    of_months = [
        some.where(_interactions.month == bindparam(f"month_{number}"))
        .order_by(column.desc())
        .limit(_MOST)
        .subquery()
        for number in range(months)
    ]
    found = union_all(*(select(of_month) for of_month in of_months)).subquery()
    worst = func.max(found.c.p95) if kind == "slow" else func.sum(found.c.flaky)
    grouped = select(
        found.c.consumer_id,
        found.c.provider_id,
        func.max(found.c.identity).label("identity"),
        func.max(found.c.name).label("name"),
        func.max(found.c.p95).label("amount"),
        cast(func.sum(found.c.runs), BigInteger).label("first"),
        cast(func.sum(found.c.flaky), BigInteger).label("second"),
    ).group_by(found.c.consumer_id, found.c.provider_id, found.c.key)
    return _named(grouped, worst.desc(), kind, ("identity", "name", "amount", "first", "second"))


def _still_there() -> ColumnElement[bool]:
    return (
        select(1)
        .where(
            integrations.c.consumer_id == _active.consumer_id,
            integrations.c.provider_id == _active.provider_id,
        )
        .exists()
    )


def _old(chosen: Filter) -> Select[Any]:
    waiting_since = func.coalesce(_active.result_at, _active.first_at)
    some: Select[Any] = select(
        _active.consumer_id,
        _active.provider_id,
        waiting_since.label("at"),
        case((_active.result_at.is_not(None), 1), else_=0).label("first"),
    ).where(_still_there())
    some = filters.restrict(some, chosen, _active.provider_id, _active.consumer_id)
    return _named(some, waiting_since, "old", ("at", "first"))


_before = contract_sizes.alias("before")


def _day(of: Any, *conditions: ColumnElement[bool]) -> Any:
    return (
        select(of)
        .where(
            _before.c.provider_id == _active.provider_id,
            _before.c.consumer_id == _active.consumer_id,
            *conditions,
        )
        .correlate(integration_activity)
        .scalar_subquery()
    )


def _grown(chosen: Filter) -> Select[Any]:
    # What the window began with; what was published later than that, if nothing was before.
    began = func.coalesce(
        _day(func.max(_before.c.day), _before.c.day < bindparam("first_day", type_=_sizes.day.type)),
        _day(func.min(_before.c.day)),
    )
    more_interactions, more_bytes = _active.interactions - _sizes.interactions, _active.size - _sizes.size
    some: Select[Any] = (
        select(
            _active.consumer_id,
            _active.provider_id,
            _active.interactions.label("first"),
            more_interactions.label("second"),
            _active.size.label("third"),
            more_bytes.label("fourth"),
        )
        .outerjoin_from(
            integration_activity,
            contract_sizes,
            (_sizes.provider_id == _active.provider_id)
            & (_sizes.consumer_id == _active.consumer_id)
            & (_sizes.day == began),
        )
        .where(
            _active.published_at >= bindparam("since", type_=_active.published_at.type),
            # With a plain condition SQLite would begin with all sizes of all days.
            func.coalesce(more_bytes, 0) > 0,
            _still_there(),
        )
    )
    some = filters.restrict(some, chosen, _active.provider_id, _active.consumer_id)
    return _named(some, more_bytes.desc(), "grown", ("first", "second", "third", "fourth"))


@cache
def _all(chosen: Filter, months: int) -> Any:
    of_interactions = [_of_months(chosen, months, kind) for kind in ("slow", "flaky")]
    return union_all(*of_interactions, _old(chosen), _grown(chosen))


class InsightLists:
    """The first of each table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, chosen: Filter, names: KnownNames, window: Window, since: datetime, *, most: int) -> Lists:
        """Return at most *most* rows of each table, the worst first; *since* is the moment it begins."""
        months = window.months()
        values: dict[str, Any] = {
            **filters.values(chosen, names),
            **{f"month_{number}": month for number, month in enumerate(months)},
            "most": most,
            "first_day": window.first,
            "since": since,
        }
        rows: dict[str, list[Any]] = {}
        for row in self._connection.execute(_all(filters.shape(chosen), len(months)), values):
            rows.setdefault(row.kind, []).append(row)
        return Lists(
            sorted(map(_slow, rows.get("slow", ())), key=lambda item: -item.milliseconds),
            sorted(map(_flaky, rows.get("flaky", ())), key=lambda item: (-item.turns, item.runs)),
            sorted(map(_old_result, rows.get("old", ())), key=lambda item: item.at),
            sorted(map(_grown_contract, rows.get("grown", ())), key=lambda item: -item.more_bytes),
        )


def _slow(row: Any) -> SlowInteraction:
    return SlowInteraction(row.consumer, row.provider, row.identity, row.name, row.amount, int(row.first))


def _flaky(row: Any) -> FlakyInteraction:
    turns, runs = int(row.second), int(row.first)
    return FlakyInteraction(row.consumer, row.provider, row.identity, row.name, turns, runs)


def _old_result(row: Any) -> OldResult:
    return OldResult(row.consumer, row.provider, row.at, bool(row.first))


def _grown_contract(row: Any) -> GrownContract:
    first, second, third, fourth = (int(row[index]) for index in range(6, 10))
    return GrownContract(row.consumer, row.provider, first, second, third, fourth)
