"""What is different in two schemas is named; what the names do not tell, values do."""

import time

import pytest

from tally.compatibility.comparing import compare_schemas
from tally.compatibility.documents import compare_versions, read_version
from tally.compatibility.model import Flow, Mode, Rules, Verdict

S, I, N = {"type": "string"}, {"type": "integer"}, {"type": "number"}  # noqa: E741 - as short as in a table


def compared(old, new, mode="backward", **more):
    return compare_versions(read_version("old", old), read_version("new", new), Rules(Mode(mode), **more))


def named(found):
    return {change.rule for change in found.changes}


CASES = {
    "a limit of a list of values": (
        {"enum": [1, 2]},
        {"enum": [1, 2], "const": 1},
        "ENUM_ARRAY_NARROWED",
        "breaking",
    ),
    "a constant": ({"const": 1}, {"enum": [1, 2]}, "ENUM_ARRAY_EXTENDED", "compatible"),
    "true is not one": ({"const": 1}, {"const": True}, "ENUM_ARRAY_CHANGED", "breaking"),
    "one is 1.0": ({"const": 1}, {"const": 1.0}, "ENUM_ARRAY_CHANGED", "compatible"),
    "everything": ({}, S, "SCHEMA_ADDED", "breaking"),
    "nothing": ({"not": {}}, S, "TYPE_NARROWED", "compatible"),
    "a limit written otherwise": (
        {"type": "integer", "exclusiveMinimum": 2},
        {"type": "integer", "minimum": 3},
        "MINIMUM_ADDED",
        "compatible",
    ),
    "a required property that nobody declares": (
        {"type": "object"},
        {"type": "object", "required": ["a"]},
        "REQUIRED_ATTRIBUTE_ADDED",
        "breaking",
    ),
    "a default fills nothing in": (
        {"properties": {"a": S}, "additionalProperties": False},
        {"properties": {"a": S, "b": {**S, "default": ""}}, "required": ["b"], "additionalProperties": False},
        "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL",
        "breaking",
    ),
    "a branch that fits as well": (
        {"oneOf": [S]},
        {"oneOf": [S, {"maxLength": 3}]},
        "SUM_TYPE_EXTENDED",
        "breaking",
    ),
    "a branch among others": (
        {"oneOf": [S, N]},
        {"oneOf": [S, {"type": "null"}, N]},
        "SUM_TYPE_EXTENDED",
        "compatible",
    ),
    "branches in another order": ({"anyOf": [S, I]}, {"anyOf": [I, S]}, None, "compatible"),
    "alone and among others": (S, {"anyOf": [N, S]}, "SUM_TYPE_EXTENDED", "compatible"),
    "all and any": ({"allOf": [S]}, {"anyOf": [N, S]}, "COMBINED_TYPE_EXTENDED", "compatible"),
    "a negation": ({"not": S}, {"not": {"type": ["string", "null"]}}, "NOT_TYPE_EXTENDED", "breaking"),
    "a condition": (
        {"minLength": 1},
        {"minLength": 1, "if": S, "then": {"maxLength": 3}},
        "CONDITION_ADDED",
        "breaking",
    ),
    "items of a tuple": (
        {"prefixItems": [S], "items": False},
        {"prefixItems": [S, N], "items": False},
        "ITEM_ADDED_TO_CLOSED_CONTENT_MODEL",
        "compatible",
    ),
    "items beyond a tuple": (
        {"prefixItems": [S, N]},
        {"prefixItems": [S], "items": S},
        "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
        "breaking",
    ),
    "names": (
        {"type": "object"},
        {"propertyNames": {"maxLength": 3}, "type": "object"},
        "PROPERTY_NAMES_ADDED",
        "breaking",
    ),
    "what is contained": ({"contains": I}, {"contains": N}, "TYPE_EXTENDED", "compatible"),
    "what a text holds": (
        {"type": "string", "contentEncoding": "base64"},
        {"type": "string", "contentEncoding": "hex"},
        "CONTENT_ENCODING_CHANGED",
        "breaking",
    ),
    "dependencies": (
        {"dependentRequired": {"a": ["b", "c"]}},
        {"dependentRequired": {"a": ["b"]}},
        "DEPENDENCY_ARRAY_NARROWED",
        "compatible",
    ),
    "steps": (
        {"type": "number", "multipleOf": 0.1},
        {"type": "number", "multipleOf": 0.01},
        "MULTIPLE_OF_REDUCED",
        "compatible",
    ),
    "patterns of names": (
        {"patternProperties": {"^x": I}},
        {"patternProperties": {"^x": S}},
        "TYPE_CHANGED",
        "breaking",
    ),
    "properties by pattern": (
        {"properties": {"xa": I}, "additionalProperties": False},
        {"patternProperties": {"^x": N}, "additionalProperties": False},
        "PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
        "compatible",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_change_has_a_name_and_a_verdict(case):
    old, new, rule, verdict = CASES[case]

    found = compared(old, new)

    assert (rule is None and not found.changes) or rule in named(found)
    assert found.verdict is Verdict(verdict)


@pytest.mark.parametrize("case", CASES)
def test_the_other_way_round_it_is_forward(case):
    old, new, _, verdict = CASES[case]

    assert compared(new, old, "forward").verdict is Verdict(verdict)


def test_full_is_both():
    assert compared(I, N, "full").verdict is Verdict.BREAKING
    assert compared({"enum": [1, 2]}, {"enum": [2, 1]}, "full").verdict is Verdict.COMPATIBLE


def test_a_change_that_breaks_both_ways_is_of_both_directions():
    (change,) = compared(S, I, "full").changes

    assert (change.rule, change.direction) == ("TYPE_CHANGED", Flow.BOTH)


def test_a_schema_that_contains_itself_is_compared():
    def tree(**more):
        node = {"type": "object", "properties": {"name": S, "inner": {"$ref": "#/$defs/Node"}, **more}}
        return {"$ref": "#/$defs/Node", "$defs": {"Node": node}}

    assert compared(tree(size=N), tree(size=I)).verdict is Verdict.BREAKING
    assert compared(tree(size=I), tree(size=N)).verdict is Verdict.COMPATIBLE
    (change,) = compared(tree(size=I), tree(size=N)).changes
    assert (change.old, change.new) == ("/$defs/Node/properties/size/type",) * 2


def test_many_kinds_in_each_other_are_compared_in_time():
    def kinds(changed):
        defs = {
            f"Kind{number}": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": number}, "inner": {"$ref": "#/$defs/Any"}},
            }
            for number in range(12)
        }
        defs["Any"] = {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in defs]}
        if changed:
            defs["Kind3"]["properties"]["note"] = S
        return {"$ref": "#/$defs/Any", "$defs": defs}

    found = compared(kinds(changed=False), kinds(changed=True))

    assert found.verdict is Verdict.BREAKING
    assert named(found) >= {"OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"}
    assert compared(kinds(changed=False), kinds(changed=True), lenient=True).verdict is Verdict.COMPATIBLE


