"""Which of some pacts use places of a service contract."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from tally.assistants.judging.documents import Given, read_consumer
from tally.comparison.routing import Router
from tally.errors import InvalidContractError, UsageError
from tally.pact import Pact
from tally.service_contract.model import Operation, ServiceContract
from tally.service_contract.parsing import parse_service_contract
from tally.usage.concerned import by_interaction, concerned_by
from tally.usage.places import Place, UsedPlace, is_http, operation_key
from tally.usage.resolving import Resolver
from tally.usage.uses import ANYTHING, HTTP, Uses, anything, uses_of
from tally.values import dataclass

MOST_NEAR = 5


@dataclass(frozen=True)
class ReadPacts:
    """What each of some pacts uses; one that cannot be read may use everything, and is `unreadable`."""

    uses: Sequence[Uses]
    unreadable: Sequence[dict[str, str]]


def read_pacts(pacts: Sequence[Given]) -> ReadPacts:
    """Return what they use, in their order."""
    uses, unreadable = [], []
    for given in pacts:
        try:
            pact = read_consumer(given)
        except InvalidContractError as error:
            unreadable.append({"what": given["name"], "why": str(error)})
            uses.append(anything("the pact cannot be read"))
        else:
            of_its_own = anything("it is no pact, but a document of the consumer's own")
            uses.append(uses_of(pact) if isinstance(pact, Pact) else of_its_own)
    return ReadPacts(uses, unreadable)


def assumed_contract(place: Place, pacts: ReadPacts) -> ServiceContract:
    """Return a contract of the operation of *place* alone, where nobody has published one.

    It has every status that a pact expects. Raises UsageError for a place that is not of HTTP.
    """
    method, _, path = place.operation.partition(" ")
    if not is_http(place.operation):
        raise UsageError(
            "Without a service contract, only operations over HTTP can be looked up, such as "
            f'"GET /orders/{{id}}", and "{place.operation}" is none.'
        )
    said = {status for uses in pacts.uses for use in uses.uses for status in use.statuses}
    statuses = sorted(said | ({place.status} if place.status else set())) or ["default"]
    names = re.findall(r"{([^{}]*)}", path)
    operation = {
        "parameters": [{"name": name, "in": "path", "required": True, "schema": {}} for name in set(names)],
        "responses": {
            status: {"description": "", "content": {"application/json": {}}} for status in statuses
        },
    }
    document = {"openapi": "3.1.0", "info": {"title": "", "version": ""}}
    try:
        return parse_service_contract(document | {"paths": {path: {method.lower(): operation}}})
    except InvalidContractError as error:
        raise UsageError(f'place: "{place.operation}" is no operation of a contract: {error}.') from error


def of_operation(pacts: ReadPacts, contract: ServiceContract) -> ReadPacts:
    """Return the uses that may be about the only operation of a contract; others are of other operations."""
    router = Router(contract.http_operations)
    kept = [
        Uses(
            tuple(
                use
                for use in uses.uses
                if use.kind == ANYTHING
                or (use.kind == HTTP and (use.pattern or any(router.routes(use.method, use.path))))
            )
        )
        for uses in pacts.uses
    ]
    return replace(pacts, uses=kept)


def near_requests(pacts: ReadPacts, place: Place) -> list[str]:
    """Return the requests in pacts that may be meant by a place which none of them is about."""
    known = dict.fromkeys(
        f"{use.method} {use.path}" for uses in pacts.uses for use in uses.uses if use.kind == HTTP
    )
    return get_close_matches(place.operation, known, n=MOST_NEAR, cutoff=0.5) or list(known)[:MOST_NEAR]


class Users:
    """Answers which pacts use places of one contract."""

    def __init__(self, contract: ServiceContract, pacts: ReadPacts) -> None:
        self._contract = contract
        self._resolver = Resolver(contract)
        self._uses = pacts.uses
        self._known: dict[tuple[int, str], tuple[UsedPlace, ...]] = {}

    def of(self, place: Place) -> list[dict[str, Any]]:
        """Return the `interactions` of each pact that uses *place*, by the `index` of the pact."""
        operation = self._operation(place)
        if operation is None:
            return []
        place = replace(place, operation=operation.title)
        found = []
        for index in range(len(self._uses)):
            concerned = self._concerned(index, place, operation)
            if concerned:
                found.append({"index": index, "interactions": _written(by_interaction(place, concerned))})
        return found

    def used_places(self) -> Iterator[UsedPlace]:
        """Yield every place that any of the pacts uses."""
        for uses in self._uses:
            yield from self._resolver.places(uses)

    def _operation(self, place: Place) -> Operation | None:
        key = operation_key(place.operation)
        for operation in self._contract.operations:
            if key in {operation_key(operation.title), operation.id}:
                return operation
        return None

    def _concerned(self, index: int, place: Place, operation: Operation) -> list[UsedPlace]:
        key = index, operation.id
        if key not in self._known:
            self._known[key] = tuple(self._resolver.places(self._uses[index], of=operation))
        return concerned_by(place, self._known[key], operation, self._resolver)


def _written(doubts: Mapping[tuple[int, str], str]) -> list[dict[str, str]]:
    return [
        {"description": description} | ({"doubt": doubt} if doubt else {})
        for (_, description), doubt in doubts.items()
    ]
