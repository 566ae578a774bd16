"""Schemas as text that a person reads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.web.pages.service_contracts.schema_text import MOST_LINES, text

ORDER = {
    "type": "object",
    "required": ["id", "customer"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "status": {"enum": ["open", "paid"]},
        "customer": {"$ref": "#/$defs/Customer"},
        "lines": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "properties": {"sku": {"type": "string"}}},
        },
    },
    "additionalProperties": False,
    "$defs": {
        "Customer": {"type": ["object", "null"], "properties": {"friend": {"$ref": "#/$defs/Customer"}}}
    },
}


def test_an_object_has_a_line_for_each_property_with_a_mark_for_what_may_be_missing():
    assert text(ORDER).splitlines() == [
        "object",
        "  id: integer, at least 1",
        '  status?: one of "open", "paid"',
        "  customer: object or null",
        "    friend?: Customer, as above",
        "  lines?: list, at least 1 item",
        "    each: object",
        "      sku?: string",
        "  no others",
    ]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (True, "anything"),
        (False, "nothing"),
        ({}, "anything"),
        ({"const": 3}, "always 3"),
        ({"type": "string", "format": "date", "pattern": "^2"}, "string, matching ^2, in the format date"),
        (
            {"oneOf": [{"type": "string"}, {"type": "null"}]},
            "a value\n  exactly one of\n    - string\n    - null",
        ),
        ({"not": {"type": "string"}}, "a value\n  but not string"),
        ({"$ref": "#/$defs/Nothing"}, "anything"),
        (
            {"type": "array", "uniqueItems": True, "prefixItems": [{"const": 1}]},
            "list, each once\n  item 1: always 1",
        ),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "object\n  others: string"),
        ({"enum": list(range(20))}, "one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"),
    ],
)
def test_what_a_value_may_be_is_said(schema, said):
    assert text(schema) == said


def test_a_schema_that_refers_to_itself_ends():
    whole = {"type": "object", "properties": {"next": {"$ref": "#"}}}

    assert text(whole).splitlines()[1] == "  next?: object"
    assert "the whole, as above" in text(whole)


def test_a_long_schema_is_cut():
    schema = {"type": "object", "properties": {f"p{number}": {} for number in range(1000)}}

    assert len(text(schema).splitlines()) == MOST_LINES + 1


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "items",
                    "oneOf",
                    "required",
                    "enum",
                    "$ref",
                    "not",
                    "additionalProperties",
                    "prefixItems",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(values)
@settings(max_examples=50)
def test_whatever_stands_in_a_document_is_shown(schema):
    assert text(schema)
