import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.searching import search

from tally.matching import match_request, match_response
from tally.matching.rules import CHECKS
from tally.pact import Body, MatchingRules, Presence, Request, Response, Rule, RuleSet
from tally.pact.matching_rules import read_rule_set


def body(value):
    return Body(Presence.PRESENT, value, "application/json")


def messages(expected, actual, paths):
    """Compare JSON by rules as V3 writes them, a list of them for each path."""
    read = {path: read_rule_set({"matchers": matchers}, path) for path, matchers in paths.items()}
    wanted = Response(body=body(expected), rules=MatchingRules(body=read))
    return [mismatch.message for mismatch in match_response(wanted, Response(body=body(actual)))]


def test_rules_are_compiled_at_the_first_comparison_for_all_that_share_them():
    rules = MatchingRules(body={"$.id": read_rule_set({"matchers": [{"match": "integer"}]}, "")})

    found = [match_response(Response(body=body({"id": 1}), rules=rules), Response(body=body({"id": 2})))]
    compiled = rules.compiled["body"]
    found.append(match_response(Response(body=body({"id": 3}), rules=rules), Response(body=body({"id": 4}))))

    assert found == [(), ()]
    assert rules.compiled == {"body": compiled}


def single(rule, actual, expected="example"):
    return messages({"a": expected}, {"a": actual}, {"$.a": [rule]})


REGEX = {"match": "regex", "regex": r"\d{2}|x"}
DATE = {"match": "date", "format": "yyyy-MM-dd"}


@pytest.mark.parametrize(
    ("rule", "fits", "unfit", "wanted"),
    [
        ({"match": "equality"}, ["example"], ["other", None], '"example"'),
        ({"match": "type"}, ["other", ""], [1, None, True, [], {}], 'a string, such as "example",'),
        (REGEX, ["12", 12, "x"], ["123", "1", None, {}, ["12"]], r"a value that matches /\d{2}|x/"),
        ({"match": "include", "value": "am"}, ["example"], ["a m", 1, None], 'a value that includes "am"'),
        ({"match": "integer"}, [1, -2, 10**30], [1.0, "1", True, None], "an integer"),
        ({"match": "decimal"}, [1.0, -2.5], [1, "1.0", True, None], "a decimal number"),
        ({"match": "number"}, [1, 1.5], ["1", False, None], "a number"),
        ({"match": "boolean"}, [True, False, "true"], [1, "yes", None], "true or false"),
        ({"match": "null"}, [None], ["", 0, [], {}], "null"),
        ({"match": "notEmpty"}, ["a", 0, False], ["", None, [], {}], "a value that is not empty"),
        (
            {"match": "semver"},
            ["1.2.3", "1.0.0-rc.1+b5"],
            ["1.2", "01.2.3", 1],
            "a semantic version, such as 1.2.3,",
        ),
        (DATE, ["2024-02-29"], ["2023-02-29", "29.2.2024", None], 'a date of the format "yyyy-MM-dd"'),
        ({"match": "time"}, ["23:59:60"], ["24:00:00"], 'a time of the format "HH:mm:ss"'),
        (
            {"match": "timestamp", "timestamp": "yyyy"},
            ["2024"],
            ["24", {}],
            'a date and time of the format "yyyy"',
        ),
        (
            {"match": "datetime"},
            ["2024-01-01T10:00:00Z", "2024-01-01T10:00:00+01:00"],
            ["2024-01-01T10:00:00"],
            "a date and time of the format \"yyyy-MM-dd'T'HH:mm:ssXXX\"",
        ),
    ],
    ids=lambda value: value["match"] if isinstance(value, dict) else None,
)
def test_a_rule_for_single_values(rule, fits, unfit, wanted):
    for value in fits:
        assert single(rule, value) == []
    for value in unfit:
        (message,) = single(rule, value)
        assert message.startswith(f"Expected {wanted} at $.a, but got ")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"match": "telepathy"}, 'the matching rule "telepathy" is not known; known are equality, type'),
        ({"match": "regex", "regex": "("}, "the regular expression /(/ cannot be read"),
        ({"match": "date", "format": "yyyy-jj"}, 'the letter "j" of the format is not known'),
        ({"match": "date", "format": "yyyy]"}, 'the format "yyyy]" cannot be read'),
        ({"match": "arrayContains", "variants": [{"index": 9}]}, "the rule needs the item 9 of the example"),
    ],
)
def test_a_rule_that_cannot_be_used_is_reported_once_and_never_passes(rule, reason):
    example = ["12"] if rule["match"] in {"regex", "date"} else ["12", "13"]

    (message,) = messages(example, example, {"$": [rule]})

    assert message.startswith("Cannot compare what is at $")
    assert reason in message


