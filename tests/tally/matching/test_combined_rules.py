"""Several rules at one path, for objects and lists, and what of them reaches the values below."""

import pytest

from tally.matching import match_response
from tally.pact import Body, MatchingRules, Presence, Response
from tally.pact.matching_rules import read_rule_set


def accepted(expected, actual, rules, combine="AND"):
    """Compare JSON by *rules* at the root."""
    read = {"$": read_rule_set({"matchers": rules, "combine": combine}, "$")}
    wanted = Response(
        body=Body(Presence.PRESENT, expected, "application/json"), rules=MatchingRules(body=read)
    )
    return match_response(wanted, Response(body=Body(Presence.PRESENT, actual, "application/json"))) == ()


TYPE, EQUALITY, VALUES = {"match": "type"}, {"match": "equality"}, {"match": "values"}
INTEGERS = {"match": "eachValue", "rules": [{"match": "integer"}]}
NOT_EMPTY = {"match": "notEmpty"}
POSITIVE = {"match": "eachValue", "rules": [{"match": "regex", "regex": r"\d+"}]}
SECOND = {"match": "arrayContains", "variants": [{"index": 1}]}
CONTAINS = {"match": "arrayContains", "variants": [{"index": 0}]}


@pytest.mark.parametrize(
    ("rules", "expected", "fits", "unfit"),
    [
        ([EQUALITY, {"match": "type", "max": 3}], [None], [[None], [None, None]], [[1], [None] * 4]),
        ([INTEGERS, TYPE], ["a"], [["b"], [1, 2]], [[1, "b"], [None]]),
        ([INTEGERS, TYPE], {"a": "x"}, [{"a": "y"}, {"b": 1}], [{"b": "y"}]),
        ([CONTAINS, TYPE], [1], [[2], ["x", 1]], [["x"]]),
    ],
)
def test_of_the_rules_that_or_joins_one_is_enough_with_all_below_it(rules, expected, fits, unfit):
    for actual in fits:
        assert accepted(expected, actual, rules, "OR"), actual
    for actual in unfit:
        assert not accepted(expected, actual, rules, "OR"), actual


@pytest.mark.parametrize(
    ("rules", "expected", "fits", "unfit"),
    [
        ([INTEGERS, POSITIVE], [1], [[2, 3]], [["1"], [-1]]),
        ([INTEGERS, POSITIVE], {"a": 1}, [{"b": 2}], [{"b": "1"}, {"b": -1}]),
        ([CONTAINS, SECOND], [1, "x"], [["x", 1]], [[1], ["x"]]),
        ([INTEGERS, TYPE], [1], [[2, 3]], [["x"], [1.5]]),
        ([INTEGERS, EQUALITY], ["x"], [], [["x"], [1]]),
        ([CONTAINS, INTEGERS], [1], [[1, 2]], [[1, "x"], [2]]),
        ([CONTAINS, TYPE], [1], [[2, 1]], [[1, "x"]]),
        ([VALUES, INTEGERS], {"a": 1}, [{"b": 1}], [{"b": 2}, {"b": "x"}]),
        ([INTEGERS, EQUALITY], {"a": 1}, [{"a": 1}], [{}, {"a": 2}, {"a": 1, "b": 1}]),
        ([VALUES, EQUALITY], {"a": 1}, [{"a": 1}], [{}, {"a": 1, "b": 1}]),
        ([VALUES, NOT_EMPTY], {"a": 1}, [{"b": 1}], [{"b": 2}, {}]),
    ],
)
def test_of_the_rules_that_and_joins_all_are_for_every_value(rules, expected, fits, unfit):
    for actual in fits:
        assert accepted(expected, actual, rules), actual
    for actual in unfit:
        assert not accepted(expected, actual, rules), actual


def test_objects_among_the_values_may_have_more_keys_but_their_lists_no_more_items():
    expected = {"a": {"b": [1]}}

    assert accepted(expected, {"other": {"b": [1], "more": 2}}, [VALUES])
    assert not accepted(expected, {"other": {"b": [1, 2]}}, [VALUES])
    assert not accepted(expected, {"other": {}}, [VALUES])


def test_items_beside_the_variants_are_free():
    assert accepted([1, "a"], ["x", None, 1], [CONTAINS])


def test_a_rule_that_is_not_known_never_passes_even_twice_under_or():
    assert not accepted({"a": 1}, {"a": 1}, [{"match": "odd"}, {"match": "odd"}], "OR")
