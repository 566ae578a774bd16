"""What OpenAPI says of values beside JSON Schema counts: discriminators, formats of numbers, what is text."""

import pytest
from support.contract_documents import a_response, an_openapi

from tally.compatibility.documents import compare_versions, read_version
from tally.compatibility.model import Mode, Rules, Verdict

PETS = {
    "Pet": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
    "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"lives": {"type": "integer"}}}]},
    "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"tricks": {"type": "array"}}}]},
}
CAT, DOG = ("#/components/schemas/Cat", "#/components/schemas/Dog")


def compared(old, new):
    return compare_versions(read_version("old", old), read_version("new", new), Rules(Mode.SERVICE))


def a_pet(mapping):
    """Return a schema of a cat or a dog, which one property tells apart."""
    return {
        "oneOf": [{"$ref": CAT}, {"$ref": DOG}],
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }


def answering(schema, schemas=None):
    paths = {"/pets": {"get": {"responses": {"200": a_response(schema)}}}}
    return an_openapi(paths, components={"schemas": schemas or PETS})


def taking(schema, media="application/json"):
    body = {"required": True, "content": {media: {"schema": schema}}}
    operation = {"requestBody": body, "responses": {"204": {"description": ""}}}
    return an_openapi({"/pets": {"post": operation}}, components={"schemas": PETS})


def with_parameter(schema, **more):
    parameter = {"name": "q", "in": "query", "schema": schema, **more}
    return an_openapi({"/pets": {"get": {"parameters": [parameter], "responses": {"204": {}}}}})


def verdict_of(found):
    return found.verdict.value


@pytest.mark.parametrize(
    ("new", "of_requests", "of_answers"),
    [
        ({"cat": CAT, "dog": DOG}, "compatible", "compatible"),
        ({"kitten": CAT, "dog": DOG}, "breaking", "breaking"),
        ({"cat": CAT, "kitten": CAT, "dog": DOG}, "compatible", "breaking"),
    ],
    ids=["the same", "renamed", "added"],
)
def test_what_a_discriminator_chooses_is_compared(new, of_requests, of_answers):
    old = {"cat": CAT, "dog": DOG}

    assert verdict_of(compared(taking(a_pet(old)), taking(a_pet(new)))) == of_requests
    found = compared(answering(a_pet(old)), answering(a_pet(new)))
    assert verdict_of(found) == of_answers
    rules = {change.rule for change in found.changes if not change.compatible}
    assert rules == ({"DISCRIMINATOR_CHANGED"} if of_answers == "breaking" else set())


def test_a_discriminator_tells_apart_what_one_of_alone_does_not():
    """Without it, what lacks its only property would be a cat as well as a dog, and so neither."""
    needed = {"allOf": [*PETS["Cat"]["allOf"], {"required": ["lives"]}]}
    schema = a_pet({"cat": CAT, "dog": DOG})

    found = compared(answering(schema, {**PETS, "Cat": needed}), answering(schema))

    assert found.verdict is Verdict.BREAKING
    assert [each.counterexample for each in found.breaking] == [{"kind": "cat"}]


@pytest.mark.parametrize(
    ("old", "new", "of_requests", "of_answers"),
    [
        ("int64", "int32", "breaking", "compatible"),
        ("int32", "int64", "compatible", "breaking"),
        (None, "int32", "breaking", "compatible"),
        ("float", "double", "compatible", "compatible"),
    ],
)
def test_formats_of_numbers_are_limits(old, new, of_requests, of_answers):
    before, after = ({"type": "integer", **({"format": each} if each else {})} for each in (old, new))

    assert verdict_of(compared(taking(before), taking(after))) == of_requests
    assert verdict_of(compared(answering(before), answering(after))) == of_answers


def test_a_format_that_is_a_hint_says_nothing_of_values():
    text, hidden = {"type": "string"}, {"type": "string", "format": "password"}

    assert compared(taking(text), taking(hidden)).verdict is Verdict.COMPATIBLE


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"type": "integer"}, {"type": "string"}, "compatible"),
        ({"type": "boolean"}, {"type": "string"}, "compatible"),
        ({"type": "string"}, {"type": "integer"}, "breaking"),
        ({"type": "integer"}, {"type": "string", "maxLength": 3}, "breaking"),
        ({"type": "integer"}, {"type": "boolean"}, "breaking"),
        ({"enum": [1, 2]}, {"type": "string", "enum": ["1", "2"]}, "compatible"),
        ({"enum": [1, 2]}, {"type": "string", "enum": ["1", "02"]}, "breaking"),
        (
            {"type": "array", "items": {"type": "integer"}},
            {"type": "array", "items": {"type": "string"}},
            "compatible",
        ),
    ],
)
def test_a_reader_of_text_takes_what_is_written_as_text(old, new, expected):
    assert verdict_of(compared(with_parameter(old), with_parameter(new))) == expected

    before, after = ({"type": "object", "properties": {"a": each}} for each in (old, new))
    form = "application/x-www-form-urlencoded"
    assert verdict_of(compared(taking(before, form), taking(after, form))) == expected
    if expected == "compatible":
        assert compared(taking(before), taking(after)).verdict is Verdict.BREAKING


