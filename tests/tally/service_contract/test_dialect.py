import pytest
from support.contract_documents import a_schema_document, an_openapi, an_operation

from tally.errors import InvalidContractError
from tally.json_schema.validation import Validator
from tally.service_contract.parsing import parse_service_contract


def schema_of(document):
    (operation,) = parse_service_contract(document).operations
    return operation.responses[0].content[0].schema


def openapi_30(schema, **components):
    return schema_of(a_schema_document(schema, version="3.0.3", **components))


def test_a_schema_takes_along_what_it_refers_to_and_nothing_else():
    schema = schema_of(
        a_schema_document(
            {"$ref": "#/components/schemas/Order"},
            Order={"properties": {"item": {"$ref": "#/components/schemas/Item"}}},
            Item={"type": "string"},
            Unused={"type": "null"},
        )
    )

    assert schema == {
        "$ref": "#/$defs/Order",
        "$defs": {"Order": {"properties": {"item": {"$ref": "#/$defs/Item"}}}, "Item": {"type": "string"}},
    }


def test_schemas_may_refer_to_themselves():
    tree = {"properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}

    validator = Validator(schema_of(a_schema_document({"$ref": "#/components/schemas/Tree"}, Tree=tree)))

    assert validator.accepts({"children": [{"children": []}]})
    assert not validator.accepts({"children": [{"children": 1}]})


def test_a_schema_that_only_refers_to_itself_accepts_everything():
    document = a_schema_document({"$ref": "#/components/schemas/A"}, A={"$ref": "#/components/schemas/A"})

    assert Validator(schema_of(document)).accepts(1)


@pytest.mark.parametrize(
    "reference",
    ["#/components/schemas/Big%20Order", "#/paths/~1/get/responses/200/content/application~1json/schema/not"],
)
def test_references_may_point_anywhere_in_the_document(reference):
    document = a_schema_document(
        {"not": {"type": "integer"}, "properties": {"x": {"$ref": reference}}},
        **{"Big Order": {"type": "integer"}},
    )

    validator = Validator(schema_of(document))

    assert validator.accepts({"x": 1})
    assert not validator.accepts({"x": "1"})


def test_a_document_is_not_taken_for_a_schema():
    document = a_schema_document({"properties": {"x": {"$ref": "#"}}})

    with pytest.raises(InvalidContractError, match=r"schema/properties/x/\$ref"):
        parse_service_contract({**document, "openapi": "3.0.3"})


@pytest.mark.parametrize("keyword", ["example", "default", "const", "enum", "examples"])
def test_a_reference_inside_data_is_data(keyword):
    data = {"$ref": "#/nowhere"}
    value = [data] if keyword in {"enum", "examples"} else data

    schema = schema_of(a_schema_document({keyword: value}))

    assert schema == {keyword: value}


def test_a_property_may_be_called_like_a_keyword():
    properties = {"$ref": {"type": "string"}, "items": {"type": "integer"}, "nullable": {"type": "boolean"}}

    assert openapi_30({"properties": properties}) == {"properties": properties}


def test_a_reference_keeps_what_stands_beside_it_in_openapi_31():
    schema = schema_of(
        a_schema_document({"$ref": "#/components/schemas/Id", "minimum": 1}, Id={"type": "integer"})
    )

    assert schema == {"$ref": "#/$defs/Id", "minimum": 1, "$defs": {"Id": {"type": "integer"}}}


def test_what_stands_beside_a_reference_says_nothing_in_openapi_30():
    schema = openapi_30(
        {"properties": {"id": {"$ref": "#/components/schemas/Id", "description": "its number"}}},
        Id={"type": "integer"},
    )

    assert schema == {"properties": {"id": {"$ref": "#/$defs/Id"}}, "$defs": {"Id": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        (
            {"type": "string", "nullable": True, "enum": ["a"]},
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
        ),
        (
            {"nullable": True, "allOf": [{"type": "string"}]},
            {"anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}]},
        ),
        ({"minimum": 0, "exclusiveMinimum": True}, {"exclusiveMinimum": 0}),
        ({"maximum": 9, "exclusiveMaximum": True}, {"exclusiveMaximum": 9}),
        ({"maximum": 9, "exclusiveMaximum": False}, {"maximum": 9}),
        ({"exclusiveMinimum": True}, {}),
        ({"type": "string", "example": "a"}, {"type": "string", "examples": ["a"]}),
        (
            {"discriminator": {"propertyName": "kind"}, "oneOf": [{"type": "string"}]},
            {"discriminator": {"propertyName": "kind"}, "oneOf": [{"type": "string"}]},
        ),
    ],
)
def test_openapi_30_is_put_into_the_words_of_json_schema(old, new):
    assert openapi_30(old) == new
    assert openapi_30({"properties": {"x": {"items": old}}}) == {"properties": {"x": {"items": new}}}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_property_that_is_only_written_need_not_be_in_a_response(version):
    properties = {"id": {"readOnly": True}, "password": {"writeOnly": True}}
    schema = {"type": "object", "required": ["id", "password"], "properties": properties}
    operation = an_operation(parameters=[], requestBody={"content": {"application/json": {"schema": schema}}})
    operation["responses"]["200"]["content"]["application/json"]["schema"] = schema

    (parsed,) = parse_service_contract(an_openapi({"/": {"post": operation}}, version=version)).operations

    assert parsed.responses[0].content[0].schema["required"] == ["id"]
    assert parsed.request.content[0].schema["required"] == ["password"]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("#/components/schemas/Nowhere", "points at nothing"),
        ("#/paths/~1/get/responses/200/content/application~1json/schema/allOf/7", "points at nothing"),
        ("#Order", "points at nothing"),
        ("other.yaml#/Order", "is in another document; publish with `tally publish-service-contract`"),
        ("https://example.org/order.json", "is in another document"),
    ],
)
def test_a_reference_to_nothing_here_is_refused_by_its_place(reference, message):
    document = a_schema_document({"allOf": [{"$ref": reference}]})
    place = r"^/paths/~1/get/responses/200/content/application~1json/schema/allOf/0/\$ref: "

    with pytest.raises(InvalidContractError, match=place + ".*" + message):
        parse_service_contract(document)


