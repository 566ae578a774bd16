import os
import time

import pytest

from tally.json_schema.containment import NO_VALUE, Answer, contains, overlap, satisfiable
from tally.json_schema.validation import Validator


@pytest.mark.parametrize(
    ("wide", "narrow", "answer"),
    [
        ({"type": "number"}, {"type": "integer"}, Answer.YES),
        ({"const": 1}, {"const": 2}, Answer.NO),
        ({"const": 1}, {"const": True}, Answer.NO),
        (True, {"type": "integer"}, Answer.YES),
        ({"type": "integer"}, False, Answer.YES),
        (False, True, Answer.NO),
    ],
)
def test_one_schema_contains_another_or_not(wide, narrow, answer):
    assert contains(wide, narrow).answer is answer


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ({"type": "string"}, Answer.YES),
        ({"type": "integer", "minimum": 3, "maximum": 2}, Answer.NO),
        (False, Answer.NO),
    ],
)
def test_a_schema_accepts_something_or_nothing(schema, answer):
    assert satisfiable(schema) is answer


def test_two_schemas_overlap_or_not():
    assert overlap({"type": "integer"}, {"minimum": 3}) is Answer.YES
    assert overlap({"type": "integer"}, {"type": "string"}) is Answer.NO


NAMED = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ({"type": "integer"}, {"type": "integer", "maximum": 10}),
        ({"type": "number", "exclusiveMaximum": 3}, {"type": "number", "maximum": 2.5}),
        ({"type": "integer", "multipleOf": 0.3}, {"multipleOf": 2}),
        ({"minimum": 1e20}, {"maximum": 0}),
        ({"type": "string"}, {"type": "string", "maxLength": 3}),
        ({"type": "string", "pattern": "^[a-f]{4}$"}, {"pattern": "^[a-e]{4}$"}),
        ({"type": "string", "minLength": 3}, {"format": "regex"}),
        ({"type": "string"}, {"format": "date-time"}),
        ({"enum": [1, 2, "x"]}, {"enum": [1, 2]}),
        ({"type": "object"}, {"properties": {"a": {"type": "string"}}}),
        ({"type": "object", "minProperties": 3}, {"properties": {"a": {"maximum": 1}}}),
        ({"type": "object", "propertyNames": {"enum": ["b"]}}, {"additionalProperties": False}),
        ({"type": "object", "required": ["a"]}, {"required": ["a", "b"]}),
        (
            {"allOf": [NAMED, {"properties": {"b": True}}], "unevaluatedProperties": False},
            {"required": ["b"]},
        ),
        ({"properties": {"a": {"type": "integer"}}}, {"dependentRequired": {"a": ["b"]}}),
        ({"type": "array", "items": {"type": "integer"}}, {"uniqueItems": True}),
        ({"type": "array", "items": {"enum": [1, 2]}}, {"contains": {"const": 1}}),
        ({"type": "array", "contains": {"type": "null"}}, {"contains": {"type": "null"}, "maxContains": 1}),
        ({"type": "array", "contains": {"type": "integer"}, "unevaluatedItems": False}, {"minItems": 2}),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string"}),
        (
            {"if": {"required": ["a"]}, "else": {"properties": {"b": True}}, "unevaluatedProperties": False},
            {"allOf": [{"unevaluatedProperties": False}, {"properties": {"a": True}}]},
        ),
        (
            {"dependentSchemas": {"a": {"properties": {"b": True}}}, "properties": {"a": True}}
            | {"unevaluatedProperties": False},
            {"allOf": [{"properties": {"a": True}, "unevaluatedProperties": False}]},
        ),
        (
            {"anyOf": [{"prefixItems": [True]}, {"type": "array"}], "unevaluatedItems": False},
            {"allOf": [{"unevaluatedItems": False}]},
        ),
        ({"if": {"type": "string"}, "then": {"maxLength": 3}}, {"type": "string"}),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "object", "properties": {"b": {"type": "number"}}}},
            },
            {
                "type": "object",
                "properties": {"a": {"type": "object", "properties": {"b": {"type": "integer"}}}},
            },
        ),
    ],
)
def test_a_value_shows_what_is_not_contained(narrow, wide):
    answer = contains(wide, narrow)

    assert answer.answer is Answer.NO
    assert Validator(narrow).accepts(answer.counterexample)
    assert not Validator(wide).accepts(answer.counterexample)


def a_tree(**more):
    node = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "children": CHILDREN},
    }
    return {"$ref": "#/$defs/Node", "$defs": {"Node": {**node, **more}}}


CHILDREN = {"type": "array", "items": {"$ref": "#/$defs/Node"}}


