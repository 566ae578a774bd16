"""What an event means, and what the templates of webhooks may say of it (reference §5.8, §10.3, §10.4)."""

from collections.abc import Collection
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, select, true, union_all

from broker.domain.model import Pacticipant, Version
from broker.domain.webhooks.webhook import ANY, Criterion
from broker.storage.conditions import IS_DEPLOYED, is_current, newest
from broker.storage.dialects import is_in_unseen
from broker.storage.tables import (
    deployed_versions,
    integrations,
    labels,
    pact_publications,
    pact_versions,
    pacticipants,
    service_contract_publications,
    versions,
)
from broker.storage.webhooks.publication_details import DETAILS, PublicationDetails, details
from broker.storage.webhooks.publication_facts import FACTS, PUBLISHED, PublicationFacts, facts
from tally.values import dataclass

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_OF_PUBLICATION = union_all(*FACTS)
_WITH_DETAILS = union_all(*FACTS, *DETAILS)
_DEPLOYED = (
    select(versions.c.number)
    .join(deployed_versions, deployed_versions.c.version_id == versions.c.id)
    .where(
        deployed_versions.c.pacticipant_id == bindparam("pacticipant_id"),
        IS_DEPLOYED,
    )
    .order_by(deployed_versions.c.id)
)
_CONSUMERS = (
    select(pacticipants.c.name)
    .join(integrations, integrations.c.consumer_id == pacticipants.c.id)
    .where(integrations.c.provider_id == bindparam("provider_id"))
    .order_by(pacticipants.c.name)
)
_NEWEST_WITH_PACTS = select(
    pact_versions.c.id.label("pact_version_id"),
    newest(pact_publications, pact_publications.c.consumer_version_id)
    .where(pact_publications.c.pact_version_id == pact_versions.c.id, is_current(pact_publications))
    .correlate(pact_versions)
    .scalar_subquery()
    .label("version_id"),
).where(is_in_unseen(pact_versions.c.id, "contents"))
_NEWEST_WITH_DOCUMENTS = (
    newest(versions, versions.c.id)
    .join(service_contract_publications, service_contract_publications.c.version_id == versions.c.id)
    .where(service_contract_publications.c.set_id == bindparam("set_id"))
)
_IDS = select(versions.c.id).where(
    versions.c.pacticipant_id == bindparam("pacticipant_id"),
    is_in_unseen(versions.c.number, "numbers"),
    exists().where(
        pact_publications.c.consumer_version_id == versions.c.id,
        pact_publications.c.pact_version_id == bindparam("content_id"),
    ),
)


def _criteria(side: Any, role: str) -> dict[str, Any]:
    has_label = exists().where(labels.c.pacticipant_id == side.c.id, labels.c.name == bindparam(role))
    return {"any": true(), "name": side.c.name == bindparam(role), "label": has_label.correlate(side)}


def _pacticipant(side: Any) -> list[ColumnElement[Any]]:
    return [side.c[each.name].label(f"{side.name}_{each.name}") for each in fields(Pacticipant)]


_LATEST = {
    (of_consumer, of_provider): newest(
        PUBLISHED, *_pacticipant(_consumers), *_pacticipant(_providers), versions.c.number
    )
    .join_from(PUBLISHED, _consumers, _consumers.c.id == PUBLISHED.c.consumer_id)
    .join(_providers, _providers.c.id == PUBLISHED.c.provider_id)
    .join(versions, versions.c.id == PUBLISHED.c.consumer_version_id)
    .where(is_current(PUBLISHED), consumer, provider)
    for of_consumer, consumer in _criteria(_consumers, "consumer").items()
    for of_provider, provider in _criteria(_providers, "provider").items()
}


@dataclass(frozen=True)
class LatestPublication:
    """The newest pact that a webhook is for."""

    consumer: Pacticipant
    provider: Pacticipant
    version: str


class EventContext:
    """Look up what an event means, for all providers of a publication at once; keys are their ids."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_publication(self, version: Version, provider_ids: Collection[int]) -> PublicationFacts:
        """Return what it means that the version has published its pacts with these providers."""
        return facts(self._of_version(_OF_PUBLICATION, version, provider_ids))

    def of_publication_with_details(
        self, version: Version, provider_ids: Collection[int]
    ) -> tuple[PublicationFacts, PublicationDetails]:
        """Return what it means, and what templates may say of it, in one statement."""
        rows = self._of_version(_WITH_DETAILS, version, provider_ids)
        return facts(rows), details(rows)

    def latest_publication(self, consumer: Criterion, provider: Criterion) -> LatestPublication | None:
        """Return the newest pact between pacticipants that match."""
        criteria = {"consumer": consumer, "provider": provider}
        values = {role: item.name or item.label for role, item in criteria.items() if item != ANY}
        statement = _LATEST[_kind(consumer), _kind(provider)]
        row = self._connection.execute(statement, values).first()
        if row is None:
            return None
        width = len(fields(Pacticipant))
        return LatestPublication(Pacticipant(*row[:width]), Pacticipant(*row[width:-1]), row[-1])

    def deployed(self, pacticipant_id: int) -> tuple[str, ...]:
        """Return the numbers of the versions that are deployed anywhere, each once."""
        return tuple(dict.fromkeys(self._connection.scalars(_DEPLOYED, {"pacticipant_id": pacticipant_id})))

    def consumers(self, provider_id: int) -> list[str]:
        """Return the names of those that have an integration with the provider."""
        return list(self._connection.scalars(_CONSUMERS, {"provider_id": provider_id}))

    def newest_with_pacts(self, pact_version_ids: Collection[int]) -> dict[int, int]:
        """Return the newest version with each of these contents of pacts, by the id of the content."""
        rows = self._connection.execute(_NEWEST_WITH_PACTS, {"contents": list(pact_version_ids)})
        return {row.pact_version_id: row.version_id for row in rows if row.version_id is not None}

    def newest_with_documents(self, set_id: int) -> int | None:
        """Return the newest version with this set of documents."""
        found: int | None = self._connection.scalar(_NEWEST_WITH_DOCUMENTS, {"set_id": set_id})
        return found

    def version_ids(self, consumer_id: int, content_id: int, numbers: Collection[str]) -> list[int]:
        """Return the ids of the versions that have been published with this content of a pact."""
        values = {"pacticipant_id": consumer_id, "content_id": content_id, "numbers": list(numbers)}
        return list(self._connection.scalars(_IDS, values))

    def _of_version(self, statement: Any, version: Version, provider_ids: Collection[int]) -> list[Any]:
        values = {"version_id": version.id, "provider_ids": list(provider_ids)}
        return list(self._connection.execute(statement, values).all())


def _kind(criterion: Criterion) -> str:
    if criterion.name is not None:
        return "name"
    return "any" if criterion.label is None else "label"
