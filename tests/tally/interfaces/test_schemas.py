"""Type hints as JSON Schemas: what is read, and what is written."""

import datetime as dt
import enum
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, Required, TypedDict, TypeVar

import attrs
import pydantic
import pytest
from annotated_types import Ge, Len

from tally.errors import UsageError
from tally.interfaces.schemas import Schemas

T = TypeVar("T")
Bounded = TypeVar("Bounded", bound=int)
Either = TypeVar("Either", int, str)
Sku = NewType("Sku", str)


class Status(enum.Enum):
    OPEN = "open"
    PAID = "paid"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Code(str):
    """Text of the user's own."""

    __slots__ = ()


@dataclass
class Node:
    """A node."""

    value: int
    children: "list[Node]" = field(default_factory=list)


@dataclass
class Page(Generic[T]):
    items: list[T]
    total: int = 0


@dataclass
class Computed:
    given: int
    made: str = field(init=False, default="")


class Named(TypedDict, total=False):
    first: Required[str]
    last: str


class Point(NamedTuple):
    x: int
    y: float = 0


@attrs.define
class Box:
    size: int = attrs.field(validator=attrs.validators.ge(1))


class Money(pydantic.BaseModel):
    amount: int = pydantic.Field(ge=0)
    currency: str = "EUR"


class Basket(pydantic.BaseModel):
    prices: list[Money]


class Plain:
    pass


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (None, {"type": "null"}),
        (Any, {}),
        (Decimal, {"type": "number"}),
        (bytes, {"type": "string", "contentEncoding": "base64"}),
        (dt.datetime, {"type": "string", "format": "date-time"}),
        (dt.date, {"type": "string", "format": "date"}),
        (uuid.UUID, {"type": "string", "format": "uuid"}),
        (IPv4Address, {"type": "string", "format": "ipv4"}),
        (Sku, {"type": "string"}),
        (Code, {"type": "string"}),
        (Bounded, {"type": "integer"}),
        (Either, {"type": ["integer", "string"]}),
        (int | None, {"type": ["integer", "null"]}),
        (int | Any, {}),
        (Literal["a", 1], {"enum": ["a", 1]}),
        (Literal["a"] | None, {"anyOf": [{"enum": ["a"]}, {"type": "null"}]}),
        (list, {"type": "array", "items": {}}),
        (Sequence[int], {"type": "array", "items": {"type": "integer"}}),
        (set[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}),
        (tuple, {"type": "array"}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (
            tuple[int, str],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "items": False,
                "minItems": 2,
            },
        ),
        (dict, {"type": "object"}),
        (Mapping[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (
            dict[int, bool],
            {
                "type": "object",
                "additionalProperties": {"type": "boolean"},
                "propertyNames": {"pattern": r"^-?\d+$"},
            },
        ),
        (
            dict[uuid.UUID, str],
            {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "propertyNames": {"format": "uuid"},
            },
        ),
        (
            dict[Literal["a", "b"], str],
            {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "propertyNames": {"enum": ["a", "b"]},
            },
        ),
        (Annotated[int, Ge(1)], {"type": "integer", "minimum": 1}),
        (
            Annotated[int, pydantic.Field(gt=1, lt=9)],
            {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 9},
        ),
        (Annotated[str, pydantic.Field(pattern="^a")], {"type": "string", "pattern": "^a"}),
        (
            Annotated[list[int], Len(1, 2)],
            {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
        ),
        (Annotated[int, "how many"], {"type": "integer", "description": "how many"}),
    ],
)
def test_a_hint_is_a_schema(hint, schema):
    assert Schemas(reads=True).of(hint, "here") == schema


@pytest.mark.parametrize(
    ("hint", "name", "reads", "definition"),
    [
        (Status, "Status", True, {"enum": ["open", "paid"]}),
        (Rights, "Rights", True, {"type": "integer", "minimum": 0}),
        (
            Page[int],
            "Page_int",
            True,
            {
                "type": "object",
                "properties": {
                    "items": {"type": "array", "items": {"type": "integer"}},
                    "total": {"type": "integer"},
                },
                "required": ["items"],
                "additionalProperties": False,
            },
        ),
        (
            Computed,
            "Computed",
            True,
            {
                "type": "object",
                "properties": {"given": {"type": "integer"}},
                "required": ["given"],
                "additionalProperties": False,
            },
        ),
        (
            Computed,
            "Computed",
            False,
            {
                "type": "object",
                "properties": {"given": {"type": "integer"}, "made": {"type": "string"}},
                "required": ["given", "made"],
            },
        ),
        (
            Named,
            "Named",
            False,
            {
                "type": "object",
                "properties": {"first": {"type": "string"}, "last": {"type": "string"}},
                "required": ["first"],
            },
        ),
        (
            Point,
            "Point",
            False,
            {
                "type": "object",
                "properties": {"x": {"type": "integer"}, "y": {"type": "number"}},
                "required": ["x", "y"],
            },
        ),
        (
            Box,
            "Box",
            False,
            {
                "type": "object",
                "properties": {"size": {"type": "integer", "minimum": 1}},
                "required": ["size"],
            },
        ),
    ],
)
def test_a_model_is_a_schema_with_a_name(hint, name, reads, definition):
    schemas = Schemas(reads=reads)

    assert schemas.of(hint, "here") == {"$ref": f"#/schemas/{name}"}
    assert schemas.definitions == {name: definition}


def test_a_model_may_be_inside_of_itself():
    schemas = Schemas(reads=False)

    schemas.of(Node, "here")

    node = schemas.definitions["Node"]
    assert node["properties"]["children"] == {"type": "array", "items": {"$ref": "#/schemas/Node"}}
    assert node["description"] == "A node."


def test_pydantic_says_what_its_models_are():
    schemas = Schemas(reads=True)

    assert schemas.of(list[Basket], "here") == {"type": "array", "items": {"$ref": "#/schemas/Basket"}}
    assert schemas.definitions["Money"]["properties"]["amount"]["minimum"] == 0
    assert schemas.definitions["Money"]["required"] == ["amount"]
    assert schemas.definitions["Basket"]["properties"]["prices"]["items"] == {"$ref": "#/schemas/Money"}


def test_models_of_one_name_are_told_apart():
    other = dataclass(type("Node", (), {"__annotations__": {"text": str}, "__module__": "shop.other"}))
    schemas = Schemas(reads=True)

    assert schemas.of(Node, "a") == {"$ref": "#/schemas/Node"}
    assert schemas.of(other, "b") == {"$ref": "#/schemas/shop_other_Node"}


@pytest.mark.parametrize(
    ("hint", "complaint"),
    [
        (Plain, "Orders.place: Plain has no JSON"),
        (Callable[[int], int], "has no JSON"),
        (complex, "complex has no JSON"),
        (Iterator[int], "has no JSON"),
        (list[Plain], r"Orders.place\[\]: Plain has no JSON"),
        (T, "nothing says what the type variable ~T stands for"),
        (Page[T], r"Orders.place.items\[\]: nothing says what the type variable"),
        (dict[bytes, int], "bytes is no text"),
        (dict[Point, int], "Point is no text"),
        ("list[Unknown]", "is not known here"),
    ],
)
def test_a_hint_without_json_is_refused_with_its_place(hint, complaint):
    with pytest.raises(UsageError, match=complaint):
        Schemas(reads=True).of(hint, "Orders.place")
