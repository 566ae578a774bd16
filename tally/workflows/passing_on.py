"""Values that an answer has and a later request needs: what a draft passes on from step to step."""

import re
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any

from tally.json_schema.pointers import pointer
from tally.values import dataclass
from tally.workflows.expressions import expressions_in, is_expression

_NAMES_SOMETHING = re.compile(
    r"(^|[_-])(id|uuid|key|number|code|ref|reference|token)$|(Id|Uuid|Key|Number|Code|Ref)$"
)
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class KnownValue:
    """A value that the step *step* of *service* was answered with, at *place* of the body."""

    step: str
    service: str
    place: Place
    value: Any


@dataclass
class Known:
    """The values of the answers so far, and the outputs that steps need because of them."""

    values: list[KnownValue] = field(default_factory=list)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def learn(self, step: str, service: str, body: Any) -> None:
        """Remember what names something in the body of an answer."""
        for place, value in leaves(body):
            if place and names_something(place) and is_scalar(value):
                self.values.append(KnownValue(step, service, place, value))

    def find(self, text: str, service: str) -> KnownValue | None:
        """Return the first value that is written like this, rather one of the same service."""
        found = [known for known in self.values if str(known.value) == text]
        return next((known for known in found if known.service == service), found[0] if found else None)

    def expression(self, known: KnownValue) -> str:
        """Return the expression of a value, which becomes an output of its step."""
        outputs = self.outputs.setdefault(known.step, {})
        wanted = f"$response.body#{pointer(known.place)}"
        for name, expression in outputs.items():
            if expression == wanted:
                return f"$steps.{known.step}.outputs.{name}"
        name = _UNSAFE.sub("-", str(known.place[-1])) or "value"
        while name in outputs:
            name += "-2"
        outputs[name] = wanted
        return f"$steps.{known.step}.outputs.{name}"


def names_something(place: Place) -> bool:
    """Whether what is at this place is an identifier, by its name."""
    names = [part for part in place if isinstance(part, str)]
    return bool(names) and bool(_NAMES_SOMETHING.search(names[-1]))


def is_scalar(value: Any) -> bool:
    """Whether *value* is a text or a number that is there."""
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield each value that holds no others, with its place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*place, index))
    else:
        yield place, value


def with_values(
    value: Any, replaced: Callable[[Any], KnownValue | None], known: Known, place: Place = ()
) -> Any:
    """Return a body in which identifiers that answers had are expressions; *replaced* finds their values."""
    if isinstance(value, dict):
        return {key: with_values(item, replaced, known, (*place, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [with_values(item, replaced, known, (*place, index)) for index, item in enumerate(value)]
    found = replaced(value) if is_scalar(value) and names_something(place) else None
    return known.expression(found) if found else without_expressions(value)


def without_expressions(value: Any) -> Any:
    """Return a value of a pact; a text that Arazzo would take for an expression loses its "$"."""
    if isinstance(value, str) and (is_expression(value) or any(expressions_in(value))):
        return value.replace("$", "")
    return value
