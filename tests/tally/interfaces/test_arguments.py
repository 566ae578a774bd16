"""What an example says in JSON reaches the method as the value that its type hint names."""

import datetime as dt
import enum
import typing
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest

from tally.service_contract import contract_of, example, verify_implementation


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Level(enum.IntEnum):
    LOW = 1


@dataclass(frozen=True)
class Line:
    sku: str
    count: int = 1


class Sku(str):
    __slots__ = ()


def reached(hint, value):
    """Return the values that a method with this hint was called with, and the report."""
    given = []

    class Asked(typing.Protocol):
        @example(it=value)
        def ask(self, it: typing.Any) -> None: ...

    class Kept:
        def ask(self, it):
            given.append(it)

    Kept.ask.__annotations__ = {"it": hint, "return": None}
    return given, verify_implementation(contract_of(Asked), Kept())


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (typing.Any, {"a": [1]}, {"a": [1]}),
        (None, None, None),
        (int | None, None, None),
        (int | None, 3, 3),
        (int | str, "3", "3"),
        (bool | int, True, True),
        (typing.Literal["a", 2], 2, 2),
        (tuple, [1, "b"], (1, "b")),
        (tuple[int, ...], [1, 2], (1, 2)),
        (tuple[int, Decimal], [1, 2.5], (1, Decimal("2.5"))),
        (list, [1, "b"], [1, "b"]),
        (list[dt.date], ["2026-01-05"], [dt.date(2026, 1, 5)]),
        (Sequence[uuid.UUID], [str(uuid.UUID(int=7))], [uuid.UUID(int=7)]),
        (set[int], [1, 2], {1, 2}),
        (frozenset[str], ["a"], frozenset({"a"})),
        (dict, {"a": 1}, {"a": 1}),
        (dict[str, Size], {"a": "s"}, {"a": Size.SMALL}),
        (Mapping[int, Line], {"7": {"sku": "tea"}}, {7: Line("tea")}),
        (Size, "l", Size.LARGE),
        (Level, 1, Level.LOW),
        (Line, {"sku": "tea", "count": 2}, Line("tea", 2)),
        (bool, False, False),
        (float, 2, 2.0),
        (int, 2.0, 2),
        (Fraction, 0.5, Fraction(1, 2)),
        (bytes, "YWI=", b"ab"),
        (bytearray, "YWI=", bytearray(b"ab")),
        (dt.datetime, "2026-01-05T09:00:00+00:00", dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)),
        (dt.time, "09:30:00", dt.time(9, 30)),
        (dt.timedelta, 90, dt.timedelta(seconds=90)),
        (Sku, "tea", Sku("tea")),
    ],
)
def test_a_value_is_what_the_hint_names(hint, value, expected):
    given, report = reached(hint, value)

    assert given == [expected], report
    assert type(given[0]) is type(expected)
    # The interface takes anything, and the method does not: that alone is said.
    assert {each.code for each in report.findings} <= {"argument-narrower"}


@pytest.mark.parametrize(
    ("hint", "value", "text"),
    [
        (int | None, "3", "'3' is no int | None"),
        (typing.Literal["a", 1], True, "True is no"),
        (tuple[int, int], [1], "[1] is no tuple[int, int]"),
        (tuple[int, ...], {"a": 1}, "is no tuple[int, ...]"),
        (list[int], "12", "'12' is no list[int]"),
        (dict[int, str], {"x": "a"}, "'x' is no int"),
        (dict[str, int], [1], "[1] is no dict[str, int]"),
        (Size, "m", "'m' is no Size"),
        (Line, {"sku": "tea", "colour": "red"}, "Line has no colour"),
        (Line, {"count": 1}, "Line needs sku"),
        (Line, "tea", "'tea' is no Line"),
        (int, True, "True is no int"),
        (int, 2.5, "no int"),
        (bytes, "a", "'a' is no bytes"),
        (dt.date, "tomorrow", "'tomorrow' is no date"),
        (uuid.UUID, 7, "7 is no UUID"),
    ],
)
def test_another_value_is_reported_and_the_method_not_called(hint, value, text):
    given, report = reached(hint, value)

    assert given == []
    assert text in str(report)
