"""Examples of models: valid, the same for the same seed, and with what a test gives."""

import collections
import dataclasses
import datetime as dt
import enum
import ipaddress
import re
import subprocess
import sys
import typing
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, Required, TypedDict, TypeVar

import annotated_types as at
import attrs
import pydantic
import pydantic_core
import pytest
import typing_extensions
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from support.searching import search

from consumer_sdk import DeclarationError
from consumer_sdk.factories import Factory, factory, is_model, json_example

T = TypeVar("T")
Sku = typing.NewType("Sku", str)


class Status(enum.Enum):
    OPEN = "open"
    PAID = "paid"


@dataclass
class Item:
    sku: Sku
    quantity: Annotated[int, at.Ge(1), at.Le(9)]


@dataclass(frozen=True, kw_only=True)
class Order:
    id: uuid.UUID
    number: int
    placed_at: dt.datetime
    delivery: dt.date
    until: dt.time
    total: Decimal
    weight: float
    gift: bool
    status: Status
    kind: Literal["retail", "trade"]
    items: list[Item]
    labels: set[str]
    frozen: frozenset[int]
    prices: dict[str, Decimal]
    position: tuple[float, float]
    numbers: tuple[int, ...]
    raw: bytes
    anything: Any
    note: str | None
    either: int | str
    currency: str = "EUR"
    computed: int = field(init=False, default=1)
    tags: list[str] = field(default_factory=list)


class Address(TypedDict, total=False):
    street: Required[str]
    zip: NotRequired[Annotated[str, at.Len(5, 5)]]


class Point(NamedTuple):
    x: float
    y: float = 1.0


@attrs.define
class Customer:
    name: str = attrs.field(validator=attrs.validators.matches_re(r"[A-Z][a-z]+ [A-Z][a-z]+"))
    level: str = attrs.field(validator=attrs.validators.in_(["gold", "silver"]))
    _age: int = attrs.field(validator=[attrs.validators.ge(18), attrs.validators.lt(20)])
    address: Address | None = None


@dataclass
class Payer:
    level: Literal["gold", "silver"]
    item: Item


class Payment(BaseModel):
    card: str = Field(alias="cardNumber", pattern=r"^\d{4}(-\d{4}){3}$")
    amount: Decimal = Field(gt=0, max_digits=6, decimal_places=2)
    percent: float = Field(ge=0, lt=1)
    steps: int = Field(multiple_of=5, gt=10, le=20)
    reference: Annotated[str, pydantic.StringConstraints(min_length=8, max_length=10, to_upper=True)]
    callback: pydantic.HttpUrl
    when: pydantic.NaiveDatetime
    expires: pydantic.FutureDate
    retries: list[int] = Field(min_length=2, max_length=3)
    children: list["Payment"] = []
    parent: "Payment | None" = None
    payer: Payer | None = None
    secret: pydantic.SecretStr
    kind: Literal["card"] = "card"


class Codes(pydantic.RootModel[list[Annotated[str, Field(min_length=3)]]]):
    pass


@pydantic.dataclasses.dataclass
class Parcel:
    weight: int = Field(gt=3, lt=5)
    code: str = Field(min_length=2, max_length=2)


@dataclass
class Page(Generic[T]):
    items: list[T]
    first: T
    count: int


@dataclass
class Tree:
    value: int
    left: "Tree | None"
    children: list["Tree"]


Run = typing.Callable[[], int]
Number = TypeVar("Number", int, float)
Bound = TypeVar("Bound", bound=Item)


@dataclass
class Event:
    type: str = "created"


@dataclass
class Loose:
    either: Annotated[int | str, at.Ge(1)]
    extra: dict
    event: Event
    seed: dataclasses.InitVar[int]
    run: Run = len

    def __post_init__(self, seed):
        self.seed = seed


class Chain(TypedDict, total=False):
    name: Required[str]
    following: "Chain"


@dataclass
class Named:
    inside: dict[str, "Named"]


@dataclass
class Mapped:
    inside: Annotated[dict[str, "Mapped"], at.Len(1)]


@dataclass
class Listed:
    inside: Annotated[list["Listed"], at.Len(1)]


class Indexed(BaseModel):
    name: str = Field(validation_alias=pydantic.AliasPath("names", 0))


class Inner(BaseModel):
    name: str = Field(validation_alias=pydantic.AliasPath("person", "name"))
    age: int = Field(validation_alias=pydantic.AliasPath("person", "age"))


@dataclass
class Unreadable:
    number: "int | 7"


@attrs.define
class Counted:
    name: str
    length: int = attrs.field(init=False, default=7)


class Code(str):
    __slots__ = ()


class Machine:
    pass


