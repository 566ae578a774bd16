import pytest
from support.contract_documents import (
    a_native,
    a_native_operation,
    a_response,
    an_id,
    an_openapi,
    an_operation,
)

from tally.errors import InvalidContractError
from tally.service_contract.checks import check_service_contract


def example(**changes):
    return {"name": "e", "request": {"path": {"id": 7}}, "response": {"status": 200}, **changes}


def native_with(*examples, **changes):
    return a_native(a_native_operation(examples=list(examples), **changes))


@pytest.mark.parametrize("document", [a_native(), an_openapi(), an_openapi(version="3.0.3")])
def test_a_good_contract_has_no_warnings(document):
    assert check_service_contract(document) == ()


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (
            {
                "/a": {
                    "get": {"operationId": "a", "responses": {"200": {}}},
                    "put": {"operationId": "a", "responses": {"200": {}}},
                }
            },
            "^/paths/~1a/put: the id 'a' is also that of /paths/~1a/get",
        ),
        (
            {
                "/a/{x}": {"get": an_operation(operationId="a", parameters=[an_id(name="x")])},
                "/a/{y}": {"get": an_operation(operationId="b", parameters=[an_id(name="y")])},
            },
            "^/paths/~1a~1{y}/get: GET /a/{y} is also at /paths/~1a~1{x}/get",
        ),
        (
            {"/a/{x}": {"get": an_operation(parameters=[])}},
            "^/paths/~1a~1{x}/get: /a/{x} has no path parameter 'x'",
        ),
        ({"/a": {"get": an_operation()}}, "^/paths/~1a/get: the path parameter 'id' has no {id} in /a"),
        ({"/a/{id}/{id}": {"get": an_operation()}}, "has 'id' twice"),
    ],
)
def test_operations_that_contradict_each_other_or_their_path_are_refused(paths, message):
    with pytest.raises(InvalidContractError, match=message):
        check_service_contract(an_openapi(paths))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (example(request={"path": {"id": "x"}}), "path/id: 'x' is not of type"),
        (example(request={}), "path: 'id' has no value"),
        (example(response={"status": 200, "body": {}}), "response body: 'id' is a required property"),
        (example(response={"status": 404}), "the operation has no response 404"),
    ],
)
def test_an_example_that_contradicts_its_contract_is_refused(written, message):
    with pytest.raises(InvalidContractError, match="^/operations/0/examples/0: example 'e'.*" + message):
        check_service_contract(native_with(written))


def test_an_example_must_give_what_is_required():
    parameters = [{"name": "id", "in": "path"}, {"name": "page", "in": "query", "required": True}]

    with pytest.raises(InvalidContractError, match="query: 'page' is required and has no value"):
        check_service_contract(native_with(example(), parameters=parameters))


def test_the_body_of_an_example_must_be_what_the_operation_takes():
    written = example(request={"path": {"id": 7}, "body": {"quantity": 0}})
    request = {"schema": {"properties": {"quantity": {"minimum": 1}}}}

    with pytest.raises(InvalidContractError, match="request body/quantity: 0 is less than the minimum of 1"):
        check_service_contract(native_with(written, request=request))


def test_a_request_that_leads_to_an_error_may_be_wrong():
    written = example(request={"path": {"id": "x"}, "body": 1}, response={"status": 400})
    responses = {"200": {}, "400": {}}

    document = native_with(written, request={"schema": {"type": "object"}}, responses=responses)

    assert check_service_contract(document) == ()


def test_openapi_lets_its_own_examples_contradict_so_that_is_a_warning():
    response = a_response({"required": ["id"]}, examples={"open": {"value": {}}})
    operation = an_operation(
        parameters=[an_id(examples={"open": {"value": "x"}})], responses={"200": response}
    )

    warnings = check_service_contract(an_openapi({"/orders/{id}": {"get": operation}}))

    assert warnings == (
        "/paths/~1orders~1{id}/get: example 'open', response body: 'id' is a required property",
        "/paths/~1orders~1{id}/get: example 'open', path/id: 'x' is not of type 'integer'",
    )


def test_contract_examples_in_openapi_must_agree():
    operation = an_operation(**{"x-contract-examples": [example(request={"path": {"id": "x"}})]})

    with pytest.raises(InvalidContractError, match=r"^/paths/~1orders~1{id}/get/x-contract-examples/0: "):
        check_service_contract(an_openapi({"/orders/{id}": {"get": operation}}))


def test_bodies_that_are_neither_json_nor_text_are_not_looked_at():
    responses = {"200": {"contentType": "application/pdf", "schema": {"type": "integer"}}}
    written = example(response={"status": 200, "body": "JVBERi0="})

    assert check_service_contract(native_with(written, responses=responses)) == ()


def test_a_reference_into_an_extension_must_lead_to_a_schema():
    document = native_with(example(), responses={"200": {"schema": {"$ref": "#/x-odd/here"}}})

    with pytest.raises(
        InvalidContractError, match=r"^/operations/0/responses/200/schema/\$ref/type: \'nothing\'"
    ):
        check_service_contract({**document, "x-odd": {"here": {"type": "nothing"}}})


def test_a_document_without_operations_promises_nothing():
    assert check_service_contract(an_openapi({})) == ("/: there are no operations, so nothing is promised",)


def test_two_paths_that_share_operations_are_told_apart():
    item = {"get": {"operationId": "read", "responses": {"200": {}}}}
    reference = {"$ref": "#/components/pathItems/Item"}

    with pytest.raises(
        InvalidContractError, match=r"^/components/pathItems/Item/get: the id 'read' is also that of GET /a"
    ):
        check_service_contract(
            an_openapi({"/a": reference, "/b": reference}, components={"pathItems": {"Item": item}})
        )
