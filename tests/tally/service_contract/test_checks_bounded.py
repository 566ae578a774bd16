"""However the schemas of a document refer to each other, it is read and checked in a bounded time."""

import time

import pytest

from tally.errors import InvalidContractError
from tally.json_schema import self_contained
from tally.service_contract import validators
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
