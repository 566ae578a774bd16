"""What was not counted yet: noted in the transaction of its cause, and taken by the worker."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, and_, bindparam, delete, func, insert, literal, select
from sqlalchemy.sql.selectable import ScalarSelect

from broker.domain.insights.counts import PublicationToCount, ResultToCount
from broker.domain.insights.measured import MeasuredInteraction, measured, packed, unpacked
from broker.domain.verifications.result import NewVerification, PactContent
from broker.storage.dialects import AS_BYTES, ONE, id_just_added
from broker.storage.direct_statements import later
from broker.storage.tables import publications_to_count, results_to_count, verifications
from broker.storage.values_of_rows import values_of
from tally.values import dataclass

_results, _publications = results_to_count.c, publications_to_count.c
_NOTE_RESULT = insert(results_to_count).values(verification_id=id_just_added(verifications))
_NOTE_PUBLICATIONS = insert(publications_to_count)
_before = verifications.alias("before")


def _newest_before(column: str) -> ScalarSelect[Any]:
    """Select what the result said that this one replaced: of the same content and provider version."""
    return (
        select(_before.c[column])
        .where(
            _results.replaces,
            _before.c.pact_version_id == _results.pact_version_id,
            _before.c.provider_version_id == _results.provider_version_id,
            _before.c.id < _results.verification_id,
        )
        .order_by(_before.c.id.desc())
        .limit(ONE)
        .scalar_subquery()
    )


_RESULTS = (
    select(
        _results.id,
        _results.consumer_id,
        _results.provider_id,
        _results.success,
        _results.pending,
        _results.created_at,
        _results.outcomes,
        verifications.c.test_results,
        _newest_before("success"),
        _newest_before("test_results"),
    )
    .outerjoin(
        verifications, and_(verifications.c.id == _results.verification_id, _results.outcomes.is_(None))
    )
    .order_by(_results.id)
    .limit(bindparam("most"))
    .execution_options(**AS_BYTES)
)
_PUBLICATIONS = (
    select(
        _publications.id,
        _publications.consumer_id,
        _publications.provider_id,
        _publications.interactions,
        _publications.size,
        _publications.created_at,
    )
    .order_by(_publications.id)
    .limit(bindparam("most"))
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_DONE_RESULTS = delete(results_to_count).where(_results.id.in_(_IDS))
_DONE_PUBLICATIONS = delete(publications_to_count).where(_publications.id.in_(_IDS))
_ANY = select(select(literal(1)).select_from(results_to_count).exists()).add_columns(
    select(literal(1)).select_from(publications_to_count).exists()
)
_NUMBER = select(func.count()).select_from(results_to_count)
_OF_PROVIDER = select(func.count()).where(_results.provider_id == bindparam("provider_id"))


@dataclass(frozen=True)
class NewResultToCount:
    """A result that was stored with the statement before; *replaces* says whether there was one before it."""

    content: PactContent
    result: NewVerification
    version_id: int
    replaces: bool


@dataclass(frozen=True)
class NewPublicationToCount:
    """A pact that is published now: of which provider, and how large it is in bytes."""

    provider_id: int
    interactions: int
    size: int


class Uncounted:
    """Results and publications that are still to be counted."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note_result(self, new: NewResultToCount, now: datetime) -> None:
        """Note a result with a copy of what is counted: it may be deleted before it is."""
        content, result = new.content, new.result
        later(
            self._connection,
            _NOTE_RESULT,
            {
                "consumer_id": content.consumer_id,
                "provider_id": content.provider_id,
                "pact_version_id": content.id,
                "provider_version_id": new.version_id,
                "success": result.success,
                "pending": bool(result.metadata.pending or result.metadata.wip),
                "replaces": new.replaces,
                "outcomes": packed(measured(result.test_results)),
                "created_at": now,
            },
        )

    def note_publications(
        self, consumer_id: int, published: Sequence[NewPublicationToCount], now: datetime
    ) -> None:
        """Let pacts that were published now be counted."""
        rows = [{**vars(each), "consumer_id": consumer_id, "created_at": now} for each in published]
        if rows:
            later(self._connection, _NOTE_PUBLICATIONS, values_of(rows))

    def any(self) -> bool:
        """Return whether there is anything to count."""
        return any(self._connection.execute(_ANY).one())

    def take_results(self, most: int) -> list[ResultToCount]:
        """Remove up to *most* results from what is to be counted, and return them, oldest first."""
        rows = self._connection.execute(_RESULTS, {"most": most}).all()
        self._done(_DONE_RESULTS, rows)
        return [_result(row) for row in rows]

    def take_publications(self, most: int) -> list[PublicationToCount]:
        """Remove up to *most* publications from what is to be counted, and return them, oldest first."""
        rows = self._connection.execute(_PUBLICATIONS, {"most": most}).all()
        self._done(_DONE_PUBLICATIONS, rows)
        return [PublicationToCount(*row[1:]) for row in rows]

    def results(self) -> int:
        """Return how many results are not counted yet."""
        return int(self._connection.scalar(_NUMBER) or 0)

    def of_provider(self, provider_id: int) -> int:
        """Return how many results of a provider are not counted yet."""
        return int(self._connection.scalar(_OF_PROVIDER, {"provider_id": provider_id}) or 0)

    def _done(self, statement: Any, rows: Iterable[Any]) -> None:
        if ids := [row.id for row in rows]:
            self._connection.execute(statement, {"ids": ids})


def _result(row: Any) -> ResultToCount:
    _, consumer_id, provider_id, success, pending, created_at, outcomes, found, success_before, before = row
    return ResultToCount(
        consumer_id,
        provider_id,
        success,
        pending,
        created_at,
        _interactions(outcomes, found),
        None if success_before is None else measured(before),
        success_before,
    )


def _interactions(outcomes: bytes | None, test_results: bytes | None) -> list[MeasuredInteraction]:
    return measured(test_results) if outcomes is None else unpacked(outcomes)
