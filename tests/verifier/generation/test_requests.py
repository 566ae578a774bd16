"""What is generated for an operation: requests that can be sent, and that are right, or wrong, on purpose."""

import json
import re
from dataclasses import replace

import pytest
from support.contract_documents import a_response, an_openapi

from tally.pact import Response, read_body
from tally.service_contract.parsing import parse_service_contract
from verifier.contents.bodies import serialised
from verifier.contracts.cases import UnsupportedCase
from verifier.contracts.service_contract_cases import service_contract_cases
from verifier.generation.cases import generated_cases
from verifier.generation.checks import check_valid
from verifier.generation.requests import OperationCases
from verifier.generation.settings import Generation

FORM = "application/x-www-form-urlencoded"


def cases_of(operation, path="/things/{id}", method="post", **document):
    contract = parse_service_contract(an_openapi({path: {method: operation}}, **document))
    return OperationCases(contract.http_operations[0], Generation(phases=("valid", "invalid")))


def operation(*parameters, body=None, kind="application/json", **changes):
    taken = {"requestBody": {"required": True, "content": {kind: {"schema": body}}}} if body else {}
    return {
        "operationId": "do",
        "parameters": [parameter("id", "path", {"type": "string"}), *parameters],
        "responses": {"200": a_response({}), "400": a_response({})},
        **taken,
        **changes,
    }


def parameter(name, where, schema, **changes):
    return {"name": name, "in": where, "required": True, "schema": schema, **changes}


def about(cases):
    return [case.description.partition(", ")[2] for case in cases]


def test_values_in_paths_headers_and_cookies_are_ones_that_arrive():
    made = cases_of(
        operation(
            parameter("X-Text", "header", {"type": "string"}), parameter("c", "cookie", {"type": "string"})
        )
    )

    requests = [case.request for case in made.valid()]

    assert len(requests) > 20
    assert all(
        request.path.count("/") == 2 and request.path not in {"/things/", "/things/.."}
        for request in requests
    )
    assert all(
        value.isascii() and value.strip() == value != ""
        for each in requests
        for value in each.headers["X-Text"]
    )
    assert all(";" not in value.partition("=")[2] for each in requests for value in each.headers["Cookie"])


def test_a_parameter_is_wrong_only_when_no_reading_of_its_text_is_right():
    made = cases_of(
        operation(
            parameter("n", "query", {"type": "integer", "maximum": 9}),
            parameter("s", "query", {"type": "string", "maxLength": 3}),
        )
    )

    found = about(made.invalid())

    assert {'query.n="text" (type)', "query.n=10 (maximum)", "without query.n (required)"} <= set(found)
    assert not [each for each in found if each.startswith("query.s=7")]


def test_a_form_is_generated_and_written_as_a_form():
    body = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "boolean"}, "b": {"enum": ["x"]}},
    }
    made = cases_of(operation(body=body, kind=FORM))

    assert serialised(next(iter(made.valid())).request.body) == b"a=true&b=x"
    assert "without body.a (required)" in about(made.invalid())


def test_a_field_of_a_form_is_wrong_only_when_no_reading_of_its_text_is_right():
    fields = {"s": {"type": "string"}, "n": {"type": "integer", "maximum": 9}, "o": {"type": "boolean"}}
    body = {"type": "object", "required": ["s", "n"], "properties": fields}

    found = set(about(cases_of(operation(body=body, kind=FORM)).invalid()))

    assert {'body.n="text" (type)', "body.n=10 (maximum)", "without body.s (required)"} <= found
    assert not {
        each for each in found if each.startswith(("body.s=7", "body.s={}", "body.s=true", "body.o=null"))
    }


