import jsonschema_rs
import pytest

from tally.errors import InvalidContractError
from tally.json_schema.dialects import modern
from tally.json_schema.drafts import Draft
from tally.json_schema.validation import Validator

OLD = (Draft.DRAFT_4, Draft.DRAFT_6, Draft.DRAFT_7)
LIBRARIES = {
    Draft.DRAFT_4: jsonschema_rs.Draft4Validator,
    Draft.DRAFT_6: jsonschema_rs.Draft6Validator,
    Draft.DRAFT_7: jsonschema_rs.Draft7Validator,
    Draft.DRAFT_2019_09: jsonschema_rs.Draft201909Validator,
    Draft.DRAFT_2020_12: jsonschema_rs.Draft202012Validator,
}
TREE = {
    "$id": "https://example.org/tree",
    "$ref": "#node",
    "$defs": {"node": {"$anchor": "node", "properties": {"children": {"items": {"$ref": "tree"}}}}},
}


@pytest.mark.parametrize(
    ("draft", "schema", "expected"),
    [
        (Draft.DRAFT_4, {"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        (Draft.DRAFT_4, {"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        (Draft.DRAFT_4, {"const": 1, "minimum": 0}, {"minimum": 0}),
        (Draft.DRAFT_6, {"if": {"type": "string"}, "then": False}, {}),
        (Draft.DRAFT_7, {"dependentRequired": {"a": ["b"]}, "unevaluatedProperties": False}, {}),
        (Draft.DRAFT_7, {"items": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}]}),
        (Draft.DRAFT_7, {"items": [True], "additionalItems": False}, {"prefixItems": [True], "items": False}),
        (Draft.DRAFT_7, {"items": {"type": "null"}, "additionalItems": False}, {"items": {"type": "null"}}),
        (
            Draft.DRAFT_7,
            {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}},
            {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}},
        ),
        (
            Draft.DRAFT_4,
            {"properties": {"a": {"items": {"maximum": 1, "exclusiveMaximum": True}}}},
            {"properties": {"a": {"items": {"exclusiveMaximum": 1}}}},
        ),
        (
            Draft.DRAFT_7,
            {"properties": {"a": {"$ref": "#/definitions/A", "maxLength": 1}}, "definitions": {"A": True}},
            {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": True}},
        ),
        (
            Draft.DRAFT_2019_09,
            {"properties": {"a": {"$ref": "#/$defs/A", "maxLength": 1}}, "$defs": {"A": True}},
            {"properties": {"a": {"$ref": "#/$defs/A", "maxLength": 1}}, "$defs": {"A": True}},
        ),
        (Draft.DRAFT_2019_09, {"prefixItems": [False]}, {}),
        (Draft.DRAFT_2020_12, {"items": {"type": "string"}}, {"items": {"type": "string"}}),
    ],
)
def test_each_draft_is_put_into_the_words_of_2020_12(draft, schema, expected):
    assert modern(schema, draft) == expected
    assert modern({"$schema": f"{draft.value}#", **schema}) == expected


@pytest.mark.parametrize(
    ("draft", "schema", "values"),
    [
        (
            Draft.DRAFT_4,
            {
                "id": "http://x.org/a",
                "properties": {"a": {"$ref": "b"}},
                "definitions": {"b": {"id": "b", "type": "null"}},
            },
            [{"a": None}, {"a": 1}, {}],
        ),
        (
            Draft.DRAFT_6,
            {"properties": {"a": {"$ref": "#b"}}, "definitions": {"b": {"$id": "#b", "type": "null"}}},
            [{"a": None}, {"a": 1}],
        ),
        (
            Draft.DRAFT_7,
            {"items": [{"type": "null"}, {"$ref": "#/items/0"}], "additionalItems": {"$ref": "#/items/1"}},
            [[None, None, None], [None, 1], [None, None, 1], []],
        ),
        (
            Draft.DRAFT_7,
            {"$ref": "#/definitions/a", "maxLength": 1, "definitions": {"a": {"minLength": 2}}},
            ["a", "ab"],
        ),
        (
            Draft.DRAFT_2019_09,
            {"$recursiveAnchor": True, "type": "object", "properties": {"a": {"$recursiveRef": "#"}}},
            [{"a": {"a": {}}}, {"a": 1}],
        ),
        (
            Draft.DRAFT_2019_09,
            {"contains": {"type": "null"}, "unevaluatedItems": {"type": "string"}},
            [[None], ["a", None], ["a"], []],
        ),
        (
            Draft.DRAFT_2020_12,
            {
                "$ref": "#/$defs/n",
                "$defs": {
                    "n": {"$dynamicAnchor": "n", "type": "object", "properties": {"c": {"$dynamicRef": "#n"}}}
                },
            },
            [{"c": {"c": {}}}, {"c": 1}],
        ),
        (Draft.DRAFT_2020_12, TREE, [{"children": [{"children": []}]}, {"children": 1}]),
        (
            Draft.DRAFT_2020_12,
            {
                "$ref": "other#/items",
                "$defs": {
                    "o": {"$id": "other", "items": {"$ref": "#/$defs/s"}, "$defs": {"s": {"type": "string"}}}
                },
            },
            ["a", 1],
        ),
    ],
)
def test_the_same_values_are_accepted(draft, schema, values):
    own = LIBRARIES[draft](schema)
    ours = Validator(modern(schema, draft))

    assert [ours.accepts(value) for value in values] == [own.is_valid(value) for value in values]


