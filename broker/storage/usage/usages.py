"""What the contents of pacts use, and since when consumers use it. Texts are JSON, which nobody queries."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant
from broker.storage.conditions import newest
from broker.storage.dialects import AS_BYTES, is_in
from broker.storage.direct_statements import later
from broker.storage.tables import (
    integrations,
    pact_usages,
    pact_versions,
    pacticipants,
    service_contract_publications,
    service_contracts,
    versions,
)
from broker.storage.values_of_rows import values_of

_ADD = insert(pact_usages).on_conflict_do_nothing(index_elements=["pact_version_id"])
_OF_CONTENTS = (
    select(pact_usages.c.pact_version_id, pact_usages.c.uses)
    .where(is_in(pact_usages.c.pact_version_id, "ids"))
    .execution_options(**AS_BYTES)
)
_TEXTS = (
    select(pact_versions.c.id, pact_versions.c.content)
    .where(is_in(pact_versions.c.id, "ids"))
    .execution_options(**AS_BYTES)
)
_BEGINNINGS = (
    select(pacticipants.c.name, integrations.c.uses_since)
    .join_from(integrations, pacticipants, pacticipants.c.id == integrations.c.consumer_id)
    .where(
        is_in(integrations.c.provider_id, "provider_ids"),
        is_in(pacticipants.c.name, "consumers"),
        integrations.c.uses_since.is_not(None),
    )
)
_HAS_DOCUMENTS = (
    select(service_contracts.c.id)
    .where(service_contracts.c.pacticipant_id == bindparam("pacticipant_id"))
    .exists()
)
_NEWEST_DOCUMENTED = (
    newest(versions, versions.c.number)
    .join_from(
        versions, service_contract_publications, service_contract_publications.c.version_id == versions.c.id
    )
    .where(versions.c.pacticipant_id == bindparam("pacticipant_id"), _HAS_DOCUMENTS)
)


class Usages:
    """What contents of pacts use, and since when."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, uses: Mapping[int, bytes]) -> None:
        """Keep what contents use, by their ids; what is kept already stays."""
        rows = [{"pact_version_id": content_id, "uses": text} for content_id, text in sorted(uses.items())]
        later(self._connection, _ADD, values_of(rows))

    def of_contents(self, content_ids: Collection[int]) -> Mapping[int, bytes]:
        """Return what contents use, by their ids, as far as it is kept."""
        rows = self._connection.execute(_OF_CONTENTS, {"ids": sorted(content_ids)})
        return {row.pact_version_id: row.uses for row in rows}

    def texts(self, content_ids: Collection[int]) -> Mapping[int, bytes]:
        """Return the texts of contents, by their ids."""
        rows = self._connection.execute(_TEXTS, {"ids": sorted(content_ids)})
        return {row.id: row.content for row in rows}

    def beginnings(self, provider: Pacticipant, consumers: Collection[str]) -> Mapping[str, bytes]:
        """Return since when consumers, by their names, use what of a provider."""
        names = {"provider_ids": [provider.id], "consumers": sorted(consumers)}
        return {row.name: row.uses_since for row in self._connection.execute(_BEGINNINGS, names)}

    def newest_documented(self, pacticipant: Pacticipant) -> str | None:
        """Return the number of the newest version that has a service contract."""
        found: str | None = self._connection.scalar(_NEWEST_DOCUMENTED, {"pacticipant_id": pacticipant.id})
        return found