def test_the_encoding_of_an_openapi_document_says_how_a_form_is_written():
    content = {
        "schema": {"type": "object", "properties": {"filter": {"type": "object"}, "tags": {"type": "array"}}},
        "encoding": {
            "filter": {"style": "deepObject", "explode": True},
            "tags": {"style": "form", "explode": False},
        },
        "example": {"filter": {"a": True}, "tags": ["x", "y"]},
    }
    place = operation(requestBody={"required": True, "content": {FORM: content}})
    place["parameters"][0]["example"] = "7"
    contract = parse_service_contract(an_openapi({"/things/{id}": {"post": place}}))

    (case,) = service_contract_cases(contract)

    assert serialised(case.request.body) == b"filter%5Ba%5D=true&tags=x%2Cy"


def test_what_only_the_service_writes_is_not_sent():
    body = {
        "type": "object",
        "properties": {"id": {"type": "integer", "readOnly": True}, "a": {"type": "string"}},
    }
    made = cases_of(operation(body=body))

    sent = [case.request.body.value for case in made.valid()]

    assert not [value for value in sent if "id" in value]
    assert [value for value in sent if "a" in value]


def test_examples_are_what_generated_requests_vary():
    place = operation(
        body={"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    )
    place["parameters"][0]["examples"] = {"one": {"value": "seven", "x-contract-states": ["seven is there"]}}
    place["requestBody"]["content"]["application/json"]["examples"] = {"one": {"value": {"a": "right"}}}
    made = cases_of(place)

    cases = list(made.valid())

    assert cases[0].request.path == "/things/seven"
    assert cases[0].request.body.value["a"] == "right"
    assert all(case.states[0].name == "seven is there" for case in cases)


def answer(status, body=b"{}", kind="application/json"):
    return Response(status, {"Content-Type": (kind,)}, read_body(body, kind))


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (200, []),
        (400, []),
        (500, ["a valid request was answered with 500"]),
        (418, ["the contract says nothing about the status 418 of this operation"]),
    ],
)
def test_a_valid_request_is_never_answered_with_an_error_of_the_server_or_what_is_not_documented(
    status, message
):
    case = next(iter(cases_of(operation()).valid()))

    assert [each.message for each in case.check(answer(status), {})] == message


@pytest.mark.parametrize(
    ("status", "wrong"), [(400, False), (200, True), (302, True), (500, True), (418, True)]
)
def test_an_invalid_request_has_to_be_refused_as_documented(status, wrong):
    made = cases_of(operation(parameter("n", "query", {"type": "integer"})))
    case = next(case for case in made.invalid() if "query.n" in case.description)

    assert bool(case.check(answer(status), {})) is wrong


def test_an_operation_that_documents_no_refusal_may_refuse_as_it_likes():
    place = operation(parameter("n", "query", {"type": "integer"}), responses={"200": a_response({})})
    case = next(case for case in cases_of(place).invalid() if "query.n" in case.description)

    assert case.check(answer(418), {}) == ()
    assert case.check(answer(200), {})


def test_a_path_that_leads_nowhere_may_be_answered_by_anybody():
    place = operation()
    place["parameters"] = [parameter("id", "path", {"type": "integer"})]
    case = next(case for case in cases_of(place).invalid() if "path.id" in case.description)

    assert case.check(answer(404, b"<p>", "text/html"), {}) == ()


def test_operations_whose_schemas_cannot_be_used_are_not_checked():
    contract = parse_service_contract(an_openapi())
    (found,) = contract.http_operations
    broken = replace(found.parameters[0], schema={"type": "strin"})
    contract = replace(contract, operations=(replace(found, parameters=(broken,)),))

    (case,) = generated_cases(contract, Generation(phases=("valid",)), with_messages=False).cases

    assert isinstance(case, UnsupportedCase)
    assert "not a JSON Schema" in case.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"application/xml": {"schema": {"type": "object"}}}, r"cannot be made .* \(application/xml\)"),
        (
            {"application/json": {"schema": {"type": "string", "minimum": 1, "enum": []}}},
            "no value was found",
        ),
    ],
)
def test_an_operation_for_which_no_request_can_be_made_is_named(content, reason):
    place = {"requestBody": {"required": True, "content": content}, "responses": {"200": a_response({})}}
    contract = parse_service_contract(an_openapi({"/things": {"post": place}}))
    phases = ("valid", "invalid", "workflows")

    generated = generated_cases(contract, Generation(phases=phases), with_messages=False)

    (warning,) = generated.warnings
    assert generated.cases == ()
    assert re.fullmatch(f"No requests are generated for POST /things: .*{reason}.*", warning)