def test_what_refers_to_itself_becomes_a_definition():
    assert modern({"properties": {"next": {"$ref": "#"}}}) == {
        "properties": {"next": {"$ref": "#/$defs/~1"}},
        "$defs": {"/": {"properties": {"next": {"$ref": "#/$defs/~1"}}}},
    }


@pytest.mark.parametrize("schema", [True, False])
def test_a_boolean_is_a_schema(schema):
    assert modern(schema) is schema


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (3, "^/: 3 is not of type 'object', 'boolean'"),
        ({"type": "strin"}, "^/type: 'strin' is not valid"),
        (
            {"$schema": "https://json-schema.org/draft/2031-01/schema"},
            r"^/\$schema: .* is no dialect that is under",
        ),
        (
            {"$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": 1},
            "^/exclusiveMinimum: 1 is not",
        ),
        ({"items": {"$ref": "#/$defs/A"}}, r"^/items/\$ref: '#/\$defs/A' points at nothing"),
        ({"items": {"$ref": "order.json"}}, r"^/items/\$ref: 'order.json' is in another document"),
        ({"items": {"$ref": "#/title"}, "title": "a"}, r"^/items/\$ref: 'a' is not of type"),
        (
            {"$ref": "a", "$defs": {"a": {"$id": "a"}, "b": {"$id": "a"}}},
            "^/[$]ref: the [$]id 'a' is there twice",
        ),
        (
            {"$defs": {"a": {"$anchor": "a"}, "b": {"$anchor": "a"}}, "$ref": "#a"},
            r"^/\$ref: '#a' may be any of /\$defs/a, /\$defs/b",
        ),
        ({"$ref": "http://[x"}, r"^/\$ref: 'http://\[x' is not a 'uri-ref"),
        ({"$defs": {"a": {"$id": "http://[x"}}}, r"^/\$defs/a/\$id: 'http://\[x' is not"),
        ({"title": "a", "$ref": "#/title/x"}, r"^/\$ref: '#/title/x' points at nothing"),
        ({"properties": {"a": {"pattern": "("}}}, r"^/properties/a/pattern: '\('"),
        (
            {
                "$ref": "m",
                "$defs": {
                    "n": {"$id": "n", "$dynamicAnchor": "x", "properties": {"c": {"$dynamicRef": "#x"}}},
                    "m": {"$id": "m", "$dynamicAnchor": "x", "$ref": "n"},
                },
            },
            r"^/\$defs/n/properties/c/\$dynamicRef: it may lead to any of .*; use \$ref",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_the_place(schema, message):
    with pytest.raises(InvalidContractError, match=message):
        modern(schema)


def test_a_schema_that_is_nested_too_deep_is_refused():
    schema = True
    for _ in range(5000):
        schema = {"not": schema}

    with pytest.raises(InvalidContractError, match="nested deeper than 200 levels"):
        modern(schema)


def test_the_mapping_of_a_discriminator_keeps_names_of_nothing():
    schema = {
        "discriminator": {"propertyName": "a", "mapping": {"a": "A", "b": "Nothing", "c": 1}},
        "$defs": {"A": True},
    }

    assert modern(schema)["discriminator"]["mapping"] == {"a": "#/$defs/A", "b": "Nothing", "c": 1}