def test_a_reference_from_a_component_is_named_by_its_place_there():
    document = a_schema_document({}, Order={"properties": {"x": {"$ref": "#/components/schemas/Nowhere"}}})

    with pytest.raises(InvalidContractError, match=r"^/components/schemas/Order/properties/x/\$ref: "):
        parse_service_contract(document)


def test_a_reference_to_something_that_is_no_schema_is_refused():
    document = a_schema_document({"$ref": "#/info/title"})

    with pytest.raises(InvalidContractError, match=r"schema/\$ref: .*Orders"):
        parse_service_contract(document)


@pytest.mark.parametrize(
    ("version", "schema", "message"),
    [
        ("3.1.0", {"type": "strin"}, "/type: 'strin' is not valid .*: 'strin' is not one of"),
        ("3.1.0", {"properties": {"a": {"minLength": -1}}}, "/properties/a/minLength: -1 is less than"),
        ("3.1.0", {"pattern": "("}, r"/pattern: '\(' is not a 'regex'"),
        ("3.0.3", {"type": ["string", "null"]}, "/type: .* is not one of"),
        ("3.0.3", {"exclusiveMinimum": 1}, "/exclusiveMinimum: 1 is not of type 'boolean'"),
        ("3.0.3", {"const": 1}, "Additional properties are not allowed: 'const'"),
        ("3.0.3", True, "True is not of type 'object'"),
        ("3.1.0", {"$dynamicRef": "#node"}, r"/\$dynamicRef: '#node' points at nothing"),
    ],
)
def test_what_is_no_schema_is_refused_by_the_place(version, schema, message):
    place = "^/paths/~1/get/responses/200/content/application~1json/schema"

    with pytest.raises(InvalidContractError, match=place + ".*" + message):
        parse_service_contract(a_schema_document(schema, version=version))
