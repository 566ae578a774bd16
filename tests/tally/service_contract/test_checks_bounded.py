"""However the schemas of a document refer to each other, it is read and checked in a bounded time."""

import time

import pytest

from tally.errors import InvalidContractError
from tally.json_schema import self_contained
from tally.service_contract import size, validators
from tally.service_contract.checks import check_service_contract


def a_document(operations, schemas, references, example=None):
    """Return an OpenAPI document: each schema leads to all others."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {
            f"/a{number}": {"get": _operation(number % schemas, example)} for number in range(operations)
        },
        "components": {
            "schemas": {
                f"S{number}": {
                    "type": "object",
                    "properties": {
                        f"p{other}": {"$ref": f"#/components/schemas/S{(number * 7 + other) % schemas}"}
                        for other in range(references)
                    },
                }
                for number in range(schemas)
            }
        },
    }


def _operation(schema, example):
    content = {"schema": {"$ref": f"#/components/schemas/S{schema}"}, "example": example or {"a": 1}}
    return {"responses": {"200": {"description": "ok", "content": {"application/json": content}}}}


def test_the_same_schema_in_many_operations_is_compiled_once():
    began = time.process_time()

    assert check_service_contract(a_document(2000, 1, 1)) == ()

    assert time.process_time() - began < 5


def test_what_leads_to_too_many_others_is_refused(monkeypatch):
    monkeypatch.setattr(self_contained, "MOST_FOLLOWED", 1000)

    with pytest.raises(InvalidContractError, match="the schemas lead to too many others: more than 1,000"):
        check_service_contract(a_document(50, 40, 5))


def test_examples_beyond_what_can_be_checked_are_named(monkeypatch):
    monkeypatch.setattr(validators, "MOST_COMPILED", 100)

    warnings = check_service_contract(a_document(20, 40, 5, example="wrong"))

    assert "was not checked" in warnings[-1]
    assert len([text for text in warnings if "response body" in text and "not checked" not in text]) == 2


def a_path_of(count):
    names = [f"p{number}" for number in range(count)]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {}} for name in names]
    document = a_document(1, 1, 1)
    path = "/" + "/".join(f"{{{name}}}" for name in names)
    document["paths"] = {path: {"get": {**_operation(0, None), "parameters": parameters}}}
    return document


def test_a_path_of_many_parameters_is_checked():
    assert check_service_contract(a_path_of(100)) == ()


def test_a_path_that_would_make_every_pointer_long_is_refused():
    with pytest.raises(
        InvalidContractError, match=r"^/paths: a key has 168,890 characters, of which there may be 1,000"
    ):
        check_service_contract(a_path_of(20_000))


def a_tower(keyword, height, example=1):
    """Return a document in which each schema refers to the next one twice, at the same place."""
    schemas = {
        f"S{number}": {keyword: [{"$ref": f"#/components/schemas/S{number + 1}"}] * 2}
        for number in range(height)
    }
    document = a_document(1, 1, 0, example)
    document["components"]["schemas"] = {**schemas, f"S{height}": {"type": "string", "minLength": 3}}
    return document


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
def test_alternatives_that_double_at_each_step_are_refused(keyword):
    with pytest.raises(
        InvalidContractError, match="combine too many alternatives: more than 100,000 would be"
    ):
        check_service_contract(a_tower(keyword, 40))


def test_many_values_for_many_alternatives_are_not_checked():
    document = a_tower("anyOf", 14)
    document["components"]["schemas"]["L"] = {"items": {"$ref": "#/components/schemas/S0"}}
    media_type = document["paths"]["/a0"]["get"]["responses"]["200"]["content"]["application/json"]
    media_type |= {"schema": {"$ref": "#/components/schemas/L"}, "example": [1] * 20_000}
    began = time.process_time()

    (warning,) = check_service_contract(document)

    assert "was not checked" in warning
    assert time.process_time() - began < 5


def test_a_value_that_contradicts_alternatives_in_each_other_is_explained_quickly(monkeypatch):
    monkeypatch.setattr(validators, "MOST_STEPS", 5_000)
    node = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/S0"}}}
    value = 1
    for _ in range(30):
        value = {"a": value}
    document = a_document(1, 1, 0, value)
    document["components"]["schemas"] = {"S0": {"anyOf": [node, {**node, "minProperties": 1}]}}

    (warning,) = check_service_contract(document)

    assert warning.endswith("response body: does not satisfy the schema; finding out why would take too long")


def test_a_pattern_that_takes_forever_elsewhere_is_decided_at_once():
    document = a_document(1, 1, 0, "a" * 40 + "!")
    document["components"]["schemas"] = {"S0": {"pattern": "^(a+)+$"}}
    began = time.process_time()

    (warning,) = check_service_contract(document)

    assert "does not match '^(a+)+$'" in warning
    assert time.process_time() - began < 5


def test_a_schema_that_leads_to_too_many_others_is_refused():
    schemas = {
        f"S{number}": {"not": {"$ref": f"#/components/schemas/S{number + 1}"}} for number in range(5001)
    }
    document = a_document(1, 1, 0)
    document["components"]["schemas"] = {**schemas, "S5001": {}}

    with pytest.raises(InvalidContractError, match="the schema leads to more than 5,000 others"):
        check_service_contract(document)


def test_references_into_each_level_of_a_large_schema_are_counted(monkeypatch):
    monkeypatch.setattr(self_contained, "MOST_REWRITTEN", 100)

    with pytest.raises(InvalidContractError, match="references lead to more than 100 schemas"):
        check_service_contract(a_document(50, 40, 5))


def test_the_same_value_of_many_examples_is_checked_within_bounds(monkeypatch):
    monkeypatch.setattr(validators, "MOST_EVALUATED_IN_ALL", 10_000)
    document = a_document(20, 1, 0, [1] * 1000)

    warnings = check_service_contract(document)

    assert "was not checked" in warnings[-1]


def test_objects_that_are_compared_one_by_one_are_counted():
    document = a_document(1, 1, 0, [{"a": 2999}] * 5000)
    document["components"]["schemas"] = {"S0": {"items": {"enum": [{"a": number} for number in range(3000)]}}}

    (warning,) = check_service_contract(document)

    assert "was not checked" in warning


def sharing(paths, parameters=1, names=0):
    """Return a small document whose many paths share one path item."""
    examples = {f"e{number}": {"value": number} for number in range(names)}
    shared = [{"name": f"q{number}", "in": "query", "examples": examples} for number in range(parameters)]
    item = {"parameters": shared, "get": {"responses": {"200": {"description": ""}}}}
    document = a_document(0, 1, 0)
    document["components"]["pathItems"] = {"Item": item}
    document["paths"] = {f"/a{number}": {"$ref": "#/components/pathItems/Item"} for number in range(paths)}
    return document


@pytest.fixture
def few_parts(monkeypatch):
    """Allow less than usual, so that the tests take less time."""
    monkeypatch.setattr(size, "MAX_OPERATIONS", 200)
    monkeypatch.setattr(size, "MAX_PARTS", 1_000)
    monkeypatch.setattr(size, "MAX_EXAMPLES", 500)
    monkeypatch.setattr(size, "MAX_EXAMPLES_OF_ONE", 50)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (sharing(101, parameters=9), "the operations have more than 1,000 parameters, answers and messages"),
        (sharing(11, names=49), "too many examples: there may be 50 of one operation, and 500 of all"),
        (sharing(1, names=51), "too many examples: there may be 50 of one operation"),
        (sharing(201), "^/: a contract cannot have more than 200 operations"),
    ],
)
@pytest.mark.usefixtures("few_parts")
def test_a_small_document_that_refers_to_the_same_things_often_is_refused(document, message):
    with pytest.raises(InvalidContractError, match=message):
        check_service_contract(document)


@pytest.mark.usefixtures("few_parts")
def test_messages_that_many_operations_share_are_counted():
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "x", "version": "1"},
        "channels": {"c": {"messages": {f"M{number}": {} for number in range(10)}}},
        "operations": {
            f"o{number}": {"action": "send", "channel": {"$ref": "#/channels/c"}} for number in range(101)
        },
    }

    with pytest.raises(InvalidContractError, match="the operations have more than 1,000 parameters"):
        check_service_contract(document)
