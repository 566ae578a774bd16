"""Annotations without their wrappings: Annotated, NewType, type aliases, Required, InitVar."""

import dataclasses
import types
import typing
from collections import OrderedDict, abc, defaultdict, deque
from collections.abc import Mapping
from typing import Annotated, Any

from tally.type_hints.limits import Limits

_LISTS: tuple[Any, ...] = (list, abc.Sequence, abc.MutableSequence, abc.Iterable, abc.Collection, deque)
_SETS: tuple[Any, ...] = (set, frozenset, abc.Set, abc.MutableSet)
_DICTS: tuple[Any, ...] = (dict, abc.Mapping, abc.MutableMapping, OrderedDict, defaultdict)
_BUILT: dict[Any, Any] = {
    deque: deque,
    set: set,
    abc.Set: set,
    abc.MutableSet: set,
    frozenset: frozenset,
    OrderedDict: OrderedDict,
    defaultdict: lambda pairs: defaultdict(None, pairs),
    dict: dict,
    abc.Mapping: dict,
    abc.MutableMapping: dict,
}
_QUALIFIERS = {"Required", "NotRequired", "ReadOnly", "Final", "ClassVar"}


def unwrapped(annotation: Any, limits: Limits) -> tuple[Any, Limits]:
    """Return the annotation itself, and the limits with those that its wrappings say."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is Annotated:
            limits = limits.and_(annotation.__metadata__)
            annotation = annotation.__origin__
        elif {getattr(origin, "_name", None), getattr(origin, "__name__", None)} & _QUALIFIERS:
            annotation = typing.get_args(annotation)[0]
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif isinstance(annotation, dataclasses.InitVar):
            annotation = annotation.type
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        elif isinstance(annotation, typing.TypeVar):
            annotation = annotation.__bound__ or (annotation.__constraints__ or (str,))[0]
        else:
            return annotation, limits


def is_union(annotation: Any) -> bool:
    """Whether an annotation is one of several: X | Y, Union[X, Y], Optional[X]."""
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def container(annotation: Any) -> str | None:
    """Return "list", "set" or "dict" for an annotation of such a collection, or None."""
    origin = typing.get_origin(annotation) or annotation
    for name, kinds in (("list", _LISTS), ("set", _SETS), ("dict", _DICTS)):
        if origin in kinds:
            return name
    return None


def built(annotation: Any, items: list[Any]) -> Any:
    """Return the items as the collection that an annotation names."""
    origin = typing.get_origin(annotation) or annotation
    return _BUILT.get(origin, list)(items)


def arguments(annotation: Any, count: int) -> tuple[Any, ...]:
    """Return the first arguments of an annotation such as dict[str, int]; text where it has none."""
    found = typing.get_args(annotation)
    return (*found, *(str,) * count)[:count]


def substituted(annotation: Any, types_by_variable: Mapping[Any, Any]) -> Any:
    """Return an annotation with its type variables replaced: T, list[T]."""
    if isinstance(annotation, typing.TypeVar):
        return types_by_variable.get(annotation, annotation)
    variables = getattr(annotation, "__parameters__", ())
    if not types_by_variable or not isinstance(variables, tuple) or not variables:
        return annotation
    return annotation[tuple(types_by_variable.get(each, each) for each in variables)]


def variables_of(annotation: Any) -> dict[Any, Any]:
    """Return the types that an annotation such as Page[Order] gives the variables of its class."""
    origin = typing.get_origin(annotation)
    return dict(zip(getattr(origin, "__parameters__", ()), typing.get_args(annotation), strict=False))


def shown(annotation: Any) -> str:
    """Return an annotation for people."""
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")
