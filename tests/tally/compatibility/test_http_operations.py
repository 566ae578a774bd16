"""What changes in operations over HTTP break callers: what a service reads widens, what it writes narrows."""

import pytest
from support.contract_documents import a_response, an_openapi

from tally.compatibility.documents import compare_versions, read_version
from tally.compatibility.model import Flow, Mode, Rules, Verdict
from tally.json_schema.answers import NO_VALUE

ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
OK = {"200": {"description": ""}}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
BEARER = {"type": "http", "scheme": "bearer"}
SCHEMES = {"securitySchemes": {"key": KEY, "token": BEARER}}


def a_document(paths=None, **operation):
    paths = paths or {"/orders/{id}": {"get": {"parameters": [ID], "responses": OK, **operation}}}
    return an_openapi(paths, components=SCHEMES)


def compared(old, new, mode="service", **more):
    return compare_versions(read_version("old", old), read_version("new", new), Rules(Mode(mode), **more))


def rules(found):
    return {(change.rule, change.compatible) for change in found.changes}


def a_parameter(**changes):
    return {"name": "q", "in": "query", "schema": {"type": "string"}, **changes}


def a_body(schema, *, required=True, media="application/json"):
    return {"required": required, "content": {media: {"schema": schema}}}


AN_ARRAY = {"type": "array", "items": {"type": "string"}}
SCALAR = a_parameter()
CASES = {
    "a parameter is added": ({}, {"parameters": [ID, SCALAR]}, {("OPTIONAL_PARAMETER_ADDED", True)}),
    "a required parameter is added": (
        {},
        {"parameters": [ID, a_parameter(required=True)]},
        {("REQUIRED_PARAMETER_ADDED", False)},
    ),
    "a parameter is removed": ({"parameters": [ID, SCALAR]}, {}, {("PARAMETER_REMOVED", True)}),
    "a parameter becomes required": (
        {"parameters": [ID, SCALAR]},
        {"parameters": [ID, a_parameter(required=True)]},
        {("PARAMETER_BECAME_REQUIRED", False)},
    ),
    "a parameter becomes optional": (
        {"parameters": [ID, a_parameter(required=True)]},
        {"parameters": [ID, SCALAR]},
        {("PARAMETER_BECAME_OPTIONAL", True)},
    ),
    "a parameter moves": (
        {"parameters": [ID, SCALAR]},
        {"parameters": [ID, a_parameter(**{"in": "header"})]},
        {("PARAMETER_LOCATION_CHANGED", False)},
    ),
    "the name of a header is written otherwise": (
        {"parameters": [ID, a_parameter(name="X-Trace", **{"in": "header"})]},
        {"parameters": [ID, a_parameter(name="x-trace", **{"in": "header"})]},
        set(),
    ),
    "a list is written otherwise": (
        {"parameters": [ID, a_parameter(schema=AN_ARRAY)]},
        {"parameters": [ID, a_parameter(schema=AN_ARRAY, explode=False)]},
        {("PARAMETER_STYLE_CHANGED", False)},
    ),
    "a number may not be empty any more": (
        {"parameters": [ID, a_parameter(schema={"type": "integer"}, allowEmptyValue=True)]},
        {"parameters": [ID, a_parameter(schema={"type": "integer"})]},
        {("PARAMETER_EMPTY_VALUE_REMOVED", False)},
    ),
    "a text may be empty anyway": (
        {"parameters": [ID, a_parameter(allowEmptyValue=True)]},
        {"parameters": [ID, a_parameter()]},
        set(),
    ),
    "a single value cannot be written otherwise": (
        {"parameters": [ID, SCALAR]},
        {"parameters": [ID, a_parameter(explode=False)]},
        set(),
    ),
    "a parameter allows less": (
        {"parameters": [ID, a_parameter(schema={"type": "integer"})]},
        {"parameters": [ID, a_parameter(schema={"type": "integer", "maximum": 100})]},
        {("MAXIMUM_ADDED", False)},
    ),
    "a parameter allows more": (
        {"parameters": [ID, a_parameter(schema={"enum": ["a"]})]},
        {"parameters": [ID, a_parameter(schema={"enum": ["a", "b"]})]},
        {("ENUM_ARRAY_EXTENDED", True)},
    ),
    "a body is added": (
        {},
        {"requestBody": a_body({}, required=False)},
        {("REQUEST_BODY_ADDED", True)},
    ),
    "a required body is added": ({}, {"requestBody": a_body({})}, {("REQUEST_BODY_ADDED", False)}),
    "a body is removed": ({"requestBody": a_body({})}, {}, {("REQUEST_BODY_REMOVED", False)}),
    "a body becomes required": (
        {"requestBody": a_body({}, required=False)},
        {"requestBody": a_body({})},
        {("REQUEST_BODY_BECAME_REQUIRED", False)},
    ),
    "a media type is accepted no longer": (
        {"requestBody": {"content": {"application/json": {}, "text/csv": {}}}},
        {"requestBody": {"content": {"application/json": {}}}},
        {("REQUEST_MEDIA_TYPE_REMOVED", False)},
    ),
    "a range of media types covers one": (
        {"requestBody": {"content": {"text/csv": {}}}},
        {"requestBody": {"content": {"text/*": {}}}},
        {("REQUEST_MEDIA_TYPE_ADDED", True)},
    ),
    "an optional property of a request is added": (
        {"requestBody": a_body({"type": "object", "properties": {"a": {"type": "string"}}})},
        {
            "requestBody": a_body(
                {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
            )
        },
        {("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", True)},
    ),
    "a required property of a request is added": (
        {"requestBody": a_body({"type": "object", "properties": {}})},
        {"requestBody": a_body({"type": "object", "properties": {"b": True}, "required": ["b"]})},
        {("REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", False)},
    ),
    "a property is added to a request that was free": (
        {"requestBody": a_body({"type": "object"})},
        {"requestBody": a_body({"type": "object", "properties": {"b": {"type": "integer"}}})},
        {("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", False)},
    ),
    "a property is added to a request that allows others": (
        {"requestBody": a_body({"properties": {"a": True}, "additionalProperties": True})},
        {
            "requestBody": a_body(
                {"properties": {"a": True, "b": {"type": "integer"}}, "additionalProperties": True}
            )
        },
        {("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", False)},
    ),
    "an answer says nothing of its properties any more": (
        {"responses": {"200": a_response({"type": "object", "properties": {"a": {"type": "integer"}}})}},
        {"responses": {"200": a_response({"type": "object"})}},
        {("PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL", False)},
    ),
    "a request refuses what it ignored": (
        {"requestBody": a_body({"type": "object", "properties": {"a": True}})},
        {"requestBody": a_body({"type": "object", "properties": {"a": True}, "additionalProperties": False})},
        {("ADDITIONAL_PROPERTIES_REMOVED", False)},
    ),
    "a status is added": (
        {},
        {"responses": {**OK, "202": {"description": ""}}},
        {("STATUS_ADDED", False)},
    ),
    "a status of a range is added": (
        {"responses": {**OK, "4XX": {"description": ""}}},
        {"responses": {**OK, "4XX": {"description": ""}, "404": {"description": ""}}},
        {("STATUS_ADDED", True)},
    ),
    "a status of a range has another body": (
        {"responses": {**OK, "4XX": a_response({"type": "object", "required": ["code"]})}},
        {"responses": {**OK, "404": a_response({"type": "object"})}},
        {("STATUS_ADDED", True), ("STATUS_REMOVED", True), ("REQUIRED_ATTRIBUTE_REMOVED", False)},
    ),
    "a status is removed": (
        {"responses": {**OK, "404": {"description": ""}}},
        {},
        {("STATUS_REMOVED", True)},
    ),
    "an answer may be something else": (
        {"responses": {"200": a_response({"type": "integer"})}},
        {"responses": {"200": a_response({"type": ["integer", "null"]})}},
        {("TYPE_EXTENDED", False)},
    ),
    "an answer is something narrower": (
        {"responses": {"200": a_response({"type": ["integer", "null"]})}},
        {"responses": {"200": a_response({"type": "integer"})}},
        {("TYPE_NARROWED", True)},
    ),
    "a property of an answer is added": (
        {"responses": {"200": a_response({"type": "object", "properties": {"a": True}})}},
        {
            "responses": {
                "200": a_response({"type": "object", "properties": {"a": True, "b": {"type": "null"}}})
            }
        },
        {("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", True)},
    ),
    "an optional property of an answer is removed": (
        {
            "responses": {
                "200": a_response({"type": "object", "properties": {"a": True, "b": {"type": "null"}}})
            }
        },
        {"responses": {"200": a_response({"type": "object", "properties": {"a": True}})}},
        {("PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL", True)},
    ),
    "a property of a closed answer is added": (
        {"responses": {"200": a_response({"properties": {"a": True}, "additionalProperties": False})}},
        {
            "responses": {
                "200": a_response({"properties": {"a": True, "b": True}, "additionalProperties": False})
            }
        },
        {("OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", True)},
    ),
    "a representation is gone": (
        {"responses": {"200": {"description": "", "content": {"application/json": {}, "text/csv": {}}}}},
        {"responses": {"200": {"description": "", "content": {"application/json": {}}}}},
        {("RESPONSE_MEDIA_TYPE_REMOVED", False)},
    ),
    "a header of an answer may be absent": (
        {"responses": {"200": {"description": "", "headers": {"ETag": {"required": True}}}}},
        {"responses": {"200": {"description": "", "headers": {"etag": {}}}}},
        {("RESPONSE_HEADER_BECAME_OPTIONAL", False)},
    ),
    "an optional header of an answer is gone": (
        {"responses": {"200": {"description": "", "headers": {"ETag": {}}}}},
        {},
        {("RESPONSE_HEADER_REMOVED", True)},
    ),
    "a credential is asked for": ({}, {"security": [{"key": []}]}, {("SECURITY_ADDED", False)}),
    "another credential suffices, too": (
        {"security": [{"key": []}]},
        {"security": [{"key": []}, {"token": []}]},
        {("SECURITY_EXTENDED", True)},
    ),
    "two credentials are needed": (
        {"security": [{"key": []}]},
        {"security": [{"key": [], "token": []}]},
        {("SECURITY_NARROWED", False)},
    ),
    "one of two credentials suffices": (
        {"security": [{"key": [], "token": []}]},
        {"security": [{"key": []}]},
        {("SECURITY_EXTENDED", True)},
    ),
    "nothing is asked for any more": (
        {"security": [{"key": []}]},
        {"security": []},
        {("SECURITY_EXTENDED", True)},
    ),
    "the budget is relaxed": (
        {"x-contract-budget": {"p95Ms": 200}},
        {"x-contract-budget": {"p95Ms": 400}},
        {("BUDGET_RELAXED", False)},
    ),
    "the budget is tightened": (
        {"x-contract-budget": {"p95Ms": 200}},
        {"x-contract-budget": {"p95Ms": 100}},
        {("BUDGET_TIGHTENED", True)},
    ),
    "an operation is deprecated": ({}, {"deprecated": True}, {("OPERATION_DEPRECATED", True)}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_change_breaks_callers_or_not(case):
    before, after, expected = CASES[case]

    found = compared(a_document(**before), a_document(**after))

    assert rules(found) == expected
    breaks = any(not compatible for _, compatible in expected)
    assert found.verdict is (Verdict.BREAKING if breaks else Verdict.COMPATIBLE)


def test_the_same_document_has_no_changes():
    found = compared(a_document(), a_document())

    assert (found.verdict, found.changes) == (Verdict.COMPATIBLE, ())


def test_a_path_parameter_may_have_another_name():
    new = {"/orders/{order}": {"get": {"parameters": [{**ID, "name": "order"}], "responses": OK}}}

    found = compared(a_document(), a_document(new))

    assert (found.verdict, found.changes) == (Verdict.COMPATIBLE, ())


def test_operations_do_not_disappear():
    old = {"/a": {"get": {"responses": OK}}, "/b": {"get": {"responses": OK, "x-contract-required": True}}}
    new = {"/a": {"post": {"responses": OK}}}

    found = compared(a_document(old), a_document(new))

    assert rules(found) == {
        ("OPERATION_REMOVED", False),
        ("REQUIRED_OPERATION_REMOVED", False),
        ("OPERATION_ADDED", True),
    }


def test_a_change_says_where_it_is_on_both_sides_and_shows_a_value():
    def document(statuses):
        order = {"type": "object", "properties": {"status": {"enum": statuses}}}
        found = a_document(responses={"200": a_response({"$ref": "#/components/schemas/Order"})})
        return {**found, "components": {**SCHEMES, "schemas": {"Order": order}}}

    (change,) = compared(document(["open"]), document(["open", "paid"])).changes

    assert (change.old, change.new) == ("/components/schemas/Order/properties/status/enum",) * 2
    assert (change.direction, str(change.place)) == (Flow.SENT, "GET /orders/{id} 200 $.status")
    assert change.counterexample == {"status": "paid"}
    assert '"paid" is allowed as well' in change.text


def test_pointers_are_those_of_the_document_as_it_was_written():
    def document(minimum, **more):
        schema = {"type": "integer", "minimum": minimum, "nullable": True, **more}
        return {**a_document(parameters=[ID, a_parameter(schema=schema)]), "openapi": "3.0.3"}

    (change,) = compared(document(1), document(2)).changes

    place = "/paths/~1orders~1{id}/get/parameters/1/schema/minimum"
    assert (change.rule, change.old, change.new) == ("MINIMUM_INCREASED", place, place)


def test_pointers_of_parameters_lead_to_where_their_schemas_are():
    def in_content(minimum):
        content = {"application/json": {"schema": {"type": "integer", "minimum": minimum}}}
        return a_document(parameters=[ID, {"name": "q", "in": "query", "content": content}])

    def in_swagger(minimum):
        parameter = {"name": "q", "in": "query", "type": "integer", "minimum": minimum}
        paths = {"/orders": {"get": {"parameters": [parameter], "responses": OK}}}
        return {"swagger": "2.0", "info": {"title": "Orders", "version": "1"}, "paths": paths}

    (in_openapi_3,) = compared(in_content(1), in_content(2)).changes
    (in_openapi_2,) = compared(in_swagger(1), in_swagger(2)).changes

    place = "/paths/~1orders~1{id}/get/parameters/1/content/application~1json/schema/minimum"
    assert in_openapi_3.new == place
    assert in_openapi_2.new == "/paths/~1orders/get/parameters/0/minimum"


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [("backward", Verdict.COMPATIBLE), ("forward", Verdict.BREAKING), ("full", Verdict.BREAKING)],
)
def test_other_modes_ask_the_same_of_requests_and_answers(mode, verdict):
    old = a_document(responses={"200": a_response({"type": "integer"})})
    new = a_document(responses={"200": a_response({"type": "number"})})

    assert compared(old, new, mode).verdict is verdict


def test_each_change_of_an_object_is_judged_by_itself():
    """The new property breaks nobody; what breaks is that another one is needed."""
    old = {"type": "object", "properties": {"a": {"type": "integer", "exclusiveMinimum": 3}}}
    new = {
        "type": "object",
        "required": ["c"],
        "properties": {
            "a": {"type": "integer", "minimum": 3},
            "b": {"type": "string"},
            "c": {"type": "string"},
        },
    }

    found = compared(a_document(requestBody=a_body(old)), a_document(requestBody=a_body(new)))

    assert rules(found) == {
        ("EXCLUSIVE_MINIMUM_REMOVED", True),
        ("MINIMUM_ADDED", True),
        ("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", True),
        ("REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", False),
    }
    assert all(change.counterexample is not NO_VALUE for change in found.breaking)
