"""Ways of opening a pact in pytest: a fixture in one line, and an attribute of a `unittest.TestCase`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, Self, overload

import pytest

from consumer_sdk.errors import DeclarationError

if TYPE_CHECKING:
    from consumer_sdk.recording import Recorder

_OPEN = "_tallystick_pact_between"


class PactBetween(Protocol):
    """The fixture `pact_between`: open a pact between two participants."""

    def __call__(self, consumer: str, provider: str, *, specification: str = "V4") -> "Recorder":
        """Return a recorder for the pact; *specification* is the version that its file is written in."""


def pact_fixture(consumer: str, provider: str, *, specification: str = "V4") -> Any:
    """Return a fixture that gives each test a `Recorder` for one pact; it is named as it is assigned.

        orders = pact_fixture("Shop", "Orders")

    in a conftest or a test module.
    """

    def pact(pact_between: PactBetween) -> "Recorder":
        return pact_between(consumer, provider, specification=specification)

    pact.__doc__ = f"Record into the pact between {consumer} and {provider}."
    pact.pact_pairs = lambda _: frozenset({(consumer, provider)})  # type: ignore[attr-defined]
    return pytest.fixture(pact)


class pact_attribute:  # noqa: N801 - it is called like a function, beside pact_fixture
    """A `Recorder` for one pact, in a `unittest.TestCase` that pytest runs and that derives from `PactTests`.

    class OrdersTests(PactTests, TestCase):
        orders = pact_attribute("Shop", "Orders")
    """

    def __init__(self, consumer: str, provider: str, *, specification: str = "V4") -> None:
        self.pair = (consumer, provider)
        self.specification = specification
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> "Recorder": ...
    def __get__(self, instance: object, owner: type) -> "Self | Recorder":
        if instance is None:
            return self
        pact_between: PactBetween | None = vars(instance).get(_OPEN)
        if pact_between is None:
            raise DeclarationError(
                f"{owner.__name__}.{self._name} can record only in a test that pytest runs, in a class that "
                "derives from PactTests before TestCase: class Tests(PactTests, TestCase)."
            )
        recorder = pact_between(*self.pair, specification=self.specification)
        vars(instance)[self._name] = recorder  # found before this, which is no data descriptor
        return recorder


def _open_pacts(self: object, pact_between: PactBetween) -> Iterator[None]:
    vars(self)[_OPEN] = pact_between
    yield
    del vars(self)[_OPEN]


def _pairs_of_class(cls: type | None) -> frozenset[tuple[str, str]]:
    attributes = [value for each in getattr(cls, "__mro__", ()) for value in vars(each).values()]
    return frozenset(each.pair for each in attributes if isinstance(each, pact_attribute))


_open_pacts.pact_pairs = _pairs_of_class  # type: ignore[attr-defined]


class PactTests:
    """What a `unittest.TestCase` derives from to have `pact_attribute`s; plain classes of pytest may, too."""

    _open_pacts = pytest.fixture(autouse=True)(_open_pacts)
