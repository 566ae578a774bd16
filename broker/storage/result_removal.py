"""Removing results, and with each what was concluded from it."""

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, select, update

from broker.domain.verifications.result import PactContent, Verification
from broker.storage.tables import (
    branch_successes,
    branch_versions,
    triggered_webhooks,
    verifications,
    versions,
)

_NUMBER: BindParameter[int] = bindparam("number")
_VERSION = select(verifications.c.provider_version_id).where(verifications.c.id == _NUMBER)
# Results of one provider version are added and removed one after the other.
_LOCK = select(versions.c.id).where(versions.c.id == bindparam("version_id")).with_for_update(key_share=True)
_DELETE_DELIVERIES = delete(triggered_webhooks).where(triggered_webhooks.c.verification_id == _NUMBER)
_DELETE = delete(verifications).where(verifications.c.id == _NUMBER)
_remaining = verifications.alias("remaining")
_RESTORE_PREVIOUS = (
    update(verifications)
    .where(
        verifications.c.id
        == select(func.max(_remaining.c.id))
        .where(
            _remaining.c.pact_version_id == bindparam("content_id"),
            _remaining.c.provider_version_id == bindparam("version_id"),
        )
        .scalar_subquery()
    )
    .values(superseded=False)
)
_on_branch = branch_versions.alias("on_branch")
_FORGET = delete(branch_successes).where(
    branch_successes.c.pact_version_id == bindparam("content_id"),
    branch_successes.c.branch_id.in_(
        select(branch_versions.c.branch_id).where(branch_versions.c.version_id == bindparam("version_id"))
    ),
    ~(
        select(_remaining.c.id)
        .join_from(_remaining, _on_branch, _on_branch.c.version_id == _remaining.c.provider_version_id)
        .where(
            _remaining.c.pact_version_id == branch_successes.c.pact_version_id,
            _remaining.c.wip == branch_successes.c.wip,
            _remaining.c.success,
            _on_branch.c.branch_id == branch_successes.c.branch_id,
        )
        .correlate(branch_successes)
        .exists()
    ),
)
_STEPS = (_LOCK, _DELETE_DELIVERIES, _DELETE, _RESTORE_PREVIOUS, _FORGET)


class ResultRemoval:
    """Remove results."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def delete(self, content: PactContent, result: Verification) -> None:
        """Remove a result of this content with its triggered webhooks.

        The one before it of the same provider version counts again, and what only this one had verified
        counts no longer as verified from its branches.
        """
        version_id = self._connection.scalar(_VERSION, {"number": result.number})
        values = {"number": result.number, "content_id": content.id, "version_id": version_id}
        for statement in _STEPS:
            self._connection.execute(statement, values)
