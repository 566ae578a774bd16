import pytest

from tally.errors import InvalidContractError
from tally.service_contract.checks import check_service_contract
from tally.service_contract.model import PartEncoding, SecurityScheme, Specification
from tally.service_contract.parsing import parse_service_contract


def a_swagger(operation=None, **changes):
    return {
        "swagger": "2.0",
        "info": {"title": "Orders", "version": "1"},
        "basePath": "/v1",
        "paths": {"/orders/{id}": {"put": {"operationId": "put", **an_operation(), **(operation or {})}}},
        **changes,
    }


def an_operation(**changes):
    return {"parameters": [an_id()], "responses": {"200": {"description": ""}}, **changes}


def an_id(**changes):
    return {"name": "id", "in": "path", "required": True, "type": "integer", **changes}


def with_parameters(*parameters, **changes):
    return a_swagger({"parameters": [an_id(), *parameters]}, **changes)


def parsed(document):
    (operation,) = parse_service_contract(document).http_operations
    return operation


def test_an_operation_is_read_with_its_base_path():
    contract = parse_service_contract(a_swagger())

    (operation,) = contract.operations
    assert (contract.specification, contract.service) == (Specification.OPENAPI, "Orders")
    assert (operation.id, operation.method, operation.path) == ("put", "PUT", "/orders/{id}")
    assert (operation.base_path, operation.pointer) == ("/v1", "/paths/~1orders~1{id}/put")
    (parameter,) = operation.parameters
    assert (parameter.name, parameter.location, parameter.schema) == ("id", "path", {"type": "integer"})


@pytest.mark.parametrize(
    ("location", "form", "style", "explode"),
    [
        ("query", None, "form", False),
        ("query", "csv", "form", False),
        ("query", "multi", "form", True),
        ("query", "ssv", "spaceDelimited", False),
        ("query", "tsv", "tabDelimited", False),
        ("query", "pipes", "pipeDelimited", False),
        ("header", "csv", "simple", False),
    ],
)
def test_lists_are_written_in_a_format(location, form, style, explode):
    written = {"name": "tags", "in": location, "type": "array", "items": {"type": "string"}}

    parameter = parsed(
        with_parameters({**written, **({"collectionFormat": form} if form else {})})
    ).parameters[-1]

    assert (parameter.style, parameter.explode) == (style, explode)
    assert parameter.schema == {"type": "array", "items": {"type": "string"}}


