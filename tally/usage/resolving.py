"""Which places of a service contract the interactions of a consumer use."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tally.comparison.channels import is_on
from tally.comparison.routing import Router
from tally.json_schema.shapes import is_found
from tally.pact import Pact
from tally.service_contract.model import (
    Direction,
    HttpOperation,
    MessageOperation,
    Operation,
    OperationResponse,
    ServiceContract,
)
from tally.usage.body_paths import read_body_path
from tally.usage.lookup import schemas_of
from tally.usage.places import Part, Place, UsedPlace
from tally.usage.recursion import shortened
from tally.usage.uses import ANYTHING, HTTP, MESSAGE, Use, Uses, key_of, uses_of
from tally.values import dataclass

_LONGEST_PATTERN = 500


@dataclass(frozen=True)
class _Found:
    """An operation that an interaction uses; *doubt* says why it is not certain."""

    operation: Operation
    doubt: str = ""


def places_of(pact: Pact, contract: ServiceContract) -> tuple[UsedPlace, ...]:
    """Return the places of *contract* that the interactions of *pact* use.

    What cannot be resolved is a possible use, with its doubt: of all that it may be about.
    """
    return tuple(Resolver(contract).places(uses_of(pact)))


class Resolver:
    """Finds the operations of one contract; built once for many consumers."""

    def __init__(self, contract: ServiceContract) -> None:
        self.contract = contract
        self._router = Router(contract.http_operations)
        self._routes: dict[tuple[str, str, str], tuple[_Found, ...]] = {}
        self._same: dict[Place, tuple[Place, ...]] = {}

    def places(self, uses: Uses, *, of: Operation | None = None) -> Iterator[UsedPlace]:
        """Yield the places that are used, of one operation or of all."""
        for use in uses.uses:
            for found in self._operations(use):
                if of is None or found.operation is of:
                    for used in _places(use, found):
                        yield used
                        yield from self._by_recursion(found.operation, used)

    def same_parts(self, operation: Operation, place: Place) -> tuple[Place, ...]:
        """Return the other places that a recursive schema describes by the same part, nearer to its root."""
        if not place.path or len(place.path) == 1:
            return ()
        if place not in self._same:
            paths = shortened(schemas_of(operation, place), place.path)
            self._same[place] = tuple(replace(place, path=path) for path in paths)
        return self._same[place]

    def _by_recursion(self, operation: Operation, used: UsedPlace) -> Iterator[UsedPlace]:
        for place in self.same_parts(operation, used.place):
            yield replace(used, place=place, doubt=used.doubt or same_schema(used.place))

    def _operations(self, use: Use) -> Iterable[_Found]:
        if use.kind == ANYTHING:
            return [_Found(operation, use.reason) for operation in self.contract.operations]
        if use.kind == HTTP:
            key = (use.method, use.path, use.pattern)
            if key not in self._routes:
                self._routes[key] = tuple(self._routed(use))
            return self._routes[key]
        return self._messages(use)

    def _routed(self, use: Use) -> Iterator[_Found]:
        routes = [route.operation for route in self._router.routes(use.method, use.path)]
        yield from map(_Found, routes[:1])
        others = [_Found(each, f"{use.path} fits {each.title} as well") for each in routes[1:]]
        if not routes:
            methods = {use.method, "GET"} if use.method == "HEAD" else {use.method}
            others = [
                _Found(each, f"{use.method} {use.path} fits no operation")
                for each in self.contract.http_operations
                if each.method.upper() in methods
            ]
        elif use.pattern:
            others += [
                _Found(each, f"the path may be what {use.pattern} describes")
                for each in self.contract.http_operations
                if each not in routes and each.method.upper() == use.method and _may_be(each, use)
            ]
        yield from others

    def _messages(self, use: Use) -> Iterable[_Found]:
        known = self.contract.message_operations
        if use.operation:
            referred = [each for each in known if each.id == use.operation]
            doubt = f'the operation "{use.operation}" that it refers to is not in the document'
            return [_Found(each) for each in referred] or [_Found(each, doubt) for each in known]
        candidates = [each for each in known if _is_of_kind(each, use)]
        named = [each for each in candidates if any(is_on(each, name) for name in use.channels)]
        candidates = named or candidates or list(known)
        doubt = "" if len(candidates) == 1 else "nothing says which channel it is on"
        return [_Found(each, doubt) for each in candidates]


def same_schema(place: Place) -> str:
    """Return the doubt about what a recursive schema describes as it does *place*."""
    return f"{place} is used, which the same part of a recursive schema describes"


def _is_of_kind(operation: MessageOperation, use: Use) -> bool:
    if use.kind == MESSAGE:
        return not operation.replies and operation.direction is not Direction.RECEIVED
    return bool(operation.replies) and operation.direction is not Direction.SENT


def _may_be(operation: HttpOperation, use: Use) -> bool:
    """Whether a path of the operation, with the values of the example, satisfies the rule of the path."""
    if len(use.pattern) > _LONGEST_PATTERN:
        return True
    values = use.path.split("/")
    template = operation.base_path.rstrip("/") + operation.path
    filled = "/".join(
        re.sub(r"\{[^{}]*\}", values[index] if index < len(values) and values[index] else "1", segment)
        for index, segment in enumerate(template.split("/"))
    )
    return is_found(f"^(?:{use.pattern})$", filled, unreadable=True)


@dataclass(frozen=True)
class _Maker:
    """Makes the places of one interaction in one operation."""

    use: Use
    doubt: str

    def __call__(self, place: Place, leaf: tuple[str, str] | None = None, *, why: str = "") -> UsedPlace:
        """Return *place* as used. *leaf* is the part of the interaction, and its name or path."""
        use, whole = self.use, False
        if leaf and place.path is not None:
            path = read_body_path(leaf[1])
            place, whole = replace(place, path=path.tokens), path.whole
        key = key_of(use.signature, *(leaf or ()))
        return UsedPlace(place, use.interaction, use.index, whole, self.doubt or why, key)

    def everything(self, place: Place, why: str = "") -> UsedPlace:
        """Return *place* as used with all that is in it."""
        return replace(self(place, why=why), whole=True)


def _places(use: Use, found: _Found) -> Iterator[UsedPlace]:
    operation, used = found.operation, _Maker(use, found.doubt)
    title = operation.title
    if use.kind == ANYTHING:
        yield used.everything(Place(title))
    elif isinstance(operation, HttpOperation) and use.kind == HTTP:
        yield from _of_http(use, operation, used)
    elif isinstance(operation, HttpOperation):
        yield used.everything(Place(title), "it is a message, and the operation is asked over HTTP")
    else:
        yield from _of_message(use, title, used)


def _of_message(use: Use, title: str, used: _Maker) -> Iterator[UsedPlace]:
    yield used(Place(title))
    yield from (used(Place(title, Part.HEADER, name=name), ("header", name)) for name in use.headers)
    answer = Part.PAYLOAD if use.kind == MESSAGE else Part.REPLY
    for path in use.request:
        yield used(Place(title, Part.PAYLOAD, path=()), ("request", path))
    for path in use.response:
        yield used(Place(title, answer, path=()), ("response", path))


def _of_http(use: Use, operation: HttpOperation, used: _Maker) -> Iterator[UsedPlace]:
    title = operation.title
    yield used(Place(title))
    for parameter in operation.parameters:
        if parameter.location == "path":
            yield used(Place(title, Part.PATH, name=parameter.name))
    yield from (used(Place(title, Part.HEADER, name=name), ("header", name)) for name in use.headers)
    yield from (used(Place(title, Part.COOKIE, name=name), ("cookie", name)) for name in use.cookies)
    yield from _of_query(use, operation, used)
    yield from (used(Place(title, Part.REQUEST, path=()), ("request", path)) for path in use.request)
    for status in use.statuses:
        responses = _responses(operation, status)
        for response in responses:
            yield from _of_response(use, title, response.status, used)
        if not responses:
            yield used.everything(Place(title, Part.RESPONSE), f"the document describes no status {status}")


def _of_query(use: Use, operation: HttpOperation, used: _Maker) -> Iterator[UsedPlace]:
    """Yield the parameters by their names; one that is an object may be written under other names."""
    declared = {each.name: each for each in operation.parameters if each.location == "query"}
    unknown = []
    for name in use.query:
        own = next((each for each in (name, name.partition("[")[0], f"{name}[]") if each in declared), None)
        if own is None:
            unknown.append(name)
        yield used(Place(operation.title, Part.QUERY, name=own or name), ("query", name))
    for parameter in declared.values():
        if unknown and parameter.name not in use.query and _may_be_an_object(parameter.schema):
            why = f"{', '.join(unknown)} may be a part of it"
            yield used(Place(operation.title, Part.QUERY, name=parameter.name), why=why)


def _may_be_an_object(schema: object) -> bool:
    kind = schema.get("type") if isinstance(schema, dict) else None
    kinds = kind if isinstance(kind, list) else [kind]
    return None in kinds or "object" in kinds


def _responses(operation: HttpOperation, status: str) -> list[OperationResponse]:
    """Return what the document says of a status, or of each status of a class."""
    if status.isdigit():
        found = operation.response(status)
        return [] if found is None else [found]
    return [
        each
        for each in operation.responses
        if each.status[:1] == status[:1] or each.status.lower() == "default"
    ]


def _of_response(use: Use, title: str, status: str, used: _Maker) -> Iterator[UsedPlace]:
    yield used(Place(title, Part.RESPONSE, status))
    for name in use.response_headers:
        yield used(Place(title, Part.HEADER, status, name), ("response header", name))
    for path in use.response:
        yield used(Place(title, Part.RESPONSE, status, path=()), ("response", path))
