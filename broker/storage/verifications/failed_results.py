"""What failed in results, and since when."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, literal_column, or_, select

from broker.domain.model import HeldVersion
from broker.domain.pacts import outline
from broker.domain.pacts.outline import Outline
from broker.domain.verifications.failing_since import EarlierResult, FailedResult, Since
from broker.domain.verifications.interaction_outcomes import Problem
from broker.domain.verifications.result import PactContent
from broker.storage.dialects import is_in, looked_up
from broker.storage.tables import (
    branch_versions,
    failed_results,
    pact_publications,
    pact_versions,
    verifications,
)

_LOOKED_AT: ColumnElement[int] = literal_column("300")
"""How many results of a pair, of any branch, are looked at for those of the same branch."""
_MOST: ColumnElement[int] = literal_column("60")

_ADD = insert(failed_results)
IN_SHORT = (
    failed_results.c.verification_id,
    failed_results.c.failed,
    failed_results.c.place,
    failed_results.c.text,
    failed_results.c.expected,
    failed_results.c.was,
    failed_results.c.since_result,
    failed_results.c.since_version,
    failed_results.c.since_at,
    failed_results.c.versions,
)
_WITH_INTERACTIONS = (*IN_SHORT, failed_results.c.interactions)
_OF_RESULTS = select(*_WITH_INTERACTIONS).where(is_in(failed_results.c.verification_id, "numbers"))
_OUTLINES = select(pact_versions.c.id, pact_versions.c.outline).where(is_in(pact_versions.c.id, "ids"))

_recent = (
    select(verifications.c.id, verifications.c.pact_version_id, verifications.c.provider_version_id)
    .where(
        verifications.c.consumer_id == bindparam("consumer_id"),
        verifications.c.provider_id == bindparam("provider_id"),
        verifications.c.id < bindparam("number"),
    )
    .order_by(verifications.c.id.desc())
    .limit(_LOOKED_AT)
    .subquery()
)
_of_earlier = branch_versions.alias("of_earlier")
_of_this = branch_versions.alias("of_this")
_has_branch = select(1).where(_of_this.c.version_id == bindparam("version_id")).exists()
# Beside `or`, PostgreSQL may read all versions on branches at once, for few results.
_is_its_version = looked_up(_of_earlier.c.version_id, _recent.c.provider_version_id)
_earlier_has_branch = select(1).where(_is_its_version).correlate(_recent).exists()
_shares_branch = (
    select(1)
    .join_from(_of_this, _of_earlier, _of_earlier.c.branch_id == _of_this.c.branch_id)
    .where(_of_this.c.version_id == bindparam("version_id"), _is_its_version)
    .correlate(_recent)
    .exists()
)
_rank = (
    select(func.max(pact_publications.c.position))
    .where(pact_publications.c.pact_version_id == _recent.c.pact_version_id)
    .correlate(_recent)
    .scalar_subquery()
)
_EARLIER = (
    select(_recent.c.pact_version_id, _recent.c.provider_version_id, _rank, *_WITH_INTERACTIONS)
    .outerjoin_from(_recent, failed_results, failed_results.c.verification_id == _recent.c.id)
    .where(
        or_(
            _recent.c.provider_version_id == bindparam("version_id"),
            _shares_branch,
            ~_has_branch & ~_earlier_has_branch,
        )
    )
    .order_by(_recent.c.id.desc())
    .limit(_MOST)
)


class FailedResults:
    """What failed in results. A success has no row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def earlier(self, content: PactContent, version: HeldVersion, number: int) -> list[EarlierResult]:
        """Return the results of the pair before *number* on a branch of the provider version, newest first.

        A version without a branch follows others without one. How many are looked at is limited.
        """
        values = {
            "consumer_id": content.consumer_id,
            "provider_id": content.provider_id,
            "version_id": version.id,
            "number": number,
        }
        return [
            EarlierResult(
                content_id, version_id, rank or 0, failed_result(row) if row[0] is not None else None
            )
            for content_id, version_id, rank, *row in self._connection.execute(_EARLIER, values)
        ]

    def outlines(self, content_ids: Collection[int]) -> Mapping[int, Outline]:
        """Return the outlines of contents, by their ids."""
        rows = self._connection.execute(_OUTLINES, {"ids": sorted(content_ids)})
        return {content_id: outline.read(stored) for content_id, stored in rows}

    def add(self, failed: FailedResult) -> None:
        """Keep what failed in a result."""
        self._connection.execute(_ADD, row_of(failed))

    def with_interactions(self, numbers: Iterable[int]) -> Mapping[int, FailedResult]:
        """Return what failed in those results that failed, by their numbers, with the interactions."""
        rows = self._connection.execute(_OF_RESULTS, {"numbers": sorted(set(numbers))})
        return {row[0]: failed_result(row) for row in rows}


def row_of(failed: FailedResult) -> dict[str, Any]:
    """Return the row of the table."""
    return {
        "verification_id": failed.number,
        "failed": failed.failed,
        "place": failed.problem.place,
        "text": failed.problem.text,
        "expected": failed.problem.expected,
        "was": failed.problem.was,
        "since_result": failed.since.result,
        "since_version": failed.since.version,
        "since_at": failed.since.at,
        "versions": failed.since.versions,
        "interactions": failed.stored,
    }


def failed_result(row: Any) -> FailedResult:
    """Return the value of a row with the columns IN_SHORT, and perhaps the interactions."""
    number, failed, place, text, expected, was, since, version, at, versions, *stored = row
    return FailedResult(
        *(number, failed),
        Problem(place, text, expected, was),
        Since(since, version, at, versions),
        *map(bytes, stored),
    )
