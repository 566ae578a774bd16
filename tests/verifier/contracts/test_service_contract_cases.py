from dataclasses import replace

import pytest
from support.contract_documents import a_native, a_native_operation, an_openapi

from tally.pact import Body, Presence, ProviderState, Response, read_body
from tally.service_contract.parsing import parse_service_contract
from verifier.contents.bodies import serialised
from verifier.contracts.cases import Case, UnsupportedCase
from verifier.contracts.service_contract_cases import operations_without_examples, service_contract_cases

JSON = "application/json"
ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "items": {"items": {"properties": {"unit price": {"minimum": 0}}}},
    },
}


def cases_of(*operations, **changes):
    return service_contract_cases(parse_service_contract(a_native(*operations, **changes)))


def only_case(**changes):
    (case,) = cases_of(a_native_operation(**changes))
    return case


def answer(status=200, content=b'{"id": 7}', content_type=JSON, **headers):
    received = {name.replace("_", "-"): (value,) for name, value in headers.items()}
    if content_type:
        received["Content-Type"] = (content_type,)
    return Response(status, received, read_body(content, content_type))


def found(case, response):
    return [(mismatch.kind, mismatch.path, mismatch.message) for mismatch in case.check(response, {})]


def test_each_example_is_a_case():
    case = only_case()

    assert case.id == "getOrder/an open order"
    assert case.description == "GET /orders/{id}: an open order"
    assert case.states == (ProviderState("an order exists", {"id": 7}),)
    assert (case.request.method, case.request.path) == ("GET", "/orders/7")
    assert case.request.headers == {"Accept": (JSON,)}
    assert not case.pending


def test_the_request_has_everything_that_the_example_gives():
    example = {
        "name": "all",
        "request": {
            "path": {"id": "a b"},
            "query": {"tag": ["x", "y"]},
            "headers": {"X-Trace": 1, "accept": "text/plain"},
            "cookies": {"session": "s"},
            "body": {"a": 1},
        },
        "response": {"status": 200},
    }

    request = only_case(
        method="PUT", parameters=[{"name": "id", "in": "path"}], request={}, examples=[example]
    ).request

    assert request.method == "PUT"
    assert request.path == "/orders/a%20b"
    assert request.query == {"tag": ("x", "y")}
    assert request.headers == {
        "X-Trace": ("1",),
        "accept": ("text/plain",),
        "Cookie": ("session=s",),
        "Content-Type": (JSON,),
    }
    assert request.body == Body(Presence.PRESENT, {"a": 1}, JSON)


def request_with(content_type, body):
    example = {
        "name": "e",
        "request": {"path": {"id": 7}, "contentType": content_type, "body": body},
        "response": {"status": 200},
    }
    return only_case(request={"contentType": content_type}, examples=[example])


def test_a_form_goes_out_without_the_literals_of_a_programming_language():
    case = request_with("application/x-www-form-urlencoded", {"newsletter": True, "n": None, "a": {"b": 1}})

    assert serialised(case.request.body) == b"newsletter=true&a=%7B%22b%22%3A1%7D"
    assert case.request.headers["Content-Type"] == ("application/x-www-form-urlencoded",)


def test_a_multipart_body_goes_out_in_parts():
    case = request_with("multipart/form-data", {"newsletter": True})

    (content_type,) = case.request.headers["Content-Type"]
    boundary = content_type.removeprefix("multipart/form-data; boundary=")
    assert serialised(case.request.body).decode().split(f"--{boundary}") == [
        "",
        '\r\nContent-Disposition: form-data; name="newsletter"\r\n\r\ntrue\r\n',
        "--\r\n",
    ]


@pytest.mark.parametrize(
    ("content_type", "body", "written"),
    [
        ("text/plain", True, b"true"),
        ("text/plain", None, b""),
        ("application/x-ndjson", [{"a": 1}, None], b'{"a":1}\nnull\n'),
        ("application/x-www-form-urlencoded", "a=True", b"a=True"),
        ("application/xml", "<a/>", b"<a/>"),
    ],
)
def test_other_bodies_are_written_as_their_type_says(content_type, body, written):
    assert serialised(request_with(content_type, body).request.body) == written


