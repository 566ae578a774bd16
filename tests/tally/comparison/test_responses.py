import pytest
from support.comparison_documents import (
    JSON,
    a_pact,
    an_api,
    answered,
    asking,
    described,
    getting,
    ref,
    schemas,
)

TWO = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
MODELS = {
    "A": {"type": "object", "properties": {"a": {"type": "string"}}},
    "B": {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}},
    "Tree": {
        "type": "object",
        "properties": {"v": {"type": "integer"}, "kids": {"type": "array", "items": ref("Tree")}},
    },
    "Located": {
        "type": "object",
        "properties": {"data": {"type": "object", "properties": {"locale": {"type": "string"}}}},
    },
    "Cat": {
        "type": "object",
        "required": ["type", "name"],
        "properties": {"type": {"type": "string"}, "name": {"type": "string"}, "indoor": {"type": "boolean"}},
    },
    "Dog": {
        "type": "object",
        "required": ["type", "name"],
        "properties": {"type": {"type": "string"}, "name": {"type": "string"}, "breed": {"type": "string"}},
    },
}
ANIMAL = {
    "oneOf": [ref("Cat"), ref("Dog")],
    "discriminator": {
        "propertyName": "type",
        "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
    },
}


def verdict_of(compared, schema, body, version="3.0.3"):
    document = an_api({"/": getting(schema)}, version, **schemas(**MODELS))
    (found,) = compared(a_pact(answered(body)), document)["interactions"]
    return found["verdict"]


@pytest.mark.parametrize(
    ("schema", "body", "verdict"),
    [
        (TWO, {"a": "x"}, "ok"),
        ({**TWO, "required": ["a", "b"]}, {"a": "x"}, "ok"),
        ({**TWO, "minProperties": 2}, {"a": "x"}, "ok"),
        (TWO, {"a": 1}, "error"),
        (TWO, {"c": "x"}, "error"),
        ({**TWO, "additionalProperties": True}, {"c": 1}, "ok"),
        ({**TWO, "additionalProperties": {"type": "integer"}}, {"c": 1}, "ok"),
        ({**TWO, "additionalProperties": {"type": "integer"}}, {"c": "x"}, "error"),
        ({**TWO, "additionalProperties": False}, {"c": 1}, "error"),
        ({"type": "object"}, {"c": 1}, "ok"),
        ({}, {"c": 1}, "ok"),
        ({"type": "array", "items": TWO}, [{"a": "x"}, {"c": 1}], "error"),
        ({"properties": {"n": {"allOf": [ref("A"), ref("B")]}}}, {"n": {"a": "x", "b": "y"}}, "ok"),
        ({"properties": {"n": {"allOf": [ref("A"), ref("B")]}}}, {"n": {"a": "x", "c": "y"}}, "error"),
        ({"oneOf": [ref("A"), ref("B")]}, {"a": "x"}, "ok"),
        ({"oneOf": [ref("A"), ref("B")]}, {"c": "x"}, "error"),
        ({"anyOf": [ref("A"), {"type": "object", "additionalProperties": True}]}, {"c": 1}, "ok"),
        ({"anyOf": [ref("A"), {"type": "object"}]}, {"c": 1}, "ok"),
        ({"properties": {"x": {"anyOf": [ref("A"), {"type": "string"}]}}}, {"x": {"c": 1}}, "error"),
        (ref("Tree"), {"kids": [{"v": 1, "kids": [{"v": 2}]}]}, "ok"),
        (ref("Tree"), {"kids": [{"v": 1, "kids": [{"w": 2}]}]}, "error"),
        (
            {"allOf": [ref("Located"), {"properties": {"data": {"properties": {"result": {}}}}}]},
            {"data": {"locale": "en", "result": 1}},
            "ok",
        ),
        (
            {"allOf": [ref("Located"), {"properties": {"data": {"properties": {"result": {}}}}}]},
            {"data": {"locale": "en", "other": 1}},
            "error",
        ),
        ({"type": "array", "minItems": 2, "items": {"type": "string"}}, ["a"], "error"),
        ({"type": "array", "uniqueItems": True, "items": TWO}, [{"a": "x"}, {"a": "x"}], "ok"),
        ({"allOf": [ref("A")], "nullable": True}, {"a": "x"}, "ok"),
        ({"allOf": [ref("A")], "nullable": True}, {"c": "x"}, "error"),
        ({"properties": {"a": {"type": "string", "nullable": True}}}, {"a": None}, "ok"),
        ({"properties": {"a": {"type": "string", "enum": ["x"], "nullable": True}}}, {"a": None}, "ok"),
        ({"properties": {"a": {"type": "string"}}}, {"a": None}, "error"),
        ({"properties": {"secret": {"type": "string", "writeOnly": True}}}, {"secret": "x"}, "error"),
        ({"required": ["s"], "properties": {"s": {"writeOnly": True}, "a": {}}}, {"a": 1}, "ok"),
        ({"properties": {"n": {"type": "integer", "format": "int32"}}}, {"n": 2**31 - 1}, "ok"),
        ({"properties": {"n": {"type": "integer", "format": "int32"}}}, {"n": 2**31}, "error"),
        ({"properties": {"n": {"type": "integer", "format": "int64"}}}, {"n": 2**62}, "ok"),
        (ANIMAL, {"type": "cat", "name": "a", "indoor": True}, "ok"),
        (ANIMAL, {"type": "dog", "name": "a", "indoor": True}, "error"),
        (ANIMAL, {"type": "cow", "name": "a"}, "error"),
        (ANIMAL, {"name": "a"}, "error"),
        ({"discriminator": {"propertyName": "type"}, **MODELS["Cat"]}, {"type": "lion", "mane": 1}, "ok"),
        ({"discriminator": {"propertyName": "type"}}, {}, "ok"),
    ],
)
def test_an_answer_shows_declared_properties_but_not_all_of_them(compared, schema, body, verdict):
    assert verdict_of(compared, schema, body) == verdict


