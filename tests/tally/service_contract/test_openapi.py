import pytest
from support.contract_documents import a_response, an_id, an_openapi, an_operation

from tally.errors import InvalidContractError
from tally.pact import Body, Presence, ProviderState
from tally.service_contract.model import ExampleRequest, Specification
from tally.service_contract.parsing import parse_service_contract


def only_operation(document):
    (operation,) = parse_service_contract(document).operations
    return operation


def test_an_operation_has_its_method_path_id_and_place():
    contract = parse_service_contract(an_openapi())

    (operation,) = contract.operations
    assert contract.specification is Specification.OPENAPI
    assert (contract.service, contract.version) == ("Orders", "1")
    assert (operation.id, operation.method, operation.path) == ("getOrder", "GET", "/orders/{id}")
    assert operation.pointer == "/paths/~1orders~1{id}/get"


def test_an_operation_without_an_id_is_named_by_method_and_path():
    operation = only_operation(an_openapi({"/orders": {"get": {"responses": {"200": {}}}}}))

    assert operation.id == "GET /orders"


def test_parameters_of_the_path_count_unless_the_operation_has_its_own():
    shared = [{"name": "page", "in": "query", "schema": {"type": "integer"}}, an_id()]
    own = {"name": "page", "in": "query", "required": True, "schema": {"type": "string"}}
    path = {"parameters": shared, "get": an_operation(parameters=[own])}

    operation = only_operation(an_openapi({"/orders/{id}": path}))

    assert {parameter.name: parameter.schema for parameter in operation.parameters} == {
        "page": {"type": "string"},
        "id": {"type": "integer"},
    }


def test_headers_that_openapi_says_elsewhere_are_no_parameters():
    ignored = [{"name": name, "in": "header"} for name in ("Accept", "content-type", "Authorization")]

    operation = only_operation(an_openapi({"/": {"get": an_operation(parameters=ignored)}}))

    assert operation.parameters == ()


def test_a_parameter_may_be_json():
    content = {"application/json": {"schema": {"type": "object"}, "example": {"status": "open"}}}
    operation = an_operation(parameters=[{"name": "filter", "in": "query", "content": content}])

    parsed = only_operation(an_openapi({"/orders": {"x-owner": "us", "get": operation}, "x-note": {}}))

    (parameter,) = parsed.parameters
    assert (parameter.style, parameter.schema) == ("json", {"type": "object"})
    assert parsed.examples[0].request.query == {"filter": {"status": "open"}}


def test_the_content_type_is_no_header_of_its_own():
    response = {"headers": {"Content-Type": {}, "Location": {"required": True}}}
    operation = only_operation(
        an_openapi({"/orders": {"get": {"responses": {"200": response, "x-note": 1}}}})
    )

    (parsed,) = operation.responses
    assert [header.name for header in parsed.headers] == ["Location"]


def test_references_may_lead_through_lists():
    operations = {
        "get": an_operation(),
        "put": an_operation(
            operationId="put", parameters=[{"$ref": "#/paths/~1orders~1{id}/get/parameters/0"}]
        ),
    }

    _, put = sorted(
        parse_service_contract(an_openapi({"/orders/{id}": operations})).operations, key=lambda op: op.method
    )

    assert put.parameters[0].name == "id"


def test_references_to_components_are_followed():
    document = an_openapi(
        {
            "/orders/{id}": {"$ref": "#/components/pathItems/Order"},
        },
        components={
            "pathItems": {
                "Order": {"get": an_operation(parameters=[{"$ref": "#/components/parameters/Id"}])}
            },
            "parameters": {"Id": an_id(examples={"open": {"$ref": "#/components/examples/Seven"}})},
            "examples": {"Seven": {"value": 7, "x-contract-states": ["an order exists"]}},
        },
    )

    operation = only_operation(document)

    assert operation.parameters[0].examples["open"].value == 7
    assert operation.examples[0].states == (ProviderState("an order exists"),)


def test_references_that_lead_in_a_circle_are_refused():
    parameters = {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}
    operation = an_operation(parameters=[{"$ref": "#/components/parameters/A"}])

    with pytest.raises(InvalidContractError, match=r"^/paths/~1/get/parameters/0/\$ref: .* in a circle"):
        parse_service_contract(an_openapi({"/": {"get": operation}}, components={"parameters": parameters}))


def test_a_reference_to_the_wrong_kind_of_thing_is_refused():
    operation = an_operation(parameters=[{"$ref": "#/info"}])

    with pytest.raises(InvalidContractError, match=r"^/paths/~1/get/parameters/0/\$ref: .*name"):
        parse_service_contract(an_openapi({"/": {"get": operation}}))


@pytest.mark.parametrize("target", ["#/info/title", "#/servers"])
def test_a_reference_to_something_that_is_no_object_is_refused(target):
    operation = an_operation(parameters=[{"$ref": target}])

    with pytest.raises(InvalidContractError, match=r"is not a parameter"):
        parse_service_contract(an_openapi({"/": {"get": operation}}, servers=[]))


