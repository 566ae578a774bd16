"""Values of schemas, valid and invalid: what is among them, that they are right, and that they end."""

import json
import subprocess
import sys
from time import process_time

import pytest

from tally.json_schema.validation import Validator
from tally.json_schema.values import invalid_values, valid_values

MONEY = {
    "type": "object",
    "required": ["amount", "currency"],
    "properties": {
        "amount": {"type": "integer", "minimum": 0, "maximum": 1000},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
}
ORDER = {
    "type": "object",
    "required": ["id", "total"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "status": {"enum": ["NEW", "PAID", "SHIPPED"]},
        "total": {"$ref": "#/$defs/Money"},
        "note": {"type": ["string", "null"], "maxLength": 10},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Money"}, "minItems": 1, "maxItems": 4},
    },
    "$defs": {"Money": MONEY},
}
PET = {
    "oneOf": [
        {
            "type": "object",
            "required": ["kind", "lives"],
            "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer", "maximum": 9}},
            "additionalProperties": False,
        },
        {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"const": "dog"}, "weight": {"type": "number", "exclusiveMinimum": 0}},
        },
    ]
}
ADDRESS = {
    "type": "object",
    "required": ["country", "code"],
    "properties": {"country": {"enum": ["US", "CA"]}, "code": {"type": "string"}},
    "if": {"properties": {"country": {"const": "US"}}},
    "then": {"properties": {"code": {"pattern": r"^\d{5}$"}}},
    "else": {"properties": {"code": {"pattern": r"^[A-Z]\d[A-Z]$"}}},
}
SCHEMAS = {
    "an order": ORDER,
    "a pet": PET,
    "an address": ADDRESS,
    "joined": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}},
            {"properties": {"b": {"type": "string", "format": "date"}}, "required": ["b"]},
        ],
        "unevaluatedProperties": False,
    },
    "dependent": {
        "type": "object",
        "properties": {"card": {"type": "string"}, "holder": {"type": "string"}},
        "dependentRequired": {"card": ["holder"]},
        "dependentSchemas": {"holder": {"properties": {"holder": {"minLength": 3}}}},
    },
    "a map": {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z]+$"},
        "patternProperties": {"^x": {"type": "integer"}},
        "additionalProperties": {"type": "boolean"},
        "minProperties": 2,
    },
    "a list with": {"items": {"type": "integer"}, "contains": {"const": 5}, "minContains": 2},
    "a tuple": {"prefixItems": [{"type": "string"}, {"enum": [1, 2]}], "items": False, "minItems": 1},
    "a set": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 2},
    "a price": {"type": "number", "multipleOf": 0.05, "exclusiveMinimum": 0, "maximum": 2},
    "an even number": {"type": "integer", "multipleOf": 2, "minimum": 3, "exclusiveMaximum": 11},
    "not some": {"type": "integer", "not": {"enum": [0, 1]}},
    "not both": {"type": "object", "properties": {"a": {}, "b": {}}, "not": {"required": ["a", "b"]}},
    "any of": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"type": "boolean"}}]},
    "one or none, and not none": {
        "allOf": [{"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]}, {"not": {"type": "null"}}]
    },
    "code": {"type": "string", "pattern": r"^(?<area>\+\d{1,3})-[^\W\d_]{2,}(?:/\p{L}+)?$", "maxLength": 20},
}  # fmt: skip
FORMATS = (
    "date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "json-pointer", "time", "uri",
    "uri-reference", "uri-template", "uuid",
)  # fmt: skip


def keys(values):
    return {json.dumps(value, sort_keys=True) for value in values}


@pytest.mark.parametrize("name", SCHEMAS)
def test_valid_values_satisfy_the_schema_and_invalid_ones_do_not(name):
    schema = SCHEMAS[name]
    accepts = Validator(schema).accepts

    valid = list(valid_values(schema, most=60))
    invalid = list(invalid_values(schema, most=60))

    assert len(valid) >= 2, valid
    assert all(map(accepts, valid))
    assert len(keys(valid)) == len(valid)
    assert len(invalid) >= 2, invalid
    assert not any(accepts(each.value) for each in invalid)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_values_on_both_sides(name):
    schema = {"type": "string", "format": name}

    assert len(list(valid_values(schema, most=10))) >= 2
    assert "format" in {each.keyword for each in invalid_values(schema)}


def test_examples_come_first_then_all_properties_then_each_optional_one_is_absent_once():
    example = {"id": "5f2b9a52-0000-4000-8000-000000000000", "total": {"amount": 7, "currency": "EUR"}}

    first, full, *others = valid_values({**ORDER, "examples": [example]}, most=8)

    assert first == example
    assert full.keys() == {"id", "status", "total", "note", "lines"}
    missing = [full.keys() - other.keys() for other in others]
    assert missing[:4] == [{"status", "note", "lines"}, {"status"}, {"note"}, {"lines"}]


def test_each_value_of_an_enumeration_both_ends_and_each_type_are_there():
    values = list(valid_values(ORDER, most=60))

    assert {value.get("status") for value in values} >= {"NEW", "PAID", "SHIPPED", None}
    assert {value["total"]["amount"] for value in values} >= {0, 1000}
    assert any(value.get("note", "") is None for value in values)
    assert {len(value["note"]) for value in values if isinstance(value.get("note"), str)} >= {0, 10}
    assert {len(value["lines"]) for value in values if "lines" in value} >= {1, 2, 4}


def test_each_branch_is_there():
    kinds = {value["kind"] for value in valid_values(PET, most=4)}
    countries = {value["country"] for value in valid_values(ADDRESS, most=4)}

    assert kinds == {"cat", "dog"}
    assert countries == {"US", "CA"}


def test_a_discriminator_names_the_branch():
    branch = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    schema = {
        "anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
        "x-discriminator": {"propertyName": "kind", "mapping": {"woof": "#/components/schemas/Dog"}},
        "$defs": {"Cat": branch, "Dog": branch},
    }

    assert {value["kind"] for value in valid_values(schema, most=20)} == {"Cat", "woof"}


@pytest.mark.parametrize(
    ("schema", "keyword", "value"),
    [
        ({"type": "integer", "minimum": 3}, "minimum", 2),
        ({"type": "integer", "exclusiveMaximum": 3}, "exclusiveMaximum", 3),
        ({"type": "string", "minLength": 3}, "minLength", "ta"),
        ({"type": "string", "maxLength": 3}, "maxLength", "tall"),
        ({"type": "boolean"}, "type", "text"),
        ({"type": "string"}, "type", None),
        ({"enum": ["a", "b"]}, "enum", "A"),
        ({"type": "array", "items": {"const": 1}, "maxItems": 1}, "maxItems", [1, 1]),
        ({"type": "array", "items": {"type": "null"}, "uniqueItems": True}, "uniqueItems", [None, None]),
        ({"type": "object", "maxProperties": 0}, "maxProperties", {"extra": "tally"}),
        ({"type": "object", "additionalProperties": False}, "additionalProperties", {"notdeclared": "text"}),
        ({"type": "integer", "not": {"enum": [8]}}, "not", 8),
    ],
)
def test_an_invalid_value_breaks_the_keyword_that_it_names(schema, keyword, value):
    found = [each.value for each in invalid_values(schema) if each.keyword == keyword]

    assert value in found


def test_an_invalid_value_inside_names_its_place_and_leaves_the_rest_valid():
    found = {each.pointer: each for each in invalid_values(ORDER, most=200) if each.keyword == "pattern"}

    broken = found["/lines/0/currency"]
    assert [problem.pointer for problem in Validator(ORDER).problems(broken.value)] == ["/lines/0/currency"]


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"type": "string", "minLength": 5, "maxLength": 3},
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"$ref": "#"},
        {"type": "object", "properties": {"self": {"$ref": "#"}}, "required": ["self"]},
        {"type": "string", "pattern": "^(a+)+$", "minLength": 10**9},
        {"type": "array", "minItems": 10**7},
        {"type": 7},
        {
            "required": ["a"],
            "properties": {"a": {"title": "A"}},
            "allOf": [{"properties": {"a": {"$ref": "#"}}}],
            "type": "object",
        },
    ],
)
def test_a_schema_that_nothing_satisfies_gives_nothing(schema):
    assert list(valid_values(schema)) == []


