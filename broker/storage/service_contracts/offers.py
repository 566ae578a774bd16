"""What documents offer to other services and need of them, kept so that decisions need not read documents."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_keep  # its ON CONFLICT compiles for SQLite

from broker.domain.model import Pacticipant
from broker.domain.service_contracts.needs import NewDependency, Offer
from broker.storage.dialects import is_in
from broker.storage.tables import (
    integrations,
    service_contract_dependencies,
    service_contract_needs,
    service_contract_operations,
    service_contracts,
)

_UNKNOWN = select(service_contracts.c.sha, service_contracts.c.id).where(
    is_in(service_contracts.c.pacticipant_id, "pacticipant_ids"),
    is_in(service_contracts.c.sha, "shas"),
    ~select(1)
    .where(service_contract_operations.c.service_contract_id == service_contracts.c.id)
    .correlate(service_contracts)
    .exists(),
    ~select(1)
    .where(service_contract_dependencies.c.service_contract_id == service_contracts.c.id)
    .correlate(service_contracts)
    .exists(),
)
_ADD_OPERATIONS = insert_or_keep(service_contract_operations).on_conflict_do_nothing(
    index_elements=["service_contract_id", "key"]
)
_ADD_INTEGRATION = insert_or_keep(integrations).on_conflict_do_nothing(
    index_elements=["consumer_id", "provider_id"]
)
_ADD_DEPENDENCY = insert(service_contract_dependencies).returning(service_contract_dependencies.c.id)
_ADD_NEEDS = insert(service_contract_needs)


class Offers:
    """What documents offer and need."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unknown(self, pacticipant: Pacticipant, shas: Collection[str]) -> dict[str, int]:
        """Return the ids, by hash, of those of these documents of which nothing is kept yet."""
        rows = self._connection.execute(
            _UNKNOWN, {"pacticipant_ids": [pacticipant.id], "shas": sorted(set(shas))}
        )
        return {row.sha: row.id for row in rows}

    def add(self, content_id: int, offer: Offer) -> None:
        """Keep what a document offers."""
        if offer.keys:
            self._connection.execute(
                _ADD_OPERATIONS,
                [{"service_contract_id": content_id, "key": key} for key in sorted(offer.keys)],
            )

    def add_dependencies(
        self,
        content_id: int,
        consumer: Pacticipant,
        needed: Iterable[tuple[Pacticipant, NewDependency]],
        now: datetime,
    ) -> None:
        """Keep what a document of *consumer* needs of other services: they have an integration."""
        for provider, dependency in needed:
            pair = {"consumer_id": consumer.id, "provider_id": provider.id}
            self._connection.execute(
                _ADD_INTEGRATION, {**pair, "created_at": now, "contract_data_updated_at": now}
            )
            values = {
                **pair,
                "service_contract_id": content_id,
                "required": dependency.required,
                "versions": dependency.versions,
            }
            dependency_id = self._connection.execute(_ADD_DEPENDENCY, values).scalar_one()
            if dependency.needs:
                self._connection.execute(
                    _ADD_NEEDS,
                    [
                        {"dependency_id": dependency_id, "key": need.key, "name": need.name}
                        for need in dependency.needs
                    ],
                )
