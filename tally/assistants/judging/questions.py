"""What is judged about documents, as functions from JSON to JSON; they run in processes of their own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tally.assistants.judging.documents import Given, read_consumer, read_contract, read_versions
from tally.assistants.judging.users import Users, assumed_contract, near_requests, of_operation, read_pacts
from tally.commands.service_contracts.compared_files import check_answerable
from tally.comparison.comparing import compare as compare_contracts
from tally.comparison.consumer_documents import compare_consumer
from tally.comparison.findings import Policy
from tally.compatibility.documents import PLAIN, VersionedDocument, compare_versions
from tally.compatibility.model import Flow, Mode, Rules
from tally.errors import TallyError, UsageError
from tally.pact import Pact
from tally.usage.declared import declared_places
from tally.usage.index import UsedIndex
from tally.usage.lookup import find_place
from tally.usage.places import Place, PlaceSyntaxError, parse_place


def answered(question: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was `found`, why the question was `refused`, or the error with which it `failed`."""
    try:
        return {"found": _QUESTIONS[question](**arguments)}
    except TallyError as error:
        return {"refused": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing is known of the documents
        return {"failed": f"{type(error).__name__}: {error}"[:500]}


def compare(pact: Given, documents: Sequence[Given], *, policy: str) -> dict[str, Any]:
    """Compare what a consumer needs with the documents of its provider."""
    consumer, contract = read_consumer(pact), read_contract(documents)
    if isinstance(consumer, Pact):
        check_answerable(consumer, contract)
        found = compare_contracts(consumer, contract, Policy(policy))
    else:
        found = compare_consumer(consumer, contract, Policy(policy))
    written = found.as_json()
    for interaction, compared in zip(written["interactions"], found.interactions, strict=True):
        for finding, each in zip(interaction["findings"], compared.findings, strict=True):
            finding["unknown"] = each.unknown
    return written


def provider_of(pact: Given) -> str | None:
    """Return the provider that a pact names; a consumer's own document may be about several."""
    consumer = read_consumer(pact)
    return consumer.provider if isinstance(consumer, Pact) else None


def check(  # noqa: PLR0913 - what is asked, all named at the call
    old: Given,
    new: Given,
    *,
    mode: str | None,
    direction: str | None,
    lenient: bool,
    pacts: Sequence[Given] = (),
) -> dict[str, Any]:
    """Compare two versions of a document, and say which of *pacts* use what was changed."""
    before, after = read_versions([old, new])
    rules, flow = _rules(after, mode, direction, lenient=lenient)
    found = compare_versions(before, after, rules, flow)
    contract = before.contract
    users = Users(contract, read_pacts(pacts)) if pacts and contract else None
    changes = [
        change.as_json()
        | ({"users": users.of(change.place)} if users and change.place and not change.compatible else {})
        for change in found.changes
    ]
    return {**found.as_json(), "kind": after.kind, "changes": changes}


def who_uses(documents: Sequence[Given], pacts: Sequence[Given], place: str) -> dict[str, Any]:
    """Say which pacts use a place of a contract, and with which interactions."""
    contract, read = read_contract(documents), read_pacts(pacts)
    found = find_place(contract, place)
    return {"place": str(found), "users": Users(contract, read).of(found), "unreadable": read.unreadable}


def who_uses_assumed(pacts: Sequence[Given], place: str) -> dict[str, Any]:
    """Say which pacts use a place of an operation over HTTP that no contract describes."""
    try:
        wanted = parse_place(place)
    except PlaceSyntaxError as error:
        raise UsageError(str(error)) from error
    read = read_pacts(pacts)
    contract = assumed_contract(wanted, read)
    about = of_operation(read, contract)
    found = {"place": str(wanted), "users": Users(contract, about).of(wanted), "unreadable": read.unreadable}
    is_known = any(uses.uses for uses in about.uses)
    return found if is_known else {**found, "near": near_requests(read, wanted)}


def unused(documents: Sequence[Given], pacts: Sequence[Given]) -> dict[str, Any]:
    """Say which places of a contract no pact uses; what is below another one of them is left out."""
    contract, read = read_contract(documents), read_pacts(pacts)
    index = UsedIndex(Users(contract, read).used_places())
    places: list[Place] = []
    for place in declared_places(contract):
        if not (places and places[-1].covers(place)) and not index.is_used(place):
            places.append(place)
    return {"places": [str(place) for place in places], "unreadable": read.unreadable}


def _rules(
    new: VersionedDocument, mode: str | None, direction: str | None, *, lenient: bool
) -> tuple[Rules, Flow]:
    is_plain = new.kind == PLAIN
    if direction is not None and not is_plain:
        raise UsageError(
            f"direction: {new.name} is {new.kind}, which says itself who sends what: leave it out."
        )
    default = Mode.BACKWARD if is_plain and direction is None else Mode.SERVICE
    chosen = Mode(mode) if mode else default
    if direction is not None and chosen is not Mode.SERVICE:
        raise UsageError(f"direction is for the mode service: {chosen.value} has one direction already.")
    if is_plain and direction is None and chosen is Mode.SERVICE:
        raise UsageError(
            f"direction: {new.name} is a plain JSON Schema, which does not say who sends it: say received, "
            "sent or both."
        )
    return Rules(chosen, lenient), Flow(direction) if direction else Flow.BOTH


_QUESTIONS: Mapping[str, Callable[..., Any]] = {
    each.__name__: each for each in (compare, provider_of, check, who_uses, who_uses_assumed, unused)
}
