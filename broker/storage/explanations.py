"""What is known of the pacts that stand in the way of a deployment: one statement for each kind of thing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from broker.domain.deliveries import Status
from broker.domain.explaining import Call, Failure
from broker.domain.matrix import Row, Verdict
from broker.storage.tables import pacticipants, triggered_webhooks, verifications

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
_FAILURES = select(
    verifications.c.id, _FIRST_FAILED, verifications.c.test_results, verifications.c.build_url
).where(verifications.c.id.in_(bindparam("numbers", expanding=True)))
_CALLS = (
    select(
        triggered_webhooks.c.consumer_version_id,
        pacticipants.c.name.label("provider"),
        triggered_webhooks.c.uuid,
        triggered_webhooks.c.name,
        triggered_webhooks.c.status,
        triggered_webhooks.c.created_at,
    )
    .join(pacticipants, pacticipants.c.id == triggered_webhooks.c.provider_id)
    .where(
        triggered_webhooks.c.consumer_version_id.in_(bindparam("version_ids", expanding=True)),
        triggered_webhooks.c.verification_id.is_(None),
    )
    .order_by(triggered_webhooks.c.id.desc())
)


class Explanations:
    """Look up failed results, and the webhooks that pacts triggered, by the moment *at* if it is given."""

    def __init__(self, connection: Connection, at: datetime | None = None) -> None:
        self._connection = connection
        self._at = at

    def failures(self, rows: Sequence[Row]) -> dict[int, Failure]:
        """Return what is known of the failed ones, by the number of the result."""
        numbers = [row.result_number for row in rows if row.verdict is Verdict.FAILED]
        if not numbers:
            return {}
        found = self._connection.execute(_FAILURES, {"numbers": numbers})
        return {number: Failure(first, results, url) for number, first, results, url in found}

    def calls(self, rows: Sequence[Row]) -> dict[tuple[int, str], list[Call]]:
        """Return the webhooks for those without a result, newest first.

        The key is the consumer version's id, and the provider's name.
        """
        ids = {row.consumer_version.id for row in rows if row.verdict is Verdict.UNKNOWN}
        if not ids:
            return {}
        found: dict[tuple[int, str], list[Call]] = {}
        for row in self._connection.execute(_CALLS, {"version_ids": sorted(ids)}):
            if self._at is not None and row.created_at > self._at:
                continue
            call = Call(row.uuid, row.name, Status(row.status), row.created_at)
            found.setdefault((row.consumer_version_id, row.provider), []).append(call)
        return found