def test_requests_that_read_come_before_those_that_delete():
    responses = {"responses": {"200": a_response({})}}
    contract = parse_service_contract(
        an_openapi({"/a": {"delete": responses, "get": responses, "post": responses}})
    )

    cases = generated_cases(contract, Generation(phases=("valid",)), with_messages=False).cases

    assert [case.request.method for case in cases] == ["GET", "POST", "DELETE"]


def test_an_error_condition_with_states_has_to_happen_in_them():
    responses = {"200": a_response({}), "503": {**a_response({}), "x-contract-error": "closed"}}
    place = operation(responses=responses)
    place["x-contract-errors"] = {"closed": {"when": "the shop is closed", "states": ["the shop is closed"]}}

    (case,) = cases_of(place).errors()

    assert [state.name for state in case.states] == ["the shop is closed"]
    assert case.check(answer(503), {}) == ()
    assert [each.message for each in case.check(answer(200), {})] == ["expected the status 503, got 200"]


TEXT = "Zoë 東"


@pytest.mark.parametrize(
    ("sent", "back", "is_wrong"),
    [
        (TEXT, TEXT, False),
        (TEXT, TEXT.upper(), False),
        (TEXT, "Zo? ?", True),
        (TEXT, TEXT.encode().decode("latin-1"), True),
        ("text", "TEXT", False),
        (2**63, -(2**63), True),
        (2**53 + 1, 2**53, True),
        (2**31, -(2**31), True),
        (7, 8, False),
    ],
)
def test_texts_beyond_ascii_and_large_integers_come_back_whole(sent, back, is_wrong):
    place = operation(body={"type": "object", "properties": {"a": {}}}, responses={"200": a_response({})})
    check = cases_of(place).check
    operation_of = cases_of(place).operation
    value = {"body": {"contentType": "application/json", "value": {"a": sent}}}

    found = check_valid(check, operation_of, value, answer(200, json.dumps({"a": back}).encode()), {})

    assert bool(found) is is_wrong


def test_a_filter_by_an_enumeration_is_kept():
    place = operation(parameter("status", "query", {"enum": ["new", "paid"]}))
    made = cases_of(place, method="get")
    value = {"query": {"status": "new"}}

    def found(*statuses):
        body = json.dumps([{"status": status} for status in statuses]).encode()
        return check_valid(made.check, made.operation, value, answer(200, body), {})

    assert found("new", "new") == ()
    assert [each.message for each in found("new", "paid")] == [
        "asked for items whose status is 'new', got one with 'paid'"
    ]


def test_credentials_are_left_out_where_all_of_them_are_headers():
    schemes = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    made = cases_of(operation(security=[{"token": []}]), components=schemes)
    optional = cases_of(operation(security=[{"token": []}, {}]), components=schemes)

    (case,) = [case for case in made.invalid() if case.without_headers]

    assert case.without_headers == {"authorization"}
    assert case.check(answer(401), {}) == ()
    assert case.check(answer(200), {})
    assert not [case for case in optional.invalid() if case.without_headers]


def test_parameters_that_may_be_null_are_sent_with_values():
    status = {"anyOf": [{"enum": ["new", "paid"]}, {"type": "null"}]}
    text = {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}]}
    made = cases_of(
        operation(parameter("status", "query", status), parameter("q", "query", text)), method="get"
    )

    queries = [case.request.query for case in made.valid()]

    assert {query["status"] for query in queries} == {("new",), ("paid",)}
    assert len({query["q"] for query in queries}) > 9
    assert [
        each.message
        for each in check_valid(
            made.check, made.operation, {"query": {"status": "new"}}, answer(200, b'[{"status": "paid"}]'), {}
        )
    ] == ["asked for items whose status is 'new', got one with 'paid'"]