@pytest.mark.parametrize(
    "content_type", ["application/xml", "image/png", "application/x-www-form-urlencoded"]
)
def test_a_body_that_nothing_says_how_to_write_cannot_be_checked(content_type):
    case = request_with(content_type, ["a"])

    assert isinstance(case, UnsupportedCase)
    assert content_type in case.reason


def test_operations_without_examples_are_not_exercised():
    contract = parse_service_contract(
        a_native(a_native_operation(), a_native_operation(id="other", examples=[]))
    )

    assert [operation.id for operation in operations_without_examples(contract)] == ["other"]
    assert [case.id for case in service_contract_cases(contract)] == ["getOrder/an open order"]


def test_an_example_without_its_path_parameter_cannot_be_checked():
    case = only_case(examples=[{"name": "e", "response": {"status": 200}}])

    assert isinstance(case, UnsupportedCase)
    assert case.reason == "the example has no value for the path parameter 'id'"


def test_a_schema_that_cannot_be_used_cannot_be_checked():
    (operation,) = parse_service_contract(a_native()).operations
    (response,) = operation.responses
    broken = replace(response, content=(replace(response.content[0], schema={"$ref": "#/$defs/Nowhere"}),))
    contract = replace(
        parse_service_contract(a_native()), operations=(replace(operation, responses=(broken,)),)
    )

    (case,) = service_contract_cases(contract)

    assert isinstance(case, UnsupportedCase)
    assert "not a JSON Schema" in case.reason


def test_an_answer_that_keeps_the_contract_has_no_mismatch():
    case = only_case(responses={"200": {"schema": ORDER}})

    assert isinstance(case, Case)
    assert found(case, answer(content=b'{"id": 8, "items": [], "more": null}')) == []


def test_every_place_that_breaks_the_schema_is_named():
    case = only_case(responses={"200": {"schema": ORDER}})

    mismatches = case.check(answer(content=b'{"id": "7", "items": [{"unit price": -1}]}'), {})

    assert [(mismatch.kind, mismatch.path, mismatch.actual) for mismatch in mismatches] == [
        ("body", "$.id", "7"),
        ("body", "$.items[0]['unit price']", -1),
    ]
    assert mismatches[0].expected == {"type": "integer"}
    assert mismatches[0].message == "'7' is not of type 'integer'"


def test_a_long_rule_is_not_repeated_with_every_mismatch():
    case = only_case(responses={"200": {"schema": {"enum": [f"value {n}" for n in range(100)]}}})

    (mismatch,) = case.check(answer(content=b"1"), {})

    assert mismatch.expected == "enum"


def test_the_status_must_be_that_of_the_example():
    case = only_case(responses={"200": {}, "404": {}})

    assert found(case, answer(404)) == [("status", "", "expected the status 200, got 404")]


@pytest.mark.parametrize(("status", "ok"), [(200, True), (202, True), (404, False)])
def test_a_request_example_alone_expects_any_success(status, ok):
    operation = {
        "parameters": [{"name": "page", "in": "query", "examples": {"first": {"value": 1}}}],
        "responses": {"200": {}, "202": {}, "404": {}},
    }
    (case,) = service_contract_cases(parse_service_contract(an_openapi({"/orders": {"get": operation}})))

    assert (found(case, answer(status)) == []) == ok


def test_a_status_that_the_contract_does_not_know_is_a_mismatch():
    case = only_case(
        responses={"200": {}},
        examples=[{"name": "e", "request": {"path": {"id": 1}}, "response": {"status": 404}}],
    )

    assert found(case, answer(404)) == [
        ("status", "", "the contract says nothing about the status 404 of this operation")
    ]


