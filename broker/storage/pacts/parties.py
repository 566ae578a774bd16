"""What is known of a publication when it comes: its pacticipants, and contents that are stored already."""

from collections.abc import Collection, Mapping
from dataclasses import fields

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, exists, select

from broker.domain.model import Pacticipant
from broker.storage.dialects import in_order, is_in_unseen, json_rows, looked_up
from broker.storage.tables import (
    integrations,
    pact_usages,
    pact_versions,
    pacticipants,
    service_contract_sets,
    verifications,
)
from broker.storage.webhooks.triggers import has_webhooks
from tally.values import dataclass

_consumer = pacticipants.alias("consumer")


def _of_pair(table: Table) -> ColumnElement[bool]:
    """Whether a row is of the consumer with the provider, for a look-up by an index."""
    return and_(
        looked_up(table.c.consumer_id, _consumer.c.id), looked_up(table.c.provider_id, pacticipants.c.id)
    )


_has_usage = exists().where(looked_up(pact_usages.c.pact_version_id, pact_versions.c.id))
# For joins, PostgreSQL would read whole tables and compare: it expects many names, of many contents.
_contents = (
    select(json_rows(pact_versions.c.id, pact_versions.c.sha, pact_versions.c.digits, _has_usage))
    .where(
        pact_versions.c.consumer_id == _consumer.c.id,
        pact_versions.c.provider_id == pacticipants.c.id,
        is_in_unseen(pact_versions.c.sha, "shas"),
    )
    .correlate(pacticipants, _consumer)
    .scalar_subquery()
)
_PARTIES = (
    select(
        *(pacticipants.c[field.name] for field in fields(Pacticipant)),
        exists().where(_of_pair(integrations)),
        has_webhooks(_consumer.c.id, pacticipants.c.id),
        exists().where(looked_up(service_contract_sets.c.pacticipant_id, pacticipants.c.id)),
        exists().where(_of_pair(verifications)),
        _contents,
    )
    .select_from(pacticipants)
    .outerjoin(_consumer, _consumer.c.name == bindparam("consumer"))
    .where(is_in_unseen(pacticipants.c.name, "names"))
)
_FIELDS = len(fields(Pacticipant))


@dataclass(frozen=True)
class KnownContent:
    """A content that is stored; *has_usage* tells whether it is kept what it uses."""

    id: int
    digits: str | None
    has_usage: bool


@dataclass(frozen=True)
class Party:
    """A pacticipant that takes part in a publication, and what it has as the provider.

    *has_webhooks* tells also of those that the broker disabled, *ever_verified* whether it has verified any
    pact of the consumer.
    """

    pacticipant: Pacticipant
    is_integrated: bool
    has_webhooks: bool
    has_service_contract: bool
    ever_verified: bool


@dataclass(frozen=True)
class Parties:
    """The pacticipants of a publication that exist, by name.

    *contents* are those that are stored, of those that are asked for, by the provider and the hash.
    """

    by_name: Mapping[str, Party]
    contents: Mapping[tuple[str, str], KnownContent]


class PublicationParties:
    """Finds the parties of publications."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, consumer: str, providers: Collection[str], shas: Collection[str]) -> Parties:
        """Return what is known of a publication; *shas* are the hashes of its contents."""
        names = [consumer, *providers]
        values = {"consumer": consumer, "names": names, "shas": list(shas)}
        found: dict[str, Party] = {}
        contents: dict[tuple[str, str], KnownContent] = {}
        for row in self._connection.execute(_PARTIES, values):
            party = Party(Pacticipant(*row[:_FIELDS]), *map(bool, row[_FIELDS:-1]))
            found[party.pacticipant.name] = party
            for content_id, sha, digits, has_usage in in_order(row[-1]):
                contents[party.pacticipant.name, sha] = KnownContent(content_id, digits, bool(has_usage))
        return Parties(found, contents)
