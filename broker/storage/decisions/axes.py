"""The versions of a consumer and of a provider that have something to do with each other."""

from enum import IntEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from broker.domain.decisions.selectors import VersionRef
from broker.domain.model import Pacticipant
from broker.storage.conditions import IN_ENVIRONMENT_NOW, is_current, newest_first
from broker.storage.tables import (
    environments,
    integrations,
    pact_publications,
    service_contract_publications,
    verifications,
    versions,
)
from tally.values import dataclass

MOST = 60
"""How many versions of each side are read."""
_LIMIT: ColumnElement[int] = literal_column(str(MOST + 1))
_LOOKED_AT: ColumnElement[int] = literal_column("300")
"""How many of the newest versions of a provider are looked at for those that have verified the consumer."""
_LAST = 2**63 - 1


class _Part(IntEnum):
    CONSUMER = 0
    PROVIDER = 1
    THERE = 2
    REVERSE = 3


@dataclass(frozen=True)
class Presence:
    """A version of one of the two that is in an environment."""

    pacticipant: str
    version: VersionRef
    environment: str
    production: bool


@dataclass(frozen=True)
class Axes:
    """The newest versions of both sides, newest first, and what is where.

    *more_consumers* and *more_providers* are the numbers of the versions with which older ones begin.
    *have_contracts* says whether service contracts can matter, *is_mutual* whether the provider has pacts
    with the consumer as well.
    """

    consumers: tuple[VersionRef, ...]
    providers: tuple[VersionRef, ...]
    there: tuple[Presence, ...]
    more_consumers: str | None
    more_providers: str | None
    have_contracts: bool
    is_mutual: bool


_documents = service_contract_publications
_HAS_DOCUMENTS = select(_documents.c.version_id).where(_documents.c.version_id == versions.c.id).exists()


def _columns(part: _Part, documents: ColumnElement[Any] = _HAS_DOCUMENTS) -> tuple[ColumnElement[Any], ...]:
    return (
        literal(part.value).label("part"),
        versions.c.pacticipant_id,
        versions.c.id.label("version_id"),
        versions.c.number,
        versions.c.position,
        documents.label("has_documents"),
    )


_NO_PLACE = (cast(null(), String).label("environment"), literal(value=False).label("production"))


def _from(name: str, pacticipant: str) -> ColumnElement[Any]:
    """Return the position of the version of this number, or the last one."""
    number = bindparam(name, type_=String)
    found = select(versions.c.position).where(
        versions.c.pacticipant_id == bindparam(pacticipant), versions.c.number == number
    )
    return func.coalesce(found.correlate(None).scalar_subquery(), literal(_LAST, BigInteger))


_pacts = (
    select(pact_publications.c.consumer_version_id)
    .where(
        pact_publications.c.consumer_id == bindparam("consumer_id"),
        pact_publications.c.provider_id == bindparam("provider_id"),
        is_current(pact_publications),
        pact_publications.c.position <= _from("consumer_from", "consumer_id"),
    )
    .order_by(newest_first(pact_publications))
    .limit(_LIMIT)
    .subquery()
)
_newest = (
    select(versions.c.id, versions.c.position)
    .where(
        versions.c.pacticipant_id == bindparam("provider_id"),
        versions.c.position <= _from("provider_from", "provider_id"),
    )
    .order_by(newest_first(versions))
    .limit(_LOOKED_AT)
    .subquery()
)
_has_verified = (
    select(verifications.c.id)
    .where(
        verifications.c.provider_version_id == _newest.c.id,
        verifications.c.consumer_id == bindparam("consumer_id"),
        is_current(verifications),
    )
    .exists()
)
_may_compare = select(_documents.c.version_id).where(_documents.c.version_id == _newest.c.id).exists()
_verifying = (
    select(_newest.c.id)
    .where(or_(_has_verified, _may_compare))
    .order_by(newest_first(_newest))
    .limit(_LIMIT)
    .subquery()
)
_THERE = [
    select(*_columns(_Part.THERE), environments.c.name, environments.c.production)
    .join_from(table, versions, versions.c.id == table.c.version_id)
    .join(environments, environments.c.id == table.c.environment_id)
    .where(table.c.pacticipant_id.in_([bindparam("consumer_id"), bindparam("provider_id")]), still)
    for table, still in IN_ENVIRONMENT_NOW
]
_REVERSE: Select[Any] = select(
    literal(_Part.REVERSE.value),
    integrations.c.id,
    literal(0),
    literal(""),
    literal(0),
    literal(value=False),
    *_NO_PLACE,
).where(
    integrations.c.consumer_id == bindparam("provider_id"),
    integrations.c.provider_id == bindparam("consumer_id"),
)
_AXES: CompoundSelect[Any] = union_all(
    select(*_columns(_Part.CONSUMER), *_NO_PLACE).join_from(
        _pacts, versions, versions.c.id == _pacts.c.consumer_version_id
    ),
    select(*_columns(_Part.PROVIDER), *_NO_PLACE).join_from(
        _verifying, versions, versions.c.id == _verifying.c.id
    ),
    *_THERE,
    _REVERSE,
)


class VersionAxes:
    """Find the versions of both sides with one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_pair(
        self,
        consumer: Pacticipant,
        provider: Pacticipant,
        *,
        consumer_from: str | None = None,
        provider_from: str | None = None,
    ) -> Axes:
        """Return the newest versions, or the newest from these on."""
        values = {
            "consumer_id": consumer.id,
            "provider_id": provider.id,
            "consumer_from": consumer_from,
            "provider_from": provider_from,
        }
        rows = self._connection.execute(_AXES, values).all()
        sides = {
            part: sorted(
                (VersionRef(row.version_id, row.number, row.position) for row in rows if row.part == part),
                key=lambda version: -version.position,
            )
            for part in (_Part.CONSUMER, _Part.PROVIDER)
        }
        names = {consumer.id: consumer.name, provider.id: provider.name}
        consumers, providers = sides[_Part.CONSUMER], sides[_Part.PROVIDER]
        return Axes(
            tuple(consumers[:MOST]),
            tuple(providers[:MOST]),
            tuple(
                Presence(
                    names[row.pacticipant_id],
                    VersionRef(row.version_id, row.number, row.position),
                    row.environment,
                    bool(row.production),
                )
                for row in rows
                if row.part == _Part.THERE
            ),
            consumers[MOST].number if len(consumers) > MOST else None,
            providers[MOST].number if len(providers) > MOST else None,
            any(row.has_documents for row in rows),
            any(row.part == _Part.REVERSE for row in rows),
        )
