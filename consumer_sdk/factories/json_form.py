"""What a model is as JSON: what a client sends, and a service answers."""

import base64
import dataclasses
import datetime as dt
import enum
import sys
import typing
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from consumer_sdk.factories.acceptance import model_in
from consumer_sdk.factories.factory import JsonSchema, factory
from consumer_sdk.factories.models import is_model_class, pydantic_base


def is_model(value: object) -> bool:
    """Whether *value* is a model, one with arguments, an instance of one, or a JSON Schema."""
    if isinstance(value, JsonSchema) or model_in(value) is not None:
        return True
    return _is_collection_of_models(value) or (not isinstance(value, type) and _is_instance(value))


def json_example(value: Any, **overrides: Any) -> Any:
    """Return the JSON of an example of a model, or of an instance; moments are ISO 8601, bytes base64."""
    if _is_instance(value) and not isinstance(value, JsonSchema):
        return json_form(value)
    return json_form(factory(value, **overrides))


def json_form(value: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """Return *value* with everything that JSON has no form for written as text; decimals stay numbers."""
    base = pydantic_base("BaseModel")
    if base is not None and isinstance(value, base):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, enum.Enum):
        return json_form(value.value)
    if value is None or isinstance(value, bool | int | float | str | Decimal):
        return value
    if _is_instance(value):
        return _fields_form(value)
    if isinstance(value, Mapping):
        return {str(json_form(key)): json_form(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((json_form(item) for item in value), key=repr)
    if isinstance(value, list | tuple) or type(value).__name__ == "deque":
        return [json_form(item) for item in value]
    return _scalar_form(value)


def _fields_form(value: Any) -> Any:
    if hasattr(type(value), "__pydantic_fields__"):
        adapter: Any = sys.modules["pydantic"].TypeAdapter
        return adapter(type(value)).dump_python(value, mode="json", by_alias=True)
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
    elif hasattr(value, "_fields"):
        names = list(value._fields)
    else:
        names = [each.name for each in value.__attrs_attrs__]
    return {name: json_form(getattr(value, name)) for name in names}


def _scalar_form(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    return float(value) if isinstance(value, Fraction) else str(value)


def _is_instance(value: Any) -> bool:
    return not isinstance(value, type) and is_model_class(type(value)) and type(value) is not dict


def _is_collection_of_models(value: object) -> bool:
    """Whether it is list[Order] or the like."""
    origin = typing.get_origin(value)
    return origin is not None and any(is_model(each) for each in typing.get_args(value))