@pytest.mark.parametrize(("status", "ok"), [(500, True), (200, False)])
def test_a_default_response_is_any_status_that_has_no_entry(status, ok):
    states = {"down": {"value": {}, "x-contract-states": ["down"]}}
    operation = {"responses": {"200": {}, "default": {"content": {JSON: {"examples": states}}}}}
    (case,) = service_contract_cases(parse_service_contract(an_openapi({"/orders": {"get": operation}})))

    assert (found(case, answer(status, b"{}")) == []) == ok


@pytest.mark.parametrize(
    ("response", "mismatch"),
    [
        (
            answer(content_type="text/html"),
            ("body-type", "", f"expected a body of type {JSON}, got text/html"),
        ),
        (
            answer(content_type=None),
            ("body-type", "", f"expected a body of type {JSON}, got no Content-Type"),
        ),
        (answer(content=b"{"), ("body", "$", f"expected a body of type {JSON}, got one that is not")),
        (answer(content=b""), ("body", "$", f"expected a body of type {JSON}, got none")),
        (answer(content=b"null"), ("body", "$", "None is not of type 'object'")),
    ],
)
def test_a_body_must_be_what_its_media_type_says(response, mismatch):
    assert found(only_case(responses={"200": {"schema": ORDER}}), response) == [mismatch]


def test_the_parameters_of_a_media_type_do_not_count():
    case = only_case(responses={"200": {"schema": ORDER}})

    assert found(case, answer(content_type="Application/JSON; charset=utf-8")) == []


def test_the_closest_media_type_is_judged():
    content = {
        "*/*": {"schema": False},
        "application/*": {"schema": {"required": ["b"]}},
        "application/problem+json": {"schema": {"required": ["a"]}},
    }
    operation = {
        "responses": {"200": {"content": content}},
        "x-contract-examples": [{"name": "e", "response": {"status": 200}}],
    }
    (case,) = service_contract_cases(parse_service_contract(an_openapi({"/": {"get": operation}})))

    assert found(case, answer(content=b"{}", content_type="application/problem+json")) == [
        ("body", "$", "'a' is a required property")
    ]
    assert found(case, answer(content=b"{}")) == [("body", "$", "'b' is a required property")]


def test_text_is_judged_as_a_string_and_other_bodies_are_not_judged():
    text = only_case(responses={"200": {"contentType": "text/plain", "schema": {"maxLength": 2}}})
    binary = only_case(responses={"200": {"contentType": "application/pdf", "schema": {"type": "integer"}}})

    assert [kind for kind, _, _ in found(text, answer(content=b"abc", content_type="text/plain"))] == ["body"]
    assert found(text, answer(content=b"ab", content_type="text/plain")) == []
    assert found(binary, answer(content=b"%PDF", content_type="application/pdf")) == []


def test_a_response_that_says_nothing_about_its_body_accepts_any():
    case = only_case(responses={"200": {}})

    assert found(case, answer(content=b"<html>", content_type="text/html")) == []
    assert found(case, answer(content=b"", content_type=None)) == []


def test_the_answer_to_head_has_no_body():
    case = only_case(method="HEAD", responses={"200": {"schema": ORDER}})

    assert found(case, answer(content=b"", content_type=None)) == []


@pytest.mark.parametrize(
    ("schema", "value", "ok"),
    [
        ({"type": "integer"}, "12", True),
        ({"type": "integer"}, "x", False),
        ({"type": "boolean"}, "true", True),
        ({"type": "string", "pattern": "^0"}, "012", True),
        ({"type": "string"}, "12", True),
        ({"type": "array", "items": {"enum": ["GET", "PUT"]}}, "GET, PUT", True),
    ],
)
def test_headers_are_read_as_their_schema_wants(schema, value, ok):
    case = only_case(responses={"200": {"headers": {"X-Value": {"schema": schema}}}})

    assert (found(case, answer(x_value=value)) == []) == ok


def test_a_header_that_is_required_must_be_there():
    headers = {"Location": {"required": True}, "X-Other": {"schema": {"type": "integer"}}}
    case = only_case(responses={"200": {"headers": headers}})

    assert found(case, answer()) == [("header", "Location", "the header Location is missing")]
    assert found(case, answer(location="/orders/7")) == []
