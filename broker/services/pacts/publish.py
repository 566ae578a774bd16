"""Publishing pacts: a consumer version with all its contracts, or one pact alone."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from broker.domain.accounts.permissions import Action
from broker.domain.errors import (
    ContentConflictError,
    ContractsConflictError,
    SimilarNamesError,
)
from broker.domain.model import Notice, Version
from broker.domain.names import resembling
from broker.domain.pacts import publication_plan
from broker.domain.pacts.pact import CurrentContent, PublishedPact
from broker.domain.pacts.publication import Content, StoredContent, VersionWithPacts
from broker.domain.pacts.publication_plan import Conflict, Planned, PublicationOutcome
from broker.services import permission
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import versions
from broker.services.pacts import pacts
from broker.services.pacts.storing import (
    BegunPublication,
    begin,
    names_of,
    parties_of,
    store_contents,
    touch_integrations,
)
from broker.services.service_contracts.comparing import HEAD_START
from broker.services.webhooks import notify
from broker.services.webhooks.new_deliveries import PactsPublished
from broker.services.webhooks.notify import NO_EVENTS, PublicationEvents
from broker.settings.settings import Settings
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class PublishedContract:
    """The outcome of publishing one contract, and the webhooks that it triggers."""

    provider: str
    content: Content
    outcome: PublicationOutcome
    events: PublicationEvents
    ever_verified: bool
    """Whether the provider has verified any pact of the consumer."""


@dataclass(frozen=True)
class Published:
    """The outcome of a publication; *created* says whether the version is new.

    *to_compare* are the comparisons with service contracts that it asks for, by their ids in the storage.
    """

    version: Version
    created: bool
    contracts: tuple[PublishedContract, ...]
    to_compare: tuple[int, ...] = ()


@dataclass(frozen=True)
class PublishedAlone:
    """The outcome of publishing one pact: the pact as it is stored now."""

    pact: PublishedPact
    outcome: PublicationOutcome
    to_compare: tuple[int, ...]


def publish_contracts(
    storage: Storage, publication: VersionWithPacts, circumstances: Circumstances
) -> Published:
    """Store a version with its pacts, all or nothing (reference §4.7), and trigger webhooks.

    Raises ContractsConflictError with a notice for each conflict, and PermissionDeniedError. A provider that
    is new belongs to no team: whoever needs something of it is not who offers it.
    """
    permission.require(storage, Action.PUBLISH, publication.pacticipant)
    parties, created = parties_of(storage, publication, circumstances.now)
    similar = similarnames_of(storage, publication, parties.by_name, circumstances.settings)
    begun = begin(storage, publication, parties, created, circumstances)
    planned, conflicts = _plan(storage, begun, circumstances.settings)
    if conflicts or similar:
        alike = [Notice("error", text) for text in similar]
        raise ContractsConflictError(lambda: _all_notices(publication, conflicts) + alike)
    storage.note(
        "version",
        f"{publication.pacticipant} / {publication.version}",
        after={
            "branch": publication.branch,
            "tags": publication.tags,
            "providers": [contract.provider for contract in publication.contracts],
        },
    )
    published, _ = _store(storage, begun, planned, circumstances, tells_events=True)
    return published


def publish_pact(
    storage: Storage, publication: VersionWithPacts, circumstances: Circumstances
) -> PublishedAlone:
    """Store one pact (reference §4.6), and trigger webhooks.

    Raises SimilarNamesError, ContentConflictError or PermissionDeniedError.
    """
    permission.require(storage, Action.PUBLISH, publication.pacticipant)
    parties, created = parties_of(storage, publication, circumstances.now)
    if similar := similarnames_of(storage, publication, parties.by_name, circumstances.settings):
        raise SimilarNamesError("\n".join(similar))
    begun = begin(storage, publication, parties, created, circumstances)
    planned, conflicts = _plan(storage, begun, circumstances.settings)
    if conflicts:
        notices = partial(_notices, publication, conflicts[0])
        raise ContentConflictError(lambda: "\n".join(notice.text for notice in notices()))
    published, stored = _store(storage, begun, planned, circumstances, tells_events=False)
    outcome = published.contracts[0].outcome
    return PublishedAlone(_as_stored(storage, begun, stored, circumstances), outcome, published.to_compare)


def _as_stored(
    storage: Storage, begun: BegunPublication, stored: Sequence[StoredContent], circumstances: Circumstances
) -> PublishedPact:
    """Return the pact. A content that was there already is shown as it is stored, so it is read."""
    publication, provider = begun.publication, begun.publication.contracts[0].provider
    if not stored or not stored[0].is_new:
        return pacts.of_version(storage, provider, publication.pacticipant, publication.version)
    return PublishedPact(
        publication.pacticipant,
        provider,
        publication.version,
        begun.version.version.id,
        stored[0].content.sha,
        stored[0].content.text,
        circumstances.now,
    )


def similarnames_of(
    storage: Storage, publication: VersionWithPacts, known: Collection[str], settings: Settings
) -> list[str]:
    """Return a sentence for each name, not *known*, that resembles an existing one (reference §5.9)."""
    new = [name for name in names_of(publication) if name not in known]
    if not new or not settings.check_for_potential_duplicate_pacticipant_names:
        return []
    existing = storage.pacticipants.names()
    return [
        f"There is no pacticipant '{name}' yet, but its name resembles "
        + " and ".join(f"'{other}'" for other in similar)
        + f". If it is the same, use that name; otherwise create '{name}' with POST /pacticipants first"
        for name in new
        if (similar := resembling(name, existing))
    ]


def _plan(
    storage: Storage, begun: BegunPublication, settings: Settings
) -> tuple[list[Planned], list[Conflict]]:
    publication = begun.publication
    current: Mapping[str, CurrentContent] = {}
    if not begun.version.is_new:
        current = storage.pacts.current_of_version(publication.pacticipant, publication.version)
    contracts = publication_plan.by_provider(publication.contracts)
    changed = [
        known.publication_id
        for provider, known in current.items()
        if any(contract.content.sha != known.sha for contract in contracts.get(provider, ()))
    ]
    texts = storage.pacts.texts(changed) if changed else {}
    decided = [
        publication_plan.plan(
            of_provider,
            known := current.get(provider),
            texts.get(known.publication_id, b"") if known else b"",
            may_overwrite=settings.allow_dangerous_contract_modification,
        )
        for provider, of_provider in contracts.items()
    ]
    return (
        [item for item in decided if isinstance(item, Planned)],
        [item for item in decided if isinstance(item, Conflict)],
    )


def _all_notices(publication: VersionWithPacts, conflicts: Sequence[Conflict]) -> list[Notice]:
    return [notice for conflict in conflicts for notice in _notices(publication, conflict)]


def _notices(publication: VersionWithPacts, conflict: Conflict) -> list[Notice]:
    pact = f"The pact of {publication.pacticipant} {publication.version} with {conflict.provider}"
    notices = [Notice("error", f"{pact} {conflict.reason}.")]
    if changes := conflict.changes:
        notices.append(Notice("info", changes))
    return notices


def _store(
    storage: Storage,
    begun: BegunPublication,
    planned: Sequence[Planned],
    circumstances: Circumstances,
    *,
    tells_events: bool,
) -> tuple[Published, Sequence[StoredContent]]:
    """Store what is planned, and what follows from it; the branch, for which others wait, as late as can be.

    Return what was published, and the contents that the version has not had before.
    """
    now, publication, known = circumstances.now, begun.publication, begun.pacticipants
    consumer = begun.version.pacticipant
    stored = store_contents(storage, begun, planned, now)
    touch_integrations(storage, begun, planned, stored, now)
    version = versions.add_branch_and_tags(
        storage, begun.version, publication.branch, publication.tags, circumstances
    )
    published = PactsPublished(
        consumer,
        version,
        {item.provider: known[item.provider] for item in planned},
        {item.provider: item.outcome for item in planned},
        publication.branch,
    )
    events: Mapping[str, PublicationEvents] = {}
    parties = begun.parties.by_name
    # A webhook may be for any consumer or provider, and so for one that is new.
    has_webhooks = len(parties) < len(known) or any(party.has_webhooks for party in parties.values())
    if tells_events or has_webhooks:
        events = notify.pacts_published(
            storage, published, circumstances.addresses, now, has_webhooks=has_webhooks
        )
    is_told = circumstances.addresses is not None
    contracts = [
        PublishedContract(
            item.provider,
            item.content,
            item.outcome,
            events.get(item.provider, NO_EVENTS),
            is_told and item.provider in parties and parties[item.provider].ever_verified,
        )
        for item in planned
    ]
    with_contracts = [
        known[item.provider].id
        for item in planned
        if item.provider in parties and parties[item.provider].has_service_contract
    ]
    to_compare = _to_compare(storage, version, with_contracts, circumstances)
    return Published(version, begun.version.is_new, tuple(contracts), tuple(to_compare)), stored


def _to_compare(
    storage: Storage, version: Version, with_contracts: Collection[int], circumstances: Circumstances
) -> list[int]:
    """Note which comparisons with the contracts of these providers the pacts ask for."""
    if not with_contracts:
        return []
    return storage.pending_comparisons.add_for_pacts(
        version, with_contracts, circumstances.base_url, HEAD_START
    )
