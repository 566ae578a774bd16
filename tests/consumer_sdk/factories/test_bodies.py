"""Bodies that are declared as models."""

from dataclasses import dataclass

import pytest

from consumer_sdk import match
from consumer_sdk.factories import JsonSchema, json_example


@dataclass
class Item:
    sku: str
    quantity: int


SCHEMA = JsonSchema({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]})


@pytest.mark.parametrize(
    "model", [Item, Item("tea", 2), SCHEMA, list[Item]], ids=["class", "instance", "schema", "list"]
)
def test_a_model_is_the_example_of_like_and_of_each_like(model):
    assert match.like(model) == match.Matcher("type", json_example(model))
    assert match.each_like(model, minimum=2).example == [json_example(model)] * 2


def test_what_is_no_model_stays_what_it_is():
    assert [match.like(value).example for value in ({"a": 1}, "a", None, b"a")] == [{"a": 1}, "a", None, b"a"]


def test_a_message_that_is_declared_with_a_model_arrives_as_its_json(orders, pact):
    read = (
        orders.expects_message("an item")
        .with_content(match.like(Item("tea", 2)))
        .handled_by(lambda it: it.json())
    )

    assert read == {"sku": "tea", "quantity": 2}
    contents = pact()["interactions"][0]["contents"]
    assert contents["content"] == read