@pytest.mark.parametrize(
    ("status", "found"), [("200", "200"), ("201", "2XX"), ("404", "default"), ("2XX", "2XX"), ("5XX", None)]
)
def test_a_status_is_looked_up_by_number_then_class_then_default(status, found):
    responses = {"200": {}, "2XX": {}, "default": {}}
    operation = only_operation(an_openapi({"/": {"get": {"responses": responses}}}))

    response = operation.response(status)

    assert (response.status if response else None) == found


def test_examples_with_one_name_are_one_pair():
    operation = only_operation(
        an_openapi(
            {
                "/orders/{id}": {
                    "put": {
                        "parameters": [an_id(examples={"paid": {"value": 7}})],
                        "requestBody": {
                            "content": {
                                "application/json": {"examples": {"paid": {"value": {"status": "paid"}}}}
                            }
                        },
                        "responses": {
                            "200": a_response(True, examples={"paid": {"value": {"id": 7}}}),  # noqa: FBT003 - a schema
                        },
                    }
                }
            }
        )
    )

    (example,) = operation.examples
    assert example.name == "paid"
    assert example.request == ExampleRequest(
        path={"id": 7}, body=Body(Presence.PRESENT, {"status": "paid"}, "application/json")
    )
    assert example.response.status == "200"
    assert example.response.body.value == {"id": 7}


def names_and_statuses(operation):
    document = an_openapi({"/orders/{id}": {"get": operation}})
    return [(example.name, example.response.status) for example in only_operation(document).examples]


def examples(*names):
    return {name: {"value": {"id": 1}} for name in names}


def test_an_example_of_an_error_is_replayed_when_a_request_has_its_name():
    operation = an_operation(
        parameters=[an_id(examples={"open": {"value": 7}, "unknown": {"value": 404}})],
        responses={
            "200": a_response({}, examples=examples("open")),
            "404": a_response({}, examples=examples("unknown")),
        },
    )

    assert names_and_statuses(operation) == [("open", "200"), ("unknown", "404")]


def test_an_example_of_an_error_that_no_request_is_named_like_is_not_replayed():
    operation = an_operation(
        responses={"200": a_response({}), "404": a_response({}, examples=examples("unknown"))}
    )

    assert names_and_statuses(operation) == [("open", "200")]


def replayed_of_path(**operations):
    """Return what is replayed of each operation of a path that shares a parameter with three examples."""
    shared = an_id(examples={"open": {"value": 7}, "unknown": {"value": 404}, "moved": {"value": 9}})
    document = an_openapi({"/orders/{id}": {"parameters": [shared], **operations}})
    return {
        operation.method.lower(): [(example.name, example.response.status) for example in operation.examples]
        for operation in parse_service_contract(document).http_operations
    }


READING = {
    "responses": {
        "200": a_response({}, examples=examples("open")),
        "404": a_response({}, examples=examples("unknown")),
    }
}


def test_an_example_of_the_path_is_replayed_where_an_answer_has_its_name():
    gone = {"responses": {"204": {}, "404": a_response({}, examples=examples("unknown"))}}

    assert replayed_of_path(get=READING, delete=gone) == {
        "get": [("open", "200"), ("unknown", "404"), ("moved", "200")],
        "delete": [("unknown", "404"), ("moved", "204")],
    }


def test_an_example_of_the_path_is_replayed_where_another_part_of_the_request_has_its_name():
    moving = {
        "requestBody": {"content": {"application/json": {"examples": examples("moved", "open")}}},
        "responses": {"202": {}},
    }

    assert replayed_of_path(get=READING, put=moving) == {
        "get": [("open", "200"), ("unknown", "404")],
        "put": [("open", "202"), ("moved", "202")],
    }


def test_an_example_of_the_path_that_belongs_to_no_operation_is_for_all():
    assert replayed_of_path(get={"responses": {"200": {}}}, delete={"responses": {"204": {}}}) == {
        "get": [("open", "200"), ("unknown", "200"), ("moved", "200")],
        "delete": [("open", "204"), ("unknown", "204"), ("moved", "204")],
    }


def test_provider_states_say_how_to_reach_an_error():
    unreachable = {"down": {"value": {}, "x-contract-states": ["the database is down"]}}
    operation = an_operation(
        parameters=[an_id(examples={}, example=7)],
        responses={"200": a_response({}), "503": a_response({}, examples=unreachable)},
    )

    assert ("down", "503") in names_and_statuses(operation)


def test_a_request_example_without_a_response_example_expects_a_success():
    operation = an_operation(responses={"200": {}, "202": {}, "404": {}})

    assert names_and_statuses(operation) == [("open", "2XX")]


def test_unnamed_examples_are_one_exchange():
    operation = an_operation(
        parameters=[an_id(examples={}, example=7)], responses={"200": a_response({}, example={"id": 7})}
    )

    assert names_and_statuses(operation) == [("example", "200")]


