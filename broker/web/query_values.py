"""Parameters of the query string that have a few values: a misspelt one is refused, not taken for another."""

from flask import request

from broker.domain import limits
from broker.domain.errors import ValidationError
from broker.domain.names import did_you_mean
from broker.domain.text_rules import too_long

_NEARLY = 0.8


def flag(name: str) -> bool:
    """Return whether the query has *name*=true.

    Raises ValidationError for a value other than true and false, for two values, and for another parameter
    whose name is nearly this one.
    """
    values = request.args.getlist(name)
    if len(values) > 1:
        raise ValidationError({name: ["must be given once"]})
    if values and values[0] not in {"true", "false"}:
        raise ValidationError({name: ["must be one of: true, false"]})
    for other in request.args:
        if other != name and (hint := did_you_mean(other.partition("[")[0], (name,), cutoff=_NEARLY)):
            raise ValidationError({other: [f"is no parameter{hint}"]})
    return values == ["true"]


def name(parameter: str, *, longest: int = limits.NAME) -> str:
    """Return the name that a parameter has, "" for none. A space at its begin or end is part of it.

    Raises ValidationError for one that is too long.
    """
    value = request.args.get(parameter, "")
    if message := too_long(value, longest):
        raise ValidationError({parameter: [message]})
    return value if value.strip() else ""


def words(parameter: str, *, longest: int = limits.NAME) -> str:
    """Return the words of a parameter, "" for none. Raises ValidationError for too many characters."""
    return name(parameter, longest=longest).strip()


def whole_number(text: str, *, least: int, most: int) -> int | None:
    """Return the number that *text* is; None when it is none, or outside these bounds."""
    if not (text.isascii() and text.isdecimal()) or len(text.lstrip("0")) > len(str(most)):
        return None
    number = int(text.lstrip("0") or "0")
    return number if least <= number <= most else None