def kinds(count, **more):
    """Return a schema of so many kinds of nodes, each of which holds any of them."""
    any_kind = {"$ref": "#/$defs/Any"}
    nodes = {
        f"Kind{number}": {
            "type": "object",
            "required": ["kind"],
            "properties": {
                "kind": {"const": f"k{number}"},
                "inner": any_kind,
                "others": {"type": "array", "items": any_kind},
            },
        }
        for number in range(count)
    }
    nodes["Kind0"]["properties"] |= more
    return {**any_kind, "$defs": {"Any": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in nodes]}, **nodes}}


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (a_tree(), a_tree(required=["name", "children"])),
        (a_tree(), {"allOf": [{"$ref": "#/$defs/Node"}], "$defs": a_tree()["$defs"]}),
        (kinds(12), kinds(12, note={"type": "string"})),
        (
            {"type": "array", "items": {"$ref": "#"}},
            {"type": "array", "items": {"$ref": "#"}, "maxItems": 3},
        ),
    ],
    ids=["a tree", "a tree within", "twelve kinds in each other", "lists of lists"],
)
def test_schemas_that_contain_themselves_are_compared(wide, narrow):
    assert contains(wide, narrow).answer is Answer.YES


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [(a_tree(required=["name", "children"]), a_tree()), (kinds(12, note={"type": "string"}), kinds(12))],
    ids=["a tree", "twelve kinds in each other"],
)
def test_a_value_shows_what_is_not_contained_in_schemas_that_contain_themselves(wide, narrow):
    answer = contains(wide, narrow)

    assert answer.answer is Answer.NO
    assert Validator(narrow).accepts(answer.counterexample)
    assert not Validator(wide).accepts(answer.counterexample)


def test_what_only_seems_to_refer_to_the_same_is_not_contained():
    narrow = {"$ref": "#/$defs/A", "$defs": {"A": {"type": "number"}}}
    wide = {"$ref": "#/$defs/A", "$defs": {"A": {"type": "integer"}}}

    assert contains(wide, narrow).answer is Answer.NO


def test_a_schema_that_excludes_itself_proves_nothing():
    """It accepts what it refuses, so that nothing follows from it; validators go on somehow."""
    itself = {"type": "null", "not": {"anyOf": [{"$ref": "#/$defs/A"}]}}
    narrow = {"type": "array", "items": {"$ref": "#/$defs/A"}, "$defs": {"A": itself}}

    assert contains({"type": "array", "maxItems": 3}, narrow).answer is not Answer.YES
    assert contains({"items": {"type": "null"}}, narrow).answer is not Answer.YES


@pytest.mark.parametrize("keyword", ["$dynamicRef", "$ref"])
def test_a_reference_that_leads_nowhere_proves_nothing(keyword):
    narrow = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "$defs": {"A": {keyword: "#gone"}},
    }

    assert contains({**narrow, "minProperties": 0}, narrow).answer is not Answer.NO
    assert contains({"properties": {"a": {keyword: "#gone"}}}, {"type": "object"}).answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": 5},
        {"enum": 5},
        {"dependentSchemas": ["a"]},
        {"allOf": {}},
        {"properties": {"a": 5}},
        {"$ref": 5},
        {"required": 5},
        {"patternProperties": {"(": True}},
        {"multipleOf": 0},
        5,
    ],
)
def test_what_is_malformed_is_unknown(schema):
    assert contains(schema, {"type": "object"}).answer is Answer.UNKNOWN
    assert contains({"type": "object"}, schema).answer is Answer.UNKNOWN


def test_numbers_with_a_point_are_counts_as_well():
    narrow = {"type": "array", "contains": {"const": 1}, "minContains": 2.0, "maxItems": 3.0, "minItems": 1.0}

    assert contains({"minItems": 2.0}, narrow).answer is Answer.YES
    assert contains({"minItems": 3.0}, narrow).answer is Answer.NO
    assert contains({"minLength": 2.0}, {"type": "string", "minLength": 1.0}).answer is Answer.NO


def test_what_is_no_schema_is_unknown():
    answer = contains({"type": "strin"}, {"type": "string"})

    assert answer.answer is Answer.UNKNOWN
    assert "strin" in answer.reason
    assert answer.counterexample is NO_VALUE


def explosive(steps):
    """Each definition applies the next one twice."""
    definitions = {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(steps)}
    definitions[f"a{steps}"] = {"type": "integer"}
    return {"$ref": "#/$defs/a0", "$defs": definitions}


def independent_choices(count):
    return {"allOf": [{"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in range(count)]}


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (explosive(60), {**explosive(60), "maximum": 7}),
        (independent_choices(20), {**independent_choices(20), "minProperties": 1}),
        ({"$ref": "#"}, {"allOf": [{"$ref": "#"}, {"type": "object"}]}),
        (
            {"$ref": "#/$defs/a0", "$defs": {f"a{n}": {"$ref": f"#/$defs/a{n + 1}"} for n in range(5_000)}},
            {"type": "object"},
        ),
        ({"enum": list(range(100_000))}, {"enum": list(range(1, 100_001))}),
        ({"pattern": "^(.*a.{300}){40}$"}, {"pattern": "^(a|b|ab)*(.*b.{300}){50}$"}),
    ],
    ids=[
        "doubled sixty times",
        "twenty choices",
        "refers to itself",
        "a long chain",
        "many values",
        "patterns",
    ],
)
def test_every_question_is_answered_in_time(wide, narrow):
    contains({"type": "string"}, explosive(4))  # start a process
    before = time.monotonic()

    contains(wide, narrow)

    assert time.monotonic() - before < 3  # a second, and what a busy machine adds


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_asks_processes_of_its_own():
    heavy = explosive(8)
    assert contains({"type": "number"}, heavy).answer is Answer.YES

    child = os.fork()
    if not child:
        code = 1
        try:
            code = int(contains({"type": "number"}, heavy).answer is not Answer.YES)
        finally:  # after an error it would go on to run the tests that are left
            os._exit(code)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert contains({"type": "string"}, heavy).answer is Answer.NO
