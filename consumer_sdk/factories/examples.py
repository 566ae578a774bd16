"""An example for an annotation: its parts, its members, its models, down to scalars."""

import enum
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from consumer_sdk.errors import DeclarationError
from consumer_sdk.factories import acceptance, own_types, scalars
from consumer_sdk.factories.places import DEEPEST, Place
from consumer_sdk.factories.scalars import Wish
from tally.errors import UsageError
from tally.type_hints import annotations
from tally.type_hints.limits import NO_LIMITS, Limits
from tally.type_hints.models import MISSING, Field, Model, model_of

_CHEAP_DEFAULTS = (str, int, float, bytes, enum.Enum)


class _EndlessError(Exception):
    """A model that is inside of itself cannot be left out at this place."""


def example(annotation: Any, place: Place, limits: Limits = NO_LIMITS) -> Any:
    """Return an example for an annotation. Raises DeclarationError where none is known."""
    return _ended(lambda: _example(annotation, place, limits), place)


def model_example(annotation: Any, place: Place, overrides: Mapping[str, Any]) -> Any:
    """Return an example of a model with these fields; raises DeclarationError for those that it has not."""
    return _ended(lambda: _model(annotation, place, overrides), place)


def _ended(make: Callable[[], Any], place: Place) -> Any:
    try:
        return make()
    except _EndlessError as error:
        raise DeclarationError(
            f"{place}: {error.args[0]} needs another of itself without end: give the field a value."
        ) from None


def _model(annotation: Any, place: Place, overrides: Mapping[str, Any]) -> Any:
    model = acceptance.model_in(annotation) or annotation
    if place.models.count(model) >= DEEPEST:
        raise _EndlessError(model.__name__)
    described = _with_types(_described(model), annotations.variables_of(annotation))
    place = replace(place, models=(*place.models, model))
    given = _named(described, overrides, place)
    values = {}
    for field in described.fields:
        at = place.at(field.name)
        if field.name in given:
            values[field.name] = _overridden(field, given[field.name], at)
            continue
        try:
            values[field.name] = _field_example(field, at)
        except _EndlessError:
            if field.is_required:
                raise
    return _built(described, values, place)


def _described(model: type) -> Model:
    try:
        return model_of(model)
    except UsageError as error:
        raise DeclarationError(str(error)) from error


def _with_types(model: Model, types_by_variable: Mapping[Any, Any]) -> Model:
    fields = (
        replace(each, annotation=annotations.substituted(each.annotation, types_by_variable))
        for each in model.fields
    )
    return replace(model, fields=tuple(fields)) if types_by_variable else model


def _named(model: Model, overrides: Mapping[str, Any], place: Place) -> dict[str, Any]:
    names = {name: field.name for field in model.fields for name in field.names}
    for name in overrides:
        if name not in names:
            near = get_close_matches(str(name), names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names) or 'none'}."
            raise DeclarationError(f"{place or model.name}: {model.name} has no field {name!r}; {hint}")
    return {names[name]: value for name, value in overrides.items()}


def _overridden(field: Field, value: Any, place: Place) -> Any:
    annotation, limits = annotations.unwrapped(field.annotation, field.limits)
    if isinstance(value, Mapping):
        inner = _model_for(annotation, value)
        if inner is not None:
            return model_example(inner, replace(place, models=()), value)
    if isinstance(value, list) and annotations.container(annotation) == "list":
        (member,) = annotations.arguments(annotation, 1)
        value = [
            _overridden(replace(field, annotation=member, limits=NO_LIMITS), item, place.at(f"[{index}]"))
            for index, item in enumerate(value)
        ]
    if field.is_parsed and isinstance(value, str) and annotation not in {str, int, float, bool}:
        return value  # pydantic may read text as what it wants, and judges it
    problem = acceptance.problem(annotation, value, limits)
    if problem:
        raise DeclarationError(f"{place}: {value!r} is refused: {problem}.")
    return acceptance.as_member(annotation, value)


def _model_for(annotation: Any, values: Mapping[str, Any]) -> Any:
    """Return the model that has such fields, of several the first; None when there is none."""
    members = typing.get_args(annotation) if annotations.is_union(annotation) else (annotation,)
    models = [each for each in members if acceptance.model_in(each)]
    for each in models:
        names = {
            name for field in _described(acceptance.model_in(each) or each).fields for name in field.names
        }
        if names.issuperset(values):
            return each
    return models[0] if models else None


def _field_example(field: Field, place: Place) -> Any:
    if isinstance(field.default, _CHEAP_DEFAULTS) and not acceptance.problem(
        field.annotation, field.default, field.limits
    ):
        return field.default
    try:
        return _example(field.annotation, place, field.limits)
    except DeclarationError:
        if field.default is MISSING:
            raise
        return field.default