@pytest.mark.parametrize(
    ("schema", "body", "verdict"),
    [
        (ref("Bird"), {"type": "Bird", "wings": 2}, "ok"),
        (ref("Bird"), {"type": "Bird", "fins": 2}, "error"),
        ({"oneOf": [ref("Bird")]}, {"type": "Bird", "fins": 2}, "error"),
        (ref("Animal"), {"type": "Fish", "fins": 2}, "ok"),
        ({"allOf": [ref("Animal")], "nullable": True}, {"type": "Fish", "fins": 2}, "ok"),
        ({"allOf": [ref("Animal"), {"description": "any"}]}, {"type": "Fish", "fins": 2}, "ok"),
    ],
)
def test_a_parent_of_what_a_discriminator_chooses_is_open_but_not_its_children(
    compared, schema, body, verdict
):
    named = {"type": "object", "properties": {"type": {"type": "string"}}}
    parent = {**named, "discriminator": {"propertyName": "type"}}
    child = {"allOf": [ref("Animal"), {"type": "object", "properties": {"wings": {"type": "integer"}}}]}
    document = an_api({"/": getting(schema)}, "3.0.3", **schemas(Animal=parent, Bird=child))

    (found,) = compared(a_pact(answered(body)), document)["interactions"]

    assert found["verdict"] == verdict


@pytest.mark.parametrize(
    ("schema", "body", "verdict"),
    [
        ({"properties": {"a": {}}, "unevaluatedProperties": True}, {"c": 1}, "ok"),
        ({"patternProperties": {"^x-": {"type": "integer"}}}, {"x-a": 1}, "ok"),
        ({"patternProperties": {"^x-": {"type": "integer"}}}, {"y": 1}, "error"),
        ({"type": ["object", "null"], "properties": {"a": {}}}, {"c": 1}, "error"),
        ({"prefixItems": [{"type": "integer"}], "items": False}, [1], "ok"),
        ({"prefixItems": [{"type": "integer"}], "items": False}, [1, 2], "error"),
        ({"if": {"properties": {"k": {"const": 1}}}, "then": {"properties": {"a": {}}}}, {"c": 1}, "ok"),
        (
            {"properties": {"k": {}}, "if": {"required": ["k"]}, "then": {"properties": {"a": {}}}},
            {"k": 1, "a": 2},
            "ok",
        ),
        ({"properties": {"a": {}}, "not": {"required": ["a"]}}, {"a": 1}, "error"),
        (
            {
                "properties": {"a": {"properties": {"b": {}}, "not": {"required": ["c"]}}},
                "allOf": [{"properties": {"a": {"type": "object"}}}],
            },
            {"a": {"b": 1}},
            "ok",
        ),
        (
            {"properties": {"a": {}}, "dependentSchemas": {"a": {"properties": {"b": {}}}}},
            {"a": 1, "b": 1},
            "ok",
        ),
    ],
)
def test_words_of_newer_documents_are_known(compared, schema, body, verdict):
    assert verdict_of(compared, schema, body, "3.1.0") == verdict


def test_a_shortened_list_is_not_too_short(compared):
    document = an_api({"/": getting({"type": "array", "minItems": 2, "items": {"type": "string"}})})
    interaction = answered(["a"], matchingRules={"$.body": {"min": 1, "match": "type"}})

    (found,) = compared(a_pact(interaction), document)["interactions"]

    assert found["verdict"] == "ok"


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        (204, []),
        (404, []),
        (503, ["response.error.unexplained"]),
        (302, ["response.status.unknown"]),
    ],
)
def test_statuses_are_exact_or_of_a_class(compared, status, codes):
    responses = {"2XX": described(), "404": described(), "5XX": described()}
    document = an_api({"/": {"get": {"responses": responses}}})

    (found,) = compared(a_pact(asking("GET /", status)), document)["interactions"]

    assert [each["code"] for each in found["findings"]] == codes


