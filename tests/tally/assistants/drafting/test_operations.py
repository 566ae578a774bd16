"""Drafts of operations: what the schemas promise is accepted, and nothing that they do not."""

import ast
import json

import pytest
from support.drafted_tests import an_openapi, drafted

from tally.assistants.answers import ToolError

ORDER = {
    "type": "object",
    "required": ["id", "state", "placed", "day", "lines", "total", "kind", "open", "by"],
    "properties": {
        "id": {"type": "integer", "example": 7},
        "state": {"enum": ["open", "paid (all)"]},
        "placed": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "lines": {"type": "array", "minItems": 2, "items": {"$ref": "#/components/schemas/Line"}},
        "total": {"type": "number"},
        "kind": {"const": "order"},
        "open": {"type": "boolean"},
        "by": {"type": "object", "additionalProperties": {"type": "integer"}},
        "note": {"type": "string"},
    },
}
LINE = {
    "type": "object",
    "required": ["sku"],
    "properties": {"sku": {"type": "string", "pattern": "^[a-z]+-[0-9]+$"}, "gift": {"type": "boolean"}},
}
EXAMPLE = {
    "id": 7,
    "state": "open",
    "placed": "2026-01-05T09:30:00Z",
    "day": "2026-01-05",
    "lines": [{"sku": "tea-1", "gift": True}, {"sku": "tea-2"}],
    "total": 13.5,
    "kind": "order",
    "open": True,
    "by": {"ada": 1},
    "note": "soon",
}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}


def answering(schema, *, example=None, **more):
    content = {"schema": schema} | ({} if example is None else {"example": example})
    return {"description": "", "content": {"application/json": content}, **more}


def contract(tmp_path, operation, *, path="/orders/{id}", method="get"):
    schemas = {"Order": ORDER, "Line": LINE}
    return an_openapi(tmp_path, {path: {method: operation}}, schemas=schemas)


