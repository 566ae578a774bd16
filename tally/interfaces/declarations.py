"""Decorators for what type hints cannot say of an interface: examples, errors, and what else it calls."""

from collections.abc import Callable
from dataclasses import field, replace
from typing import Any, TypeVar

from tally.values import dataclass

_Decorated = TypeVar("_Decorated")
_MARK = "__tally_contract__"


class Unsaid:
    """What an example that says no result has for one."""


UNSAID = Unsaid()


@dataclass(frozen=True)
class Call:
    """One example: a call, and what comes of it. Use it as a decorator of the method."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    result: Any = UNSAID
    error: str | None = None
    name: str | None = None
    states: tuple[tuple[str, dict[str, Any]], ...] = ()

    def returns(self, result: Any) -> "Call":
        """Say what the call may return."""
        return replace(self, result=result)

    def raises(self, error: type[BaseException] | str) -> "Call":
        """Say that the call raises this exception."""
        return replace(self, error=error if isinstance(error, str) else error.__name__)

    def named(self, name: str) -> "Call":
        """Say what the example is called in the document and in reports."""
        return replace(self, name=name)

    def given(self, state: str, **params: Any) -> "Call":
        """Say what must be true before the call, as a provider state."""
        return replace(self, states=(*self.states, (state, params)))

    def __call__(self, method: _Decorated) -> _Decorated:
        return _with(method, "examples", self)


@dataclass(frozen=True)
class Raised:
    """A named error condition."""

    name: str
    when: str = ""
    retry: bool | None = None


@dataclass(frozen=True)
class Need:
    """Another service that an interface calls: all of *interface*, where one says what is called."""

    service: str
    operations: tuple[str, ...] = ()
    versions: str | None = None
    required: bool = True
    interface: Any = None


def example(*args: Any, **kwargs: Any) -> Call:
    """Declare a call with these arguments as an example: `@example("tea", quantity=2).returns(500)`."""
    return Call(args, kwargs)


def raises(
    *errors: type[BaseException] | str, when: str = "", retry: bool | None = None
) -> Callable[[_Decorated], _Decorated]:
    """Declare exceptions that a method raises, as named error conditions."""

    def decorate(method: _Decorated) -> _Decorated:
        for error in errors:
            name = error if isinstance(error, str) else error.__name__
            method = _with(method, "errors", Raised(name, when, retry))
        return method

    return decorate


def depends_on(
    service: type | str, *operations: str, versions: str | None = None, required: bool = True
) -> Callable[[_Decorated], _Decorated]:
    """Declare that an interface calls another service: by its name and operations, or as an interface.

    A class says which methods are called, with which arguments, and what is expected of them; its name is
    the service's, unless it has an attribute *service_name*.
    """

    def decorate(interface: _Decorated) -> _Decorated:
        if isinstance(service, str):
            need = Need(service, operations, versions, required)
        else:
            need = Need(service_name(service), operations, versions, required, service)
        return _with(interface, "needs", need)

    return decorate


def service_name(interface: Any) -> str:
    """Return the attribute `service_name` of an interface, or else the name of its class."""
    named = getattr(interface, "service_name", None)
    origin = getattr(interface, "__origin__", interface)
    return named if isinstance(named, str) else str(origin.__name__)


def declared(subject: Any, kind: str) -> tuple[Any, ...]:
    """Return what the decorators of a method or class say, in the order in which they are written."""
    own: dict[str, tuple[Any, ...]] = vars(getattr(subject, "__func__", subject)).get(_MARK, {})
    return own.get(kind, ())


def _with(subject: _Decorated, kind: str, value: Any) -> _Decorated:
    marked: Any = getattr(subject, "__func__", subject)
    own = dict(vars(marked).get(_MARK, {}))
    own[kind] = (value, *own.get(kind, ()))  # decorators are applied from the last to the first
    setattr(marked, _MARK, own)
    return subject
