"""The methods of an interface, with their hints resolved."""

import functools
import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from tally.errors import UsageError
from tally.type_hints.annotations import substituted
from tally.values import dataclass

_NOT_OURS = frozenset({"Protocol", "Generic", "ABC", "object"})


@dataclass(frozen=True)
class Argument:
    """One argument of a method. *default* is inspect's `empty` where it must be given."""

    name: str
    hint: Any
    default: Any
    kind: Any

    @property
    def is_required(self) -> bool:
        """Whether every caller must give it."""
        return self.default is inspect.Parameter.empty

    @property
    def is_rest(self) -> bool:
        """Whether it takes all further arguments by name: `**options`."""
        return self.kind is inspect.Parameter.VAR_KEYWORD


@dataclass(frozen=True)
class Method:
    """A method as its callers see it, without `self`. *function* is what it is defined by."""

    name: str
    place: str
    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    result: Any
    is_async: bool


def methods_of(interface: Any) -> tuple[Method, ...]:
    """Return the public methods of a class, or of a generic one such as Orders[Order], by name.

    Inherited ones count; attributes and properties do not: reading one is no operation. Raises UsageError
    when a hint is missing or cannot be resolved, which names the method.
    """
    variables = _variables(interface)
    cls = typing.get_origin(interface) or interface
    if not inspect.isclass(cls):
        raise UsageError(
            f"{interface!r} is no class; a contract is made of a class whose methods have hints."
        )
    found = {
        name: _method(cls, name, member, variables)
        for name, member in _members(cls)
        if not _makes_an_object(cls, member)
    }
    if not found:
        raise UsageError(
            f"{cls.__qualname__} has no public methods, so there is nothing that it offers. "
            "A contract is made of the methods of a class or a typing.Protocol."
        )
    return tuple(found.values())


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield what the class and its bases define, in the order in which it is written; the first counts."""
    seen: set[str] = set()
    for base in cls.__mro__:
        if base.__name__ in _NOT_OURS and base.__module__ in {
            "typing",
            "builtins",
            "abc",
            "typing_extensions",
        }:
            continue
        for name, member in vars(base).items():
            is_public = not name.startswith("_") or (name == "__call__" and base is not type)
            if name not in seen and is_public and _is_method(member, f"{cls.__name__}.{name}"):
                yield name, member
            seen.add(name)


def _is_method(member: Any, place: str) -> bool:
    """Whether it is a function, also one in a wrapper such as that of `lru_cache`."""
    if isinstance(member, functools.partialmethod | functools.singledispatchmethod):
        _refuse(place, f"is a {type(member).__name__}, which has no hints; write it as a method with hints")
    return inspect.isfunction(_function(member))


def _function(member: Any) -> Any:
    """Return what a member of a class is defined by; the member itself when it is no method."""
    function = getattr(member, "__func__", member)
    # A class that is wrapped stays one, and a property has no function of its own.
    if callable(function) and not inspect.isclass(function) and hasattr(function, "__wrapped__"):
        return inspect.unwrap(function)
    return function


def _makes_an_object(cls: type, member: Any) -> bool:
    """Whether it is a class method that returns an object of the class: another constructor."""
    if not isinstance(member, classmethod):
        return False
    returned = member.__func__.__annotations__.get("return")
    return any(returned == each for each in (cls, cls.__name__, "Self", typing.Self))


def _method(cls: type, name: str, member: Any, variables: dict[Any, Any]) -> Method:
    place = f"{cls.__qualname__.rpartition('<locals>.')[2]}.{name}"
    function = _function(member)
    if typing.get_overloads(function) or function.__module__ == "typing":  # its stand-in for overloads
        _refuse(place, "is overloaded; give its alternatives names of their own, or hints with unions")
    hints = {key: substituted(hint, variables) for key, hint in _hints(function, cls, place).items()}
    parameters = list(inspect.signature(function).parameters.values())
    if not isinstance(member, staticmethod):
        parameters = parameters[1:]
    arguments = tuple(argument for each in parameters for argument in _arguments(each, hints, place))
    if "return" not in hints:
        _refuse(place, 'has no hint for what it returns; write "-> None" when it returns nothing')
    is_async = inspect.iscoroutinefunction(function)
    result, awaited = _awaited(hints["return"])
    return Method(name, place, function, arguments, result, is_async or awaited)


def _awaited(hint: Any) -> tuple[Any, bool]:
    """Return what `def order(self) -> Awaitable[Order]` gives in the end, and whether it is awaited."""
    origin = typing.get_origin(hint)
    name = getattr(origin, "__name__", "")
    if name in {"Awaitable", "Coroutine"}:
        return typing.get_args(hint)[-1], True
    return hint, False


def hints_of_function(function: Any, local_names: dict[str, Any]) -> dict[str, Any]:
    """Return the hints of a function, resolved; raises NameError where a name is not known."""
    return typing.get_type_hints(function, localns=local_names, include_extras=True)


def _hints(function: Any, cls: type, place: str) -> dict[str, Any]:
    try:
        return hints_of_function(function, {cls.__name__: cls})
    except NameError as error:
        raise UsageError(
            f"{place}: {error}, so its hints are not known: define the classes that it names in a module, "
            "not inside of a function or under TYPE_CHECKING."
        ) from error
    except Exception as error:  # a hint in quotes is code, which may do anything
        raise UsageError(f"{place}: its hints cannot be read: {type(error).__name__}: {error}.") from error


def _arguments(parameter: inspect.Parameter, hints: dict[str, Any], place: str) -> Iterator[Argument]:
    name = parameter.name
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        _refuse(place, f"takes any number of arguments (*{name}), which have no names; take a list instead")
    if name not in hints:
        _refuse(f"{place}({name})", "has no type hint")
    hint = hints[name]
    if parameter.kind is inspect.Parameter.VAR_KEYWORD and _is_unpacked(hint):
        (model,) = typing.get_args(hint)
        required = model.__required_keys__
        for key, inner in typing.get_type_hints(model, include_extras=True).items():
            default = inspect.Parameter.empty if key in required else None
            yield Argument(key, inner, default, inspect.Parameter.KEYWORD_ONLY)
        return
    yield Argument(name, hint, parameter.default, parameter.kind)


def _is_unpacked(hint: Any) -> bool:
    return getattr(typing.get_origin(hint), "_name", None) == "Unpack" or (
        typing.get_origin(hint) is typing.Unpack
    )


def _variables(interface: Any) -> dict[Any, Any]:
    """Return what the type variables of a generic class and of its bases stand for."""
    origin = typing.get_origin(interface)
    own = dict(zip(getattr(origin, "__parameters__", ()), typing.get_args(interface), strict=False))
    found = dict(own)
    for base in getattr(origin or interface, "__orig_bases__", ()):
        if typing.get_origin(base) not in {typing.Generic, typing.Protocol, None}:
            inner = _variables(base)
            found |= {variable: substituted(hint, own) for variable, hint in inner.items()}
    return found


def _refuse(place: str, why: str) -> NoReturn:
    raise UsageError(f"{place} {why}.")