def test_a_status_of_which_nothing_is_said_in_particular_is_a_warning(compared):
    document = an_api({"/": {"get": {"responses": {"default": described()}}}})

    (found,) = compared(a_pact(asking("GET /", 200)), document)["interactions"]

    assert (found["verdict"], found["findings"][0]["code"]) == ("warning", "response.status.default")


def test_an_error_needs_no_reason_where_the_pact_gives_a_state(compared):
    document = an_api({"/": {"get": {"responses": {"4XX": described()}}}})
    interaction = {**asking("GET /", 404), "providerState": "no orders"}

    (found,) = compared(a_pact(interaction), document)["interactions"]

    assert found["findings"] == []


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [("success", "ok"), ("clientError", "error"), ([200, 201], "ok"), ([202], "error")],
)
def test_any_status_that_the_consumer_takes_will_do(compared, rule, verdict):
    document = an_api({"/": {"get": {"responses": {"201": described()}}}})
    rules = {"status": {"$": {"matchers": [{"match": "statusCode", "status": rule}]}}}
    interaction = asking("GET /", 200, response={"matchingRules": rules})
    pact = a_pact({"type": "Synchronous/HTTP", **interaction}, specification="4.0")

    (found,) = compared(pact, document)["interactions"]

    assert found["verdict"] == verdict


HEADERS = {
    "X-Count": {"schema": {"type": "integer"}},
    "X-List": {"schema": {"type": "array", "items": {"type": "integer"}}},
}


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({"x-count": "1"}, "ok"),
        ({"X-Count": "x"}, "error"),
        ({"X-List": "1, 2"}, "ok"),
        ({"X-List": "1, x"}, "error"),
        ({"X-Other": "1"}, "error"),
        ({"ETag": "1"}, "warning"),
        ({"Content-Type": JSON}, "ok"),
        ({"Content-Type": "text/html"}, "error"),
    ],
)
def test_headers_have_to_be_declared(compared, headers, verdict):
    response = {**described(**{JSON: {"schema": {}}}), "headers": HEADERS}
    document = an_api({"/": {"get": {"responses": {"200": response}}}})

    (found,) = compared(a_pact(asking("GET /", response={"headers": headers})), document)["interactions"]

    assert found["verdict"] == verdict


ONE, OTHER = {"properties": {"one": {}}}, {"properties": {"other": {}}}


@pytest.mark.parametrize(
    ("declared", "said", "accept", "body", "codes"),
    [
        ({"application/vnd.x+json": ONE}, "application/vnd.x+json", None, {"one": 1}, []),
        ({"application/vnd.x+json": ONE}, JSON, None, {"one": 1}, []),
        ({JSON: ONE}, "application/vnd.x+json", None, {"z": 1}, ["response.body.incompatible"]),
        ({f"{JSON};charset=utf-8": ONE}, JSON, None, {"z": 1}, ["response.body.incompatible"]),
        ({"application/*": ONE}, JSON, None, {"z": 1}, ["response.body.incompatible"]),
        ({"*/*": ONE}, JSON, None, {"one": 1}, []),
        ({"application/vnd.a+json": ONE, "application/vnd.b+json": OTHER}, "application/vnd.b+json", None,
         {"other": 1}, []),
        ({"application/vnd.a+json": ONE, "application/vnd.b+json": OTHER}, "application/vnd.a+json", None,
         {"other": 1}, ["response.body.incompatible"]),
        ({"application/vnd.a+json": ONE}, "application/vnd.b+json", None, {"one": 1},
         ["response.content-type.incompatible"]),
        ({"application/vnd.a+json": ONE, "application/vnd.b+json": OTHER}, None,
         "text/html, application/vnd.b+json", {"other": 1}, []),
        ({"text/plain": {"enum": ["OK"]}}, "text/plain", None, "OK", []),
        ({"text/plain": {"enum": ["OK"]}}, "text/plain", None, "NO", ["response.body.incompatible"]),
        ({"text/plain": {"type": "integer"}}, "text/plain", None, "7", []),
        ({"application/xml": {}}, "application/xml", None, "<a/>", ["response.body.unvalidatable"]),
        ({}, JSON, None, {"a": 1}, ["response.content-type.unknown", "response.body.unknown"]),
        ({}, JSON, None, None, []),
    ],
)  # fmt: skip
def test_the_media_type_that_is_said_chooses_the_schema(compared, declared, said, accept, body, codes):
    content = {kind: {"schema": schema} for kind, schema in declared.items()}
    document = an_api({"/": {"get": {"responses": {"200": described(**content)}}}})
    response = {"headers": {"Content-Type": said}} if said else {}
    response |= {} if body is None else {"body": body}
    interaction = asking("GET /", response=response, headers={"Accept": accept} if accept else {})

    (found,) = compared(a_pact(interaction), document)["interactions"]

    assert [each["code"] for each in found["findings"] if each["question"] == "possible"] == codes
