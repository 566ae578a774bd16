"""Values as JSON has them: numbers keep their digits, and what JSON has no form for is refused."""

import sys
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any

from consumer_sdk.errors import DeclarationError
from tally.json_text import WrittenFloat, WrittenInt

_MOST = int(sys.float_info.max)


def json_value(value: object, place: str = "$") -> Any:
    """Return *value* with types of JSON alone; keys of objects are in the order of the alphabet.

    A Decimal keeps its digits. Raises DeclarationError for a value that JSON has no form for; *place* is
    where it is, for the message.
    """
    if isinstance(value, Enum) and not isinstance(value, str | int | float):
        raise no_form(value, place, f"give {value}.value")
    if isinstance(value, Mapping):
        named = {key_text(key, place): item for key, item in value.items()}
        return {key: json_value(named[key], f"{place}.{key}") for key in sorted(named)}
    if isinstance(value, list | tuple):
        return [json_value(item, f"{place}[{index}]") for index, item in enumerate(value)]
    return single_value(value, place)


def single_value(value: object, place: str) -> str | int | float | bool | None:
    """Return a text, number, boolean or None as JSON has it; raises DeclarationError for anything else."""
    if isinstance(value, WrittenFloat | WrittenInt):
        return value
    if isinstance(value, float | Decimal) and isfinite(float(value)):
        return WrittenFloat(str(value)) if isinstance(value, Decimal) else float(value)
    if isinstance(value, int) and abs(value) > _MOST:
        raise DeclarationError(f"At {place}: programs that read JSON hold no number over 1.8e308.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)
    if callable(value) and getattr(value, "__module__", "").startswith("consumer_sdk."):
        raise no_form(value, place, "call it with an example")
    raise no_form(value, place, "give what goes over the wire, for example str(value)")


def no_form(value: object, place: str, remedy: str) -> DeclarationError:
    """Return the error for a value that JSON has no form for."""
    return DeclarationError(f"At {place}: {value!r} ({type(value).__name__}) has no form in JSON; {remedy}.")


def key_text(key: object, place: str) -> str:
    """Return the key of an object as text: true, null and numbers as JSON writes them."""
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, int | float):
        return str(key)
    raise DeclarationError(
        f"At {place}: the key {key!r} ({type(key).__name__}) has no form in JSON; give a str."
    )
