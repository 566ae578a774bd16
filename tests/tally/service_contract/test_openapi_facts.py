"""What an OpenAPI document says beside what goes in and comes out."""

import pytest
from support.contract_documents import a_response, an_id, an_openapi, an_operation

from tally.errors import InvalidContractError
from tally.pact import ProviderState
from tally.service_contract.checks import check_service_contract
from tally.service_contract.model import (
    Budget,
    Dependency,
    ErrorCondition,
    Header,
    Link,
    PartEncoding,
    SecurityScheme,
)
from tally.service_contract.parsing import parse_service_contract

SCHEMES = {
    "key": {"type": "apiKey", "in": "cookie", "name": "session"},
    "token": {"type": "http", "scheme": "Bearer"},
    "same": {"$ref": "#/components/securitySchemes/token"},
}


def document_of(operation, *, version="3.1.0", item=None, **changes):
    return an_openapi({"/orders/{id}": {**(item or {}), "get": operation}}, version=version, **changes)


def parsed(operation, **changes):
    (read,) = parse_service_contract(document_of(operation, **changes)).http_operations
    return read


@pytest.mark.parametrize(
    ("of_document", "of_operation", "expected"),
    [
        (None, None, None),
        ([], None, ()),
        ([{"key": []}], None, ((SecurityScheme("key", "apiKey", "cookie", "session"),),)),
        ([{"key": []}], [], ()),
        ([{"key": []}], [{}], ((),)),
        (
            None,
            [{"token": ["a"], "key": []}, {}],
            (
                (
                    SecurityScheme("token", "http", scheme="bearer", scopes=("a",)),
                    SecurityScheme("key", "apiKey", "cookie", "session"),
                ),
                (),
            ),
        ),
        (None, [{"same": []}], ((SecurityScheme("same", "http", scheme="bearer"),),)),
    ],
)
def test_security_of_the_operation_counts_before_that_of_the_document(of_document, of_operation, expected):
    operation = an_operation() if of_operation is None else an_operation(security=of_operation)
    changes = {} if of_document is None else {"security": of_document}

    assert parsed(operation, components={"securitySchemes": SCHEMES}, **changes).security == expected


def test_a_security_scheme_that_is_described_nowhere_is_a_warning():
    document = document_of(an_operation(security=[{"key": []}]))

    (warning,) = check_service_contract(document)

    place = "/paths/~1orders~1{id}/get/security/0"
    assert warning == f"{place}: no security scheme 'key' is described in /components/securitySchemes"
    (operation,) = parse_service_contract(document).http_operations
    assert operation.security == ((SecurityScheme("key", "unknown"),),)


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ({}, ()),
        ({"of_document": ["https://a.example/v1/", "/v1", "https://b.example"]}, ("/v1", "")),
        ({"of_document": ["/a"], "of_path": ["/b"]}, ("/b",)),
        ({"of_document": ["/a"], "of_path": ["/b"], "of_operation": ["https://{host}/{base}"]}, ("/v2",)),
        ({"of_document": ["https://[broken"]}, ()),
        ({"of_document": ["/{stage}/{base}"]}, ("/test/v2", "/live/v2")),
    ],
)
def test_the_closest_servers_say_what_paths_begin_with(servers, expected):
    variables = {
        "base": {"default": "v2"},
        "host": {"default": "x"},
        "stage": {"default": "test", "enum": ["live", "test"]},
    }

    def written(name):
        return [{"url": url, "variables": variables} for url in servers.get(name, [])]

    operation = parsed(
        an_operation(**({"servers": written("of_operation")} if "of_operation" in servers else {})),
        item={"servers": written("of_path")} if "of_path" in servers else {},
        **({"servers": written("of_document")} if "of_document" in servers else {}),
    )

    assert operation.servers == expected


def test_a_response_says_what_its_values_are_for():
    response = {**a_response({}), "links": {"pay": {"$ref": "#/components/links/Pay"}}}
    link = {"operationId": "pay", "parameters": {"path.id": "$response.body#/id"}, "requestBody": 1}

    operation = parsed(an_operation(responses={"200": response}), components={"links": {"Pay": link}})

    assert operation.responses[0].links == (
        Link("pay", "pay", {"path.id": "$response.body#/id"}, 1, "/components/links/Pay"),
    )


def test_an_operation_has_errors_a_budget_and_is_required():
    operation = parsed(
        an_operation(
            responses={"200": a_response({}), "404": {"description": "", "x-contract-error": "gone"}},
            **{
                "x-contract-errors": {"late": {"retry": True, "states": ["it is late"]}},
                "x-contract-budget": {"p95Ms": 20.5, "samples": 10},
                "x-contract-required": True,
                "x-contract-base-path": "/v1/",
            },
            deprecated=True,
        ),
        **{"x-contract-errors": {"gone": {"when": "there is none"}}},
    )

    assert operation.errors == (
        ErrorCondition("late", retry=True, states=(ProviderState("it is late"),)),
        ErrorCondition("gone", "there is none"),
    )
    assert [response.error for response in operation.responses] == [None, "gone"]
    assert operation.budget == Budget(p95_ms=20.5, samples=10)
    assert (operation.required, operation.deprecated, operation.base_path) == (True, True, "/v1")