def arguments_of(text, call):
    """Return what the draft gives to a call, by keyword, as it is written; those without one by position."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == call:
            named = {each.arg: each.value for each in node.keywords}
            return {**dict(enumerate(node.args)), **named}
    raise AssertionError(call)


def drafted_parts(file, operation="GET /orders/{id}", **arguments):
    """Return what the draft says of the request and the response, and what it left out."""
    document = drafted(contracts=[file], operation=operation, consumer="Shop", **arguments)
    text = document["data"]["text"]
    asked, answered = (
        {name: ast.unparse(value) for name, value in arguments_of(text, call).items()}
        for call in ("with_request", "will_respond_with")
    )
    return asked, answered, " ".join(document["data"]["left_out"])


@pytest.fixture
def order(tmp_path):
    """What is drafted of an operation with an example of everything."""
    operation = {
        "parameters": [ID],
        "responses": {"200": answering({"$ref": "#/components/schemas/Order"}, example=EXAMPLE)},
    }
    return drafted_parts(contract(tmp_path, operation))


@pytest.mark.parametrize(
    "rule",
    [
        "'id': match.integer(7)",
        "'state': match.regex('open', '^(open|paid \\\\(all\\\\))$')",
        "'placed': match.regex('2026-01-05T09:30:00Z', '^\\\\d{4}-",
        "'day': match.date('2026-01-05', 'yyyy-MM-dd')",
        "'lines': match.each_like({'sku': match.regex('tea-1', '^[a-z]+-[0-9]+$')}, minimum=2)",
        "'total': match.number(13.5)",
        "'kind': 'order'",
        "'open': match.boolean(True)",
        "'by': match.each_value({'ada': match.integer(1)})",
    ],
)
def test_each_value_is_accepted_as_its_schema_promises(order, rule):
    _, answered, _ = order

    assert rule in answered["body"]


def test_the_path_is_that_of_every_such_request(order):
    asked, _, _ = order

    assert asked[1] == "match.regex('/orders/1', '^/orders/-?\\\\d+$')"


def test_what_the_schema_does_not_require_is_left_out_and_named(order):
    _, answered, left_out = order

    assert "note" not in answered["body"]
    assert "gift" not in answered["body"]
    assert "$.lines[*].gift, $.note" in left_out


def test_where_nothing_is_required_everything_is_kept(tmp_path):
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    operation = {"parameters": [ID], "responses": {"200": answering(schema, example={"a": "x", "b": 1})}}

    _, answered, _ = drafted_parts(contract(tmp_path, operation))

    assert answered["body"] == "{'a': match.like('x'), 'b': match.integer(1)}"


def test_values_are_made_of_the_schemas_where_there_are_no_examples(tmp_path):
    operation = {
        "parameters": [
            ID,
            {"name": "state", "in": "query", "required": True, "schema": {"enum": ["open", "paid"]}},
            {"name": "page", "in": "query", "schema": {"type": "integer"}},
            {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}},
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Line"}}},
        },
        "responses": {"201": answering({"$ref": "#/components/schemas/Order"})},
    }

    asked, answered, left_out = drafted_parts(
        contract(tmp_path, operation, method="put"), operation="put /orders/{number}"
    )

    assert asked["query"] == "{'state': match.regex('open', '^(open|paid)$')}"
    assert "'X-Tenant': match.like(" in asked["headers"]
    assert asked["body"].startswith("{'sku': match.regex(")
    assert answered[0] == "201"
    assert "query parameter page: left out: it is optional" in left_out
    assert "names no provider state" in left_out


def test_a_list_that_is_the_whole_answer(tmp_path):
    operation = {"parameters": [ID], "responses": {"200": answering({"type": "array", "items": LINE})}}

    _, answered, _ = drafted_parts(contract(tmp_path, operation))

    assert answered["body"].startswith("match.each_like({'sku': match.regex(")


def test_an_answer_that_may_be_null_is_named(tmp_path):
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": ["string", "null"]}}}
    operation = {"parameters": [ID], "responses": {"200": answering(schema, example={"a": "x"})}}

    _, answered, left_out = drafted_parts(contract(tmp_path, operation))

    assert answered["body"] == "{'a': match.like('x')}"
    assert "may be null, which is not accepted: $.a" in left_out


@pytest.mark.parametrize(
    ("pattern", "example"),
    [("[a-z]", "1a2"), ("^a|b$", "xb"), ("(?!x)a", "a"), (r"a\$", "a$"), ("^(a|b)c$", "ac"), ("^[(|]$", "|")],
)
def test_a_pattern_is_written_so_that_every_verifier_reads_it_as_the_schema_does(tmp_path, pattern, example):
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "pattern": pattern}},
    }
    operation = {"parameters": [ID], "responses": {"200": answering(schema, example={"a": example})}}

    _, answered, _ = drafted_parts(contract(tmp_path, operation))

    written = {"[a-z]": "^.*(?:[a-z]).*$", "^a|b$": "^.*(?:^a|b$).*$", r"a\$": r"^.*(?:a\$).*$"}
    expected = written.get(pattern, pattern)
    if pattern == "(?!x)a":  # Rust's engine has no such groups
        assert answered["body"] == "{'a': match.like('a')}"
    else:
        assert answered["body"] == f"{{'a': match.regex({example!r}, {expected!r})}}"


def test_credentials_are_placeholders(tmp_path):
    file = contract(
        tmp_path,
        {
            "parameters": [ID],
            "security": [{"Key": [], "Login": []}],
            "responses": {"204": {"description": ""}},
        },
    )
    schemes = {
        "Key": {"type": "apiKey", "in": "query", "name": "api_key"},
        "Login": {"type": "http", "scheme": "bearer"},
    }
    text = file.read_text().replace(
        '"components": {', f'"components": {{"securitySchemes": {schemes}, '.replace("'", '"')
    )
    file.write_text(text)

    asked, answered, left_out = drafted_parts(file)

    assert asked["headers"] == "{'Authorization': match.regex('Bearer REDACTED', '^Bearer .+$')}"
    assert asked["query"] == "{'api_key': match.like('REDACTED')}"
    assert "credentials Login: a placeholder is sent" in left_out
    assert answered == {0: "204"}


@pytest.mark.parametrize(
    ("operation", "arguments", "problem"),
    [
        (
            "GET /ordres/{id}",
            {},
            r"operation: there is no operation over HTTP `GET /ordres/{id}`. Did you mean `GET /orders/{id}`",
        ),
        ("nothing", {}, "There are: `GET /orders/{id}`"),
        ("GET /orders/{id}", {"status": 418}, "status: `GET /orders/{id}` has no answer 418. It has `200`"),
        ("GET /orders/{id}", {"provider": "Payments"}, ""),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_near(tmp_path, operation, arguments, problem):
    file = contract(tmp_path, {"parameters": [ID], "responses": {"200": answering(LINE)}})

    if not problem:  # the only contract may have a title that is not the name of the service
        assert (
            "`Payments`"
            in drafted(contracts=[file], operation=operation, consumer="Shop", **arguments)["summary"]
        )
        return
    with pytest.raises(ToolError) as refused:
        drafted(contracts=[file], operation=operation, consumer="Shop", **arguments)
    assert problem in str(refused.value)


def test_without_the_name_of_the_consumer_nothing_is_drafted(tmp_path):
    file = contract(tmp_path, {"parameters": [ID], "responses": {"200": answering(LINE)}})

    with pytest.raises(ToolError, match="consumer is missing"):
        drafted(contracts=[file], operation="GET /orders/{id}")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"operation": "a", "har": "{}"},
        {"interaction": "a", "status": 200},
        {"operation": "a"},
    ],
)
def test_one_source_is_wanted(given):
    with pytest.raises(ToolError, match=r"Give one of|status: only|consumer is missing"):
        drafted(**given)


def test_each_part_of_a_request_is_sent_as_the_document_writes_it(tmp_path):
    style = {"in": "path", "required": True}
    operation = {
        "parameters": [
            {
                "name": "id",
                **style,
                "schema": {"type": "array", "items": {"type": "integer"}},
                "example": [1, 2],
            },
            {
                "name": "X-Flag",
                "in": "header",
                "required": True,
                "schema": {"type": "boolean"},
                "example": True,
            },
            {"name": "seen", "in": "cookie", "required": True, "schema": {"const": "yes"}},
            {
                "name": "X-Tags",
                "in": "header",
                "required": True,
                "schema": {"type": "array", "items": {"type": "string"}},
                "example": ["a", "b"],
            },
            {
                "name": "tags",
                "in": "query",
                "required": True,
                "schema": {"type": "array", "items": {"type": "string"}},
                "example": ["a", "b"],
            },
        ],
        "requestBody": {
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {"type": "object"},
                    "example": {"a": 1, "b": ["x", "y"]},
                }
            },
            "required": True,
        },
        "responses": {
            "200": {
                "description": "",
                "content": {"text/plain": {"schema": {"type": "string"}, "example": "done"}},
            }
        },
    }

    asked, answered, _ = drafted_parts(contract(tmp_path, operation, method="post"), "POST /orders/{id}")

    assert asked[1] == "'/orders/1,2'"
    assert asked["query"] == "{'tags': ['a', 'b']}"
    assert "'X-Flag': match.regex('true', '^(true|false)$')" in asked["headers"]
    assert "'X-Tags': 'a,b'" in asked["headers"]
    assert "'Cookie': match.regex('seen=REDACTED'" in asked["headers"]
    assert asked["body"] == "'a=1&b=x&b=y'"
    assert answered["body"] == "bodies.text(match.like('done'), 'text/plain')"


@pytest.mark.parametrize(
    ("responses", "status"),
    [
        ({"default": {"description": ""}}, 200),
        ({"default": {"description": ""}, "404": {"description": ""}}, 500),
        ({"2XX": {"description": ""}, "404": {"description": ""}}, 200),
        ({"404": {"description": ""}}, 404),
        ({"500": {"description": ""}, "202": {"description": ""}}, 202),
    ],
)
def test_the_success_is_drafted_unless_another_answer_is_named(tmp_path, responses, status):
    file = contract(tmp_path, {"parameters": [ID], "responses": responses})

    _, answered, _ = drafted_parts(file)

    assert answered == {0: str(status)}


def test_an_answer_that_another_one_covers(tmp_path):
    file = contract(tmp_path, {"parameters": [ID], "responses": {"4XX": {"description": ""}}})

    _, answered, _ = drafted_parts(file, status=422)

    assert answered == {0: "422"}


def test_an_operation_without_answers_is_refused(tmp_path):
    with pytest.raises(ToolError, match="says nothing about its answers"):
        drafted_parts(contract(tmp_path, {"parameters": [ID]}))


@pytest.mark.parametrize("schema", [False, {"type": "string", "pattern": "^$", "minLength": 1}])
def test_a_parameter_without_any_value_is_refused(tmp_path, schema):
    operation = {"parameters": [{**ID, "schema": schema}], "responses": {"204": {"description": ""}}}

    with pytest.raises(ToolError, match="needs `id`, and no value was found"):
        drafted_parts(contract(tmp_path, operation))


def test_a_parameter_that_the_document_does_not_declare_is_refused(tmp_path):
    with pytest.raises(ToolError, match="id"):
        drafted_parts(contract(tmp_path, {"responses": {"204": {"description": ""}}}))


@pytest.mark.parametrize(
    ("schema", "example", "written"),
    [
        (
            {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]},
            [1, "a"],
            "[match.integer(1), match.like('a')]",
        ),
        ({"type": "array", "items": {"type": "string"}}, [], "match.like([])"),
        ({"type": "object"}, {}, "match.like({})"),
        ({"type": "object"}, {"it's": 1}, 'match.like({"it\'s": 1})'),
        ({"type": ["string", "null"]}, None, "match.null()"),
        (
            {
                "oneOf": [
                    {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}},
                    {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
                ]
            },
            {"a": 1},
            "{'a': match.integer(1)}",
        ),
        ({"type": "integer"}, "no number", "match.like('no number')"),
        ({"enum": [1, 2]}, 1, "match.number(1)"),
        ({"type": "string", "format": "date"}, "tomorrow", "match.like('tomorrow')"),
    ],
)
def test_shapes_of_values(tmp_path, schema, example, written):
    whole = {"type": "object", "required": ["it"], "properties": {"it": schema}}
    operation = {"parameters": [ID], "responses": {"200": answering(whole, example={"it": example})}}

    _, answered, _ = drafted_parts(contract(tmp_path, operation))

    assert answered["body"] == f"{{'it': {written}}}"


def test_what_cannot_be_made_is_left_out_and_named(tmp_path):
    operation = {
        "parameters": [ID],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            "200": {
                "description": "",
                "headers": {
                    "X-Next": {"required": True, "schema": {"type": "integer"}},
                    "X-Maybe": {"schema": {"type": "string"}},
                },
                "content": {"image/png": {"schema": {"type": "object"}}},
            }
        },
    }

    asked, answered, left_out = drafted_parts(
        contract(tmp_path, operation, method="post"), "POST /orders/{id}"
    )

    assert "body" not in asked
    assert "'X-Next': match.regex(" in answered["headers"]
    for what in (
        "request body: left out: it is optional",
        "response header X-Maybe: left out",
        "no image/png could be made",
    ):
        assert what in left_out


def test_an_operation_that_two_services_have(tmp_path):
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        file = contract(tmp_path / name, {"parameters": [ID], "responses": {"204": {"description": ""}}})
        file.write_text(file.read_text().replace('"title": "Orders"', f'"title": "{name}"'))
        files.append(file)

    with pytest.raises(ToolError, match=r"several services have .* as provider: `one`, `two`"):
        drafted(contracts=files, operation="GET /orders/{id}", consumer="Shop")
    assert (
        "`two`"
        in drafted(contracts=files, operation="GET /orders/{id}", consumer="Shop", provider="two")["summary"]
    )
    with pytest.raises(ToolError, match="no service contract of `three`"):
        drafted(contracts=files, operation="GET /orders/{id}", consumer="Shop", provider="three")


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        {"type": "apiKey", "in": "cookie", "name": "session"},
        {"type": "http", "scheme": "basic"},
        {"type": "mutualTLS"},
    ],
)
def test_each_kind_of_credentials_has_a_placeholder(tmp_path, scheme):
    file = contract(
        tmp_path, {"parameters": [ID], "security": [{"Key": []}], "responses": {"204": {"description": ""}}}
    )
    schemes = f'"components": {{"securitySchemes": {{"Key": {json.dumps(scheme)}}}, '
    file.write_text(file.read_text().replace('"components": {', schemes))

    asked, _, left_out = drafted_parts(file)

    if scheme["type"] == "mutualTLS":
        assert "credentials Key: left out: they are no part of a request" in left_out
    else:
        assert "REDACTED" in asked["headers"]


def test_a_service_contract_without_a_name_needs_one(tmp_path):
    file = contract(tmp_path, {"parameters": [ID], "responses": {"204": {"description": ""}}})
    file.write_text(file.read_text().replace('"title": "Orders"', '"title": ""'))

    with pytest.raises(ToolError, match="provider is missing: the service contract does not name"):
        drafted_parts(file)


def test_a_schema_that_asks_for_too_much_work_says_no_more_than_the_type(tmp_path):
    choices = {"anyOf": [{"maxLength": 1_000 + number} for number in range(24)]}
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "allOf": [choices] * 1_000}},
    }
    operation = {"parameters": [ID], "responses": {"200": answering(schema, example={"a": "x"})}}

    _, answered, _ = drafted_parts(contract(tmp_path, operation))

    assert answered["body"] == "{'a': match.like('x')}"
