"""Frozen dataclasses whose methods are made when the first one is built, or two are compared.

The standard library makes the source of these methods and compiles it when a class is defined. A program has
hundreds of such classes and builds few of them: making all took a third of the time until a broker answers.
"""

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

_METHODS = ("__init__", "__repr__", "__eq__", "__hash__")


def _values(
    cls: type[Any] | None = None, /, *, frozen: bool = False, kw_only: bool = False, **more: Any
) -> Any:
    """Do as `dataclasses.dataclass`. What is not frozen, or asks for more, has its methods at once."""
    if cls is None:
        return partial(_values, frozen=frozen, kw_only=kw_only, **more)
    if not frozen or more:
        return dataclasses.dataclass(cls, frozen=frozen, kw_only=kw_only, **more)
    names = [name for name in _METHODS if cls.__dict__.get(name) is None]  # Python itself may set None
    with_fields: Any = dataclasses.dataclass(cls, init=False, repr=False, eq=False, kw_only=kw_only)
    for name in names:
        setattr(with_fields, name, _made_at_its_first_call(with_fields, name, names))
    with_fields.__setattr__ = with_fields.__delattr__ = _refuse_to_change
    return with_fields


def _made_at_its_first_call(cls: type[Any], name: str, names: list[str]) -> Callable[..., Any]:
    """Return what puts the methods with these *names* in their places, and calls the one of this *name*.

    Two threads may do that at once: they make the same.
    """

    def method(self: Any, /, *arguments: Any, **named: Any) -> Any:
        fields = [(field.name, field.type, field) for field in dataclasses.fields(cls)]
        after = {"__post_init__": cls.__post_init__} if hasattr(cls, "__post_init__") else {}
        made = dataclasses.make_dataclass(cls.__name__, fields, frozen=True, namespace=after)
        for each in names:
            setattr(cls, each, getattr(made, each))
        return getattr(cls, name)(self, *arguments, **named)

    return method


def _refuse_to_change(_: object, name: str, *__: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _values

__all__ = ["dataclass"]