@pytest.mark.parametrize(
    ("old", "new", "of_requests", "of_answers"),
    [
        ("application/json", "application/*", "compatible", "breaking"),
        ("application/*", "application/json", "breaking", "compatible"),
        ("*/*", "application/*", "breaking", "compatible"),
    ],
)
def test_ranges_of_media_types_widen_and_narrow(old, new, of_requests, of_answers):
    def answered(media):
        content = {media: {"schema": {"type": "integer"}}}
        return an_openapi({"/pets": {"get": {"responses": {"200": {"description": "", "content": content}}}}})

    assert verdict_of(compared(taking({}, old), taking({}, new))) == of_requests
    assert verdict_of(compared(answered(old), answered(new))) == of_answers


def a_callback(schema):
    body = {"content": {"application/json": {"schema": schema}}}
    return {
        "{$request.body#/url}": {"post": {"requestBody": body, "responses": {"200": {"description": ""}}}}
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"paid": a_callback({"type": "integer"})}, {"paid": a_callback({"type": "integer"})}, "compatible"),
        ({"paid": a_callback({"type": "integer"})}, {"paid": a_callback({"type": "string"})}, "unknown"),
        ({"paid": a_callback({"type": "integer"})}, {}, "unknown"),
        ({}, {"paid": a_callback({"type": "integer"})}, "compatible"),
    ],
)
def test_what_is_not_compared_is_unknown_when_it_changes(old, new, expected):
    def document(callbacks):
        operation = {"responses": {"204": {"description": ""}}, "callbacks": callbacks}
        return an_openapi({"/pets": {"post": operation}})

    assert verdict_of(compared(document(old), document(new))) == expected


def test_what_a_webhook_refers_to_belongs_to_it():
    def document(kind):
        body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
        hook = {"post": {"requestBody": body, "responses": {"200": {"description": ""}}}}
        schemas = {"Pet": {"type": kind, "properties": {"parent": {"$ref": "#/components/schemas/Pet"}}}}
        return an_openapi(webhooks={"born": hook}, components={"schemas": schemas})

    found = compared(document("object"), document("array"))

    assert (found.verdict, found.reasons[0].partition(":")[0]) == (Verdict.UNKNOWN, "/webhooks/born")
    assert compared(document("object"), document("object")).verdict is Verdict.COMPATIBLE


LIVES, NAME = {"lives": {"type": "integer"}}, {"name": {"type": "string"}}
NEEDED, OPTIONAL = {"properties": LIVES, "required": ["lives"]}, {"properties": LIVES}


@pytest.mark.parametrize(
    ("old", "new", "of_requests", "of_answers"),
    [
        (NEEDED, OPTIONAL, "compatible", "breaking"),
        (OPTIONAL, NEEDED, "breaking", "compatible"),
        (OPTIONAL, {"properties": {**LIVES, **NAME}}, "compatible", "compatible"),
        (OPTIONAL, {"properties": {"lives": {"type": "string"}}}, "breaking", "breaking"),
    ],
)
@pytest.mark.parametrize("mapping", [{}, {"mapping": {"cat": CAT}}], ids=["by name", "by mapping"])
def test_a_parent_stands_for_the_children_that_its_discriminator_chooses(
    old, new, of_requests, of_answers, mapping
):
    parent = {**PETS["Pet"], "discriminator": {"propertyName": "kind", **mapping}}

    def schemas(own):
        return {"Pet": parent, "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, own]}}

    pets = {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}
    before, after = (answering(pets, schemas(own)) for own in (old, new))
    assert verdict_of(compared(before, after)) == of_answers
    asked = [taking(pets) | {"components": {"schemas": schemas(own)}} for own in (old, new)]
    assert verdict_of(compared(*asked)) == of_requests
