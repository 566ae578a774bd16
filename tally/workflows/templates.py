"""Values that hold runtime expressions, filled in: in parameters, payloads and outputs."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from tally.workflows.expressions import (
    NO_VALUE,
    NoValueError,
    Scope,
    is_expression,
    parse_expression,
    value_of,
)

_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")


def as_text(value: object) -> str:
    """Return a value as it is written inside a text: a string as it is, everything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(
        value, ensure_ascii=False, separators=(",", ":")
    )  # integers of any size, half characters


def filled(value: Any, scope: Scope, *, written: Callable[[Any], str] = as_text) -> Any:
    """Return *value* with its expressions replaced by what they stand for.

    An expression alone keeps the type of its value; inside a text ("{$inputs.id}") it becomes text, as
    *written* says. Raises NoValueError when one stands for nothing.
    """
    if isinstance(value, dict):
        return {key: filled(item, scope, written=written) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, scope, written=written) for item in value]
    if not isinstance(value, str):
        return value
    if is_expression(value):
        return needed(value, scope)
    return _EMBEDDED.sub(lambda found: written(needed(found[1], scope)), value)


def needed(expression: str, scope: Scope) -> Any:
    """Return what *expression* stands for; raises NoValueError when that is nothing."""
    value = value_of(parse_expression(expression), scope)
    if value is NO_VALUE:
        raise NoValueError(expression)
    return value


def existing(outputs: Mapping[str, str], scope: Scope) -> dict[str, Any]:
    """Return the outputs whose expressions stand for something."""
    found = {}
    for name, expression in outputs.items():
        with suppress(NoValueError):
            found[name] = filled(expression, scope)
    return found
