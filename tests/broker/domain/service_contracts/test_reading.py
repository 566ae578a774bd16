import orjson
import pytest
from support.contract_documents import a_native, a_native_operation, an_openapi

from broker.domain.errors import ValidationError
from broker.domain.service_contracts.reading import (
    MOST_CHANGES,
    OperationSummary,
    changes,
    checked,
    operations,
)


def documents(*of_operations):
    return [orjson.dumps(a_native(*operations)) for operations in of_operations]


def test_what_is_to_be_known_of_a_document_is_found_out():
    content = checked(an_openapi())

    assert (content.specification, content.operations_count, content.warnings) == ("openapi", 1, ())
    assert orjson.loads(content.text) == an_openapi()


def test_what_is_no_contract_is_refused_under_the_field_that_brought_it():
    with pytest.raises(ValidationError) as refused:
        checked({"openapi": "3.1.0"})

    assert refused.value.errors == {"content": ["/: 'paths' is a required property"]}


def test_operations_are_told_in_a_line():
    (document,) = documents([a_native_operation()])

    assert operations(document) == (
        OperationSummary("getOrder", "http", 1, method="GET", path="/orders/{id}"),
    )


def test_changes_name_the_operations():
    kept, gone = a_native_operation(id="kept"), a_native_operation(id="gone", method="PUT")
    changed = a_native_operation(id="kept", responses={"204": {}}, examples=[])
    added = a_native_operation(id="added", path="/items/{id}")

    old, new = documents([kept, gone], [changed, added])

    assert changes(old, new) == (
        "PUT /orders/{id} is gone",
        "GET /items/{id} is new",
        "GET /orders/{id} has changed",
    )


def test_a_change_of_examples_alone_is_said_to_be_one():
    old, new = documents([a_native_operation()], [a_native_operation(examples=[])])

    assert changes(old, new) == ("No operation has changed: descriptions or examples have.",)


def test_many_changes_are_counted():
    old, new = documents(
        [a_native_operation()],
        [a_native_operation(id=f"op{n}", path=f"/{n}/{{id}}") for n in range(30)],
    )

    said = changes(old, new)

    assert len(said) == MOST_CHANGES + 1
    assert said[-1] == "and 11 more"
