"""Does an object keep the contract of an interface?"""
# ruff: noqa: ARG001, ARG005 - what implements an interface takes what it is given

import asyncio
import datetime as dt
import functools
import subprocess
import sys
import time
import types
from decimal import Decimal
from typing import Annotated, Protocol

import pydantic
import pytest
from support.shop_interfaces import Closed, GoodShop, NotSold, Order, Shop

from tally.interfaces.reports import Severity
from tally.service_contract import assert_implements, contract_of, example, verify_implementation
from tally.service_contract.parsing import parse_service_contract


def found(report, severity=Severity.ERROR):
    return {each.code for each in report.findings if each.severity is severity}


def shop_with(**methods):
    """A shop that keeps the contract but for these methods; without one, that method is missing."""
    kept = {name: getattr(GoodShop, name) for name in ("price", "place", "orders")}
    members = {name: method for name, method in {**kept, **methods}.items() if method is not None}
    return type("Mine", (), {"__init__": GoodShop.__init__, **members})()


def with_an_order(shop):
    return {"there is an order": lambda number: shop.known.append(Order(number))}


def verified(shop):
    return verify_implementation(contract_of(Shop), shop, states=with_an_order(shop))


def test_an_object_that_keeps_the_contract_passes():
    report = verified(GoodShop())

    assert report.findings == ()
    assert report.checked == ("price", "place", "orders")
    assert len(report.called) == 4
    assert str(report) == "GoodShop keeps the contract: 3 operations looked at, 4 examples called"


def test_a_document_alone_is_enough():
    contract = parse_service_contract(contract_of(Shop).document)
    shop = GoodShop()

    report = verify_implementation(contract, shop, states=with_an_order(shop))

    assert report.findings == ()


@pytest.mark.parametrize(
    ("methods", "code", "text"),
    [
        ({"price": None}, "operation-missing", "Mine has no price"),
        ({"price": None, "prices": lambda self: 1}, "operation-missing", "did you mean 'prices'?"),
        ({"price": 3}, "not-callable", "price is no method, but int"),
        ({"price": lambda self, quantity=1: 1}, "argument-missing", "does not take the argument 'sku'"),
        ({"price": lambda self, sku, quantity: 1}, "argument-required", "price(quantity) has no default"),
        ({"price": lambda self, sku, quantity=1, *, extra: 1}, "argument-unknown", "asks for 'extra'"),
        (
            {"price": lambda self, quantity=1, sku="": 1},
            "argument-order",
            "takes quantity, sku by their places",
        ),
        ({"price": lambda self, sku, quantity=1: "5"}, "result-invalid", "'5' is not of type 'number'"),
        ({"price": lambda self, sku, quantity=1: float("nan")}, "result-not-json", "no JSON"),
        (
            {"price": lambda self, sku, quantity=1: object()},
            "result-not-json",
            "of object has no form in JSON",
        ),
        (
            {"price": lambda self, sku, quantity=1: {}[sku]},
            "error-undeclared",
            "KeyError: 'tea', which is not declared",
        ),
        ({"price": lambda self, sku, quantity=1: 1}, "error-missing", "NotSold is expected"),
        ({"orders": lambda self: [1]}, "result-invalid", "/0"),
    ],
)
def test_what_does_not_keep_the_contract_is_found(methods, code, text):
    report = verified(shop_with(**methods))

    assert code in found(report)
    assert text in str(report)
    assert not report.passed


def test_a_method_that_ends_the_program_is_found():
    def price(self, sku, quantity=1):
        sys.exit(3)

    assert found(verified(shop_with(price=price))) == {"error-undeclared"}


def test_an_exception_that_is_declared_for_others_is_found():
    def price(self, sku, quantity=1):
        raise NotSold(sku)

    assert found(verified(shop_with(price=price))) == {"error-unexpected"}


def test_hints_that_take_less_or_give_more_are_found():
    def price(self, sku: str, quantity: bool = True) -> Decimal | None:  # noqa: FBT001, FBT002 - the fault
        raise NotSold(sku)

    report = verified(shop_with(price=price))

    assert {"argument-narrower", "result-wider", "argument-refused"} <= found(report)


def test_hints_that_take_more_and_give_less_are_right():
    def price(self, sku: str | int, quantity: int | None = 1) -> int:
        if sku == "coal":
            raise NotSold(sku)
        return 1

    assert verified(shop_with(price=price)).findings == ()


def test_hints_without_json_are_told():
    def price(self, sku: object, quantity: complex = 1) -> Decimal:
        if sku == "coal":
            raise NotSold(sku)
        return Decimal(1)

    report = verified(shop_with(price=price))

    assert found(report, Severity.WARNING) == {"hint-unreadable"}


def test_hints_that_nobody_can_compare_are_told():
    class Counter(Protocol):
        def next(self, word: Annotated[str, pydantic.Field(pattern="^a+b$")]) -> int: ...

    class Mine:
        def next(self, word: Annotated[str, pydantic.Field(pattern="^(?=a).*$")]) -> int:
            return len(word)

    report = verify_implementation(contract_of(Counter), Mine())

    assert report.passed
    assert "it is not known whether next(word) does not take all" in str(report.warnings[0])


