"""Keep what documents offer and need, once for each content, so that decisions need not read documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from broker.domain.accounts.permissions import Action
from broker.domain.model import Pacticipant
from broker.domain.service_contracts.documents import NewDocument
from broker.domain.service_contracts.needs import offer_of
from broker.services import permission
from broker.storage.storage import Storage


def keep(storage: Storage, service: Pacticipant, documents: Sequence[NewDocument], now: datetime) -> None:
    """Keep what those of the stored documents offer and need of which it is not kept yet.

    A service that a document depends on is created: the two have an integration, as with a pact.
    """
    unknown = storage.offers.unknown(service, [document.sha for document in documents])
    for document in documents:
        content_id = unknown.pop(document.sha, None)
        if content_id is None:
            continue
        offer = offer_of(document.contract)
        storage.offers.add(content_id, offer)
        names = {dependency.service for dependency in offer.dependencies}
        providers = _providers(storage, sorted(names), now) if names else {}
        storage.offers.add_dependencies(
            content_id,
            service,
            [(providers[dependency.service], dependency) for dependency in offer.dependencies],
            now,
        )


def _providers(storage: Storage, names: Sequence[str], now: datetime) -> Mapping[str, Pacticipant]:
    known = storage.pacticipants.find_many(names)
    if not (missing := [name for name in names if name not in known]):
        return known
    permission.require_distinct(storage, Action.PUBLISH, missing)
    return {**known, **storage.pacticipants.create(missing, now)}
