"""What a pact was before, and the contents of several pacts."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, select

from broker.domain.pact import PublishedPact
from broker.storage.tables import pact_publications, pact_versions, pacticipants, versions

_this = pact_publications.alias("this")
_earlier = (
    select(pact_publications.c.consumer_version_id)
    .where(
        pact_publications.c.consumer_id == _this.c.consumer_id,
        pact_publications.c.provider_id == _this.c.provider_id,
        pact_publications.c.position < _this.c.position,
        pact_publications.c.pact_version_id != _this.c.pact_version_id,
        ~pact_publications.c.superseded,
    )
    .order_by(pact_publications.c.position.desc())
    .limit(1)
    .scalar_subquery()
)
_PREVIOUS_DISTINCT = (
    select(versions.c.number)
    .select_from(_this)
    .join(pacticipants, pacticipants.c.id == _this.c.provider_id)
    .join(versions, versions.c.id == _earlier)
    .where(
        _this.c.consumer_version_id == bindparam("version_id"),
        pacticipants.c.name == bindparam("provider"),
        ~_this.c.superseded,
    )
)
_CONTENTS = select(pact_versions.c.id, pact_versions.c.content).where(
    pact_versions.c.id.in_(bindparam("ids", expanding=True))
)


class PactHistory:
    """Earlier pacts, and contents."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def previous_distinct(self, pact: PublishedPact) -> str | None:
        """Return the newest earlier consumer version whose pact with the provider has other content."""
        return self._connection.scalar(
            _PREVIOUS_DISTINCT, {"version_id": pact.version_id, "provider": pact.provider}
        )

    def contents(self, ids: Collection[int]) -> Mapping[int, bytes]:
        """Return the JSON of contents."""
        return {row[0]: row[1] for row in self._connection.execute(_CONTENTS, {"ids": list(ids)})}