def test_what_is_awaited_must_be_awaitable():
    def place(self, order: Order, *, at: dt.datetime) -> Order:
        return order

    async def orders(self):
        return []

    assert found(verified(shop_with(place=place))) == {"not-awaitable"}
    assert found(verified(shop_with(orders=orders))) == {"awaitable"}


def test_a_declared_error_may_be_one_of_its_kinds():
    assert issubclass(Closed, NotSold)
    assert verified(GoodShop()).passed


def test_a_state_that_nothing_sets_up_is_found():
    assert found(verify_implementation(Shop, GoodShop())) == {"state-unknown"}
    failing = {"there is an order": lambda number: number / 0}
    assert found(verify_implementation(Shop, GoodShop(), states=failing)) == {"state-failed"}


class Quiet(Protocol):
    def ring(self) -> None: ...


def test_an_operation_without_an_example_is_told():
    report = verify_implementation(Quiet, types.SimpleNamespace(ring=lambda: None))

    assert report.passed
    assert [each.code for each in report.warnings] == ["nothing-to-call"]
    with pytest.warns(UserWarning, match="ring has no example, so it was not called"):
        assert_implements(Quiet, types.SimpleNamespace(ring=lambda: None))


def test_a_class_is_no_implementation():
    assert found(verify_implementation(Quiet, type("Bell", (), {"ring": lambda self: None}))) == {
        "not-an-object"
    }


def test_methods_that_need_no_object_are_called_on_the_class():
    bell = type("Bell", (), {"ring": staticmethod(lambda: None)})

    assert verify_implementation(Quiet, bell).passed


def test_an_operation_over_http_is_no_method():
    contract = parse_service_contract(
        {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1"},
            "paths": {
                "/orders": {"get": {"operationId": "orders", "responses": {"200": {"description": ""}}}}
            },
        }
    )

    report = verify_implementation(contract, GoodShop())

    assert "GET /orders is no call of a method: use `tally verify`" in str(report)


class Pricing(Protocol):
    @example("tea").returns(2)
    def __call__(self, sku: str, /) -> int: ...


def test_a_function_keeps_the_contract_of_a_callable():
    def price(name):
        return len(name)

    assert verify_implementation(Pricing, price).findings == ()
    assert verify_implementation(Pricing, functools.partial(lambda a, b: a, 7)).findings == ()


class Options(Protocol):
    @example(1, colour="red", size=2).returns(3)
    def make(self, number: int, **options: str | int) -> int: ...


def test_further_arguments_are_passed_on():
    def make(number, **options):
        return number + options["size"]

    report = verify_implementation(Options, types.SimpleNamespace(make=make))

    assert report.findings == ()


def test_a_test_fails_with_all_findings():
    with pytest.raises(AssertionError, match=r"does not keep the contract(.|\n)*Mine has no price"):
        assert_implements(Shop, shop_with(price=None))


def test_a_test_that_is_a_coroutine_may_ask():
    async def ask():
        shop = GoodShop()
        return verify_implementation(Shop, shop, states=with_an_order(shop))

    assert asyncio.run(ask()).passed


def test_ten_methods_are_checked_in_a_tenth_of_a_second():
    methods = {}
    for number in range(10):

        def method(self, order: Order, count: int = 1) -> Order:
            return order

        methods[f"method_{number}"] = example(Order(7)).returns(Order(7))(method)
    service = type("Service", (), methods)
    contract = contract_of(service)

    began = time.process_time()
    report = verify_implementation(contract, service())

    assert report.findings == ()
    assert len(report.called) == 10
    assert time.process_time() - began < 0.1


def test_nothing_of_it_is_imported_before_it_is_used():
    script = (
        "import sys, tally.service_contract.parsing\n"
        "print([name for name in sys.modules if name.startswith('tally.interfaces')])\n"
        "from tally.service_contract import contract_of\n"
        "print('tally.interfaces.contracts' in sys.modules, {'pydantic', 'asyncio'} & {*sys.modules})\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert run.stdout.splitlines() == ["[]", "True set()"]


def test_other_names_are_not_there():
    import tally.service_contract  # noqa: PLC0415 - it is what is tested

    with pytest.raises(AttributeError, match="has no attribute 'contracts_of'"):
        tally.service_contract.contracts_of  # noqa: B018 - reading it is what is tested


class UnshowableError(Exception):
    def __repr__(self):
        raise RuntimeError("no repr")

    __str__ = __repr__


class Raising:
    def find(self, key):  # noqa: ARG002 - as the interface has it
        raise UnshowableError


class Returning:
    def find(self, key):  # noqa: ARG002 - as the interface has it
        return UnshowableError()


class Reading:
    @property
    def find(self):
        raise UnshowableError


@pytest.mark.parametrize(
    ("implementation", "code"),
    [(Raising, "error-undeclared"), (Returning, "result-not-json"), (Reading, "not-callable")],
)
def test_whatever_an_object_raises_is_a_finding(implementation, code):
    class Finding(Protocol):
        @(example(1).returns(1))
        def find(self, key: int) -> int: ...

    report = verify_implementation(contract_of(Finding), implementation())

    assert [finding.code for finding in report.errors] == [code]
    assert "UnshowableError" in str(report)
