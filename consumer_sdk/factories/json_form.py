"""What a model is as JSON: what a client sends, and a service answers."""

import typing
from typing import Any

from consumer_sdk.factories.acceptance import model_in
from consumer_sdk.factories.factory import JsonSchema, factory
from tally.type_hints.json_form import is_instance, json_form


def is_model(value: object) -> bool:
    """Whether *value* is a model, one with arguments, an instance of one, or a JSON Schema."""
    if isinstance(value, JsonSchema) or model_in(value) is not None:
        return True
    return _is_collection_of_models(value) or (not isinstance(value, type) and is_instance(value))


def json_example(value: Any, **overrides: Any) -> Any:
    """Return the JSON of an example of a model, or of an instance; moments are ISO 8601, bytes base64."""
    if is_instance(value) and not isinstance(value, JsonSchema):
        return json_form(value)
    return json_form(factory(value, **overrides))


def _is_collection_of_models(value: object) -> bool:
    """Whether it is list[Order] or the like."""
    origin = typing.get_origin(value)
    return origin is not None and any(is_model(each) for each in typing.get_args(value))