def test_what_only_the_search_finds_is_breaking_under_a_name_of_its_own():
    old = {"oneOf": [S, {"maxLength": 5}]}
    new = {"oneOf": [S, {"maxLength": 10}]}

    found = compared(old, new)

    (own,) = found.breaking
    assert own.rule == "VALUES_NOT_ACCEPTED"
    assert len(own.counterexample) > 5


def test_what_nobody_can_decide_is_unknown():
    old = {"$ref": "#/$defs/A", "$defs": {"A": {"not": {"$ref": "#/$defs/A"}}}}
    new = {"$ref": "#/$defs/A", "$defs": {"A": {"not": {"allOf": [{"$ref": "#/$defs/A"}]}}}}

    found = compared(old, new)

    assert found.verdict in {Verdict.UNKNOWN, Verdict.BREAKING}


def test_self_contained_schemas_are_compared_as_they_are():
    found = compare_schemas(
        {"$ref": "#/$defs/A", "$defs": {"A": I}},
        {"$ref": "#/$defs/A", "$defs": {"A": N}},
        Rules(Mode.BACKWARD),
    )

    assert found.verdict is Verdict.COMPATIBLE
    assert found.changes[0].old == "/$defs/A/type"


def test_a_definition_that_is_compared_with_two_others_is_judged_for_both():
    """What is forgiven beside one of them is an error beside the other."""

    def document(first, second):
        return {
            "type": "object",
            "properties": {"a": {"$ref": f"#/$defs/{first}"}, "b": {"$ref": f"#/$defs/{second}"}},
            "$defs": {
                "Bare": {"type": "object", "properties": {"x": S}},
                "Full": {"type": "object", "properties": {"x": S, "y": I}},
                "Text": {"type": "object", "properties": {"x": S, "y": S}},
            },
        }

    found = compared(document("Bare", "Full"), document("Text", "Text"), lenient=True)

    assert found.verdict is Verdict.BREAKING
    assert isinstance(found.breaking[0].counterexample["b"]["y"], int)


def doubled(steps, leaf, keyword="anyOf"):
    """Each definition applies the next one twice."""
    definitions = {f"a{n}": {keyword: [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(steps)}
    return {"$ref": "#/$defs/a0", "$defs": {**definitions, f"a{steps}": leaf}}


def in_two_places(steps, leaf):
    definitions = {
        f"a{n}": {"properties": {name: {"$ref": f"#/$defs/a{n + 1}"} for name in ("left", "right")}}
        for n in range(steps)
    }
    return {"$ref": "#/$defs/a0", "$defs": {**definitions, f"a{steps}": leaf}}


@pytest.mark.parametrize("make", [doubled, in_two_places])
def test_schemas_that_stand_for_very_much_are_compared_in_time(make):
    before = time.process_time()

    found = compared(make(40, N), make(40, I))

    assert time.process_time() - before < 5
    assert found.verdict is Verdict.BREAKING
    assert named(found) == {"TYPE_NARROWED"}


def test_many_differences_that_nobody_can_decide_take_no_longer_than_one():
    either = [{"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in range(20)]
    old, new = (
        {
            "type": "object",
            "properties": {f"p{n}": {"allOf": either, "minProperties": least + n % 2} for n in range(40)},
        }
        for least in (1, 20)
    )
    before = time.monotonic()

    assert compared(old, new).verdict is not Verdict.COMPATIBLE

    assert time.monotonic() - before < 15  # some seconds, and what a busy machine adds; it was a minute
