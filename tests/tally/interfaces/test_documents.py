"""The document of a class with type hints."""

import functools
import sys
from enum import Enum
from typing import Protocol, overload

import pytest
from support.shop_interfaces import NotSold, Order, OrderStore, Shop, Store

from tally.errors import InvalidContractError, TallyError, UsageError
from tally.interfaces.document import document_of, document_of_interface
from tally.service_contract import contract_of, example
from tally.service_contract.checks import check_service_contract


def operations(interface):
    return {each["id"]: each for each in document_of_interface(interface)["operations"]}


def test_methods_are_requests_with_replies():
    document = document_of_interface(Shop)

    price = document["operations"][0]
    assert (document["service"], document["description"]) == ("Shop", "What the shop offers.")
    assert [each["id"] for each in document["operations"]] == ["price", "place", "orders"]
    assert (price["kind"], price["channel"]) == ("request-reply", {"address": "Shop.price"})
    assert price["description"] == "Say what it costs."
    assert price["messages"][0]["payload"] == {
        "type": "object",
        "properties": {
            "sku": {"type": "string", "description": "what it is"},
            "quantity": {"type": "integer", "default": 1},
        },
        "additionalProperties": False,
        "required": ["sku"],
    }
    assert price["reply"]["messages"][0]["payload"] == {"type": "number"}


def test_exceptions_are_error_conditions():
    found = operations(Shop)

    assert found["price"]["errors"] == {"NotSold": {"when": "nobody sells it"}}
    assert found["place"]["errors"] == {"Closed": {"when": "after hours", "retry": True}}


def test_examples_come_from_docstrings_and_decorators():
    found = operations(Shop)

    assert [(each["payload"], each["reply"]) for each in found["price"]["examples"]] == [
        ({"sku": "tea", "quantity": 2}, {"message": "result", "payload": 5.5}),
        ({"sku": "coal"}, {"message": "NotSold"}),
    ]
    (placed,) = found["place"]["examples"]
    assert placed["payload"]["at"] == "2026-01-05T09:00:00+00:00"
    assert placed["reply"]["payload"] == {"number": 7, "status": "open", "items": []}
    assert found["orders"]["examples"][0]["states"] == [
        {"name": "there is an order", "params": {"number": 7}}
    ]


def test_a_model_that_is_read_may_leave_out_what_has_a_default():
    schemas = document_of_interface(Shop)["schemas"]

    assert schemas["OrderInput"]["required"] == ["number"]
    assert schemas["Order"]["required"] == ["number", "status", "items"]
    assert "StatusInput" not in schemas


def test_a_generic_interface_says_what_its_variable_stands_for():
    assert operations(Store[int])["find"]["reply"]["messages"][0]["payload"] == {"type": ["integer", "null"]}
    assert list(operations(OrderStore)) == ["count", "find"]
    with pytest.raises(
        UsageError, match=r"Store.find \(what it returns\): nothing says what the type variable"
    ):
        document_of_interface(Store)


def test_the_document_is_a_service_contract():
    assert check_service_contract(document_of_interface(Shop)) == ()


class Made:
    @classmethod
    def empty(cls) -> "Made":
        return cls()

    @classmethod
    def limit(cls) -> int: ...


def test_another_constructor_is_no_operation():
    assert list(operations(Made)) == ["limit"]


class Overloaded(Protocol):
    @overload
    def find(self, key: int) -> int: ...
    @overload
    def find(self, key: str) -> str: ...


class WithoutResult(Protocol):
    def find(self, key: int): ...


class WithoutHint(Protocol):
    def find(self, key) -> int: ...


class Variadic(Protocol):
    def find(self, *keys: int) -> int: ...


class Unresolved(Protocol):
    def find(self, key: "Nowhere") -> int: ...  # noqa: F821 - it is not there


class WrongExample(Protocol):
    @example(1, 2)
    def find(self, key: int) -> int: ...


class UnreadableExample(Protocol):
    def find(self, key: int) -> int:
        """Find it.

        >>> store.find(nothing.at.all)
        1
        """
        ...


class RaisingHint(Protocol):
    def find(self, key: "1 / 0") -> int: ...


class ExampleWithoutJson(Protocol):
    @(example(1).returns(float("nan")))
    def find(self, key: int) -> float: ...


class Marks(Enum):
    NOTHING = object()


class EnumerationWithoutJson(Protocol):
    def find(self, key: Marks) -> int: ...


class Dispatched:
    @functools.singledispatchmethod
    def find(self, key: int) -> int: ...


class Empty(Protocol):
    name: str


@pytest.mark.parametrize(
    ("interface", "complaint"),
    [
        (Overloaded, "Overloaded.find is overloaded"),
        (WithoutResult, "WithoutResult.find has no hint for what it returns"),
        (WithoutHint, r"WithoutHint.find\(key\) has no type hint"),
        (Variadic, r"Variadic.find takes any number of arguments \(\*keys\)"),
        (Unresolved, "Unresolved.find: name 'Nowhere' is not defined"),
        (WrongExample, "WrongExample.find: the example .* cannot be called: too many positional arguments"),
        (
            UnreadableExample,
            "UnreadableExample.find: the example 'store.find.nothing.at.all.' of its docstring",
        ),
        (RaisingHint, "RaisingHint.find: its hints cannot be read: ZeroDivisionError"),
        (ExampleWithoutJson, r"ExampleWithoutJson.find: the example .* has no JSON: Out of range"),
        (EnumerationWithoutJson, r"EnumerationWithoutJson.find\(key\): Marks has a member without JSON"),
        (Dispatched, "Dispatched.find is a singledispatchmethod"),
        (Empty, "Empty has no public methods"),
        (7, "7 is no class"),
        (Order, "Order has no public methods"),
    ],
)
def test_what_is_no_interface_is_refused_with_the_method(interface, complaint):
    with pytest.raises(UsageError, match=complaint):
        document_of_interface(interface)


class Decorated:
    @functools.lru_cache  # noqa: B019 - nothing is ever made of it
    def find(self, key: int = 1, within: float = float("inf")) -> int: ...

    @staticmethod
    @functools.cache
    def count() -> int: ...


def test_methods_in_a_wrapper_count_and_defaults_without_json_are_left_out():
    found = operations(Decorated)

    assert found.keys() == {"find", "count"}
    assert found["find"]["messages"][0]["payload"]["properties"] == {
        "key": {"type": "integer", "default": 1},
        "within": {"type": "number"},
    }


class Contradicting(Protocol):
    @example("seven")
    def find(self, key: int) -> int: ...


def test_an_example_that_contradicts_its_hints_is_refused():
    with pytest.raises(InvalidContractError, match="seven"):
        contract_of(Contradicting)


def test_an_interface_is_found_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_shop_here.py").write_text(
        "class Shop:\n    def open(self) -> bool: ...\n"
        "    class Inner:\n        def open(self) -> int: ...\n",
        encoding="utf-8",
    )
    monkeypatch.delitem(sys.modules, "a_shop_here", raising=False)

    assert document_of("a_shop_here:Shop")["service"] == "Shop"
    assert document_of("a_shop_here:Shop.Inner")["service"] == "Inner"
    with pytest.raises(TallyError, match="--interface a_shop_here:Nothing: a_shop_here has no 'Nothing'"):
        document_of("a_shop_here:Nothing")


def test_the_error_of_the_example_is_a_class_of_the_interface():
    assert issubclass(NotSold, Exception)
