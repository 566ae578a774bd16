"""Integrations: which pacticipants have contracts with each other, and the end of that."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant
from broker.domain.pacticipants.integration import IntegrationName
from broker.domain.pagination import Page, PartOfList
from broker.storage.conditions import IS_DEPLOYED, IS_SUPPORTED
from broker.storage.dialects import AS_BYTES, is_in
from broker.storage.direct_statements import later
from broker.storage.failures import LostRaceError
from broker.storage.insights.counters import Counters
from broker.storage.pacticipants.branch_heads import promote
from broker.storage.pagination import Pageable, containing, pattern
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import (
    branches,
    deliveries,
    deployed_versions,
    integrations,
    pact_publications,
    pact_versions,
    pacticipants,
    released_versions,
    service_contract_dependencies,
    service_contract_publications,
    service_contract_verifications,
    verifications,
    versions,
    webhooks,
)
from broker.storage.values_of_rows import values_of

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_in_order = (
    select(_consumers.c.name, _providers.c.name.label("provider"))
    .select_from(integrations)
    .join(_consumers, _consumers.c.id == integrations.c.consumer_id)
    .join(_providers, _providers.c.id == integrations.c.provider_id)
    .order_by(
        integrations.c.contract_data_updated_at.desc().nulls_last(), _consumers.c.name, _providers.c.name
    )
)
_ALL = Pageable(_in_order)
_OF_ONE = Pageable(
    _in_order.where(
        or_(
            integrations.c.consumer_id == bindparam("pacticipant"),
            integrations.c.provider_id == bindparam("pacticipant"),
        )
    )
)
_SEARCH = Pageable(_in_order.where(or_(containing(_consumers.c.name), containing(_providers.c.name))))
_PAIR: tuple[BindParameter[int], BindParameter[int]] = (bindparam("consumer"), bindparam("provider"))
_DELETE = delete(integrations).where(
    integrations.c.consumer_id == _PAIR[0], integrations.c.provider_id == _PAIR[1]
)
_DELETE_CONTENTS = delete(pact_versions).where(
    pact_versions.c.consumer_id == _PAIR[0], pact_versions.c.provider_id == _PAIR[1]
)

_DELETE_DEPENDENCIES = delete(service_contract_dependencies).where(
    service_contract_dependencies.c.consumer_id == _PAIR[0],
    service_contract_dependencies.c.provider_id == _PAIR[1],
)


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(1).where(*conditions).correlate(versions).exists()


_publication_of = pact_publications.c.consumer_version_id == versions.c.id
_published_here = and_(
    pact_publications.c.consumer_id == _PAIR[0], pact_publications.c.provider_id == _PAIR[1]
)
_result_of = verifications.c.provider_version_id == versions.c.id
_verified_here = and_(verifications.c.consumer_id == _PAIR[0], verifications.c.provider_id == _PAIR[1])
_takes_part_elsewhere = _has(
    or_(
        integrations.c.consumer_id == versions.c.pacticipant_id,
        integrations.c.provider_id == versions.c.pacticipant_id,
    )
)
_is_somewhere = or_(
    _has(deployed_versions.c.version_id == versions.c.id, IS_DEPLOYED),
    _has(released_versions.c.version_id == versions.c.id, IS_SUPPORTED),
)
# This runs after the integration is deleted, and before its pacts and results are. When a pacticipant has
# other integrations, its versions without a part in this one stay, and so do those in an environment, which
# decisions about the other integrations depend on.
_DELETE_VERSIONS = delete(versions).where(
    versions.c.pacticipant_id.in_(_PAIR),
    ~_has(_publication_of, ~_published_here),
    ~_has(_result_of, ~_verified_here),
    ~_has(service_contract_publications.c.version_id == versions.c.id),
    ~_has(service_contract_verifications.c.version_id == versions.c.id),
    or_(
        ~_takes_part_elsewhere,
        and_(or_(_has(_publication_of), _has(_result_of)), ~_is_somewhere),
    ),
)
_has_lost_its_head = and_(branches.c.pacticipant_id.in_(_PAIR), branches.c.head_version_id.is_(None))
_PROMOTE_HEADS = promote(_has_lost_its_head)
_DELETE_PACTICIPANTS = delete(pacticipants).where(
    pacticipants.c.id.in_(_PAIR),
    ~select(1).where(versions.c.pacticipant_id == pacticipants.c.id).correlate(pacticipants).exists(),
    ~select(1)
    .where(
        or_(
            integrations.c.consumer_id == pacticipants.c.id,
            integrations.c.provider_id == pacticipants.c.id,
        )
    )
    .correlate(pacticipants)
    .exists(),
    ~select(1)
    .where(or_(webhooks.c.consumer_id == pacticipants.c.id, webhooks.c.provider_id == pacticipants.c.id))
    .correlate(pacticipants)
    .exists(),
)
_DELETE_WEBHOOKS = delete(webhooks).where(
    webhooks.c.consumer_id == _PAIR[0], webhooks.c.provider_id == _PAIR[1]
)
_DELETE_DELIVERIES = delete(deliveries).where(
    deliveries.c.consumer_id == _PAIR[0], deliveries.c.provider_id == _PAIR[1]
)
_AFTERWARDS = (
    _DELETE_DELIVERIES,
    _DELETE_WEBHOOKS,
    _DELETE_VERSIONS,
    _DELETE_CONTENTS,
    _DELETE_DEPENDENCIES,
    *_PROMOTE_HEADS,
    _DELETE_PACTICIPANTS,
)
_new = insert(integrations)
_TOUCH = _new.on_conflict_do_update(
    index_elements=["consumer_id", "provider_id"],
    set_={"contract_data_updated_at": _new.excluded.contract_data_updated_at},
)
_TOUCH_AND_READ_USES = _TOUCH.returning(
    integrations.c.provider_id, integrations.c.uses_since
).execution_options(**AS_BYTES)
_TOUCH_KEPT = (
    update(integrations)
    .where(
        integrations.c.consumer_id == bindparam("consumer"), is_in(integrations.c.provider_id, "providers")
    )
    .values(contract_data_updated_at=bindparam("now"))
)
_SET_USES = (
    update(integrations)
    .where(
        integrations.c.consumer_id == bindparam("of_consumer"),
        integrations.c.provider_id == bindparam("of_provider"),
    )
    .values(uses_since=bindparam("uses"))
)
_DELETE_ALL = delete(pacticipants)


class Integrations:
    """Integrations, and what belongs to them."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def all(self, page: Page | None = None, search: str | None = None) -> PartOfList[IntegrationName]:
        """Return those whose consumer or provider contains *search*, newest contract first."""
        if search is None:
            rows, total = _ALL.read(self._connection, {}, page)
        else:
            rows, total = _SEARCH.read(self._connection, {"q": pattern(search)}, page)
        return PartOfList([_name(row) for row in rows], total, page)

    def of(self, pacticipant: Pacticipant, page: Page | None = None) -> PartOfList[IntegrationName]:
        """Return those in which *pacticipant* takes part, newest contract first."""
        rows, total = _OF_ONE.read(self._connection, {"pacticipant": pacticipant.id}, page)
        return PartOfList([_name(row) for row in rows], total, page)

    def touch(self, consumer: Pacticipant, providers: Collection[Pacticipant], now: datetime) -> None:
        """Record that the consumer has contracts with the providers, and that they changed now."""
        if rows := _touching(consumer, providers, now):
            later(self._connection, _TOUCH, values_of(rows))

    def touch_kept(self, consumer: Pacticipant, providers: Collection[Pacticipant], now: datetime) -> None:
        """Record that the contracts with these were published again as they are.

        Raises LostRaceError when another one has deleted an integration since its pact was found.
        """
        ids = {each.id for each in providers}
        values = {"consumer": consumer.id, "providers": sorted(ids), "now": now}
        if self._connection.execute(_TOUCH_KEPT, values).rowcount < len(ids):
            raise LostRaceError(f"An integration of {consumer.name} was deleted meanwhile")

    def touch_and_read_uses(
        self, consumer: Pacticipant, providers: Collection[Pacticipant], now: datetime
    ) -> Mapping[int, bytes | None]:
        """Do what `touch` does. Return since when the consumer uses what, by the ids of the providers.

        No other publication between these gets here before the end of the transaction.
        """
        values = values_of(_touching(consumer, providers, now))
        return dict(self._connection.execute(_TOUCH_AND_READ_USES, values).all()) if values else {}

    def set_uses(self, consumer: Pacticipant, uses_since: Mapping[int, bytes]) -> None:
        """Record since when the consumer uses what, by the ids of the providers."""
        if uses_since:
            self._connection.execute(
                _SET_USES,
                [
                    {"of_consumer": consumer.id, "of_provider": each, "uses": uses}
                    for each, uses in sorted(uses_since.items())
                ],
            )

    def delete(self, consumer: Pacticipant, provider: Pacticipant, now: datetime) -> bool:
        """Remove what the two have with each other, and webhooks. Return whether there was an integration.

        With them go the versions, and then the pacticipants, that are left without anything.
        """
        pair = {"consumer": consumer.id, "provider": provider.id}
        counters = Counters(self._connection)
        counters.hold()
        if self._connection.execute(_DELETE, pair).rowcount == 0:
            return False
        for statement in _AFTERWARDS:
            self._connection.execute(statement, {**pair, "now": now})
        self._marks.removed([consumer.name, provider.name])
        counters.forget_deleted(pair.values())
        return True

    def delete_all(self) -> None:
        """Remove every pacticipant with everything that belongs to it; the environments stay."""
        counters = Counters(self._connection)
        counters.hold()
        self._connection.execute(_DELETE_ALL)
        counters.forget_all()


def _touching(
    consumer: Pacticipant, providers: Collection[Pacticipant], now: datetime
) -> list[dict[str, object]]:
    """Return the rows in the order of their ids: in another one, two publications may wait for each other."""
    stamps = {"consumer_id": consumer.id, "created_at": now, "contract_data_updated_at": now}
    return [{**stamps, "provider_id": each} for each in sorted({provider.id for provider in providers})]


def _name(row: Any) -> IntegrationName:
    return IntegrationName(*row)  # _in_order has the fields in their order
