"""The fields of a model as JSON has them: those that it is made of, or those that it is written with."""

import dataclasses
import typing
from typing import Any

from tally.type_hints.annotations import substituted, variables_of
from tally.type_hints.limits import NO_LIMITS, Limits
from tally.type_hints.models import hints_of, model_of
from tally.values import dataclass


@dataclass(frozen=True)
class ModelField:
    """One field of a JSON object."""

    name: str
    annotation: Any
    is_required: bool
    limits: Limits = NO_LIMITS


def fields_of(annotation: Any, *, reads: bool) -> tuple[ModelField, ...]:
    """Return the fields of a model, such as Page or Page[Order].

    A model that is *read* needs those without a default; one that is written has them all.
    """
    model = typing.get_origin(annotation) or annotation
    known = {each.name: each for each in model_of(model).fields}
    found = [ModelField(each.name, each.annotation, each.is_required, each.limits) for each in known.values()]
    if not reads and not typing.is_typeddict(model):
        found = [_written(name, model, known) for name in _names(model)]
    types = variables_of(annotation)
    return tuple(dataclasses.replace(each, annotation=substituted(each.annotation, types)) for each in found)


def _names(model: Any) -> list[str]:
    if dataclasses.is_dataclass(model):
        return [field.name for field in dataclasses.fields(model)]
    if hasattr(model, "_fields"):
        return list(model._fields)
    return [field.name for field in model.__attrs_attrs__]


def _written(name: str, model: Any, known: dict[str, Any]) -> ModelField:
    field = known.get(name) or known.get(name.lstrip("_"))
    if field is None:  # one that no caller gives
        return ModelField(name, hints_of(model).get(name, Any), is_required=True)
    return ModelField(name, field.annotation, is_required=True, limits=field.limits)
