"""Matchers in the form in which Pact's core takes them inside of JSON."""

import sys
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from consumer_sdk.errors import DeclarationError
from consumer_sdk.match.matcher import Matcher

_MOST = int(sys.float_info.max)


def integration_json(value: object) -> Any:
    """Return *value* in the form in which Pact's core takes matchers inside of JSON.

    Raises DeclarationError for a value that JSON has no form for, naming its place.
    """
    return _integration_json(value, "$")


def _integration_json(value: object, place: str) -> Any:
    if isinstance(value, Matcher):
        attributes = {key: _integration_json(item, place) for key, item in value.attributes.items()}
        # The variants of arrayContains are its example as well.
        example = {} if "variants" in attributes else {"value": _integration_json(value.example, place)}
        return {"pact:matcher:type": value.rule, **example, **attributes}
    if isinstance(value, Mapping):
        return {str(key): _integration_json(item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_integration_json(item, f"{place}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, float | Decimal) and isfinite(float(value)):
        return float(value)
    if isinstance(value, int) and abs(value) > _MOST:
        raise DeclarationError(
            f"At {place}: the mock server, as most programs, holds no number over 1.8e308."
        )
    if value is None or isinstance(value, str | int):
        return value
    raise DeclarationError(
        f"At {place}: {value!r} ({type(value).__name__}) has no form in JSON; "
        "give what goes over the wire, for example str(value)."
    )