def recursive_schemas():
    names = [f"d{number}" for number in range(12)]
    anything = {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in names]}
    node = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}}
    wide = {"type": "object", "properties": {f"p{number}": {"$ref": "#"} for number in range(9)}}
    either = [
        {"type": "object", "properties": {f"k{n}": {"const": n}}, "required": [f"k{n}"]} for n in range(9)
    ]
    return {
        "a tree": node,
        "a wide one": wide,
        "of itself": {"anyOf": [{"$ref": "#"}, {"$ref": "#"}, {"type": "integer"}]},
        "all of many branches": {"allOf": [{"anyOf": either}] * 12},
        "recursive branches": {
            **anything,
            "$defs": {
                name: {
                    "type": "object",
                    "required": ["is"],
                    "properties": {"is": {"const": name}, "next": anything, "items": {"items": anything}},
                }
                for name in names
            },
        },
        "nested repetitions": {"type": "string", "pattern": "^(a{0,99}b?){0,99}$"},
        "two thousand properties": {
            "type": "object",
            "properties": {f"p{number}": {"type": "string"} for number in range(2000)},
        },
    }  # fmt: skip


@pytest.mark.parametrize("name", recursive_schemas())
def test_recursive_and_large_schemas_take_bounded_work(name):
    schema = recursive_schemas()[name]
    before = process_time()

    valid = list(valid_values(schema, most=30))
    list(invalid_values(schema, most=30))

    assert valid
    assert process_time() - before < 2


def test_the_same_seed_gives_the_same_values_in_every_process():
    program = (
        "import json, sys; from tally.json_schema.values import *; schema = json.load(sys.stdin);"
        "print(json.dumps([*valid_values(schema, seed=5)]), [*invalid_values(schema, seed=5)])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            input=json.dumps({"items": {"anyOf": [*SCHEMAS.values()]}, "$defs": ORDER["$defs"]}).encode(),
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(told) == 1
    assert [*valid_values(ORDER, seed=5)] != [*valid_values(ORDER, seed=6)]
