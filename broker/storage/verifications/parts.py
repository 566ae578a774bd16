"""Parts of verifications that several machines run."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.errors import ValidationError
from broker.domain.model import HeldVersion
from broker.domain.verifications.result import NewVerification, PactContent, Shard, VerificationPart
from broker.storage.tables import verification_parts

_OF_VERSION = (
    verification_parts.c.pact_version_id == bindparam("content_id"),
    verification_parts.c.provider_version_id == bindparam("version_id"),
)
_PARTS = select(
    verification_parts.c.number,
    verification_parts.c.success,
    verification_parts.c.test_results,
    verification_parts.c.count.label("divided_into"),  # a row has a method `count`
).where(*_OF_VERSION, verification_parts.c.run == bindparam("run"))
_ADD = insert(verification_parts)
_ADD = _ADD.on_conflict_do_update(
    index_elements=["pact_version_id", "provider_version_id", "run", "number"],
    set_={name: _ADD.excluded[name] for name in ("success", "test_results", "created_at")},
)
_REMOVE = delete(verification_parts).where(*_OF_VERSION)


class VerificationParts:
    """The parts that have arrived, of verifications that are not complete."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, content: PactContent, version: HeldVersion, result: NewVerification, shard: Shard, now: datetime
    ) -> list[VerificationPart]:
        """Store a part, or replace it when it was sent before. Return all parts of its run so far.

        The last two may arrive at once: as the version is held, the second sees the first, and one of them
        completes the run.

        Raises ValidationError when another part says that the run has another number of parts.
        """
        self._connection.execute(
            _ADD,
            {
                "pact_version_id": content.id,
                "provider_version_id": version.id,
                "run": shard.run,
                "number": shard.number,
                "count": shard.count,
                "success": result.success,
                "test_results": result.test_results,
                "created_at": now,
            },
        )
        key = {"content_id": content.id, "version_id": version.id, "run": shard.run}
        rows = self._connection.execute(_PARTS, key).all()
        counts = {row.divided_into for row in rows}
        if len(counts) > 1:
            raise ValidationError(
                {"shard.count": [f"the parts of run '{shard.run}' say different numbers: {sorted(counts)}"]}
            )
        return [VerificationPart(row.number, bool(row.success), row.test_results) for row in rows]

    def remove(self, content: PactContent, version: HeldVersion) -> None:
        """Delete every part of the verifications of this content by the version."""
        self._connection.execute(_REMOVE, {"content_id": content.id, "version_id": version.id})
