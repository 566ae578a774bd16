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
    ],
)
def test_what_cannot_be_is_refused(schema, given_, problem):
    with pytest.raises(DeclarationError) as raised:
        factory(JsonSchema(schema, name="order"), **given_)

    assert problem in str(raised.value)


def test_an_example_of_the_schema_is_taken():
    assert factory(JsonSchema({"type": "string", "pattern": "^(?!x)x$|^y$", "examples": ["y"]})) == "y"
