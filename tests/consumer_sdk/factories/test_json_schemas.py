"""Examples of JSON Schemas are valid in them."""

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.searching import search

from consumer_sdk import DeclarationError
from consumer_sdk.factories import Factory, JsonSchema, factory, json_example

ORDER = {
    "$defs": {
        "item": {
            "type": "object",
            "required": ["sku"],
            "properties": {
                "sku": {"type": "string", "pattern": "^[a-z]{3}-[0-9]+$"},
                "parts": {"$ref": "#/$defs/items"},
            },
            "additionalProperties": False,
        },
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
    },
    "type": "object",
    "required": ["id", "items", "status"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "status": {"enum": ["open", "paid"]},
        "items": {"allOf": [{"$ref": "#/$defs/items"}, {"minItems": 2}]},
        "placed_at": {"type": "string", "format": "date-time"},
        "note": {"type": ["null", "string"], "maxLength": 3},
        "total": {"oneOf": [{"type": "null"}, {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5}]},
    },
}

scalars = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("integer")},
        optional={
            "minimum": st.integers(-50, 0),
            "maximum": st.integers(1, 50),
            "multipleOf": st.integers(1, 4),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("number")},
        optional={"exclusiveMinimum": st.integers(-9, 0), "exclusiveMaximum": st.floats(0.5, 9)},
    ),
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={"minLength": st.integers(0, 30), "maxLength": st.integers(31, 40)},
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("string"),
            "format": st.sampled_from(
                ["date", "date-time", "time", "uuid", "email", "uri", "ipv4", "ipv6", "duration"]
            ),
        }
    ),
    st.fixed_dictionaries(
        {"pattern": st.sampled_from([r"^\d{3}$", "^(a|b)+c?$", r"[A-Z]\w*", "^[^a-z]{2}$"])}
    ),
    st.sampled_from(
        [{"type": "boolean"}, {"type": "null"}, {"const": {"a": 1}}, {"enum": [1, "x", None]}, True, {}]
    ),
)
schemas = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(
            lambda properties, required: {
                "type": "object",
                "properties": properties,
                "required": sorted(properties)[:required],
            },
            st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3),
            st.integers(0, 3),
        ),
        st.builds(
            lambda items, least: {"type": "array", "items": items, "minItems": least},
            inner,
            st.integers(0, 2),
        ),
        st.builds(lambda branches: {"anyOf": branches}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(
            lambda values: {"type": "object", "additionalProperties": values, "minProperties": 1}, inner
        ),
    ),
    max_leaves=5,
)


@given(schema=schemas, seed=st.integers(0, 9))
@search(100, is_fixed=True)
def test_an_example_is_valid_in_its_schema(schema, seed):
    example = Factory(seed)(JsonSchema(schema if isinstance(schema, dict) else {}))

    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(example)


def test_a_schema_with_references_ends():
    example = factory(JsonSchema(ORDER))

    assert len(example["items"]) == 2
    assert example == factory(JsonSchema(ORDER))
    assert json_example(JsonSchema(ORDER), status="paid")["status"] == "paid"


NOTHING = {"type": "integer", "minimum": 3, "maximum": 2}


def nested(depth):
    """Return a schema of a list of lists of lists, so many."""
    schema = {"type": "integer"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema, "minItems": 1}
    return schema


def chain(length):
    """Return a schema of an integer, behind so many references."""
    steps = {f"a{number}": {"$ref": f"#/$defs/a{number + 1}"} for number in range(length)}
    return {"$ref": "#/$defs/a0", "$defs": {**steps, f"a{length}": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer", "default": 7}, 7),
        ({"anyOf": [NOTHING, {"const": 7}]}, 7),
        ({"type": "object", "properties": {"a": NOTHING, "b": {"const": 1}}}, {"b": 1}),
        ({"required": ["a"], "additionalProperties": {"const": 1}, "maxProperties": 1}, {"a": 1}),
        (
            {
                "required": ["b"],
                "properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}},
                "maxProperties": 2,
            },
            {"a": 1, "b": 2},
        ),
        ({"items": {"const": "a"}, "contains": {"const": "a"}, "minItems": 2}, ["a", "a"]),
        ({"type": "array", "minItems": 1, "contains": {"const": 7}}, [7]),
        (
            {
                "allOf": [
                    {"required": ["a"], "properties": {"a": {"type": "integer", "minimum": 1, "maximum": 9}}},
                    {"required": ["b"], "properties": {"a": {"minimum": 4, "maximum": 4}, "b": {"const": 1}}},
                ]
            },
            {"a": 4, "b": 1},
        ),
        (
            {
                "$ref": "#/$defs/a",
                "allOf": [{"maximum": 5}],
                "$defs": {"a": {"type": "integer", "allOf": [{"minimum": 5}]}},
            },
            5,
        ),
        ({"allOf": [{"enum": [1, 2]}, {"enum": [2, 3]}]}, 2),
    ],
)
def test_words_of_a_schema_that_leave_one_value(schema, expected):
    assert factory(JsonSchema(schema)) == expected


def test_items_that_must_differ_do():
    schema = {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True}

    assert sorted(factory(JsonSchema(schema))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("schema", "given_", "problem"),
    [
        (ORDER, {"stauts": "paid"}, "the schema has no property 'stauts'; did you mean 'status'?"),
        (ORDER, {"id": 0}, "order.id: 0 is refused"),
        (ORDER, {"status": "lost"}, "order.status: 'lost' is refused"),
        ({"type": "what"}, {}, "order: is no JSON Schema"),
        ({"not": {}}, {}, "order: no example is found"),
        (False, {}, "order: no example is found"),
        ({"$ref": "https://example.org/schema"}, {}, "order"),
        ({"$ref": "#/$defs/none"}, {}, "order"),
        (
            {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}},
            {},
            "contains itself without end",
        ),
        ({"type": "string", "pattern": "^(?!x)x$"}, {}, 'Give "examples" in the schema'),
        ({"anyOf": [NOTHING, NOTHING]}, {}, "nothing is found for order"),
        ({"type": "array", "items": NOTHING, "minItems": 1}, {}, "nothing is found for order"),
        (nested(31), {}, "contains itself without end"),
        (chain(31), {}, "order: no example is found"),
        (
            {"$id": "https://example.org/a", "$ref": "https://example.org/a#/$defs/b", "$defs": {"b": {}}},
            {},
            "https://example.org/a#/$defs/b is not in the schema itself",
        ),
        ({"$ref": "#b", "$defs": {"b": {"$anchor": "b"}}}, {}, "#b leads nowhere"),
        ({"$ref": "#b", "$defs": {"b": {"$anchor": "b"}}}, {"a": 1}, "#b leads nowhere"),
        (False, {"a": 1}, "order: no example is found"),
        ({"const": 1, "type": "string"}, {"a": 1}, "order: no example is found"),
    ],
)
def test_what_cannot_be_is_refused(schema, given_, problem):
    with pytest.raises(DeclarationError) as raised:
        factory(JsonSchema(schema, name="order"), **given_)

    assert problem in str(raised.value)


def test_an_example_of_the_schema_is_taken():
    assert factory(JsonSchema({"type": "string", "pattern": "^(?!x)x$|^y$", "examples": ["y"]})) == "y"
