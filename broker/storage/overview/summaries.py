"""Lists for the pages of a version, of a pact and of the environments."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    bindparam,
    cast,
    desc,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from broker.domain.model import Pacticipant, Version
from broker.domain.overview.summaries import ResultSummary, VerifiedPact, VersionInEnvironment, VersionPact
from broker.domain.pacts.filter import PactFilter
from broker.domain.verifications.result import PactContent
from broker.storage.conditions import (
    IS_DEPLOYED,
    IS_SUPPORTED,
    NEWEST_CONSUMER_VERSION,
    is_current,
    newest_first,
    newest_result,
)
from broker.storage.overview.front_page import PROVIDER_VERSIONS, RESULT, result
from broker.storage.pacts.filtered import CONDITIONS
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

_PACTS_OF_VERSION = (
    select(
        pacticipants.c.name.label("provider"),
        (pact_versions.c.interactions_count + pact_versions.c.messages_count).label("interactions"),
        *RESULT,
    )
    .select_from(pact_publications)
    .join(pacticipants, pacticipants.c.id == pact_publications.c.provider_id)
    .join(pact_versions, pact_versions.c.id == pact_publications.c.pact_version_id)
    .outerjoin(verifications, verifications.c.id == newest_result(pact_publications.c.pact_version_id))
    .outerjoin(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == verifications.c.provider_version_id)
    .where(pact_publications.c.consumer_version_id == bindparam("version_id"), is_current(pact_publications))
    .order_by(func.lower(pacticipants.c.name))
)
_VERIFIED_BY = (
    select(pacticipants.c.name.label("consumer"), NEWEST_CONSUMER_VERSION.label("consumer_version"), *RESULT)
    .select_from(verifications)
    .join(pacticipants, pacticipants.c.id == verifications.c.consumer_id)
    .join(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == verifications.c.provider_version_id)
    .where(verifications.c.provider_version_id == bindparam("version_id"), is_current(verifications))
    .order_by(func.lower(pacticipants.c.name), verifications.c.id.desc())
    .limit(bindparam("size"))
)
_RESULTS_OF = (
    select(*RESULT)
    .select_from(verifications)
    .join(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == verifications.c.provider_version_id)
    .where(verifications.c.pact_version_id == bindparam("content_id"), is_current(verifications))
    .order_by(verifications.c.id.desc())
    .limit(bindparam("size"))
)

_LAST_VERIFIED = {
    kind: select(*RESULT)
    .select_from(pact_publications)
    .join(verifications, verifications.c.id == newest_result(pact_publications.c.pact_version_id))
    .join(PROVIDER_VERSIONS, PROVIDER_VERSIONS.c.id == verifications.c.provider_version_id)
    .where(
        pact_publications.c.consumer_id == bindparam("consumer_id"),
        pact_publications.c.provider_id == bindparam("provider_id"),
        which,
    )
    .order_by(newest_first(pact_publications), pact_publications.c.revision.desc())
    .limit(bindparam("size"))
    for kind, which in CONDITIONS.items()
}


def _presences(table: Table, instance: ColumnElement[str], *, released: bool) -> Select[Any]:
    return (
        select(
            environments.c.name.label("environment"),
            environments.c.production,
            versions.c.id.label("version_id"),
            pacticipants.c.name.label("pacticipant"),
            versions.c.number.label("version"),
            literal_column("1" if released else "0").label("released"),
            instance.label("instance"),
            table.c.created_at.label("since"),
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
_EVERYWHERE = union_all(_DEPLOYED, _RELEASED).order_by("in_order", desc("since"))
_VERSION_IDS: BindParameter[Sequence[int]] = bindparam("version_ids", expanding=True)
_WHERE_IS = union_all(
    _DEPLOYED.where(deployed_versions.c.version_id.in_(_VERSION_IDS)),
    _RELEASED.where(released_versions.c.version_id.in_(_VERSION_IDS)),
).order_by("environment")


class Summaries:
    """Pacts, results and environments of versions, in short. Each method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pacts_of(self, version: Version) -> list[VersionPact]:
        """Return the pacts of a consumer version, by provider."""
        rows = self._connection.execute(_PACTS_OF_VERSION, {"version_id": version.id})
        return [VersionPact(row.provider, row.interactions, result(row)) for row in rows]

    def verified_by(self, version: Version, size: int) -> list[VerifiedPact]:
        """Return at most *size* of the pacts that a provider version has verified, by consumer."""
        rows = self._connection.execute(_VERIFIED_BY, {"version_id": version.id, "size": size})
        return [
            VerifiedPact(row.consumer, row.consumer_version, found) for row in rows if (found := result(row))
        ]

    def results_of(self, content: PactContent, size: int) -> list[ResultSummary]:
        """Return the newest results of a content, one for each provider version, newest first."""
        rows = self._connection.execute(_RESULTS_OF, {"content_id": content.id, "size": size})
        return [found for row in rows if (found := result(row))]

    def last_result(
        self, consumer: Pacticipant, provider: Pacticipant, which: PactFilter
    ) -> ResultSummary | None:
        """Return the newest result of the last pact of this kind that has any, which may be an old one."""
        values = {"consumer_id": consumer.id, "provider_id": provider.id, "name": which.name, "size": 1}
        rows = self._connection.execute(_LAST_VERIFIED[which.kind], values)
        return next((found for row in rows if (found := result(row))), None)

    def everywhere(self) -> list[VersionInEnvironment]:
        """Return what is deployed, or released and supported, in all environments, by pacticipant."""
        return [_place(row) for row in self._connection.execute(_EVERYWHERE)]

    def places_of(self, version_ids: Collection[int]) -> list[VersionInEnvironment]:
        """Return where these versions are deployed or released now, by the name of the environment."""
        rows = self._connection.execute(_WHERE_IS, {"version_ids": list(version_ids)})
        return [_place(row) for row in rows]


def _place(row: Any) -> VersionInEnvironment:
    return VersionInEnvironment(
        row.environment,
        bool(row.production),
        row.version_id,
        row.pacticipant,
        row.version,
        bool(row.released),
        row.instance,
        row.since,
    )
