"""Generators of type ProviderState."""

import pytest

from tally.pact import Body, Presence, Request
from verifier.state_values import applied, with_state_values


def from_state(expression, **more):
    return {"type": "ProviderState", "expression": expression, **more}


@pytest.mark.parametrize(
    ("generator", "made"),
    [
        (from_state("${id}"), 7),
        (from_state("${id}", dataType="STRING"), "7"),
        (from_state("${text}", dataType="INTEGER"), 42),
        (from_state("${text}", dataType="DECIMAL"), 42.0),
        (from_state("${yes}", dataType="BOOLEAN"), True),
        (from_state("/orders/${id}/of/${text}"), "/orders/7/of/42"),
        (from_state("${unknown}"), "example"),
        (from_state("${id}-${unknown}"), "example"),
        (from_state("no expression"), "example"),
        (from_state("${word}", dataType="INTEGER"), "word"),
        ({"type": "RandomInt", "min": 1}, "example"),
    ],
)
def test_a_generator_makes_a_value_of_its_type_or_keeps_the_example(generator, made):
    values = {"id": 7, "text": "42", "yes": "true", "word": "word"}

    assert applied(generator, "example", values) == made


@pytest.mark.parametrize("key", ["ids", "$.ids", "ids[1]", "$.ids[1]"])
def test_a_value_of_a_query_is_found_by_name_and_by_position(key):
    request = Request(query={"ids": ("1", "2")}, generators={"query": {key: from_state("${id}")}})

    query = with_state_values(request, {"id": 9}).query

    assert query == {"ids": ("1", "9") if "[1]" in key else ("9", "9")}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("$.items[0].id", {"items": [{"id": 9}, {"id": 2}], "id": 3}),
        ("$.items[*].id", {"items": [{"id": 9}, {"id": 9}], "id": 3}),
        ("$['id']", {"items": [{"id": 1}, {"id": 2}], "id": 9}),
        ("$..[", {"items": [{"id": 1}, {"id": 2}], "id": 3}),
        ("$.nothing.here", {"items": [{"id": 1}, {"id": 2}], "id": 3}),
        ("$.id.deeper", {"items": [{"id": 1}, {"id": 2}], "id": 3}),
    ],
)
def test_a_value_in_a_body_is_found_by_its_path(path, body):
    example = {"items": [{"id": 1}, {"id": 2}], "id": 3}
    request = Request(
        body=Body(Presence.PRESENT, example, "application/json"),
        generators={"body": {path: from_state("${id}")}},
    )

    assert with_state_values(request, {"id": 9}).body.value == body


def test_a_body_that_is_text_stays_as_it_is():
    request = Request(
        body=Body(Presence.PRESENT, "id=1", "text/plain"), generators={"body": {"$.id": from_state("${id}")}}
    )

    assert with_state_values(request, {"id": 9}).body.value == "id=1"
