"""Valid examples of models: dataclasses, TypedDicts, named tuples, attrs, pydantic 2, and JSON Schemas.

    factory(Order, status="paid")

The example is the same for the same seed, on every day and in every process. Nothing is imported for it:
attrs and pydantic are used when the program has them.
"""

from consumer_sdk.factories.factory import Factory, JsonSchema, factory
from consumer_sdk.factories.json_form import is_model, json_example

__all__ = ["Factory", "JsonSchema", "factory", "is_model", "json_example"]