def test_a_document_has_dependencies_states_and_a_role():
    contract = parse_service_contract(
        an_openapi(
            **{
                "x-contract-dependencies": [{"service": "Mail", "channels": ["out"], "versions": "^2"}],
                "x-contract-states": {"an order exists": {"params": {"$ref": "#/components/schemas/P"}}},
                "x-contract-role": "consumer",
            },
            components={"schemas": {"P": {"required": ["id"]}}},
        )
    )

    assert contract.dependencies == (
        Dependency("Mail", channels=("out",), versions="^2", pointer="/x-contract-dependencies/0"),
    )
    (state,) = contract.states
    assert state.parameters == {"$ref": "#/$defs/P", "$defs": {"P": {"required": ["id"]}}}
    assert contract.role == "consumer"


def test_a_body_says_how_its_parts_are_written():
    encoding = {
        "at": {"style": "deepObject", "explode": True, "headers": {"X-A": {"schema": {"type": "string"}}}}
    }
    content = {"multipart/form-data": {"schema": {"type": "object"}, "encoding": encoding}}

    operation = parsed(an_operation(requestBody={"content": content}))

    place = "/paths/~1orders~1{id}/get/requestBody/content/multipart~1form-data"
    header = f"{place}/encoding/at/headers/X-A"
    (media_type,) = operation.request.content
    assert media_type.pointer == place
    assert media_type.encoding == {
        "at": PartEncoding(
            style="deepObject",
            explode=True,
            headers=(Header("X-A", {"type": "string"}, pointer=header, schema_pointer=f"{header}/schema"),),
        )
    }


def test_a_parameter_says_whether_all_operations_of_its_path_have_it():
    query = {"name": "q", "in": "query"}

    operation = parsed(
        an_operation(parameters=[query]), item={"parameters": [an_id(), {**query, "required": True}]}
    )

    assert [(each.name, each.shared, each.required, each.pointer) for each in operation.parameters] == [
        ("id", True, True, "/paths/~1orders~1{id}/parameters/0"),
        ("q", False, False, "/paths/~1orders~1{id}/get/parameters/0"),
    ]


def test_pointers_lead_to_where_things_are_written():
    components = {
        "parameters": {"Id": an_id()},
        "responses": {"Order": a_response({})},
        "pathItems": {"Order": {"get": an_operation(parameters=[{"$ref": "#/components/parameters/Id"}])}},
    }
    components["pathItems"]["Order"]["get"]["responses"] = {"200": {"$ref": "#/components/responses/Order"}}

    (operation,) = parse_service_contract(
        an_openapi({"/orders/{id}": {"$ref": "#/components/pathItems/Order"}}, components=components)
    ).http_operations

    assert operation.pointer == "/components/pathItems/Order/get"
    assert operation.parameters[0].pointer == "/components/parameters/Id"
    assert operation.responses[0].pointer == "/components/responses/Order"
    assert (
        operation.responses[0].content[0].pointer == "/components/responses/Order/content/application~1json"
    )


def test_openapi_32_has_more_methods_and_sequences():
    content = {"application/jsonl": {"itemSchema": {"type": "integer"}}}
    document = an_openapi(
        {
            "/orders": {
                "query": {
                    "responses": {
                        "200": {"content": {"application/jsonl": {"$ref": "#/components/mediaTypes/L"}}}
                    }
                },
                "additionalOperations": {"PURGE": {"responses": {"204": {}}}},
            }
        },
        version="3.2.0",
        components={"mediaTypes": {"L": content["application/jsonl"]}},
    )

    operations = parse_service_contract(document).http_operations

    assert [operation.title for operation in operations] == ["QUERY /orders", "PURGE /orders"]
    assert operations[0].responses[0].content[0].items == {"type": "integer"}


