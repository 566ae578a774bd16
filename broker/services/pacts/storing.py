"""The steps of a publication that store something: its version, its contents, its integrations."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from broker.domain.accounts.permissions import Action
from broker.domain.model import HeldVersion, Pacticipant
from broker.domain.pacts.publication import StoredContent, VersionWithPacts
from broker.domain.pacts.publication_plan import Planned, PublicationOutcome
from broker.services import permission
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import versions
from broker.services.pacticipants.versions import BegunVersion
from broker.services.usage import keep
from broker.storage.insights.uncounted import NewPublicationToCount
from broker.storage.pacts.pacts import NewPublication
from broker.storage.pacts.parties import Parties
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class BegunPublication:
    """A publication whose version is held. *pacticipants* has those as well that the *parties* lack."""

    publication: VersionWithPacts
    parties: Parties
    pacticipants: Mapping[str, Pacticipant]
    version: BegunVersion


def names_of(publication: VersionWithPacts) -> list[str]:
    """Return the names of the pacticipants, each once, beginning with the consumer."""
    providers = [contract.provider for contract in publication.contracts]
    return list(dict.fromkeys([publication.pacticipant, *providers]))


def parties_of(
    storage: Storage, publication: VersionWithPacts, now: datetime
) -> tuple[Parties, HeldVersion | None]:
    """Return what is known of the publication, and the version if the consumer is there and did not have it.

    When the publication is refused, the transaction is rolled back.
    """
    created = storage.versions.create_soon(
        publication.pacticipant, publication.version, now, build_url=publication.build_url
    )
    contracts = publication.contracts
    parties = storage.publication_parties.find(
        publication.pacticipant,
        [contract.provider for contract in contracts],
        [contract.content.sha for contract in contracts],
    )
    return parties, created()


def begin(
    storage: Storage,
    publication: VersionWithPacts,
    parties: Parties,
    created: HeldVersion | None,
    circumstances: Circumstances,
) -> BegunPublication:
    """Hold the version before its pacts are read, so that nobody else publishes to it meanwhile."""
    known = {name: party.pacticipant for name, party in parties.by_name.items()}
    missing = [name for name in names_of(publication) if name not in known]
    if missing:
        providers = [name for name in missing if name != publication.pacticipant]
        permission.require_distinct(storage, Action.PUBLISH, providers)
        known = {**known, **storage.pacticipants.create(missing, circumstances.now)}
    version = versions.begin(
        storage,
        known[publication.pacticipant],
        publication.version,
        circumstances.now,
        build_url=publication.build_url,
        created=created,
        likely_new=publication.pacticipant in missing,
    )
    return BegunPublication(publication, parties, known, version)


def store_contents(
    storage: Storage, begun: BegunPublication, planned: Sequence[Planned], now: datetime
) -> list[StoredContent]:
    """Store publications with their contents, and let them be counted; return what is not as it was."""
    consumer, known, parties = begun.version.pacticipant, begun.pacticipants, begun.parties
    changed = [item for item in planned if item.outcome is not PublicationOutcome.UNCHANGED]
    written_otherwise = [
        item
        for item in planned
        if item.outcome is PublicationOutcome.UNCHANGED
        and item.replaces
        and item.replaces.digits != item.content.digits
    ]
    new = [
        NewPublication(
            known[item.provider],
            item.content,
            item.replaces,
            parties.contents.get((item.provider, item.content.sha)),
            is_first=item.provider not in parties.by_name or not parties.by_name[item.provider].is_integrated,
        )
        for item in changed
    ]
    stored = storage.pacts.publish(consumer, begun.version.version, new, now)
    storage.uncounted.note_publications(
        consumer.id,
        [
            NewPublicationToCount(
                known[item.provider].id,
                item.content.interactions + item.content.messages,
                len(item.content.text),
            )
            for item in changed
        ],
        now,
    )
    storage.pacts.write_again(
        consumer, [NewPublication(known[item.provider], item.content) for item in written_otherwise]
    )
    return stored


def touch_integrations(
    storage: Storage,
    begun: BegunPublication,
    planned: Sequence[Planned],
    stored: Sequence[StoredContent],
    now: datetime,
) -> None:
    """Note that the contracts of the consumer changed, and what it uses now, as far as that is not kept."""
    consumer = begun.version.pacticipant
    changed: list[Pacticipant] = []
    unchanged: list[Pacticipant] = []
    for item in planned:
        of_kind = unchanged if item.outcome is PublicationOutcome.UNCHANGED else changed
        of_kind.append(begun.pacticipants[item.provider])
    if unchanged:
        storage.integrations.touch_kept(consumer, unchanged, now)
    unused = [content for content in stored if not content.has_usage]
    if not unused:
        storage.integrations.touch(consumer, changed, now)
        return
    uses_since = storage.integrations.touch_and_read_uses(consumer, changed, now)
    keep.what_is_used(storage, consumer, unused, uses_since, now)
