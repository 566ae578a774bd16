"""Chains of requests: something is created, changed, read and deleted, in many orders."""

from collections.abc import Generator, Iterator, Mapping
from itertools import product
from typing import Any

from tally.generators.generated_values import Values
from tally.json_schema.shapes import same
from tally.matching import Mismatch
from tally.pact import Response
from tally.service_contract.model import HttpOperation
from tally.service_contract.serialisation import plain_text
from tally.values import dataclass
from verifier.contracts.cases import Ask, Exchanges, Generated, WorkflowCase
from verifier.generation.checks import check_valid
from verifier.generation.differences import shown
from verifier.generation.requests import OperationCases
from verifier.generation.resources import Follower, Known, Resource, bound_values
from verifier.generation.settings import WORKFLOWS

_MOST_ATTEMPTS = 12
_MOST_CHAINS = 40
_CREATED, _ACCEPTED = 201, 202
_GONE = frozenset([404, 410])

Asking = Generator[Ask, Response, Any]
"""Part of a chain: it asks, is sent the responses, and returns what it found."""


@dataclass(frozen=True, eq=False)
class Chains:
    """The chains of one resource; *cases* make requests, by the id of their operation."""

    resource: Resource
    cases: Mapping[str, OperationCases]
    seed: int

    def all(self) -> Iterator[WorkflowCase]:
        """Yield a chain for each order of two changes, none twice, with everything read in between."""
        changes = self.resource.changes
        orders: list[tuple[Follower | HttpOperation, ...]] = [()]
        orders += [(change,) for change in changes]
        orders.append((self.resource.creation,))
        orders += list(product(changes, changes))
        for index, order in enumerate(orders[:_MOST_CHAINS]):
            yield self._chain(index, order)

    def _chain(self, index: int, order: tuple[Follower | HttpOperation, ...]) -> WorkflowCase:
        steps = [_operation_of(each).title for each in order]
        creation = self.cases[self.resource.creation.id]

        def exchanges(_: Values) -> Exchanges:
            return _Run(self, order).exchanges()

        return WorkflowCase(
            description=f"{' → '.join([creation.operation.title, *steps])}: workflow {index}",
            exchanges=exchanges,
            states=creation.states,
            id=f"{creation.operation.id}/workflows/{index}",
            generated=Generated(phase=WORKFLOWS, seed=self.seed, index=index, value=None),
        )

    def candidates(self) -> Iterator[Any]:
        """Yield values that may create something, the usual one first."""
        creation = self.cases[self.resource.creation.id]
        for index, value in enumerate(creation.some[:_MOST_ATTEMPTS]):
            yield value
            yield creation.fresh(value, f"{self.resource.creation.id}/{index}")

    def value(self, operation: HttpOperation, bound: Mapping[str, Any], unlike: Mapping[str, Any]) -> Any:
        """Return a value with what is *bound*, whose body differs most from what is there already."""
        made = self.cases[operation.id]
        found = made.some
        fitting = [value for value in found if made.inputs.validator.accepts(_with(value, bound))]
        if not fitting and not found:
            return None
        best = max(fitting or found, key=lambda value: _news(value, unlike))
        return _with(best, bound)


