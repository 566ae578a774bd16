"""The rows of a decision: which pacts were verified by which versions.

Usually only current rows are read, through the partial indexes that hold no others. History is read when the
question asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    bindparam,
    or_,
    select,
    union,
)

from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.selectors import Choice, VersionRef
from broker.storage.conditions import is_current, newest_first
from broker.storage.decisions import past
from broker.storage.dialects import is_in
from broker.storage.tables import (
    pact_publications,
    pact_versions,
    pacticipants,
    verifications,
    versions,
)

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_consumer_versions = versions.alias("consumer_versions")
_provider_versions = versions.alias("provider_versions")


@dataclass(frozen=True)
class _Shape:
    """What the form of a statement depends on.

    It has version ids (*versions*) or applications of which any version will do (*open*), or both; one choice
    *alone*; only *current* rows or history as well; a limit; and the moment that it is about may be *past*.
    """

    versions: bool
    open: bool
    alone: bool
    current: bool
    limited: bool
    past: bool


@cache
def _statement(shape: _Shape) -> Select[Any]:
    rows = _rows(*_with_results(shape))
    if shape.alone:
        rows = select(union(rows, _rows(*_verified_by_it(shape))).subquery())
    # The columns are named as _rows labels them.
    rows = rows.order_by(rows.selected_columns["position"].desc(), rows.selected_columns["result"].desc())
    return rows.limit(bindparam("limit")) if shape.limited else rows


def _pacts(shape: _Shape) -> Subquery:
    """Return the publications of the consumer versions, newest first."""
    table = pact_publications
    pacts = select(table).where(_chosen(shape, table.c.consumer_version_id, table.c.consumer_id))
    if not shape.alone:
        # A sum keeps the database from an index on this column, which would lead through all history of an
        # application. Only where any version will do is the index on the provider the way to the newest
        # pacts.
        provider = table.c.provider_id if shape.open else table.c.provider_id + 0
        pacts = pacts.where(
            is_in(provider, "pacticipant_ids"),
            or_(
                is_in(table.c.consumer_id + 0, "specified_ids"),
                is_in(table.c.provider_id + 0, "specified_ids"),
            ),
        )
    pacts = pacts.where(*_counting_pacts(shape, table))
    if shape.limited:
        pacts = pacts.order_by(newest_first(table)).limit(bindparam("limit"))
    return pacts.subquery("pacts")


def _with_results(shape: _Shape) -> tuple[FromClause, FromClause]:
    """Return the pacts with the results of the provider versions, or without any."""
    pacts = _pacts(shape)
    same_content = verifications.c.pact_version_id == pacts.c.pact_version_id
    conditions = [same_content, *_counting_results(shape)]
    if not shape.alone:
        conditions.append(_chosen(shape, verifications.c.provider_version_id, verifications.c.provider_id))
    return pacts, pacts.outerjoin(verifications, and_(*conditions))


def _verified_by_it(shape: _Shape) -> tuple[FromClause, FromClause]:
    """Return the results of the chosen versions, with every pact of the same content."""
    pacts = pact_publications.alias("same_content")
    conditions = [
        verifications.c.pact_version_id == pacts.c.pact_version_id,
        _chosen(shape, verifications.c.provider_version_id, verifications.c.provider_id),
        *_counting_results(shape),
        *_counting_pacts(shape, pacts),
    ]
    return pacts, pacts.join(verifications, and_(*conditions))


def _counting_pacts(shape: _Shape, pacts: FromClause) -> list[ColumnElement[bool]]:
    if shape.past:
        return [past.is_current_pact(pacts) if shape.current else pacts.c.created_at <= past.AT]
    return [is_current(pacts)] if shape.current else []


def _counting_results(shape: _Shape) -> list[ColumnElement[bool]]:
    if shape.past:
        return [past.is_current_result() if shape.current else verifications.c.created_at <= past.AT]
    return [is_current(verifications)] if shape.current else []


def _chosen(
    shape: _Shape, version: ColumnElement[Any], pacticipant: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether the row is about one of the versions, or about an application of which any version will do."""
    conditions = []
    if shape.versions or not shape.open:
        conditions.append(is_in(version, "version_ids"))
    if shape.open:
        conditions.append(is_in(pacticipant, "open_ids"))
    return or_(*conditions)


def _rows(pacts: FromClause, joined: FromClause) -> Select[Any]:
    return (
        select(
            _consumers.c.name.label("consumer"),
            _consumer_versions.c.id.label("consumer_version_id"),
            _consumer_versions.c.number.label("consumer_version"),
            pacts.c.position.label("position"),
            _providers.c.name.label("provider"),
            _provider_versions.c.id.label("provider_version_id"),
            _provider_versions.c.number.label("provider_version"),
            _provider_versions.c.position.label("provider_position"),
            verifications.c.success.label("success"),
            pact_versions.c.sha.label("sha"),
            pacts.c.created_at.label("published_at"),
            pacts.c.revision.label("revision"),
            verifications.c.id.label("result"),
            verifications.c.created_at.label("verified_at"),
        )
        .select_from(joined)
        .join(pact_versions, pact_versions.c.id == pacts.c.pact_version_id)
        .join(_consumers, _consumers.c.id == pacts.c.consumer_id)
        .join(_providers, _providers.c.id == pacts.c.provider_id)
        .join(_consumer_versions, _consumer_versions.c.id == pacts.c.consumer_version_id)
        .outerjoin(_provider_versions, _provider_versions.c.id == verifications.c.provider_version_id)
    )


class Matrix:
    """Which pacts were verified by which versions, now or at a moment: one statement."""

    def __init__(self, connection: Connection, at: datetime | None = None) -> None:
        self._connection = connection
        self._at = at

    def rows(
        self, choices: Sequence[Choice], *, limit: int | None = None, with_history: bool = False
    ) -> list[Row]:
        """Return the pacts of the chosen versions with each other, and their results (reference §8.3).

        A single choice has rows with every other application. *limit* applies to the pacts and to the rows,
        newest first. *with_history* adds pacts and results that were overwritten.
        """
        version_ids = [version.id for choice in choices for version in choice.versions]
        open_ids = [choice.pacticipant_id for choice in choices if choice.selector.is_open]
        shape = _Shape(
            versions=bool(version_ids),
            open=bool(open_ids),
            alone=len(choices) == 1,
            current=not with_history,
            limited=limit is not None,
            past=self._at is not None,
        )
        values: dict[str, object] = {
            "version_ids": version_ids,
            "open_ids": open_ids,
            "pacticipant_ids": [choice.pacticipant_id for choice in choices],
            "specified_ids": [choice.pacticipant_id for choice in choices if choice.specified],
            "limit": limit,
            "at": self._at,
        }
        return [_row(row) for row in self._connection.execute(_statement(shape), values).all()]


def _row(row: Any) -> Row:
    provider_version = None
    if row.provider_version_id is not None:
        provider_version = VersionRef(row.provider_version_id, row.provider_version, row.provider_position)
    return Row(
        consumer=row.consumer,
        consumer_version=VersionRef(row.consumer_version_id, row.consumer_version, row.position),
        provider=row.provider,
        provider_version=provider_version,
        verdict=Verdict(None if row.success is None else bool(row.success)),
        sha=row.sha,
        published_at=row.published_at,
        revision=row.revision,
        result_number=row.result,
        verified_at=row.verified_at,
    )