def test_the_example_of_a_schema_serves_when_the_parameter_has_none():
    operation = an_operation(parameters=[an_id(examples={}, schema={"type": "integer", "examples": [7, 8]})])

    assert names_and_statuses(operation) == [("example", "200")]


def test_several_response_examples_of_one_request_are_one_exchange():
    operation = an_operation(
        parameters=[an_id(examples={}, example=7)],
        responses={"200": a_response({}, examples=examples("open", "paid"))},
    )

    assert names_and_statuses(operation) == [("open", "200")]


def test_an_example_that_lacks_a_required_value_is_not_replayed():
    operation = an_operation(
        parameters=[an_id(examples={})], responses={"200": a_response({}, examples=examples("open"))}
    )

    assert names_and_statuses(operation) == []


def test_an_example_that_lacks_a_required_body_is_not_replayed():
    operation = an_operation(requestBody={"required": True, "content": {"application/json": {}}})

    assert names_and_statuses(operation) == []


def test_an_operation_without_any_example_has_none():
    assert names_and_statuses({"responses": {"200": a_response({})}}) == []


def test_contract_examples_come_first_and_may_say_everything():
    written = {
        "name": "too many",
        "states": ["nothing is left", {"name": "a limit", "params": {"count": 3}}],
        "request": {"path": {"id": 7}, "query": {"n": 4}, "headers": {"X-A": "b"}, "body": {"a": 1}},
        "response": {"status": 409, "body": {"error": "no"}},
    }
    document = an_openapi({"/orders/{id}": {"get": an_operation(**{"x-contract-examples": [written]})}})

    example, paired = only_operation(document).examples

    assert paired.name == "open"
    assert example.states == (ProviderState("nothing is left"), ProviderState("a limit", {"count": 3}))
    assert example.request == ExampleRequest(
        path={"id": 7},
        query={"n": 4},
        headers={"X-A": "b"},
        body=Body(Presence.PRESENT, {"a": 1}, "application/json"),
    )
    assert (example.response.status, example.response.body.value) == ("409", {"error": "no"})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "^/: a service contract is a JSON object"),
        ({}, "^/: none of OpenAPI .*say which channel its messages are on: `--kind json-schema"),
        ({"asyncapi": "2.6.0"}, r"^/asyncapi: version '2\.6\.0' is not supported; 3\.0 and 3\.1 are"),
        ({"openapi": "4.0.0"}, r"^/openapi: version '4\.0\.0' is not supported; 3\.0, 3\.1 and 3\.2 are"),
        ({"openapi": 3}, "^/openapi: 3 is not a text; write it in quotes: '3.1.0'"),
        ({"openapi": "3.1.0"}, "^/: 'paths' is a required property"),
        (an_openapi({"orders": {}}), r"^/paths: .*orders"),
        (an_openapi({"/": {"fetch": {}}}), "^/paths/~1: Additional properties are not allowed: 'fetch'"),
        (
            an_openapi({"/": {"get": {}}}, version="3.0.3"),
            "^/paths/~1/get: 'responses' is a required property",
        ),
        (
            an_openapi({"/": {"get": {"responses": {"20": {}}}}}),
            "^/paths/~1/get/responses: '20' does not match",
        ),
        (
            an_openapi({"/": {"parameters": [{"name": "x", "in": "body"}]}}),
            "^/paths/~1/parameters/0/in: 'body'",
        ),
        (
            an_openapi({"/": {"get": an_operation(requestbody={})}}),
            "Additional properties are not allowed: 'requestbody'",
        ),
        (
            an_openapi({"/{id}": {"get": an_operation(parameters=[{"name": "id", "in": "path"}])}}),
            "^/paths/~1{id}/get/parameters/0: 'required' is a required property",
        ),
        (
            an_openapi({"/": {"get": an_operation(**{"x-contract-examples": [{"name": "a"}]})}}),
            "^/paths/~1/get/x-contract-examples/0: 'response' is a required property",
        ),
    ],
)
def test_what_is_no_contract_is_refused_by_the_place(document, message):
    with pytest.raises(InvalidContractError, match=message):
        parse_service_contract(document)


def test_a_document_nested_too_deep_is_refused():
    deep = {}
    for _ in range(2000):
        deep = {"items": deep}

    with pytest.raises(InvalidContractError, match="nested deeper than 48 levels"):
        parse_service_contract(an_openapi(components={"schemas": {"Deep": deep}}))


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, float("inf"), float("nan")])
def test_a_number_that_programs_read_differently_is_refused(number):
    with pytest.raises(InvalidContractError, match="out of range"):
        parse_service_contract(an_openapi(**{"x-number": number}))


def test_the_largest_double_is_an_ordinary_limit():
    document = an_openapi(components={"schemas": {"Double": {"maximum": 1.7976931348623157e308}}})

    assert parse_service_contract(document).operations
