"""Counters over time, for the page of the insights: it reads as many rows for a year as for two months."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, bindparam, cast, func, select

from broker.domain.insights.counts import ALL, Counts, total
from broker.domain.insights.durations import Durations
from broker.domain.insights.periods import Window
from broker.domain.insights.question import (
    DurationLines,
    Filter,
    InsightQuestion,
    IntegrationDays,
    KnownNames,
)
from broker.storage.dialects import AS_BYTES
from broker.storage.insights import filters
from broker.storage.tables import integration_activity, integrations, pacticipants, result_counts

_counts, _active = result_counts.c, integration_activity.c
_NUMBERS = ("passed", "failed", "pending", "interactions", "flaky")
_NONE = Durations()
_SHOWN = ("passed", "failed", "pending", "flaky")
"""Of an integration."""
_consumers, _providers = pacticipants.alias("consumers"), pacticipants.alias("providers")
_IN_WINDOW = (_counts.span == bindparam("span"), _counts.start >= bindparam("first"))
_ROWS = select(_counts.start, *(_counts[name] for name in _NUMBERS), _counts.durations).execution_options(
    **AS_BYTES
)
_OF_ALL = _ROWS.where(_counts.provider_id == ALL, _counts.consumer_id == ALL, *_IN_WINDOW)
_OF_SERVICE = _ROWS.where(
    _counts.provider_id == bindparam("service_id"), _counts.consumer_id == ALL, *_IN_WINDOW
)
_OF_CONSUMER = _ROWS.where(_counts.consumer_id == bindparam("consumer_id"), *_IN_WINDOW)


@cache
def _of_several(chosen: Filter) -> Select[Any]:
    """Return what selects the sums of several services, without durations: to add up those takes long."""
    found = select(_counts.start, *(func.sum(_counts[name]) for name in _NUMBERS))
    found = filters.restrict(found, chosen, _counts.provider_id)
    return found.where(_counts.consumer_id == ALL, *_IN_WINDOW).group_by(_counts.start)


@cache
def _pairs(chosen: Filter) -> Select[Any]:
    """Return what selects the integrations of a page, those that failed last first, with their counters."""
    few = (
        select(
            _active.consumer_id,
            _active.provider_id,
            _active.failure_at,
            _active.result_at,
            _consumers.c.name.label("consumer"),
            _providers.c.name.label("provider"),
        )
        .join_from(
            integration_activity,
            integrations,
            (integrations.c.consumer_id == _active.consumer_id)
            & (integrations.c.provider_id == _active.provider_id),
        )
        .join(_consumers, _consumers.c.id == _active.consumer_id)
        .join(_providers, _providers.c.id == _active.provider_id)
        .where(_active.result_at.is_not(None))
    )
    few = filters.restrict(few, chosen, _active.provider_id, _active.consumer_id)
    shown = (
        few.order_by(_active.failure_at.desc().nulls_last(), _active.consumer_id, _active.provider_id)
        .limit(bindparam("most"))
        .offset(bindparam("after"))
        .subquery("shown")
    )
    written: ColumnElement[str] = cast(_counts.start, String)
    for name in _SHOWN:
        written = written + ":" + cast(_counts[name], String)
    return (
        select(shown.c.consumer, shown.c.provider, shown.c.result_at, func.aggregate_strings(written, ","))
        .outerjoin_from(
            shown,
            result_counts,
            (_counts.consumer_id == shown.c.consumer_id)
            & (_counts.provider_id == shown.c.provider_id)
            & _IN_WINDOW[0]
            & _IN_WINDOW[1],
        )
        .group_by(*shown.c)
        .order_by(shown.c.failure_at.desc().nulls_last(), shown.c.consumer_id, shown.c.provider_id)
    )


class InsightHistory:
    """Counters of the periods of a window."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self, chosen: Filter, names: KnownNames, window: Window) -> Mapping[date, Counts]:
        """Return what was counted in each period that has anything.

        Without durations for a team or an environment.
        """
        values = {**filters.values(chosen, names), "span": window.span, "first": window.first}
        found: dict[date, list[Counts]] = {}
        for start, *numbers, durations in self._rows(chosen, values):
            passed, failed, pending, interactions, flaky = map(int, numbers)
            one = Counts(passed, failed, pending, interactions, flaky, Durations.decode(durations))
            found.setdefault(start, []).append(one)
        return {start: total(counts) for start, counts in found.items()}

    def _rows(self, chosen: Filter, values: Mapping[str, Any]) -> Any:
        if chosen.consumer:
            return self._connection.execute(_restricted(filters.shape(chosen)), values)
        if chosen.team or chosen.environment:
            return [
                (*row, None) for row in self._connection.execute(_of_several(filters.shape(chosen)), values)
            ]
        return self._connection.execute(_OF_SERVICE if chosen.service else _OF_ALL, values)

    def lines(self, provider: str, window: Window) -> DurationLines:
        """Return how long verifying a provider took, in each period that says so."""
        values = {"provider": provider, "span": window.span, "first": window.first}
        rows = self._connection.execute(_LINES, values)
        return DurationLines(provider, [(start, Durations.decode(text)) for start, text in rows])

    def integrations(
        self, question: InsightQuestion, names: KnownNames, window: Window
    ) -> tuple[list[IntegrationDays], bool]:
        """Return a page of integrations, and whether there are more of them."""
        values = {
            **filters.values(question.chosen, names),
            "span": window.span,
            "first": window.first,
            "most": question.strips + 1,
            "after": question.strips * (question.page - 1),
        }
        rows = self._connection.execute(_pairs(filters.shape(question.chosen)), values)
        listed = [
            IntegrationDays(consumer, provider, _periods(text or ""), result_at)
            for consumer, provider, result_at, text in rows
        ]
        return listed[: question.strips], len(listed) > question.strips


def _periods(text: str) -> dict[date, Counts]:
    """Read the counters of the periods of an integration, which come as one text: they are many."""
    found = {}
    for period in text.split(",") if text else ():
        start, *numbers = period.split(":")
        passed, failed, pending, flaky = map(int, numbers)
        found[date.fromisoformat(start)] = Counts(passed, failed, pending, 0, flaky, _NONE)
    return found


@cache
def _restricted(chosen: Filter) -> Select[Any]:
    return filters.restrict(_OF_CONSUMER, chosen, _counts.provider_id)


_LINES = (
    select(_counts.start, _counts.durations)
    .where(
        _counts.provider_id
        == select(pacticipants.c.id).where(pacticipants.c.name == bindparam("provider")).scalar_subquery(),
        _counts.consumer_id == ALL,
        *_IN_WINDOW,
        _counts.durations.is_not(None),
    )
    .order_by(_counts.start)
    .execution_options(**AS_BYTES)
)
