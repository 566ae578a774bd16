"""Lists of published pacts, without their content."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from broker.domain.model import Version
from broker.domain.pacts.pact import ListedPact
from broker.storage.conditions import id_of, is_current, newest, newest_first, newest_of_pair, oldest_first
from broker.storage.pacts.pacts import BETWEEN, CONSUMERS, JOINED, PROVIDERS
from broker.storage.pagination import rows_for
from broker.storage.tables import integrations, pact_publications, pact_versions, tags, versions

LISTED = (
    select(
        CONSUMERS.c.name,
        PROVIDERS.c.name,
        versions.c.number,
        pact_versions.c.sha,
        pact_publications.c.created_at,
    )
    .select_from(JOINED)
    .where(is_current(pact_publications))
)
"""The fields of a ListedPact, in their order, of all current pacts."""
BY_CONSUMER = (func.lower(CONSUMERS.c.name), CONSUMERS.c.name)
_IN_ORDER = (*BY_CONSUMER, func.lower(PROVIDERS.c.name), PROVIDERS.c.name)
_OF_PROVIDER = PROVIDERS.c.name == bindparam("provider")
_other = pact_publications.alias("other")
_of_integration = newest_of_pair(integrations.c.consumer_id, integrations.c.provider_id)
# It begins with the versions that have the tag: they may be few, and far back in history.
_with_tag = (
    newest(tags, _other.c.id)
    .select_from(tags.join(_other, _other.c.consumer_version_id == tags.c.version_id))
    .where(
        tags.c.pacticipant_id == integrations.c.consumer_id,
        tags.c.name == bindparam("tag"),
        _other.c.provider_id == integrations.c.provider_id,
        is_current(_other),
    )
    .correlate(integrations)
    .scalar_subquery()
)


def _latest(of_integration: ColumnElement[int], *which: ColumnElement[bool]) -> Select[Any]:
    """Return the statement for one pact of each integration: it finds the ids first, then reads them."""
    found = of_integration.label("id")
    # Otherwise PostgreSQL puts the look-up into the join, and runs it twice for each integration.
    latest = select(found).select_from(integrations).where(*which).cte("latest").prefix_with("MATERIALIZED")
    return LISTED.join(latest, latest.c.id == pact_publications.c.id).order_by(*_IN_ORDER)


_with_provider = integrations.c.provider_id == id_of("provider")
_ALL_BETWEEN = LISTED.where(*BETWEEN).order_by(newest_first(pact_publications))
_ALL_OF_PROVIDER = LISTED.where(_OF_PROVIDER).order_by(*BY_CONSUMER, oldest_first(pact_publications))
_LATEST_OF_ALL = _latest(_of_integration)
_LATEST_OF_PROVIDER = _latest(_of_integration, _with_provider)
_LATEST_OF_PROVIDER_WITH_TAG = _latest(_with_tag, _with_provider)
_OF_VERSIONS = LISTED.where(versions.c.id.in_(bindparam("version_ids", expanding=True))).order_by(*_IN_ORDER)


class PactLists:
    """Lists of current pacts, without their content."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def between(self, provider: str, consumer: str) -> list[ListedPact]:
        """Return every pact between the two, newest version first."""
        return self._list(_ALL_BETWEEN, provider=provider, consumer=consumer)

    def latest(self) -> list[ListedPact]:
        """Return the latest pact of every integration."""
        return self._list(_LATEST_OF_ALL)

    def latest_of_provider(self, provider: str, tag: str | None = None) -> list[ListedPact]:
        """Return the latest pact of every consumer of the provider, among those with the tag if given."""
        if tag is None:
            return self._list(_LATEST_OF_PROVIDER, provider=provider)
        return self._list(_LATEST_OF_PROVIDER_WITH_TAG, provider=provider, tag=tag)

    def of_provider(self, provider: str) -> list[ListedPact]:
        """Return every pact with the provider, by consumer and oldest first."""
        return self._list(_ALL_OF_PROVIDER, provider=provider)

    def of_versions(self, found: Sequence[Version]) -> list[ListedPact]:
        """Return the pacts of consumer versions, of each version by the names of the providers."""
        ids = [version.id for version in found]
        return [ListedPact(*row) for row in rows_for(self._connection, _OF_VERSIONS, "version_ids", ids)]

    def _list(self, statement: Select[Any], **values: object) -> list[ListedPact]:
        return [ListedPact(*row) for row in self._connection.execute(statement, values)]
