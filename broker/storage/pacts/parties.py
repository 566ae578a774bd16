"""What is known of a publication when it comes: its pacticipants, and contents that are stored already."""

from collections.abc import Collection, Mapping
from dataclasses import fields

from sqlalchemy import Connection, and_, bindparam, exists, select

from broker.domain.model import Pacticipant
from broker.storage.dialects import is_in_unseen
from broker.storage.tables import (
    integrations,
    pact_usages,
    pact_versions,
    pacticipants,
    service_contract_sets,
    verifications,
    versions,
)
from broker.storage.webhooks.triggers import has_webhooks
from tally.values import dataclass

_consumer = pacticipants.alias("consumer")
_PARTIES = (
    select(
        *(pacticipants.c[field.name] for field in fields(Pacticipant)),
        exists().where(
            versions.c.pacticipant_id == pacticipants.c.id, versions.c.number == bindparam("version")
        ),
        integrations.c.id.is_not(None),
        has_webhooks(_consumer.c.id, pacticipants.c.id),
        exists().where(service_contract_sets.c.pacticipant_id == pacticipants.c.id),
        exists().where(
            verifications.c.consumer_id == _consumer.c.id, verifications.c.provider_id == pacticipants.c.id
        ),
        pact_versions.c.sha,
        pact_versions.c.id,
        pact_versions.c.digits,
        pact_usages.c.pact_version_id,
    )
    .select_from(pacticipants)
    .outerjoin(_consumer, _consumer.c.name == bindparam("consumer"))
    .outerjoin(
        integrations,
        and_(integrations.c.consumer_id == _consumer.c.id, integrations.c.provider_id == pacticipants.c.id),
    )
    .outerjoin(
        pact_versions,
        and_(
            pact_versions.c.consumer_id == _consumer.c.id,
            pact_versions.c.provider_id == pacticipants.c.id,
            is_in_unseen(pact_versions.c.sha, "shas"),
        ),
    )
    .outerjoin(pact_usages, pact_usages.c.pact_version_id == pact_versions.c.id)
    .where(is_in_unseen(pacticipants.c.name, "names"))
)
_FIELDS = len(fields(Pacticipant))
_FLAGS = 5


@dataclass(frozen=True)
class KnownContent:
    """A content that is stored; *has_usage* tells whether it is kept what it uses."""

    id: int
    digits: str | None
    has_usage: bool


@dataclass(frozen=True)
class Party:
    """A pacticipant that takes part in a publication, and what it has as the provider.

    *has_version* tells whether it has a version of the number that is published, *has_webhooks* also of those
    that the broker disabled, *ever_verified* whether it has verified any pact of the consumer.
    """

    pacticipant: Pacticipant
    has_version: bool
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

    def find(self, consumer: str, version: str, providers: Collection[str], shas: Collection[str]) -> Parties:
        """Return what is known of a publication; *shas* are the hashes of its contents."""
        names = [consumer, *providers]
        values = {"consumer": consumer, "version": version, "names": names, "shas": list(shas)}
        found: dict[str, Party] = {}
        contents: dict[tuple[str, str], KnownContent] = {}
        for row in self._connection.execute(_PARTIES, values):
            party = Party(Pacticipant(*row[:_FIELDS]), *map(bool, row[_FIELDS : _FIELDS + _FLAGS]))
            found[party.pacticipant.name] = party
            sha, content_id, digits, usage_id = row[_FIELDS + _FLAGS :]
            if content_id is not None:
                key = (party.pacticipant.name, sha)
                contents[key] = KnownContent(content_id, digits, usage_id is not None)
        return Parties(found, contents)
