"""Values as JSON has them: numbers keep their digits, and what JSON has no form for is refused."""

import sys
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any

from consumer_sdk.documents.places import Place
from consumer_sdk.errors import DeclarationError
from tally.json_text import WrittenFloat, WrittenInt

_MOST = int(sys.float_info.max)


def json_value(value: object, where: str = "") -> Any:
    """Return *value* with types of JSON alone; keys of objects are in the order of the alphabet.

    A Decimal keeps its digits. Raises DeclarationError for a value that JSON has no form for; *where* says
    what it is a part of, for the message.
    """
    return _json_value(value, Place((), where))


def _json_value(value: object, place: Place) -> Any:
    if isinstance(value, Mapping):
        named = {key_text(key, place): item for key, item in value.items()}
        return {key: _json_value(named[key], _below(place, key)) for key in sorted(named)}
    if isinstance(value, list | tuple):
        return [_json_value(item, _below(place, index)) for index, item in enumerate(value)]
    return single_value(value, place)


def _below(place: Place, token: str | int) -> Place:
    return Place((*place.path, token), place.category)


def single_value(value: object, place: Place) -> str | int | float | bool | None:
    """Return a text, number, boolean or None as JSON has it; raises DeclarationError for anything else."""
    if value is None or isinstance(value, bool | WrittenFloat | WrittenInt):
        return value
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, int):
        if abs(value) > _MOST:
            raise DeclarationError(f"At {place}: programs that read JSON hold no number over 1.8e308.")
        return int(value)
    if isinstance(value, float | Decimal) and isfinite(float(value)):
        return WrittenFloat(str(value)) if isinstance(value, Decimal) else float(value)
    raise _no_form(value, place)


def _text(value: str, place: Place) -> str:
    text = str.__str__(value)  # of an enumeration's member, the value
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise DeclarationError(
                f"At {place}: {text!r} has half of a surrogate pair, which no file can have: give all of it."
            ) from error
    return text


def _no_form(value: object, place: Place) -> DeclarationError:
    remedy = "give what goes over the wire, for example str(value)"
    if isinstance(value, Enum):
        remedy = f"give {value}.value"
    elif callable(value) and getattr(value, "__module__", "").startswith("consumer_sdk."):
        remedy = "call it with an example"
    return DeclarationError(f"At {place}: {value!r} ({type(value).__name__}) has no form in JSON; {remedy}.")


def key_text(key: object, place: Place) -> str:
    """Return the key of an object as text: true, null and numbers as JSON writes them."""
    if isinstance(key, str):
        return _text(key, place)
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, int | float):
        return str(key)
    raise DeclarationError(
        f"At {place}: the key {key!r} ({type(key).__name__}) has no form in JSON; give a str."
    )