class Refusing:
    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        return pydantic_core.core_schema.is_instance_schema(Machine)


MODELS = [Order, Item, Address, Point, Customer, Payment, Codes, Parcel, Page[Item], Tree]


def refuse_what_is_not_valid(model, example):
    """Let the kind of the model itself, not the factory, say whether an example is valid."""
    if isinstance(example, BaseModel):
        assert type(example).model_validate(example.model_dump(by_alias=True)) == example
    elif dataclasses.is_dataclass(example):
        values = {each.name: getattr(example, each.name) for each in dataclasses.fields(example) if each.init}
        assert pydantic.TypeAdapter(model).validate_python(values) == example
    elif attrs.has(type(example)):
        attrs.validate(example)
    elif isinstance(example, Point):
        assert (type(example.x), type(example.y)) == (float, float)
    else:
        assert (type(example["street"]), len(example["zip"])) == (str, 5)


@pytest.mark.parametrize("model", MODELS, ids=str)
@given(seed=st.integers())
@search(15, is_fixed=True)
def test_an_example_is_valid_in_its_own_model(model, seed):
    example = Factory(seed)(model)

    refuse_what_is_not_valid(model, example)


TYPES = [
    Status,
    typing.Annotated[Payer | Item, Field(union_mode="left_to_right")],
    pydantic.conlist(int, min_length=2),
    pydantic.condecimal(max_digits=4, decimal_places=2, lt=100),
    pydantic.conset(int, min_length=3),
    pydantic.constr(pattern=r"^\+\d{8,15}$"),
    pydantic.Base64Str,
    pydantic.Base64Bytes,
    pydantic.Json,
    pydantic.Json[list[int]],
    pydantic.PostgresDsn,
    pydantic.IPvAnyAddress,
    pydantic.UUID1,
    pydantic.ByteSize,
    pydantic.PastDatetime,
    pydantic.AwareDatetime,
    pydantic.FiniteFloat,
    collections.abc.Sequence[int],
    collections.deque[int],
    collections.OrderedDict[str, int],
    collections.defaultdict[str, int],
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    pydantic_core.Url,
    Annotated[dt.datetime, at.Ge(dt.datetime(2030, 1, 1))],  # noqa: DTZ001 - without a zone
    dict[uuid.UUID, list[Item]],
    tuple[()],
    typing.Hashable,
    typing.Any,
    re.Pattern,
    dt.timedelta,
    Annotated[str, at.LowerCase],
    Annotated[float, Field(gt=0, lt=1e-4)],
    Annotated[int, Field(gt=-5, lt=-3)],
    Annotated[dt.date, Field(ge=dt.date(2030, 1, 1))],
    Annotated[list[int], at.Len(0, 0)],
    Annotated[str, pydantic.StringConstraints(strip_whitespace=True, min_length=3, pattern="^a")],
]


@pytest.mark.parametrize("annotation", TYPES, ids=str)
def test_an_example_of_a_type_is_valid(annotation):
    for example in Factory(1).several(annotation, 5):
        pydantic.TypeAdapter(annotation).validate_python(example)


@pytest.mark.parametrize("model", [*MODELS, list[Order], dict[str, Item], int], ids=str)
def test_the_same_seed_gives_the_same_example(model):
    assert factory(model) == Factory(0)(model)
    assert Factory("a")(model) == Factory("a")(model)
    assert Factory(1)(Order) != Factory(2)(Order)


