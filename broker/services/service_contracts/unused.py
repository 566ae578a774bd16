"""Whether what has changed is used by anybody."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from broker.domain.model import Pacticipant
from broker.domain.service_contracts.compatibility import ComparedDocument, CompatibilityVerdict
from broker.domain.service_contracts.reading import parsed
from broker.domain.usage.users import Users
from broker.services.usage.ask import users_of
from broker.storage.storage import Storage
from tally.errors import InvalidContractError
from tally.usage.places import PlaceSyntaxError, parse_place

_WHATEVER_IS_USED = frozenset(["REQUIRED_OPERATION_REMOVED"])


def considered(storage: Storage, service: Pacticipant, compared: ComparedDocument) -> ComparedDocument:
    """Return a comparison that is breaking as breaking but unused, if no consumer uses what has changed.

    A change whose place is not known counts as used, and so does everything while no consumer is known: the
    pacts may be elsewhere. What the newest pacts use counts, and those in
    environments; for an earlier document that is only in some of them, all the same.
    """
    judgement = compared.judgement
    if judgement.verdict is not CompatibilityVerdict.BREAKING or judgement.document.get("reasons"):
        return compared
    content = storage.service_contracts.find(service.name, compared.earlier[0].sha)
    if content is None:
        return compared
    try:
        users = users_of(storage, service, parsed(content.document))
    except InvalidContractError:  # published with an earlier release, which took it
        return compared
    if not users.consumers:
        return compared
    document = judgement.document
    for change in document["changes"]:
        if not change["compatible"]:
            if _is_used(users, change):
                return compared
            change["unused"] = True
    verdict = CompatibilityVerdict.BREAKING_BUT_UNUSED
    text = orjson.dumps({**document, "verdict": verdict.value})
    return replace(compared, unused=replace(judgement, verdict=verdict, text=text))


def _is_used(users: Users, change: Mapping[str, Any]) -> bool:
    if change["rule"] in _WHATEVER_IS_USED or "place" not in change:
        return True
    try:
        place = parse_place(change["place"])
    except PlaceSyntaxError:
        return True
    known = {text for operation in users.contract.operations for text in (operation.title, operation.id)}
    return place.operation not in known or bool(users.of(place))
