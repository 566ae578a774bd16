"""Cases with generated requests, one for each."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import same
from tally.json_schema.values import InvalidValue, drawn_value, invalid_values, properties_of, valid_values
from tally.pact import Body, Presence, ProviderState, Request
from tally.pact.bodies import is_json
from tally.service_contract.form_bodies import is_form
from tally.service_contract.model import Example, HttpOperation, SecurityScheme
from verifier.contracts.cases import Case, Generated
from verifier.contracts.response_check import ResponseCheck
from verifier.contracts.written_bodies import BodyError
from verifier.generation.checks import check_anonymous, check_invalid, check_valid
from verifier.generation.differences import at, described, difference
from verifier.generation.hints import hinted
from verifier.generation.inputs import Inputs
from verifier.generation.settings import INVALID, VALID, Generation
from verifier.generation.wrong_inputs import is_wrong

_UNKNOWN_TYPE = "application/x-tally-unknown"
_SOME = 20
_TAKEN = frozenset([409])
_MAYBE_TAKEN = frozenset([400, 409, 422])
_MORE = 12
"""How many more values are looked at than are wanted: not each is wrong once it is written as text."""


class OperationCases:
    """The generated cases of one operation. Raises InvalidContractError for an unusable schema."""

    def __init__(self, operation: HttpOperation, generation: Generation) -> None:
        self.operation = operation
        self.inputs = Inputs(operation)
        self.check = ResponseCheck(operation)
        self._generation = generation
        self._accepts = self.inputs.validator.accepts
        example = _success(operation)
        # What an example names is there in its states, so that more than "not found" is seen.
        self.states: tuple[ProviderState, ...] = example.states if example else ()
        hint = self.inputs.of_example(example) if example else self.inputs.of_parts()
        self.schema = hinted(self.inputs.schema, hint)

    @property
    def problem(self) -> str:
        """Why no request can be made, as the end of a sentence; "" when one can."""
        request = self.operation.request
        if request and request.required and request.content and not self.inputs.bodies:
            kinds = ", ".join(content.content_type for content in request.content)
            return f"its body is required, and of a type that cannot be made from a schema ({kinds})"
        return "" if self.usual is not None else "no value was found that its schemas accept"

    @cached_property
    def usual(self) -> Any:
        """The valid value with everything in it; None when there is none."""
        return next(valid_values(self.schema, seed=self._generation.seed, most=1), None)

    @cached_property
    def some(self) -> tuple[Any, ...]:
        """A few valid values, the usual one first."""
        return tuple(valid_values(self.schema, seed=self._generation.seed, most=_SOME))

    @cached_property
    def _properties(self) -> dict[str, dict[str, Schema]]:
        """What the properties of bodies look like, by media type."""
        return {
            kind: properties_of({**schema, "$defs": self.inputs.definitions})
            for kind, schema in self.inputs.bodies.items()
            if isinstance(schema, dict)
        }

    def fresh(self, value: Any, why: str, *, all_texts: bool = False) -> Any:
        """Return *value* with other texts in its body, where it has the usual ones, or everywhere.

        They may be names that something else has already.
        """
        body = value.get("body") or {}
        content, usual = body.get("value"), ((self.usual or {}).get("body") or {}).get("value")
        if not isinstance(content, dict) or not isinstance(usual, dict):
            return value
        schemas = self._properties.get(body["contentType"], {})
        other = {
            name: drawn_value(schemas[name], f"{self._generation.seed}/{why}/{name}", item)
            for name, item in content.items()
            if isinstance(item, str) and name in schemas and (all_texts or usual.get(name) == item)
        }
        return {**value, "body": {**body, "value": {**content, **other}}}

    def valid(self) -> Iterator[Case]:
        """Yield valid requests."""
        values = valid_values(self.schema, seed=self._generation.seed, most=self._generation.most)
        for index, value in enumerate(values):
            case = self._valid(index, value)
            if case:
                yield case

    def errors(self) -> Iterator[Case]:
        """Yield the usual request in the states of each error condition: then that has to happen."""
        request = self.request(self.usual) if self.usual is not None else None
        for condition in self.operation.errors if request else ():
            answers = [each for each in self.operation.responses if each.error == condition.name]
            if request and condition.states and answers:
                yield Case(
                    description=f"{self.operation.title}: {condition.name}",
                    request=request,
                    check=partial(self.check.mismatches, answers[0].status),
                    states=condition.states,
                    id=f"{self.operation.id}/errors/{condition.name}",
                    operation=self.operation,
                )

    def invalid(self) -> Iterator[Case]:
        """Yield requests that break one rule each."""
        # What asks for options is answered before anybody looks at the rest.
        if self.usual is None or self.operation.method == "OPTIONS":
            return
        found = invalid_values(self.schema, seed=self._generation.seed, most=_MORE * self._generation.most)
        wrong = (each for each in found if is_wrong(self.inputs, each))
        index = 0
        for each in islice(wrong, self._generation.most):
            case = self._invalid(index, each)
            if case:
                yield case
                index += 1
        others = list(self._with_other_content(index))
        yield from others
        yield from self._without_credentials(index + len(others))

    def _without_credentials(self, index: int) -> Iterator[Case]:
        """Yield the usual request without what shows who asks, where every way of it is a header."""
        groups = self.operation.security or ()
        names = {_credential(scheme) for group in groups for scheme in group}
        request = self.request(self.usual)
        if not groups or not all(groups) or "" in names or request is None:
            return
        about = "without credentials"
        yield Case(
            description=f"{self.operation.title}: invalid {index}, {about}",
            request=request,
            check=partial(check_anonymous, self.operation),
            states=self.states,
            id=f"{self.operation.id}/invalid/{index}",
            operation=self.operation,
            generated=self._generated(index, None, about),
            without_headers=frozenset(names),
        )

    def request(self, value: Any) -> Request | None:
        """Return the request of a value; None when it cannot be written."""
        try:
            return self.inputs.request(value)
        except (KeyError, BodyError, UnicodeEncodeError):
            return None

    def _valid(self, index: int, value: Any) -> Case | None:
        request = self.request(value)
        if request is None:
            return None

        def smaller(other: Any) -> Case | None:
            return self._valid(index, other) if self._accepts(other) else None

        def fresh(*, all_texts: bool) -> Case | None:
            why = f"{VALID}/{index}/{same(value)}"
            other = self.fresh(value, why, all_texts=all_texts)
            return self._valid(index, other) if other is not value and self._accepts(other) else None

        return Case(
            description=f"{self.operation.title}: valid {index}, {difference(self.usual, value)}",
            request=request,
            check=partial(check_valid, self.check, self.operation, value),
            states=self.states,
            id=f"{self.operation.id}/valid/{index}",
            operation=self.operation,
            generated=Generated(
                phase=VALID,
                seed=self._generation.seed,
                index=index,
                value=value,
                usual=self.usual,
                smaller=smaller,
                fresh=(partial(fresh, all_texts=False), partial(fresh, all_texts=True)),
                again_after=_MAYBE_TAKEN,
            ),
        )

    def _invalid(self, index: int, wrong: InvalidValue) -> Case | None:
        request = self.request(wrong.value)
        if request is None:
            return None
        places = self.inputs.validator.places(wrong.value)

        def smaller(other: Any) -> Case | None:
            alike = self.inputs.validator.places(other) == places
            return self._invalid(index, replace(wrong, value=other)) if alike else None

        def fresh() -> Case | None:
            other = self.fresh(wrong.value, f"{INVALID}/{index}/{same(wrong.value)}")
            return self._invalid(index, replace(wrong, value=other)) if other is not wrong.value else None

        about = f"{_wrong(self.usual, wrong)} ({wrong.keyword})"
        where = str(wrong.parts[0]) if wrong.parts else "body"
        generated = self._generated(index, wrong.value, f"{wrong.pointer} {wrong.keyword}")
        generated = replace(generated, smaller=smaller, fresh=(fresh,), again_after=_TAKEN)
        return self._refused(generated, request, about, where)

    def _generated(self, index: int, value: Any, subject: str) -> Generated:
        seed = self._generation.seed
        return Generated(phase=INVALID, seed=seed, index=index, value=value, subject=subject)

    def _refused(self, generated: Generated, request: Request, about: str, where: str) -> Case:
        index = generated.index
        return Case(
            description=f"{self.operation.title}: invalid {index}, {about}",
            request=request,
            check=partial(check_invalid, self.check, self.operation, about, where),
            states=self.states,
            id=f"{self.operation.id}/invalid/{index}",
            operation=self.operation,
            generated=generated,
        )

    def _with_other_content(self, index: int) -> Iterator[Case]:
        """Yield a body that is not of its type, and one of a type that the document does not name."""
        body = self.usual.get("body")
        request = self.request(self.usual)
        if not body or request is None:
            return
        kind = body["contentType"]
        others = []
        if is_json(kind) and self.inputs.bodies[kind] is not True:
            others.append(("a body that is no JSON", b'{"', kind))
        if not any("*" in declared for declared in self.inputs.bodies) and not is_form(kind):
            others.append(("a body of an unknown type", b"unknown", _UNKNOWN_TYPE))
        for number, (about, content, content_type) in enumerate(others):
            headers = {
                name: (content_type,) if name.lower() == "content-type" else values
                for name, values in request.headers.items()
            }
            wrong = replace(request, headers=headers, body=Body(Presence.PRESENT, content, content_type))
            yield self._refused(self._generated(index + number, None, about), wrong, about, "content")


def _wrong(usual: Any, wrong: InvalidValue) -> str:
    """Return what is wrong, without what else is unusual."""
    found, there = at(wrong.value, wrong.parts), at(usual, wrong.parts)
    if wrong.keyword == "required" and isinstance(found, dict) and isinstance(there, dict):
        missing = [name for name in there if name not in found]
        return (
            ", ".join(described((*wrong.parts, name), at({}, (name,))) for name in missing[:1]) or "something"
        )
    return described(wrong.parts, found)


def _credential(scheme: SecurityScheme) -> str:
    """Return the header, in lower case, that holds the credentials of a scheme; "" when none does."""
    if scheme.type in {"http", "oauth2", "openIdConnect"}:
        return "authorization"
    return (scheme.parameter or "").lower() if scheme.location == "header" else ""


def _success(operation: HttpOperation) -> Example | None:
    return next((each for each in operation.examples if each.response.status.startswith("2")), None)


def operation_cases(operation: HttpOperation, generation: Generation) -> OperationCases | str:
    """Return what makes the cases of an operation, or why there are none."""
    try:
        return OperationCases(operation, generation)
    except InvalidContractError as error:
        return str(error)


def distinct(cases: Iterator[Case]) -> Iterator[Case]:
    """Yield the cases whose requests differ from all before them."""
    seen: set[str] = set()
    for case in cases:
        request = case.request
        key = same(
            [
                request.method,
                request.path,
                _pairs(request.query),
                _pairs(request.headers),
                str(request.body.value),
            ]
        )
        if key not in seen:
            seen.add(key)
            yield case


def _pairs(values: Any) -> list[Any]:
    return [[name, list(each)] for name, each in values.items()]