def test_the_body_has_the_media_types_that_are_consumed():
    body = {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Order"}}
    definitions = {"Order": {"type": "object", "properties": {"n": {"type": "string", "x-nullable": True}}}}

    request = parsed(
        with_parameters(body, consumes=["application/json", "text/x"], definitions=definitions)
    ).request

    assert request.required
    assert [content.content_type for content in request.content] == ["application/json", "text/x"]
    assert request.content[0].schema == {
        "$ref": "#/$defs/Order",
        "$defs": {"Order": {"type": "object", "properties": {"n": {"type": ["string", "null"]}}}},
    }


@pytest.mark.parametrize(
    ("consumes", "kind", "expected"),
    [
        (None, "string", ["application/x-www-form-urlencoded"]),
        (None, "file", ["multipart/form-data"]),
        (["multipart/form-data"], "string", ["multipart/form-data"]),
    ],
)
def test_fields_of_a_form_are_one_body(consumes, kind, expected):
    document = with_parameters(
        {"name": "a", "in": "formData", "type": kind, "required": True},
        {
            "name": "b",
            "in": "formData",
            "type": "array",
            "items": {"type": "integer"},
            "collectionFormat": "multi",
        },
        **({"consumes": consumes} if consumes else {}),
    )

    request = parsed(document).request

    assert [content.content_type for content in request.content] == expected
    a = {"type": "string", "format": "binary"} if kind == "file" else {"type": "string"}
    assert request.content[0].schema == {
        "type": "object",
        "properties": {"a": a, "b": {"type": "array", "items": {"type": "integer"}}},
        "required": ["a"],
    }
    assert request.content[0].encoding == {"b": PartEncoding(style="form", explode=True)}


def test_answers_have_the_media_types_that_are_produced_and_their_examples():
    response = {
        "schema": {"type": "object", "discriminator": "kind", "required": ["kind"]},
        "examples": {"application/json": {"kind": "a", "$ref": "#/nowhere"}},
        "headers": {"X-Rate": {"type": "integer"}},
    }
    document = a_swagger({"produces": ["application/json"], "responses": {"200": response}})

    (answer,) = parsed(document).responses

    (content,) = answer.content
    assert content.schema["discriminator"] == {"propertyName": "kind"}
    assert content.examples[None].value == {"kind": "a", "$ref": "#/nowhere"}
    assert [(header.name, header.schema) for header in answer.headers] == [("X-Rate", {"type": "integer"})]


def test_parameters_of_the_path_hold_for_each_operation():
    document = a_swagger(
        paths={
            "/orders/{id}": {
                "parameters": [{"$ref": "#/parameters/Id"}, {"name": "q", "in": "query", "type": "string"}],
                "get": an_operation(parameters=[{"name": "q", "in": "query", "type": "integer"}]),
            }
        },
        parameters={"Id": an_id()},
    )

    operation = parsed(document)

    assert [(each.name, each.shared, each.schema) for each in operation.parameters] == [
        ("id", True, {"type": "integer"}),
        ("q", False, {"type": "integer"}),
    ]
    assert operation.parameters[0].pointer == "/parameters/Id"


def test_security_is_read():
    definitions = {
        "basic": {"type": "basic"},
        "key": {"type": "apiKey", "in": "query", "name": "k"},
        "login": {"type": "oauth2", "flow": "implicit", "authorizationUrl": "https://x", "scopes": {}},
    }
    document = a_swagger(
        {"security": [{"basic": []}, {"key": [], "login": ["read"]}, {}]}, securityDefinitions=definitions
    )

    assert parsed(document).security == (
        (SecurityScheme("basic", "http", scheme="basic"),),
        (SecurityScheme("key", "apiKey", "query", "k"), SecurityScheme("login", "oauth2", scopes=("read",))),
        (),
    )


def test_extensions_say_what_the_standard_cannot():
    example = {"name": "e", "request": {"path": {"id": "x"}}, "response": {"status": 200}}

    with pytest.raises(
        InvalidContractError, match="x-contract-examples/0: example 'e', path/id: 'x' is not of type"
    ):
        check_service_contract(a_swagger({"x-contract-examples": [example]}))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (a_swagger(swagger="1.2"), r"^/swagger: version '1\.2' is not supported; 2\.0 is"),
        ({"swagger": "2.0"}, "^/: 'paths' is a required property"),
        (
            with_parameters({"name": "b", "in": "body"}),
            "^/paths/~1orders~1{id}/put/parameters/1: 'schema' is a required",
        ),
        (
            with_parameters({"name": "b", "in": "query"}),
            "^/paths/~1orders~1{id}/put/parameters/1: 'type' is a required",
        ),
        (
            with_parameters({"name": "b", "in": "cookie", "type": "string"}),
            "parameters/1/in: 'cookie' is not one of",
        ),
        (
            with_parameters({"$ref": "#/parameters/B"}),
            r"parameters/1/\$ref: '#/parameters/B' points at nothing",
        ),
        (a_swagger(definitions={"A": {"type": "strin"}}), "^/definitions/A/type: 'strin' is not one of"),
        (
            with_parameters({"name": "q", "in": "query", "type": "array"}),
            "parameters/1: 'items' is a required property",
        ),
        (
            with_parameters(*[{"name": name, "in": "body", "schema": {}} for name in "ab"]),
            "put/parameters/2: a request has one body, and /paths/~1orders~1{id}/put/parameters/1 is it",
        ),
        (
            with_parameters(
                {"name": "b", "in": "body", "schema": {}}, {"name": "f", "in": "formData", "type": "string"}
            ),
            "put/parameters/2: a request has one body",
        ),
        (a_swagger({"requestBody": {}}), "Additional properties are not allowed: 'requestBody'"),
    ],
)
def test_what_is_no_contract_is_refused_by_the_place(document, message):
    with pytest.raises(InvalidContractError, match=message):
        parse_service_contract(document)
