"""Values behave as those of `dataclasses`, though their methods are made at the first use."""

import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, field, fields, replace
from threading import Barrier

import pytest

from tally.values import dataclass


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0
    labels: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Place(Point):
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    name: str


def test_a_value_has_its_fields_defaults_and_text():
    assert repr(Point(1, labels=("a",))) == "Point(x=1, y=0, labels=('a',))"
    assert [each.name for each in fields(Place)] == ["x", "y", "labels", "names"]
    assert Place(1, names=["home"]).names == ["home"]
    assert Place(1).names is not Place(1).names


def test_values_with_equal_fields_are_equal_and_have_one_hash():
    assert Point(1, 2) == Point(1, 2, labels=("a",)) != Point(2, 1)
    assert Point(1, 2) != Place(1, 2)
    assert {Point(1, 2): "found"}[Point(1, 2)] == "found"


@pytest.mark.parametrize("change", [lambda value: setattr(value, "x", 2), lambda value: delattr(value, "x")])
def test_a_value_cannot_be_changed(change):
    value = Point(1)

    with pytest.raises(FrozenInstanceError, match="'x'"):
        change(value)

    assert value == Point(1)


def test_a_value_is_copied_with_other_fields():
    assert replace(Point(1, 2), y=3) == Point(1, 3)
    assert copy.copy(Point(1, 2)) == Point(1, 2)


def test_a_value_that_cannot_be_built_says_why():
    @dataclass(frozen=True)
    class Never:
        first: int
        second: int

    with pytest.raises(
        TypeError, match=r"Never.__init__\(\) missing 1 required positional argument: 'second'"
    ):
        Never(1)


def test_methods_that_a_class_has_of_its_own_stay():
    @dataclass(frozen=True)
    class Word:
        text: str

        def __post_init__(self):
            object.__setattr__(self, "text", self.text.strip())

        def __eq__(self, other):
            return self.text.lower() == other.text.lower()

        def __hash__(self):
            return hash(self.text.lower())

        def __repr__(self):
            return self.text

    assert Word(" Yes ") == Word("yes")
    assert {Word("Yes")} == {Word("yes")}
    assert repr(Word("Yes")) == "Yes"


def test_fields_given_by_name_only():
    @dataclass(frozen=True, kw_only=True)
    class Named:
        first: int = 1
        second: int

    assert Named(second=2) == Named(first=1, second=2)
    with pytest.raises(TypeError, match="positional"):
        Named(1, 2)


def test_a_value_matches_by_position():
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_values_that_are_unpickled_are_compared_before_one_is_built():
    one, other = (Kept.__new__(Kept) for _ in range(2))  # as pickle does
    for value in (one, other):
        value.__dict__["name"] = "a"

    assert one == other
    assert hash(one) == hash(other)


def test_threads_may_build_the_first_values_at_once():
    together = Barrier(8)

    @dataclass(frozen=True)
    class First:
        number: int

    def build(number):
        together.wait()
        return First(number)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(build, range(8))) == [First(number) for number in range(8)]


def test_what_is_not_frozen_or_asks_for_more_is_made_at_once():
    @dataclass
    class Changing:
        number: int

    @dataclass(frozen=True, order=True)
    class Ordered:
        number: int

    changing = Changing(1)
    changing.number = 2

    assert changing == Changing(2)
    assert sorted([Ordered(2), Ordered(1)]) == [Ordered(1), Ordered(2)]