@pytest.mark.parametrize("keyword", ["query", "additionalOperations"])
def test_what_is_of_32_is_refused_before(keyword):
    with pytest.raises(InvalidContractError, match=f"Additional properties are not allowed: '{keyword}'"):
        parse_service_contract(an_openapi({"/": {keyword: {}}}, version="3.1.0"))


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("https://spec.openapis.org/oas/3.1/dialect/base", {"items": [{"type": "string"}]}),
        ("http://json-schema.org/draft-07/schema#", {"prefixItems": [{"type": "string"}]}),
        ("https://json-schema.org/draft/2019-09/schema", {"prefixItems": [{"type": "string"}]}),
    ],
)
def test_schemas_have_the_dialect_of_the_document(dialect, expected):
    schema = {"items": [{"type": "string"}]}
    document = document_of(an_operation(responses={"200": a_response(schema)}), jsonSchemaDialect=dialect)

    if "prefixItems" not in expected:
        with pytest.raises(InvalidContractError, match="/schema/items: "):
            parse_service_contract(document)
    else:
        (operation,) = parse_service_contract(document).http_operations
        assert operation.responses[0].content[0].schema == expected


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            an_openapi(**{"x-contract-budgets": 1}),
            "^: 'x-contract-budgets' is not understood; did you mean 'x-contract-budget'",
        ),
        (
            document_of(an_operation(**{"x-contract-require": True})),
            "get: 'x-contract-require' is not understood; did you mean 'x-contract-required'",
        ),
        (document_of(an_operation(x_contract_budget={})), "did you mean 'x-contract-budget'"),
        (document_of(an_operation(**{"X-Contract-Budget": {}})), "did you mean 'x-contract-budget'"),
        (
            an_openapi(info={"title": "a", "version": "1", "x-contract-owner": "b"}),
            "^/info: 'x-contract-owner' is not understood",
        ),
        (document_of(an_operation(**{"x-contract-role": "consumer"})), "not allowed: 'x-contract-role'"),
        (
            document_of(an_operation(**{"x-contract-budget": {"p95": 1}})),
            "x-contract-budget: .*'p95'; did you mean 'p95Ms'",
        ),
        (
            document_of(an_operation(**{"x-contract-budget": {"p95Ms": 0}})),
            "x-contract-budget/p95Ms: 0 is less than",
        ),
        (
            document_of(an_operation(responses={"404": {"x-contract-error": "e"}})),
            "404/x-contract-error: no error condition is called 'e'",
        ),
        (
            an_openapi(**{"x-contract-dependencies": [{"service": "a", "versions": "x"}]}),
            "^/x-contract-dependencies/0/versions: 'x' is no range",
        ),
        (
            an_openapi(**{"x-contract-states": {"a": {"params": {"type": "x"}}}}),
            "^/x-contract-states/a/params/type: 'x'",
        ),
        (
            an_openapi(**{"x-contract-states": {"a": {"params": {"$ref": "#/x"}}}}),
            r"^/x-contract-states/a/params/\$ref: ",
        ),
        (an_openapi(jsonSchemaDialect="x"), "^/jsonSchemaDialect: 'x' is no dialect"),
        (
            an_openapi(components={"securitySchemes": {"a": {"type": "http"}}}),
            "^/components/securitySchemes/a: 'scheme' is a required",
        ),
    ],
)
def test_what_is_misspelt_is_refused_by_the_place(document, message):
    with pytest.raises(InvalidContractError, match=message):
        parse_service_contract(document)


def test_a_link_may_refer_to_an_operation():
    response = {**a_response({}), "links": {"again": {"operationRef": "#/paths/~1orders~1{id}/get"}}}

    operation = parsed(an_operation(operationId="read", responses={"200": response}))

    assert [link.operation for link in operation.responses[0].links] == ["read"]


@pytest.mark.parametrize(
    "link",
    [
        {"operationId": "nothing"},
        {"operationRef": "#/paths/~1no"},
        {"operationRef": "#/info"},
        {"operationRef": "https://a.example"},
    ],
)
def test_a_link_that_leads_to_no_operation_is_a_warning(link):
    response = {**a_response({}), "links": {"next": link}}

    (warning,) = check_service_contract(document_of(an_operation(responses={"200": response})))

    assert "/links/next: the link 'next' leads to no operation" in warning


def test_states_of_examples_are_those_of_the_document():
    example = {"name": "e", "request": {"path": {"id": 7}}, "response": {"status": 200}}
    states = {"x-contract-states": {"an order exists": {"params": {"required": ["id"]}}}}

    def checked(*named):
        operation = an_operation(
            parameters=[an_id(examples={})], **{"x-contract-examples": [{**example, "states": list(named)}]}
        )
        return check_service_contract(document_of(operation, **states))

    assert checked({"name": "an order exists", "params": {"id": 7}}) == ()
    (warning,) = checked("an order exist")
    assert warning.endswith("and not this one; did you mean 'an order exists'?")
    with pytest.raises(
        InvalidContractError, match="state 'an order exists', params: 'id' is a required property"
    ):
        checked("an order exists")


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
def test_since_31_an_operation_need_not_say_what_it_answers(version):
    document = an_openapi({"/": {"get": {}}}, version=version)

    (operation,) = parse_service_contract(document).http_operations

    assert operation.responses == ()
    with pytest.raises(InvalidContractError, match=r"^/paths/~1/get: 'responses' is a required property"):
        parse_service_contract({**document, "openapi": "3.0.3"})


def test_a_keyword_of_asyncapi_says_nothing_elsewhere():
    schema = {"schemaFormat": "application/vnd.apache.avro", "schema": {}, "type": "string"}

    operation = parsed(an_operation(responses={"200": a_response(schema)}))

    assert operation.responses[0].content[0].schema == schema