def test_a_regular_expression_of_another_language_is_understood():
    assert single({"match": "regex", "regex": r"\p{Lu}\p{L}+"}, "Žofie") == []
    assert single({"match": "regex", "regex": r"\p{Lu}\p{L}+"}, "žofie") != []
    assert single({"match": "regex", "regex": r"(?<year>\d{4})-\k<year>\z"}, "2024-2024") == []
    assert single({"match": "regex", "regex": r"(?<year>\d{4})\z"}, "2024") == []


def test_the_size_of_a_list_is_limited():
    rule = {"match": "type", "min": 2, "max": 3}

    assert messages([1], [1, 2], {"$": [rule]}) == []
    assert messages([1], [1], {"$": [rule]}) == ["Expected at least 2 items at $, but got 1: [1]"]
    assert messages([1], [1, 2, 3, 4], {"$": [rule]}) == [
        "Expected at most 3 items at $, but got 4: [1, 2, 3, 4]"
    ]
    assert messages([[1]], [[1], []], {"$": [rule]}) == [], "the size is about the list alone"


def test_every_item_is_like_the_first_example():
    assert messages([{"id": 1}], [{"id": 2}, {"id": "3"}], {"$": [{"match": "type"}]}) == [
        'Expected a number, such as 1, at $[1].id, but got "3"'
    ]


def test_an_item_without_an_example_still_follows_the_rules():
    assert messages([], ["1"], {"$": [{"match": "type"}], "$[*]": [{"match": "integer"}]}) == [
        'Expected an integer at $[0], but got "1"'
    ]


def test_a_rule_for_values_is_about_every_item_but_no_object():
    assert messages([1], [1, 2], {"$": [{"match": "integer"}]}) == []
    assert messages({"a": {"b": 1}}, {"a": {"b": 1}}, {"$.a": [{"match": "integer"}]}) == [
        'Expected an integer at $.a, but got 1: {"b": 1}'
    ]


def test_equality_inside_of_looser_rules_allows_nothing_else():
    rules = {"$": [{"match": "type"}], "$.a": [{"match": "equality"}]}

    assert messages({"a": [1], "b": 1}, {"a": [1], "b": 2}, rules) == []
    assert messages({"a": [1], "b": 1}, {"a": [1, 2], "b": 2}, rules) == [
        "Expected 1 item at $.a, but got 2: [1, 2]"
    ]
    assert messages({"a": {}, "b": 1}, {"a": {"c": 1}, "b": 2}, rules) == [
        "Expected nothing at $.a.c, but got 1"
    ]


def test_null_where_an_object_is_expected_can_be_allowed():
    rule_set = RuleSet((Rule("type"), Rule("null")), "OR")
    expected = Response(body=body({"a": {"b": 1}}), rules=MatchingRules(body={"$.a": rule_set}))

    assert match_response(expected, Response(body=body({"a": None}))) == ()
    assert match_response(expected, Response(body=body({"a": {"b": 2}}))) == ()
    assert match_response(expected, Response(body=body({"a": 3}))) != ()


def test_null_where_an_object_is_expected_is_no_text():
    assert messages({"a": {}}, {"a": None}, {"$": [{"match": "regex", "regex": ".*"}]}) == [
        "Expected an object at $.a, but got null"
    ]


