"""What has to be known to tell others of an event (reference §5.8, §10.3, §10.4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select, true

from broker.domain.model import Version
from broker.domain.webhooks import ANY, Criterion
from broker.storage.publication_facts import OF_PUBLICATION, OF_VERSION, PUBLISHED, PublicationFacts, facts
from broker.storage.tables import (
    branch_versions,
    branches,
    labels,
    pact_versions,
    pacticipants,
    verifications,
    versions,
)

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_results = verifications.alias("results")
_newest = (
    select(_results.c.id)
    .where(_results.c.pact_version_id == pact_versions.c.id)
    .order_by(_results.c.id.desc())
    .limit(1)
)
_newest_from_main = (
    _newest.join_from(
        _results, branch_versions, branch_versions.c.version_id == _results.c.provider_version_id
    )
    .join(branches, branches.c.id == branch_versions.c.branch_id)
    .where(branches.c.name == _providers.c.main_branch)
    .correlate(pact_versions, _providers)
)
_RESULTS = (
    select(
        pact_versions.c.provider_id,
        verifications.c.id,
        verifications.c.success,
        verifications.c.provider_version_id,
        pact_versions.c.sha,
    )
    .join_from(pact_versions, PUBLISHED, PUBLISHED.c.pact_version_id == pact_versions.c.id)
    .join(_providers, _providers.c.id == pact_versions.c.provider_id)
    .outerjoin(
        verifications,
        verifications.c.id
        == func.coalesce(
            _newest_from_main.scalar_subquery(), _newest.correlate(pact_versions).scalar_subquery()
        ),
    )
    .where(*OF_VERSION)
)
_IDS = select(versions.c.id).where(
    versions.c.pacticipant_id == bindparam("pacticipant_id"),
    versions.c.number.in_(bindparam("numbers", expanding=True)),
)


def _criteria(side: Any, role: str) -> dict[str, Any]:  # noqa: ANN401 - an alias of pacticipants
    has_label = exists().where(labels.c.pacticipant_id == side.c.id, labels.c.name == bindparam(role))
    return {"any": true(), "name": side.c.name == bindparam(role), "label": has_label.correlate(side)}


_LATEST = {
    (of_consumer, of_provider): select(_consumers.c.name, _providers.c.name, versions.c.number)
    .join_from(PUBLISHED, _consumers, _consumers.c.id == PUBLISHED.c.consumer_id)
    .join(_providers, _providers.c.id == PUBLISHED.c.provider_id)
    .join(versions, versions.c.id == PUBLISHED.c.consumer_version_id)
    .where(~PUBLISHED.c.superseded, consumer, provider)
    .order_by(PUBLISHED.c.position.desc())
    .limit(1)
    for of_consumer, consumer in _criteria(_consumers, "consumer").items()
    for of_provider, provider in _criteria(_providers, "provider").items()
}


@dataclass(frozen=True)
class LatestPublication:
    """The newest pact that a webhook is for."""

    consumer: str
    provider: str
    version: str


@dataclass(frozen=True)
class KnownResult:
    """The content's newest result, of the provider's main branch if it has one; None if there is none."""

    number: int | None
    success: bool | None
    provider_version_id: int | None
    sha: str


class Happenings:
    """Look up what an event means, for all providers of a publication at once; keys are their ids."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_publication(self, version: Version, provider_ids: Collection[int]) -> PublicationFacts:
        """Return what it means that the version has published its pacts with these providers."""
        return facts(self._of_version(OF_PUBLICATION, version, provider_ids))

    def results(self, version: Version, provider_ids: Collection[int]) -> Mapping[int, KnownResult]:
        """Return what is known of the contents that the version has published."""
        rows = self._of_version(_RESULTS, version, provider_ids)
        return {provider_id: KnownResult(*rest) for provider_id, *rest in rows}

    def latest_publication(self, consumer: Criterion, provider: Criterion) -> LatestPublication | None:
        """Return the newest pact between pacticipants that match."""
        criteria = {"consumer": consumer, "provider": provider}
        values = {role: item.name or item.label for role, item in criteria.items() if item != ANY}
        statement = _LATEST[_kind(consumer), _kind(provider)]
        row = self._connection.execute(statement, values).first()
        return LatestPublication(*row) if row else None

    def version_ids(self, pacticipant_id: int, numbers: Collection[str]) -> list[int]:
        """Return the ids of the versions that exist."""
        values = {"pacticipant_id": pacticipant_id, "numbers": list(numbers)}
        return list(self._connection.scalars(_IDS, values))

    def _of_version(self, statement: Any, version: Version, provider_ids: Collection[int]) -> list[Any]:  # noqa: ANN401 - one of the above
        values = {"version_id": version.id, "provider_ids": list(provider_ids)}
        return list(self._connection.execute(statement, values).all())


def _kind(criterion: Criterion) -> str:
    if criterion.name is not None:
        return "name"
    return "any" if criterion.label is None else "label"
