"""What the pages of a version, a pact and the environments list."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from broker.domain.model import Version
from broker.domain.overview.summaries import Place, ResultSummary, VerifiedPact, VersionPact
from broker.domain.verifications.result import PactContent
from broker.storage.conditions import (
    IS_DEPLOYED,
    IS_SUPPORTED,
    NEWEST_CONSUMER_VERSION,
    is_current,
    newest_result,
)
from broker.storage.overview.front_page import latest_branch, result
from broker.storage.tables import (
    deployed_versions,
    environments,
    pact_publications,
    pact_versions,
    pacticipants,
    released_versions,
    verifications,
    versions,
)

_provider_versions = versions.alias("provider_versions")
_RESULT = (
    _provider_versions.c.number,
    latest_branch(_provider_versions.c.id),
    verifications.c.success,
    func.coalesce(verifications.c.pending, literal(False)),  # noqa: FBT003 - SQL's false
    verifications.c.created_at,
)
_PACTS_OF_VERSION = (
    select(
        pacticipants.c.name,
        pact_versions.c.interactions_count + pact_versions.c.messages_count,
        *_RESULT,
    )
    .select_from(pact_publications)
    .join(pacticipants, pacticipants.c.id == pact_publications.c.provider_id)
    .join(pact_versions, pact_versions.c.id == pact_publications.c.pact_version_id)
    .outerjoin(verifications, verifications.c.id == newest_result(pact_publications.c.pact_version_id))
    .outerjoin(_provider_versions, _provider_versions.c.id == verifications.c.provider_version_id)
    .where(pact_publications.c.consumer_version_id == bindparam("version_id"), is_current(pact_publications))
    .order_by(func.lower(pacticipants.c.name))
)
_VERIFIED_BY = (
    select(pacticipants.c.name, NEWEST_CONSUMER_VERSION, *_RESULT)
    .select_from(verifications)
    .join(pacticipants, pacticipants.c.id == verifications.c.consumer_id)
    .join(_provider_versions, _provider_versions.c.id == verifications.c.provider_version_id)
    .where(verifications.c.provider_version_id == bindparam("version_id"), is_current(verifications))
    .order_by(func.lower(pacticipants.c.name), verifications.c.id.desc())
    .limit(bindparam("size"))
)
_RESULTS_OF = (
    select(*_RESULT)
    .select_from(verifications)
    .join(_provider_versions, _provider_versions.c.id == verifications.c.provider_version_id)
    .where(verifications.c.pact_version_id == bindparam("content_id"), is_current(verifications))
    .order_by(verifications.c.id.desc())
    .limit(bindparam("size"))
)


def _presences(table: Any, instance: Any, *, released: bool) -> Select[Any]:
    return (
        select(
            environments.c.name,
            environments.c.production,
            versions.c.id,
            pacticipants.c.name,
            versions.c.number,
            literal_column("1" if released else "0"),
            instance,
            table.c.created_at,
            func.lower(pacticipants.c.name).label("in_order"),
        )
        .select_from(table)
        .join(environments, environments.c.id == table.c.environment_id)
        .join(versions, versions.c.id == table.c.version_id)
        .join(pacticipants, pacticipants.c.id == table.c.pacticipant_id)
    )


_DEPLOYED = _presences(deployed_versions, deployed_versions.c.application_instance, released=False).where(
    IS_DEPLOYED
)
_RELEASED = _presences(released_versions, cast(literal(""), String), released=True).where(IS_SUPPORTED)
_EVERYWHERE = union_all(_DEPLOYED, _RELEASED).order_by("in_order", literal_column("8").desc())
_VERSION_IDS: BindParameter[Sequence[int]] = bindparam("version_ids", expanding=True)
_WHERE_IS = union_all(
    _DEPLOYED.where(deployed_versions.c.version_id.in_(_VERSION_IDS)),
    _RELEASED.where(released_versions.c.version_id.in_(_VERSION_IDS)),
).order_by(literal_column("1"))


class Summaries:
    """Short facts about versions, contents and environments; each method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pacts_of(self, version: Version) -> list[VersionPact]:
        """Return the pacts of a consumer version, by provider."""
        rows = self._connection.execute(_PACTS_OF_VERSION, {"version_id": version.id})
        return [
            VersionPact(provider, interactions, result(columns)) for provider, interactions, *columns in rows
        ]

    def verified_by(self, version: Version, size: int) -> list[VerifiedPact]:
        """Return at most *size* of the pacts that a provider version has verified, by consumer."""
        rows = self._connection.execute(_VERIFIED_BY, {"version_id": version.id, "size": size})
        return [
            VerifiedPact(consumer, number, found)
            for consumer, number, *columns in rows
            if (found := result(columns))
        ]

    def results_of(self, content: PactContent, size: int) -> list[ResultSummary]:
        """Return the newest results of a content, one for each provider version, newest first."""
        rows = self._connection.execute(_RESULTS_OF, {"content_id": content.id, "size": size})
        return [found for row in rows if (found := result(row))]

    def everywhere(self) -> list[Place]:
        """Return what is deployed, or released and supported, in all environments, by pacticipant."""
        return [_place(row) for row in self._connection.execute(_EVERYWHERE)]

    def places_of(self, version_ids: Collection[int]) -> list[Place]:
        """Return where these versions are now, by the name of the environment."""
        rows = self._connection.execute(_WHERE_IS, {"version_ids": list(version_ids)})
        return [_place(row) for row in rows]


def _place(row: Any) -> Place:
    environment, production, version_id, pacticipant, version, released, instance, since, _ = row
    return Place(
        environment, bool(production), version_id, pacticipant, version, bool(released), instance, since
    )