def test_values_nested_too_deeply_are_reported():
    deep = None
    for _ in range(5000):
        deep = [deep]

    assert messages(deep, deep, {}) == ["Cannot compare what is at $: the values are nested too deeply"]


def test_values_frees_the_keys():
    rules = {"$": [{"match": "values"}], "$.*": [{"match": "type"}]}

    assert messages({"a": 1}, {"x": 2, "y": 3}, rules) == []
    assert messages({"a": 1}, {"x": "2"}, rules) == ['Expected a number, such as 1, at $.x, but got "2"']
    assert messages({"a": 1}, {"x": 2}, {"$": [{"match": "values"}]}) == ["Expected 1 at $.x, but got 2"]


def test_each_key_is_about_the_keys_and_each_value_about_the_values():
    each_key = {"match": "eachKey", "rules": [{"match": "regex", "regex": "[a-z]+"}]}
    each_value = {"match": "eachValue", "rules": [{"match": "integer"}]}

    assert messages({"a": 1}, {"b": 2, "c": 3}, {"$": [each_key, each_value]}) == []
    assert messages({"a": 1}, {"B": 2, "c": "3"}, {"$": [each_key, each_value]}) == [
        'Expected a value that matches /[a-z]+/ at $.B, but got "B"',
        'Expected an integer at $.c, but got "3"',
    ]


def test_each_value_joins_the_rules_of_the_path_below():
    rules = {
        "$": [{"match": "eachValue", "rules": [{"match": "type"}]}],
        "$.*": [{"match": "notEmpty"}],
        "$.*.id": [{"match": "integer"}],
    }

    assert messages({"a": {"id": 1}}, {"b": {"id": 2}}, rules) == []
    assert (
        messages({"a": {"id": 1}}, {"b": {"id": 2.5}}, rules)[0]
        == "Expected an integer at $.b.id, but got 2.5"
    )
    assert messages({"a": {"id": 1}}, {"b": {}}, rules) != []


def test_each_value_of_a_list():
    rules = {"$": [{"match": "eachValue", "rules": [{"match": "regex", "regex": r"\d"}]}]}

    assert messages(["1"], ["2", "3"], rules) == []
    assert messages(["1"], ["2", "x"], rules) == [
        r"Expected a value that matches /\d/ at $[1], but got " + '"x"'
    ]


def test_values_below_a_rule_for_keys_are_of_the_type_of_the_example():
    rules = {"$": [{"match": "eachKey", "rules": [{"match": "regex", "regex": "[a-z]"}]}]}

    assert messages({"a": 1}, {"b": 2}, rules) == []
    assert messages({"a": 1}, {"b": "2"}, rules) == ['Expected a number, such as 1, at $.b, but got "2"']


def test_array_contains_finds_each_variant_somewhere():
    variants = [
        {"index": 0, "rules": {"$.id": {"matchers": [{"match": "integer"}]}}},
        {"index": 1, "rules": {"$": {"matchers": [{"match": "type"}]}}},
    ]
    rules = {"$": [{"match": "arrayContains", "variants": variants}]}
    example = [{"id": 1, "kind": "a"}, "text"]

    assert messages(example, [1, "other", {"id": 5, "kind": "a"}], rules) == []
    assert messages(example, [{"id": 5, "kind": "b"}, "x"], rules) == [
        'Expected an item like {"id": 1, "kind": "a"} at $, but got [{"id": 5, "kind": "b"}, "x"]'
    ]


def test_array_contains_without_variants_wants_every_example():
    rules = {"$": [{"match": "arrayContains"}]}

    assert messages([1, 2], [3, 2, 1], rules) == []
    assert messages([1, 2], [3, 1], rules) == ["Expected an item like 2 at $, but got [3, 1]"]


