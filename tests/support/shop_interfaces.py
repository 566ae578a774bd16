"""An interface as users write one, and what implements it; its hints are resolved in this module."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Protocol, TypeVar

from tally.service_contract import depends_on, example, raises


class NotSold(Exception):  # noqa: N818 - the name of a condition
    """Nobody sells it."""


class Closed(NotSold):
    """It is sold, but not now."""


class Status(Enum):
    OPEN = "open"
    PAID = "paid"


@dataclass
class Order:
    number: int
    status: Status = Status.OPEN
    items: list[str] = field(default_factory=list)


class Shop(Protocol):
    """What the shop offers."""

    currency: str

    def price(self, sku: str, quantity: int = 1) -> Decimal:
        """Say what it costs.

        Args:
            sku: what it is

        Raises:
            NotSold: nobody sells it

        Examples:
            >>> shop.price("tea", quantity=2)
            Decimal('5.50')
            >>> shop.price("coal")
            Traceback (most recent call last):
            NotSold: coal
        """
        ...

    @example(Order(7, items=["tea"]), at=dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)).returns(Order(7))
    @raises(Closed, when="after hours", retry=True)
    async def place(self, order: Order, *, at: dt.datetime) -> Order: ...

    @(example().given("there is an order", number=7))
    def orders(self) -> list[Order]: ...

    def _private(self) -> object: ...


class GoodShop:
    """Keeps the contract, with hints of its own."""

    def __init__(self):
        self.known = []

    def price(self, sku: str, quantity: int = 1, *, currency: str = "EUR") -> Decimal:
        assert currency == "EUR"
        if sku == "coal":
            raise Closed(sku)
        return Decimal("2.75") * quantity

    async def place(self, order: Order, *, at: dt.datetime) -> Order:
        assert (order.items, at.year) == (["tea"], 2026)
        return order

    def orders(self):
        return self.known


T = TypeVar("T")


class Store(Protocol[T]):
    def find(self, number: int) -> T | None: ...


class OrderStore(Store[Order], Protocol):
    def count(self) -> int: ...


class PaymentsAsSeen(Protocol):
    """What the orders call of the payments."""

    service_name = "Payments"

    @raises("Declined")
    def pay(self, order: int, amount: int) -> bool: ...


@depends_on(PaymentsAsSeen)
class Orders(Protocol):
    def place(self, amount: int) -> int: ...


class Payments(Protocol):
    @raises("Declined")
    def pay(self, order: int, amount: int, note: str = "") -> bool: ...


@depends_on("Orders", "place")
class PaymentsThatCallBack(Payments, Protocol):
    service_name = "Payments"


class StrictPayments(Protocol):
    service_name = "Payments"

    @raises("Declined", "Broke")
    def pay(self, order: str, amount: int) -> bool | None: ...
