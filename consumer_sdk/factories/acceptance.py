"""Whether a value that a test gives fits an annotation."""

import enum
import typing
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from consumer_sdk.factories import scalars
from tally.type_hints import annotations
from tally.type_hints.limits import NO_LIMITS, Limits
from tally.type_hints.models import is_model_class


def model_in(annotation: Any) -> type | None:
    """Return the class of a model that an annotation is, also of one with arguments, or None."""
    origin = typing.get_origin(annotation)
    found = annotation if origin is None else origin
    return found if is_model_class(found) else None


def problem(annotation: Any, value: Any, limits: Limits = NO_LIMITS) -> str | None:
    """Return why a value does not fit, in words, or None. What is not known here fits."""
    annotation, limits = annotations.unwrapped(annotation, limits)
    if annotations.is_union(annotation):
        found = [problem(member, value, limits) for member in typing.get_args(annotation)]
        return None if None in found else " and ".join(dict.fromkeys(filter(None, found)))
    return _problem_of_type(annotation, value) or (None if value is None else limits.problem(value))


def as_member(annotation: Any, value: Any) -> Any:
    """Return the member of an enumeration that a value is the value of, and any other value as it is."""
    for each in typing.get_args(annotation) if annotations.is_union(annotation) else (annotation,):
        if isinstance(each, type) and issubclass(each, enum.Enum) and not isinstance(value, each):
            return next((member for member in each if member.value == value), value)
    return value


def _problem_of_type(annotation: Any, value: Any) -> str | None:
    if annotation is None or annotation is type(None):
        return None if value is None else "it must be None"
    if typing.get_origin(annotation) is typing.Literal:
        allowed = typing.get_args(annotation)
        fits = any(value == each and type(value) is type(each) for each in allowed)
        return None if fits else f"it must be one of {', '.join(map(repr, allowed))}"
    if annotation is tuple or typing.get_origin(annotation) is tuple:
        return _problem_of_tuple(annotation, value)
    kind = annotations.container(annotation)
    if kind == "dict":
        return _problem_of_dict(annotation, value)
    if kind:
        return _problem_of_items(annotation, value, kind)
    return _problem_of_class(annotation, value)


def _problem_of_tuple(annotation: Any, value: Any) -> str | None:
    members = typing.get_args(annotation)
    if not isinstance(value, tuple | list):
        return "it must be a tuple"
    if not members or members[-1] is Ellipsis:
        return _first((problem(members[0], item) for item in value) if members else ())
    if len(value) != len(members):
        return f"it must have {len(members)} items"
    return _first(problem(member, item) for member, item in zip(members, value, strict=True))


def _problem_of_dict(annotation: Any, value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "it must be a dictionary"
    arguments = typing.get_args(annotation)
    if not arguments:
        return None
    return _first(problem(arguments[0], key) or problem(arguments[1], item) for key, item in value.items())


def _problem_of_items(annotation: Any, value: Any, kind: str) -> str | None:
    wanted = (set, frozenset, list, tuple) if kind == "set" else (list, tuple, set, frozenset)
    is_other = isinstance(value, str | bytes | Mapping)
    if is_other or not (isinstance(value, wanted) or hasattr(value, "__iter__")):
        return f"it must be a {kind}"
    arguments = typing.get_args(annotation)
    return _first(problem(arguments[0], item) for item in value) if arguments else None


def _first(found: Any) -> str | None:
    first = next(filter(None, found), None)
    return first if first is None or first.startswith("of an item") else f"of an item, {first}"


def _problem_of_class(annotation: Any, value: Any) -> str | None:  # noqa: PLR0911 - one for each kind
    model = model_in(annotation)
    if model is not None and typing.is_typeddict(model):
        return None if isinstance(value, Mapping) else f"it must be a {model.__name__} or some of its fields"
    if model is not None:
        return None if isinstance(value, model) else f"it must be a {model.__name__} or some of its fields"
    if not isinstance(annotation, type) or annotation is object:
        return None
    if issubclass(annotation, enum.Enum):
        return _problem_of_enumeration(annotation, value)
    if annotation not in scalars.EXAMPLES or isinstance(value, annotation):
        is_boolean = isinstance(value, bool) and annotation in {int, float, Decimal}
        return f"it must be {_article(annotation)}" if is_boolean else None
    if annotation in {float, Decimal, complex} and isinstance(value, int | float | Decimal):
        return "it must be a number" if isinstance(value, bool) else None
    return f"it must be {_article(annotation)}"


def _problem_of_enumeration(annotation: type[enum.Enum], value: Any) -> str | None:
    values = [member.value for member in annotation]
    if isinstance(value, annotation) or value in values:
        return None
    return f"it must be a {annotation.__name__}: {', '.join(map(str, annotation))}"


def _article(annotation: type) -> str:
    name = annotation.__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
