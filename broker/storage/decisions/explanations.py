"""Details of the versions in a decision, and of its obstacles: failed results and deliveries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    LargeBinary,
    String,
    cast,
    func,
    null,
    select,
    union_all,
)

from broker.domain.decisions.matrix import Row, RowVersion, Verdict
from broker.domain.decisions.obstacles import Failure, PactDelivery
from broker.domain.webhooks.delivery import Status
from broker.storage.decisions import version_details_now
from broker.storage.decisions.version_details_now import COLUMNS, Detail, by_version, rows_of
from broker.storage.dialects import is_in
from broker.storage.tables import deliveries, pacticipants, verifications

_earlier = verifications.alias("earlier")
_FIRST_FAILED = (
    select(func.min(_earlier.c.created_at))
    .where(
        _earlier.c.pact_version_id == verifications.c.pact_version_id,
        _earlier.c.provider_version_id == verifications.c.provider_version_id,
        ~_earlier.c.success,
    )
    .scalar_subquery()
)
_COLUMNS = (*COLUMNS, "provider", "uuid", "status", "results")
_FAILURES = rows_of(
    Detail.FAILURE,
    {
        "name": verifications.c.build_url,
        "since": _FIRST_FAILED,
        "id": verifications.c.id,
        "results": verifications.c.test_results,
    },
    _COLUMNS,
).where(is_in(verifications.c.id, "numbers"))
_CALLS = (
    rows_of(
        Detail.DELIVERY,
        {
            "version_id": deliveries.c.consumer_version_id,
            "name": deliveries.c.name,
            "since": deliveries.c.created_at,
            "id": deliveries.c.id,
            "provider": pacticipants.c.name,
            "uuid": deliveries.c.uuid,
            "status": deliveries.c.status,
        },
        _COLUMNS,
    )
    .join(pacticipants, pacticipants.c.id == deliveries.c.provider_id)
    .where(
        is_in(deliveries.c.consumer_version_id, "consumer_version_ids"),
        deliveries.c.verification_id.is_(None),
    )
)


def _explained(details: CompoundSelect[Any]) -> CompoundSelect[Any]:
    known = details.subquery("known")
    # The casts give the columns types, which a union has from its first part.
    texts = (cast(null(), String).label(name) for name in ("provider", "uuid", "status"))
    return union_all(select(*known.c, *texts, cast(null(), LargeBinary).label("results")), _FAILURES, _CALLS)


class ExplanationStatements:
    """A statement for the *details* of versions, and one that finds what explains obstacles as well."""

    def __init__(self, details: CompoundSelect[Any]) -> None:
        self.details = details
        self.explained = _explained(details)


NOW = ExplanationStatements(version_details_now.NOW)


@dataclass(frozen=True)
class Explanation:
    """The details by the id of the version, and the failures by the number of the result.

    The calls, newest first, are by the id of the consumer version and the name of the provider.
    """

    details: Mapping[int, RowVersion]
    failures: Mapping[int, Failure] = field(default_factory=dict)
    deliveries: Mapping[tuple[int, str], Sequence[PactDelivery]] = field(default_factory=dict)


class Explanations:
    """Find details of versions and what explains obstacles, with one statement."""

    def __init__(
        self,
        connection: Connection,
        statements: ExplanationStatements = NOW,
        at: datetime | None = None,
    ) -> None:
        self._connection = connection
        self._statements = statements
        self._at = at

    def find(self, version_ids: Collection[int], in_the_way: Sequence[Row]) -> Explanation:
        """Return the details of the versions, and what explains the rows that stand in the way."""
        given: dict[str, object] = {"ids": list(version_ids)}
        if self._at is not None:
            given["at"] = self._at
        if not in_the_way:
            return Explanation(by_version(self._connection.execute(self._statements.details, given).all()))
        failed = [row.result_number for row in in_the_way if row.verdict is Verdict.FAILED]
        consumers = {row.consumer_version.id for row in in_the_way}
        rows = self._connection.execute(
            self._statements.explained, {**given, "numbers": failed, "consumer_version_ids": list(consumers)}
        ).all()
        return Explanation(
            by_version(row for row in rows if row.kind not in {Detail.FAILURE, Detail.DELIVERY}),
            {row.id: Failure(row.since, row.results, row.name) for row in rows if row.kind == Detail.FAILURE},
            self._deliveries(row for row in rows if row.kind == Detail.DELIVERY),
        )

    def _deliveries(self, rows: Iterable[Any]) -> dict[tuple[int, str], list[PactDelivery]]:
        found: dict[tuple[int, str], list[PactDelivery]] = {}
        for row in sorted(rows, key=lambda row: -row.id):
            if self._at is None or row.since <= self._at:
                delivery = PactDelivery(row.uuid, row.name, Status(row.status), row.since)
                found.setdefault((row.version_id, row.provider), []).append(delivery)
        return found
