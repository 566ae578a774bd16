"""Publishing pacts: a consumer version with all its contracts, or one pact alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from broker.domain.accounts.permissions import Action
from broker.domain.errors import (
    ContentConflictError,
    ContractsConflictError,
    SimilarNamesError,
)
from broker.domain.model import Notice, Pacticipant, Version
from broker.domain.names import resembling
from broker.domain.pacts import publication_plan
from broker.domain.pacts.pact import PublishedPact
from broker.domain.pacts.publication import Content, VersionWithPacts
from broker.domain.pacts.publication_plan import Conflict, Planned, PublicationOutcome
from broker.domain.removal import RemovalKind
from broker.services import permission
from broker.services.circumstances import Circumstances
from broker.services.pacticipants import pacticipants, versions
from broker.services.pacts import pacts
from broker.services.service_contracts.comparing import HEAD_START
from broker.services.usage import keep
from broker.services.webhooks import notify
from broker.services.webhooks.new_deliveries import PactsPublished
from broker.services.webhooks.notify import PublicationEvents
from broker.settings import Settings
from broker.storage.insights.uncounted import NewPublicationToCount
from broker.storage.pacts.pacts import NewPublication
from broker.storage.storage import Storage


@dataclass(frozen=True)
class PublishedContract:
    """The outcome of publishing one contract, and the webhooks that it triggers."""

    provider: str
    content: Content
    outcome: PublicationOutcome
    events: PublicationEvents


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
class _Recorded:
    """The pacticipants and the version of a publication; *created* says whether the version is new."""

    pacticipants: Mapping[str, Pacticipant]
    consumer: Pacticipant
    version: Version
    created: bool
    branch: str | None


def publish_contracts(
    storage: Storage, publication: VersionWithPacts, circumstances: Circumstances
) -> Published:
    """Store a version with its pacts, all or nothing (reference §4.7), and trigger webhooks.

    Raises ContractsConflictError with a notice for each conflict, and PermissionDeniedError. A provider that
    is new belongs to no team: whoever needs something of it is not who offers it.
    """
    permission.require(storage, Action.PUBLISH, publication.pacticipant)
    known = storage.pacticipants.find_many(_names(publication))
    similar = similar_names(storage, publication, known, circumstances.settings)
    recorded = _record(storage, publication, known, circumstances)
    planned, conflicts = _plan(storage, publication, circumstances.settings)
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
    return _store(storage, recorded, planned, circumstances)


def publish_pact(storage: Storage, publication: VersionWithPacts, circumstances: Circumstances) -> Published:
    """Store one pact (reference §4.6), and trigger webhooks.

    Raises SimilarNamesError, ContentConflictError or PermissionDeniedError.
    """
    permission.require(storage, Action.PUBLISH, publication.pacticipant)
    known = storage.pacticipants.find_many(_names(publication))
    if similar := similar_names(storage, publication, known, circumstances.settings):
        raise SimilarNamesError("\n".join(similar))
    recorded = _record(storage, publication, known, circumstances)
    planned, conflicts = _plan(storage, publication, circumstances.settings)
    if conflicts:
        notices = partial(_notices, publication, conflicts[0])
        raise ContentConflictError(lambda: "\n".join(notice.text for notice in notices()))
    return _store(storage, recorded, planned, circumstances)


def delete_pact(
    storage: Storage, provider: str, consumer: str, version: str, *, now: datetime
) -> PublishedPact | None:
    """Remove a pact and return the latest that remains. Raises NotFoundError."""
    consumer_version = pacticipants.find_version(storage, consumer, version)
    if not storage.pacts.delete(consumer_version, provider):
        pacts.missing(storage, provider, consumer, version=version)
    storage.removals.add(RemovalKind.PACT, {consumer, provider}, consumer_version.created_at, now)
    return storage.pacts.latest(provider, consumer)


def similar_names(
    storage: Storage, publication: VersionWithPacts, known: Collection[str], settings: Settings
) -> list[str]:
    """Return a sentence for each name, not *known*, that resembles an existing one (reference §5.9)."""
    new = [name for name in _names(publication) if name not in known]
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


def _names(publication: VersionWithPacts) -> list[str]:
    providers = [contract.provider for contract in publication.contracts]
    return list(dict.fromkeys([publication.pacticipant, *providers]))


def _plan(
    storage: Storage, publication: VersionWithPacts, settings: Settings
) -> tuple[list[Planned], list[Conflict]]:
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


def _record(
    storage: Storage,
    publication: VersionWithPacts,
    known: Mapping[str, Pacticipant],
    circumstances: Circumstances,
) -> _Recorded:
    """Lock the version before its pacts are read, so that nobody else publishes to it meanwhile.

    When the publication is refused, the transaction is rolled back.
    """
    if missing := [name for name in _names(publication) if name not in known]:
        providers = [name for name in missing if name != publication.pacticipant]
        permission.require_distinct(storage, Action.PUBLISH, providers)
        known = {**known, **storage.pacticipants.create(missing, circumstances.now)}
    version, created = versions.record_version(
        storage,
        known[publication.pacticipant],
        publication.version,
        circumstances,
        branch=publication.branch,
        tags=publication.tags,
        build_url=publication.build_url,
    )
    return _Recorded(known, known[publication.pacticipant], version, created, publication.branch)


def _store(
    storage: Storage,
    recorded: _Recorded,
    planned: Sequence[Planned],
    circumstances: Circumstances,
) -> Published:
    now = circumstances.now
    known, consumer, version = recorded.pacticipants, recorded.consumer, recorded.version
    changed = [item for item in planned if item.outcome is not PublicationOutcome.UNCHANGED]
    written_otherwise = [
        item
        for item in planned
        if item.outcome is PublicationOutcome.UNCHANGED
        and item.replaces
        and item.replaces.digits != item.content.digits
    ]
    new = storage.pacts.publish(
        consumer,
        version,
        [NewPublication(known[item.provider], item.content, item.replaces) for item in changed],
        now,
    )
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
    uses_since = keep.what_is_used(storage, new, now)
    storage.pacts.write_again(
        consumer,
        [NewPublication(known[item.provider], item.content) for item in written_otherwise],
    )
    providers = [known[item.provider] for item in planned]
    storage.integrations.touch(consumer, providers, now, uses_since)
    published = PactsPublished(
        consumer,
        version,
        {item.provider: known[item.provider] for item in planned},
        {item.provider: item.outcome for item in planned},
        recorded.branch,
    )
    events = notify.pacts_published(storage, published, circumstances.addresses, now)
    contracts = [
        PublishedContract(item.provider, item.content, item.outcome, events[item.provider])
        for item in planned
    ]
    to_compare = _to_compare(storage, published, events, circumstances)
    return Published(version, recorded.created, tuple(contracts), tuple(to_compare))


def _to_compare(
    storage: Storage,
    published: PactsPublished,
    events: Mapping[str, PublicationEvents],
    circumstances: Circumstances,
) -> list[int]:
    """Note which comparisons with service contracts the pacts ask for."""
    if circumstances.addresses is None:  # a copy, of which nobody is told, and of which less is known
        with_contracts = storage.pending_comparisons.with_contracts(published.provider_ids)
    else:
        with_contracts = [
            provider.id for name, provider in published.providers.items() if events[name].has_service_contract
        ]
    if not with_contracts:
        return []
    return storage.pending_comparisons.add_for_pacts(
        published.version, with_contracts, circumstances.base_url, HEAD_START
    )
