"""Statements that find the rows of a decision: which pacts were verified by which versions.

Usually only current rows are read, through the partial indexes that hold no others. History is read when the
question asks for it.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    or_,
    select,
    union,
)

from broker.storage.conditions import is_current, newest_first
from broker.storage.decisions import past
from broker.storage.dialects import is_in_unseen
from broker.storage.tables import (
    pact_publications,
    pact_versions,
    pacticipants,
    verifications,
    versions,
)
from tally.values import dataclass

CONSUMERS = pacticipants.alias("consumers")
PROVIDERS = pacticipants.alias("providers")
CONSUMER_VERSIONS = versions.alias("consumer_versions")
PROVIDER_VERSIONS = versions.alias("provider_versions")


@dataclass(frozen=True)
class Shape:
    """What the form of a statement depends on.

    It has version ids (*versions*) or applications of which any version will do (*open*), or both; one choice
    *alone*; only *current* rows or history as well; a limit; and the moment that it is about may be *past*.
    *detailed* adds what else is known of the chosen versions. With *pair*, the only pacts are those of one
    application, in any version, with another.
    """

    versions: bool
    open: bool
    alone: bool
    current: bool
    limited: bool
    past: bool
    detailed: bool = False
    pair: bool = False


@cache
def statement(shape: Shape) -> Select[Any]:
    """Return the statement for the rows, newest first."""
    return rows_of(shape, pacts_of(shape).subquery("pacts"))


def rows_of(shape: Shape, pacts: FromClause) -> Select[Any]:
    """Return the statement for the rows about these pacts, newest first."""
    rows = _rows(*_with_results(shape, pacts))
    if shape.alone:
        rows = select(union(rows, _rows(*_verified_by_it(shape))).subquery())
    # The columns are named as _rows labels them.
    rows = rows.order_by(rows.selected_columns["position"].desc(), rows.selected_columns["result"].desc())
    return rows.limit(bindparam("limit")) if shape.limited else rows


def pacts_of(shape: Shape) -> Select[Any]:
    """Select the publications of the consumer versions, newest first; those of a pair in any order."""
    table = pact_publications
    if shape.pair:
        # An index has these in the order of the rows: no more are read than are within the limit.
        of_pair = (table.c.consumer_id == bindparam("consumer"), table.c.provider_id == bindparam("provider"))
        return select(table).where(*of_pair, *counting_pacts(shape, table))
    pacts = select(table).where(_chosen(shape, table.c.consumer_version_id, table.c.consumer_id))
    if not shape.alone:
        # A sum keeps the database from an index on this column, which would lead through all history of an
        # application. Only where any version will do is the index on the provider the way to the newest
        # pacts.
        provider = table.c.provider_id if shape.open else table.c.provider_id + 0
        pacts = pacts.where(
            is_in_unseen(provider, "pacticipant_ids"),
            or_(
                is_in_unseen(table.c.consumer_id + 0, "specified_ids"),
                is_in_unseen(table.c.provider_id + 0, "specified_ids"),
            ),
        )
    pacts = pacts.where(*counting_pacts(shape, table))
    if shape.limited:
        pacts = pacts.order_by(newest_first(table)).limit(bindparam("limit"))
    return pacts


def _with_results(shape: Shape, pacts: FromClause) -> tuple[FromClause, FromClause]:
    """Return the pacts with the results of the provider versions, or without any."""
    same_content = verifications.c.pact_version_id == pacts.c.pact_version_id
    conditions = [same_content, *_counting_results(shape)]
    if not shape.alone:
        conditions.append(_chosen(shape, verifications.c.provider_version_id, verifications.c.provider_id))
    return pacts, pacts.outerjoin(verifications, and_(*conditions))


def _verified_by_it(shape: Shape) -> tuple[FromClause, FromClause]:
    """Return the results of the chosen versions, with every pact of the same content."""
    pacts = pact_publications.alias("same_content")
    conditions = [
        verifications.c.pact_version_id == pacts.c.pact_version_id,
        _chosen(shape, verifications.c.provider_version_id, verifications.c.provider_id),
        *_counting_results(shape),
        *counting_pacts(shape, pacts),
    ]
    return pacts, pacts.join(verifications, and_(*conditions))


def counting_pacts(shape: Shape, pacts: FromClause) -> list[ColumnElement[bool]]:
    """Return the conditions for the publications that count."""
    if shape.past:
        return [past.is_current_pact(pacts) if shape.current else pacts.c.created_at <= past.AT]
    return [is_current(pacts)] if shape.current else []


def _counting_results(shape: Shape) -> list[ColumnElement[bool]]:
    if shape.past:
        return [past.is_current_result() if shape.current else verifications.c.created_at <= past.AT]
    return [is_current(verifications)] if shape.current else []


def _chosen(
    shape: Shape, version: ColumnElement[Any], pacticipant: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether the row is about one of the versions, or about an application of which any version will do."""
    conditions = []
    if shape.versions or not shape.open:
        conditions.append(is_in_unseen(version, "version_ids"))
    if shape.open:
        conditions.append(is_in_unseen(pacticipant, "open_ids"))
    return or_(*conditions)


def _rows(pacts: FromClause, joined: FromClause) -> Select[Any]:
    return (
        select(
            CONSUMERS.c.name.label("consumer"),
            CONSUMER_VERSIONS.c.id.label("consumer_version_id"),
            CONSUMER_VERSIONS.c.number.label("consumer_version"),
            pacts.c.position.label("position"),
            PROVIDERS.c.name.label("provider"),
            PROVIDER_VERSIONS.c.id.label("provider_version_id"),
            PROVIDER_VERSIONS.c.number.label("provider_version"),
            PROVIDER_VERSIONS.c.position.label("provider_position"),
            verifications.c.success.label("success"),
            pact_versions.c.sha.label("sha"),
            pacts.c.created_at.label("published_at"),
            pacts.c.revision.label("revision"),
            verifications.c.id.label("result"),
            verifications.c.created_at.label("verified_at"),
        )
        .select_from(joined)
        .join(pact_versions, pact_versions.c.id == pacts.c.pact_version_id)
        .join(CONSUMERS, CONSUMERS.c.id == pacts.c.consumer_id)
        .join(PROVIDERS, PROVIDERS.c.id == pacts.c.provider_id)
        .join(CONSUMER_VERSIONS, CONSUMER_VERSIONS.c.id == pacts.c.consumer_version_id)
        .outerjoin(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == verifications.c.provider_version_id)
    )
