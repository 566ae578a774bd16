"""The version before which a pact had other content, and the contents of pacts."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, func, select

from broker.domain.pacts.pact import PublishedPact
from broker.storage.conditions import id_of, is_current, newest, newest_first
from broker.storage.dialects import constant
from broker.storage.tables import pact_publications, pact_versions, versions

_this = pact_publications.alias("this")
_LOOK_BACK = 100
"""How many earlier publications are compared one by one. As a rule, other content is among them."""
_recent = (
    select(pact_publications.c.consumer_version_id, pact_publications.c.pact_version_id)
    .add_columns(pact_publications.c.position)
    .where(
        pact_publications.c.consumer_id == _this.c.consumer_id,
        pact_publications.c.provider_id == _this.c.provider_id,
        pact_publications.c.position < _this.c.position,
        is_current(pact_publications),
    )
    .order_by(newest_first(pact_publications))
    .limit(constant(_LOOK_BACK))
    .correlate(_this)
    .subquery("recent")
)
_other_recently = (
    newest(_recent, _recent.c.consumer_version_id)
    .where(_recent.c.pact_version_id != _this.c.pact_version_id)
    .correlate(_this)
    .scalar_subquery()
)
# Otherwise the content has been the same for long. There are few other contents of the pair then, and the
# last position of each is one step in an index.
_with_content = pact_publications.alias("with_content")
_last_position = (
    newest(_with_content, _with_content.c.position)
    .where(
        _with_content.c.pact_version_id == pact_versions.c.id,
        _with_content.c.position < _this.c.position,
        is_current(_with_content),
    )
    .correlate(_this, pact_versions)
    .scalar_subquery()
)
_last_of_others = (
    select(func.max(_last_position))
    .where(
        pact_versions.c.consumer_id == _this.c.consumer_id,
        pact_versions.c.provider_id == _this.c.provider_id,
        pact_versions.c.id != _this.c.pact_version_id,
    )
    .correlate(_this)
    .scalar_subquery()
)
_at_position = versions.alias("at_position")
_other_before = (
    select(_at_position.c.id)
    .where(_at_position.c.pacticipant_id == _this.c.consumer_id, _at_position.c.position == _last_of_others)
    .correlate(_this)
    .scalar_subquery()
)
_earlier = func.coalesce(_other_recently, _other_before)
_PREVIOUS_DISTINCT = (
    select(versions.c.number)
    .select_from(_this)
    .join(versions, versions.c.id == _earlier)
    .where(
        _this.c.consumer_version_id == bindparam("version_id"),
        _this.c.provider_id == id_of("provider"),
        is_current(_this),
    )
)
_CONTENTS = select(pact_versions.c.id, pact_versions.c.content).where(
    pact_versions.c.id.in_(bindparam("ids", expanding=True))
)


class PactHistory:
    """Earlier pacts of a pair, and contents."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def previous_distinct(self, pact: PublishedPact) -> str | None:
        """Return the newest earlier consumer version whose pact with the provider has other content."""
        return self._connection.scalar(
            _PREVIOUS_DISTINCT, {"version_id": pact.version_id, "provider": pact.provider}
        )

    def contents(self, ids: Collection[int]) -> Mapping[int, bytes]:
        """Return the JSON of the contents with these ids."""
        return {row.id: row.content for row in self._connection.execute(_CONTENTS, {"ids": list(ids)})}
