"""What a value is as JSON: what a client sends, and a service answers."""

import base64
import dataclasses
import datetime as dt
import enum
import ipaddress
import sys
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import Any

from tally.type_hints.models import is_model_class, pydantic_base


def json_form(value: Any, other: Callable[[Any], Any] = str) -> Any:  # noqa: PLR0911 - one for each kind
    """Return *value* as JSON has it: moments and identifiers as text; decimals stay numbers.

    What nothing is known of is given to *other*, which returns its form.
    """
    base = pydantic_base("BaseModel")
    if base is not None and isinstance(value, base):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, enum.Enum):
        return json_form(value.value, other)
    if value is None or isinstance(value, bool | int | float | str | Decimal):
        return value
    if is_instance(value):
        return _fields_form(value, other)
    if isinstance(value, Mapping):
        return {str(json_form(key, other)): json_form(item, other) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((json_form(item, other) for item in value), key=repr)
    if isinstance(value, list | tuple) or type(value).__name__ == "deque":
        return [json_form(item, other) for item in value]
    return _scalar_form(value, other)


def _fields_form(value: Any, other: Callable[[Any], Any]) -> Any:
    if hasattr(type(value), "__pydantic_fields__"):
        adapter: Any = sys.modules["pydantic"].TypeAdapter
        return adapter(type(value)).dump_python(value, mode="json", by_alias=True)
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
    elif hasattr(value, "_fields"):
        names = list(value._fields)
    else:
        names = [each.name for each in value.__attrs_attrs__]
    return {name: json_form(getattr(value, name), other) for name in names}


def _scalar_form(value: Any, other: Callable[[Any], Any]) -> Any:
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, Fraction):
        return float(value)
    return str(value) if isinstance(value, _WRITTEN) else other(value)


_WRITTEN = (
    uuid.UUID,
    PurePath,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
)


def is_instance(value: Any) -> bool:
    """Whether *value* is an instance of a model."""
    return not isinstance(value, type) and is_model_class(type(value)) and type(value) is not dict