def test_a_rule_for_containers_cannot_be_used_for_text():
    rules = MatchingRules(path=RuleSet((Rule("eachKey"),)))

    (mismatch,) = match_request(Request(path="/a", rules=rules), Request(path="/a"))

    assert "a matching rule for objects and lists cannot be used for text" in mismatch.message


def test_all_rules_of_a_path_apply_unless_one_is_enough():
    rules = (Rule("include", {"value": "a"}), Rule("include", {"value": "b"}))

    def judged(combine, actual):
        paths = MatchingRules(body={"$": RuleSet(rules, combine)})
        mismatches = match_response(Response(body=body("ab"), rules=paths), Response(body=body(actual)))
        return [mismatch.message for mismatch in mismatches]

    assert judged("AND", "ab") == judged("OR", "a") == []
    assert judged("AND", "a") == ['Expected a value that includes "b" at $, but got "a"']
    assert judged("OR", "c") == [
        'Expected a value that includes "a" or a value that includes "b" at $, but got "c"'
    ]


@pytest.mark.parametrize(
    ("paths", "winner"),
    [
        (["$.a.b", "$.a.*"], "$.a.b"),
        (["$.*.b", "$.*.*"], "$.*.b"),
        (["$.a", "$"], "$.a"),
        (["$.a", "$.*.*"], "$.a"),
        (["$", "$.*.*"], "$.*.*"),
        (["$['a']['b']", "$.*.b"], "$['a']['b']"),
        (["$.a[*]", "$.a"], "$.a"),
    ],
)
def test_the_heaviest_path_wins_and_rules_hold_for_what_is_below(paths, winner):
    rules = {path: [{"match": "type"} if path == winner else {"match": "equality"}] for path in paths}

    assert messages({"a": {"b": 1}}, {"a": {"b": 2}}, rules) == []


def test_a_wildcard_of_items_is_no_wildcard_of_keys():
    assert messages([1], [2], {"$[*]": [{"match": "type"}]}) == []
    assert messages({"a": 1}, {"a": 2}, {"$[*]": [{"match": "type"}]}) != []
    assert messages([1], [2], {"$.*": [{"match": "type"}]}) == []


def test_an_index_is_stronger_than_a_wildcard():
    rules = {"$[*]": [{"match": "type"}], "$[1]": [{"match": "equality"}]}

    assert messages([1, 2], [3, 2], rules) == []
    assert messages([1, 2], [3, 4], rules) == ["Expected 2 at $[1], but got 4"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@search()
@given(JSON)
def test_a_value_matches_itself(value):
    assert messages(value, value, {}) == []
    assert messages(value, value, {"$": [{"match": "equality"}]}) == []
    assert messages(value, value, {"$": [{"match": "type"}]}) == []


@search()
@given(JSON, JSON)
def test_values_match_without_rules_exactly_when_strictly_equal(left, right):
    wanted, came = Request(body=body({"a": left})), Request(body=body({"a": right}))

    assert (match_request(wanted, came) == ()) == (repr(_sorted(left)) == repr(_sorted(right)))


def _sorted(value):
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


@search()
@given(st.data())
def test_the_type_rule_accepts_every_value_of_the_type(data):
    kinds = [st.text(), st.integers() | st.floats(allow_nan=False), st.booleans(), st.none()]
    kind = data.draw(st.sampled_from(kinds))

    assert single({"match": "type"}, data.draw(kind), expected=data.draw(kind)) == []


@search()
@given(JSON, JSON, st.sampled_from(sorted(CHECKS)))
def test_no_rule_ever_fails_on_a_value(expected, actual, match):
    rule = {"match": match, "regex": ".", "value": "x", "status": "success", "rules": [{"match": "type"}]}

    assert all(isinstance(message, str) for message in messages(expected, actual, {"$": [rule]}))


@search()
@given(st.lists(st.text(string.printable, min_size=1), max_size=5))
def test_every_missing_key_is_named(keys):
    found = messages(dict.fromkeys(keys, 1), {}, {})

    assert len(found) == len(set(keys))
