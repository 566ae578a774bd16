"""How much of a service contract was seen in a run. Pure.

A property that was never seen present proves nothing: no answer could have it wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Any

import orjson

from tally.json_schema.branches import Branches
from tally.json_schema.schema import Schema
from tally.json_schema.work import OutOfWorkError, Work
from tally.pact.bodies import is_json, media_type
from tally.service_contract.content_types import best_content
from tally.service_contract.model import HttpOperation, MediaType, OperationResponse, ServiceContract
from tally.values import dataclass
from verifier.contracts.cases import Case, MessageCase
from verifier.contracts.response_check import path_expression
from verifier.results.result import CaseResult, Received

OPERATION, STATUS, MEDIA_TYPE, ERROR = "operation", "status", "media type", "error condition"
PRESENT, ABSENT = "optional property present", "optional property absent"
KINDS = (OPERATION, STATUS, MEDIA_TYPE, ERROR, PRESENT, ABSENT)
_STEPS = 20_000
_MOST_PLACES = 1_000
_DEEPEST = 8


@dataclass(frozen=True)
class CoveredPart:
    """Something that a service contract promises, by *kind* and *name*, and whether it was seen."""

    kind: str
    name: str
    seen: bool


@dataclass(frozen=True)
class Coverage:
    """All parts of one service contract."""

    parts: tuple[CoveredPart, ...]

    @property
    def percent(self) -> float:
        """How much of it was seen."""
        return 100 * sum(part.seen for part in self.parts) / len(self.parts) if self.parts else 100.0

    def of(self, kind: str) -> tuple[CoveredPart, ...]:
        """Return the parts of this kind."""
        return tuple(part for part in self.parts if part.kind == kind)

    def unseen(self, kind: str) -> tuple[str, ...]:
        """Return the names of the parts of this kind that were not seen."""
        return tuple(part.name for part in self.of(kind) if not part.seen)


@dataclass(eq=False)
class _Place:
    """Where a value may be in a body: its properties, and its items, as far as the schema names them."""

    properties: "dict[str, tuple[bool, _Place]]" = field(default_factory=dict)
    items: "_Place | None" = None


def coverage_of(contract: ServiceContract, results: Iterable[CaseResult]) -> Coverage:
    """Return what was seen in *results*. Errors of the server, and `default`, are nothing to be seen."""
    watch = _Watch(contract)
    for result in results:
        for each in result.each:
            watch.look_at(each)
    return Coverage(tuple(watch.parts()))


class _Watch:
    def __init__(self, contract: ServiceContract) -> None:
        self._contract = contract
        self._seen: set[tuple[str, str]] = set()
        self._trees: dict[int, _Place] = {}
        self._done: set[int] = set()
        self._messages: set[str] = set()

    def look_at(self, result: CaseResult) -> None:
        """Take what was asked and answered in one case."""
        for step in result.steps:
            self._exchange(step.operation, step.received)
        if isinstance(result.case, Case) and not result.steps:
            self._exchange(result.case.operation, result.received)
        elif isinstance(result.case, MessageCase) and result.case.operation and result.asked:
            self._seen.add((OPERATION, result.case.operation.title))

    def _exchange(self, operation: HttpOperation | None, received: Received | None) -> None:
        if operation is None or received is None:
            return
        self._seen.add((OPERATION, operation.title))
        response = operation.response(str(received.status))
        if response is None:
            return
        self._seen.add((STATUS, _of_status(operation, response)))
        if response.error:
            self._seen.add((ERROR, _of_error(operation, response.error)))
        kind = next((value for name, value in received.headers if name.lower() == "content-type"), None)
        content = best_content(response.content, kind)
        if content is None or kind is None:
            return
        self._seen.add((MEDIA_TYPE, _of_content(operation, response, content)))
        if is_json(kind) and id(content) not in self._done:
            try:
                value = orjson.loads(received.body)
            except orjson.JSONDecodeError:
                return
            self._walk(self._tree(content), value, _of_status(operation, response), ())

    def _walk(self, place: _Place, value: Any, about: str, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            for name, (optional, inner) in place.properties.items():
                if optional:
                    self._seen.add((PRESENT if name in value else ABSENT, _of_property(about, (*path, name))))
                if name in value:
                    self._walk(inner, value[name], about, (*path, name))
        elif isinstance(value, list) and place.items is not None:
            for item in value:
                self._walk(place.items, item, about, (*path, "*"))

    def _tree(self, content: MediaType) -> _Place:
        if id(content) not in self._trees:
            self._trees[id(content)] = _tree(content.schema)
        return self._trees[id(content)]

    def parts(self) -> Iterator[CoveredPart]:
        """Yield everything that the contract promises."""
        for kind, name in dict.fromkeys(self._promised()):
            yield CoveredPart(kind, name, (kind, name) in self._seen)

    def _promised(self) -> Iterator[tuple[str, str]]:
        for operation in self._contract.operations:
            yield OPERATION, operation.title
        for operation in self._contract.http_operations:
            for response in operation.responses:
                if response.status.upper() != "DEFAULT" and not response.status.startswith("5"):
                    yield from self._of(operation, response)

    def _of(self, operation: HttpOperation, response: OperationResponse) -> Iterator[tuple[str, str]]:
        yield STATUS, _of_status(operation, response)
        if response.error:
            yield ERROR, _of_error(operation, response.error)
        for content in response.content if operation.method != "HEAD" else ():
            yield MEDIA_TYPE, _of_content(operation, response, content)
            if is_json(content.content_type):
                yield from _optional(self._tree(content), _of_status(operation, response), ())


def _optional(place: _Place, about: str, path: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    for name, (optional, inner) in place.properties.items():
        if optional:
            yield PRESENT, _of_property(about, (*path, name))
            yield ABSENT, _of_property(about, (*path, name))
        yield from _optional(inner, about, (*path, name))
    if place.items is not None:
        yield from _optional(place.items, about, (*path, "*"))


def _tree(schema: Schema) -> _Place:
    work = Work(_STEPS)
    builder = _Builder(Branches(schema, work))
    try:
        return builder.place(schema, ())
    except OutOfWorkError:
        return _Place()


class _Builder:
    def __init__(self, branches: Branches) -> None:
        self._branches = branches
        self._left = _MOST_PLACES

    def place(self, schema: Schema, above: tuple[int, ...]) -> _Place:
        """Return the place that *schema* describes; one that contains itself is followed once."""
        found = _Place()
        if id(schema) in above or len(above) > _DEEPEST or self._left <= 0:
            return found
        inside = (*above, id(schema))
        shapes = [shape for shape in self._branches.of(schema) if not shape.implied or shape.properties]
        objects = [shape for shape in shapes if "object" in shape.types]
        for shape in objects:
            for name in shape.properties:
                part = shape.of_property(name)
                if name not in found.properties and part is not False:
                    self._left -= 1
                    optional = not all(name in each.required for each in objects)
                    found.properties[name] = optional, self.place(part, inside)
        listed = next(
            (each for each in shapes if "array" in each.types and isinstance(each.items, dict)), None
        )
        if listed is not None:
            found.items = self.place(listed.items, inside)
        return found


def _of_status(operation: HttpOperation, response: OperationResponse) -> str:
    return f"{operation.title} {response.status}"


def _of_content(operation: HttpOperation, response: OperationResponse, content: MediaType) -> str:
    return f"{_of_status(operation, response)} {media_type(content.content_type)}"


def _of_error(operation: HttpOperation, name: str) -> str:
    return f"{operation.title} {name}"


def _of_property(about: str, path: tuple[str | int, ...]) -> str:
    return f"{about} {path_expression(path)}".replace("['*']", "[*]")