class _Run:
    """One chain while it is replayed."""

    def __init__(self, chains: Chains, order: tuple[Follower | HttpOperation, ...]) -> None:
        self._chains = chains
        self._order = order
        self._resource = chains.resource
        self._written: dict[str, Any] = {}
        self._unconfirmed: dict[str, Any] = {}
        self._confirmed: dict[str, Any] = {}
        self._deleted = False
        self._asked_for = 0
        self._findings: list[tuple[int, tuple[Mismatch, ...]]] = []

    def exchanges(self) -> Exchanges:
        """Create, then ask for each step, and read after each."""
        created = yield from self._create()
        if created is None:
            return ()  # nothing can follow; the other phases say why requests are refused
        known, value = created
        self._found(self._checked(self._resource.creation, value, known.response))
        yield from self._read(known, is_new=known.response.status == _CREATED)
        for step in self._order:
            yield from self._change(step, known, value)
            yield from self._read(known, is_new=False)
        yield from self._list(known)
        return tuple(self._findings)

    def _create(self) -> Asking:
        for value in self._chains.candidates():
            answer = yield from self._asked(self._resource.creation, value)
            if answer is None:
                continue
            request, response = answer
            if _is_success(response):
                self._note(value, response)
                return Known(value, request, response), value
        return None

    def _asked(self, operation: HttpOperation, value: Any) -> Asking:
        request = None if value is None else self._chains.cases[operation.id].request(value)
        if request is None:
            return None
        response = yield operation, request
        self._asked_for += 1
        return request, response

    def _change(self, step: Follower | HttpOperation, known: Known, value: Any) -> Asking:
        operation = _operation_of(step)
        if isinstance(step, Follower):
            bound = bound_values(step, known)
            if bound is None:
                return
            value = self._chains.value(operation, bound, self._written)
        answer = yield from self._asked(operation, value)
        if answer is None:
            return
        _, response = answer
        self._found(self._checked(operation, value, response))
        if isinstance(step, Follower) and step.is_item and _is_success(response):
            if operation.method == "DELETE":
                later = response.status == _ACCEPTED and operation.response(str(_ACCEPTED)) is not None
                self._deleted = not later
            else:
                self._note(value, response)

    def _found(self, mismatches: tuple[Mismatch, ...]) -> None:
        if mismatches:
            self._findings.append((self._asked_for - 1, mismatches))

    def _note(self, value: Any, response: Response) -> None:
        """Remember what was sent: what the service has confirmed, and what it has not."""
        self._deleted = False
        sent = value.get("body", {}).get("value")
        sent = sent if isinstance(sent, dict) else {}
        echo = response.body.value
        if isinstance(echo, dict):
            self._confirmed = {
                name: item for name, item in sent.items() if name in echo and same(echo[name]) == same(item)
            }
            self._written = dict(echo)
        else:
            self._unconfirmed = {
                name: item
                for name, item in sent.items()
                if name in self._written and same(self._written[name]) != same(item)
            }

    def _read(self, known: Known, *, is_new: bool) -> Asking:
        reading = self._resource.reading
        bound = bound_values(reading, known) if reading else None
        if reading is None or bound is None:
            return
        operation = reading.operation
        value = self._chains.value(operation, bound, {})
        answer = yield from self._asked(operation, value)
        if answer is None:
            return
        _, response = answer
        self._found(self._checked(operation, value, response))
        self._found(tuple(self._state_kept(operation, response, is_new=is_new)))

    def _state_kept(
        self, operation: HttpOperation, response: Response, *, is_new: bool
    ) -> Iterator[Mismatch]:
        status = response.status or 0
        documented = any(operation.response(str(each)) for each in _GONE)
        if self._deleted:
            if _is_success(response) and documented:
                message = f"what was deleted is still there: {operation.title} was answered with {status}"
                yield Mismatch("status", "", "404 or 410", status, message)
            return
        if status in _GONE:
            if is_new:
                message = f"what was created is not there: {operation.title} was answered with {status}"
                yield Mismatch("status", "", "a success", status, message)
            return
        body = response.body.value
        if isinstance(body, dict):
            yield from self._values_kept(body)
            self._written = dict(body)
        self._confirmed, self._unconfirmed = {}, {}

    def _values_kept(self, body: Mapping[str, Any]) -> Iterator[Mismatch]:
        for name, item in self._confirmed.items():
            # 1 written as "1" is kept; that it is of the wrong type is said by the schema.
            if name in body and plain_text(body[name]) != plain_text(item):
                message = f"{name} was confirmed as {shown(item)}, and is {shown(body[name])} when it is read"
                yield Mismatch("body", f"$.{name}", item, body[name], message)
        asked = {name: item for name, item in self._unconfirmed.items() if name in body}
        # A service may ignore one property or write it in its own way, but not all of them.
        if asked and all(same(body[name]) == same(self._written[name]) for name in asked):
            message = f"a change was accepted, and nothing of it is there when read: {', '.join(asked)}"
            yield Mismatch("body", "$", asked, {name: body[name] for name in asked}, message)

    def _list(self, known: Known) -> Asking:
        listing = self._resource.listing
        if listing is None:
            return
        value = self._chains.value(listing, {"path": known.value.get("path", {})}, {})
        answer = yield from self._asked(listing, value)
        if answer is not None:
            self._found(self._checked(listing, value, answer[1]))

    def _checked(self, operation: HttpOperation, value: Any, response: Response) -> tuple[Mismatch, ...]:
        return check_valid(self._chains.cases[operation.id].check, operation, value, response, {})


def _is_success(response: Response) -> bool:
    return 200 <= (response.status or 0) < 300  # noqa: PLR2004 - the class of successes


def _operation_of(step: Follower | HttpOperation) -> HttpOperation:
    return step.operation if isinstance(step, Follower) else step


def _with(value: Any, bound: Mapping[str, Any]) -> Any:
    found = dict(value)
    for section, values in bound.items():
        found[section] = {**found.get(section, {}), **values} if isinstance(values, dict) else values
    return found


def _news(value: Any, unlike: Mapping[str, Any]) -> int:
    body = value.get("body", {}).get("value")
    if not isinstance(body, dict):
        return 0
    return sum(plain_text(item) != plain_text(unlike.get(name)) for name, item in body.items())