def _built(model: Model, values: Mapping[str, Any], place: Place) -> Any:
    try:
        return model.build(values)
    except UsageError as error:
        raise DeclarationError(str(error)) from error
    except Exception as error:  # whatever a validator of the user raises
        raise DeclarationError(
            f"{place}: {model.name} refuses the values {dict(values)!r}: {error}. "
            "Give the fields that it is about."
        ) from error


def _example(annotation: Any, place: Place, limits: Limits) -> Any:  # noqa: PLR0911 - one for each kind
    annotation, limits = annotations.unwrapped(annotation, limits)
    if limits.is_json:
        return json.dumps(_example(annotation, place, replace(limits, is_json=False)), default=str)
    if limits.options:
        return place.random.choice(limits.options)
    if annotation is None or annotation is type(None):
        return None
    if annotations.is_union(annotation):
        return _member(annotation, place, limits)
    if typing.get_origin(annotation) is typing.Literal:
        return place.random.choice(typing.get_args(annotation))
    if annotation is tuple or typing.get_origin(annotation) is tuple:
        return _tuple(annotation, place, limits)
    if annotations.container(annotation):
        return _collection(annotation, place, limits)
    return _of_class(annotation, place, limits)


def _member(annotation: Any, place: Place, limits: Limits) -> Any:
    """Return an example of the first member that there is one of; None comes last."""
    members = sorted(typing.get_args(annotation), key=lambda each: each is type(None))
    problem: Exception = DeclarationError(f"{place}: no example is known.")
    for member in members:
        try:
            return _example(member, place, limits)
        except (_EndlessError, DeclarationError) as error:
            problem = error
    raise problem


def _tuple(annotation: Any, place: Place, limits: Limits) -> tuple[Any, ...]:
    members = typing.get_args(annotation)
    if not members and annotation is not tuple:
        return ()  # tuple[()]
    if not members or members[-1] is Ellipsis:
        return tuple(_items((*members, str)[0], place, limits))
    return tuple(_example(each, place.at(f"[{index}]"), NO_LIMITS) for index, each in enumerate(members))


def _collection(annotation: Any, place: Place, limits: Limits) -> Any:
    if annotations.container(annotation) != "dict":
        (member,) = annotations.arguments(annotation, 1)
        is_set = annotations.container(annotation) == "set"
        return annotations.built(annotation, _items(member, place, limits, distinct=is_set))
    keys, values = annotations.arguments(annotation, 2)
    try:
        pairs = [
            (_part(keys, place, f"[key {index}]"), _part(values, place, f"[{index}]"))
            for index in range(limits.min_length or _usual(limits))
        ]
    except _EndlessError:
        if limits.min_length:
            raise
        pairs = []
    return annotations.built(annotation, pairs)


def _part(annotation: Any, place: Place, name: str) -> Any:
    return _example(annotation, place.at(name), NO_LIMITS)


def _usual(limits: Limits) -> int:
    return 1 if limits.max_length is None else min(1, limits.max_length)


def _items(member: Any, place: Place, limits: Limits, *, distinct: bool = False) -> list[Any]:
    count = limits.min_length or _usual(limits)
    found: list[Any] = []
    for index in range(count * 20 if distinct else count):
        try:
            item = _example(member, place.at(f"[{index}]"), NO_LIMITS)
        except _EndlessError:
            if limits.min_length:
                raise
            return []
        if not (distinct and item in found):
            found.append(item)
        if len(found) == count:
            break
    if len(found) < count:
        raise DeclarationError(f"{place}: {count} different items are not known: give them.")
    return found


def _of_class(annotation: Any, place: Place, limits: Limits) -> Any:
    model = acceptance.model_in(annotation)
    if model is not None:
        return _model(annotation, place, {})
    if not typing.get_args(annotation):
        annotation = typing.get_origin(annotation) or annotation
    if annotation is Any or annotation is object:
        annotation = str
    if not isinstance(annotation, type):
        raise DeclarationError(f"{place}: no example of {annotations.shown(annotation)} is known: give it.")
    if issubclass(annotation, enum.Enum):
        return place.random.choice(list(annotation))
    for kind, make in scalars.EXAMPLES.items():
        if annotation is kind:
            found = _checked(make(Wish(place.name, limits, place.random)), annotation, place, limits)
            return found if limits.encoder is None else own_types.encoded(found, limits.encoder)
    return own_types.example_of_class(annotation, place, limits)


def _checked(value: Any, annotation: Any, place: Place, limits: Limits) -> Any:
    problem = "no value satisfies" if value is None else limits.problem(value)
    if problem:
        said = ", ".join(
            f"{name}={limit!r}" for name, limit in vars(limits).items() if limit not in (None, (), False)
        )
        what = annotations.shown(annotation)
        raise DeclarationError(f"{place}: no example of {what} with {said} is found: give it.")
    return value