def test_another_process_on_another_day_gives_the_same_example(tmp_path):
    script = "import dataclasses, uuid; from consumer_sdk.factories import factory\n"
    script += "A = dataclasses.make_dataclass('A', [('id', uuid.UUID), ('name', str)]); print(factory(A))"

    command = [sys.executable, "-c", script]
    run = subprocess.run(
        command, env={"PYTHONHASHSEED": "7"}, cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert run.stdout == "A(id=UUID('cbfbca2f-6300-4813-8ba8-b34661b4a4f0'), name='name 606')\n"


def test_a_field_that_is_given_changes_no_other():
    plain, paid = factory(Order), factory(Order, status=Status.PAID, number=1)

    assert (paid.status, paid.number) == (Status.PAID, 1)
    assert dataclasses.replace(plain, status=Status.PAID, number=1) == paid


def test_a_member_of_an_enumeration_may_be_given_by_its_value():
    assert factory(Order, status="paid").status is Status.PAID


def test_fields_of_a_model_inside_may_be_given():
    payment = factory(Payment, payer={"level": "gold", "item": {"quantity": 2}})
    customer = factory(Customer, address={"street": "High Street"})

    assert (payment.payer.level, payment.payer.item.quantity) == ("gold", 2)
    assert factory(Order, items=[{"quantity": 2}, Item("cup", 1)]).items[0].quantity == 2
    assert customer.address["street"] == "High Street"
    assert len(customer.address["zip"]) == 5


@pytest.mark.parametrize("name", ["card", "cardNumber"])
def test_an_alias_names_a_field_as_well(name):
    assert factory(Payment, **{name: "1111-2222-3333-4444"}).card == "1111-2222-3333-4444"
    assert attrs.asdict(factory(Customer, age=19))["_age"] == 19


def test_several_examples_differ():
    first, second = factory.several(Item, 2, quantity=3)

    assert first.sku != second.sku
    assert first.quantity == second.quantity == 3


def test_defaults_are_kept_and_models_inside_of_themselves_end():
    assert factory(Order).currency == "EUR"
    tree = factory(Tree)
    assert tree.left.left is None
    assert tree.children[0].children == []


@pytest.mark.parametrize(
    ("model", "given_", "problem"),
    [
        (Order, {"statu": "paid"}, "Order has no field 'statu'; did you mean 'status'?"),
        (Item, {"zzz": 1}, "Item has no field 'zzz'; it has sku, quantity."),
        (Order, {"number": "7"}, "Order.number: '7' is refused: it must be an int"),
        (Order, {"number": True}, "Order.number: True is refused: it must be an int"),
        (Order, {"status": "lost"}, "Order.status: 'lost' is refused: it must be a Status"),
        (Order, {"kind": "x"}, "it must be one of 'retail', 'trade'"),
        (Order, {"items": "x"}, "it must be a list"),
        (Order, {"items": [1]}, "Order.items[0]: 1 is refused: it must be a Item or some of its fields"),
        (Order, {"prices": {"tea": "x"}}, "of an item, it must be a Decimal"),
        (Order, {"position": (1.0,)}, "it must have 2 items"),
        (Order, {"note": 7}, "it must be a str and it must be None"),
        (Item, {"quantity": 10}, "Item.quantity: 10 is refused: it must be at most 9"),
        (Order, {"position": 7}, "it must be a tuple"),
        (Order, {"position": (1.0, "x")}, "of an item, it must be a float"),
        (Order, {"numbers": (1, "x")}, "of an item, it must be an int"),
        (Order, {"prices": 7}, "it must be a dictionary"),
        (Order, {"weight": True}, "Order.weight: True is refused: it must be a number"),
        (Customer, {"address": 7}, "it must be a Address or some of its fields"),
        (Payment, {"steps": 12}, "it must be a multiple of 5"),
        (Payment, {"retries": [1, 2, 3, 4]}, "its length must be at most 3"),
        (Payment, {"card": "1"}, "it must match"),
        (Loose, {"either": 0}, "Loose.either: 0 is refused: it must be at least 1"),
        (Indexed, {}, "has an index: give the body as a dictionary"),
        (Unreadable, {}, "Unreadable: its annotations cannot be read"),
        (Machine, {}, "no example of Machine is known: give it"),
        (Refusing, {}, "no example of Refusing is known: give it"),
        (Run | typing.Callable[[], str], {}, "Callable[[], str] is known: give it"),
        (Annotated[set[bool], at.Len(3)], {}, "3 different items are not known"),
        (Annotated[str, at.Len(5), Field(pattern="^ab$")], {}, "no example of str with"),
        (Annotated[float, at.Gt(1), at.Lt(1)], {}, "no example of float with gt=1, lt=1 is found"),
        (Listed, {}, "Listed needs another of itself without end"),
        (Mapped, {}, "Mapped needs another of itself without end"),
        (Customer, {"level": "iron"}, "it must be one of 'gold', 'silver'"),
        (Customer, {"address": {"street": 7}}, "Customer.address.street: 7 is refused"),
        (
            Payment,
            {"amount": Decimal(-1)},
            "Payment.amount: Decimal('-1') is refused: it must be more than 0",
        ),
        (Payment, {"callback": "nowhere"}, "Payment refuses the values"),
        (Payment, {"retries": [1]}, "its length must be at least 2"),
        (
            Tree,
            {"children": [{"valu": 1}]},
            "Tree.children[0]: Tree has no field 'valu'; did you mean 'value'?",
        ),
        (int, {"x": 1}, "has no fields: x cannot be given"),
        ({"type": "object"}, {}, "write JsonSchema({…})"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(model, given_, problem):
    with pytest.raises(DeclarationError) as raised:
        factory(model, **given_)

    assert problem in str(raised.value)


@pytest.mark.parametrize(
    "pattern",
    ["[^a]{3}", "...", "(ab|cd|[ef]g)", "(?i:ab)c", "(?>ab)c", r"(ab|cd)-\1", r"[^\w\s]{6}", r"[^a-z\d]{6}"],
)
def test_a_text_matches_all_of_its_pattern(pattern):
    annotation = Annotated[str, Field(pattern=f"^{pattern}$")]

    assert all(re.fullmatch(pattern, text) for text in factory.several(annotation, 5))


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (T, str),
        (Number, int),
        (Bound, Item),
        (typing_extensions.TypeAliasType("Whole", int), int),
        (Code, Code),
    ],
    ids=str,
)
def test_an_example_is_of_the_type_that_an_annotation_stands_for(annotation, kind):
    assert type(factory(annotation)) is kind


def test_fields_that_are_no_plain_ones():
    loose = factory(Loose, either="x", extra={"a": 1})

    assert (loose.either, loose.extra, loose.event, loose.run) == ("x", {"a": 1}, Event("created"), len)
    assert type(loose.seed) is int
    assert factory(Inner, age=7).age == 7
    assert factory(Counted).length == 7


def test_what_may_be_left_out_ends_a_model_inside_of_itself():
    assert factory(Chain)["following"].keys() == {"name"}
    assert factory(Named).inside.popitem()[1].inside == {}


def test_a_model_of_pydantic_1_is_refused():
    from pydantic.v1 import BaseModel as Old  # noqa: PLC0415 - it warns on newer versions of Python

    class Ancient(Old):
        id: int

    with pytest.raises(DeclarationError, match="Ancient is a model of pydantic 1, which is not supported"):
        factory(Ancient)


def test_what_no_example_is_known_for_is_to_be_given():
    @dataclass
    class Job:
        run: typing.Callable[[], int]

    with pytest.raises(DeclarationError, match=r"Job\.run: no example of .*Callable.* is known: give it"):
        factory(Job)
    assert factory(Job, run=len).run is len


def test_limits_that_nothing_satisfies_are_said():
    @dataclass
    class Odd:
        number: Annotated[int, at.Gt(3), at.Lt(4)]

    with pytest.raises(DeclarationError, match="no example of int with gt=3, lt=4 is found"):
        factory(Odd)


def test_a_model_that_needs_itself_without_end_is_said():
    @dataclass
    class Loop:
        again: "Loop"

    with pytest.raises(DeclarationError, match="Loop needs another of itself without end"):
        factory(Loop)


def test_a_validator_that_refuses_the_example_is_said():
    class Even(BaseModel):
        number: int

        @pydantic.field_validator("number")
        @classmethod
        def check(cls, value):
            if value != 4:
                raise ValueError("not four")
            return value

    with pytest.raises(DeclarationError, match=r"(?s)Even refuses the values .*not four"):
        factory(Even)
    assert factory(Even, number=4).number == 4


def test_a_name_that_cannot_be_resolved_is_said():
    @dataclass
    class Lost:
        other: "Nowhere"  # noqa: F821 - that is the fault

    with pytest.raises(DeclarationError, match="Lost: name 'Nowhere' is not defined"):
        factory(Lost)


def test_a_model_as_json_has_what_goes_over_the_wire():
    body = json_example(Order, placed_at=dt.datetime(2026, 1, 5, tzinfo=dt.UTC), status=Status.PAID, raw=b"a")

    assert (body["placed_at"], body["status"], body["raw"]) == ("2026-01-05T00:00:00+00:00", "paid", "YQ==")
    assert uuid.UUID(body["id"])
    assert isinstance(body["total"], Decimal)
    assert "cardNumber" in json_example(Payment)
    assert json_example(Item("tea", 1)) == {"sku": "tea", "quantity": 1}
    assert json_example(Parcel(weight=4, code="ab")) == {"weight": 4, "code": "ab"}
    assert json_example(Point(2.0)) == {"x": 2.0, "y": 1.0}
    assert json_example(factory(Counted, name="a")) == {"name": "a", "length": 7}
    assert json_example(dt.timedelta) == factory(dt.timedelta).total_seconds()
    assert json_example(list[Item])[0].keys() == {"sku", "quantity"}


def test_what_is_a_model_is_known():
    assert all(is_model(model) for model in (*MODELS, Item("tea", 1), list[Item], dict[str, Item]))
    assert not any(is_model(value) for value in (None, 1, "a", {"a": 1}, [Item], int, list[int], object()))


def test_nothing_is_imported_that_the_program_does_not_use():
    script = (
        "from consumer_sdk.factories import factory; print({'pydantic', 'attr', 'attrs'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:0]={sys.path!r}; {script}"],
                         capture_output=True, text=True, check=True)  # fmt: skip

    assert run.stdout == "set()\n"
