"""Keep selectors as an operator writes them: a JSON array (Pact Broker reference §12.1)."""

import difflib
from dataclasses import fields
from typing import Any

import orjson

from broker.domain.retention.policy import KeepSelector

_NAMES_OR_TRUE = {"tag", "branch"}
_FLAGS = {"latest", "main_branch", "deployed", "released"}
_KEYS = tuple(field.name for field in fields(KeepSelector))
_OF_ONE_KIND = ("tag", "branch", "main_branch")
MOST_DAYS = 365_000
"""More than anybody needs, and few enough to reckon a date with."""


class InvalidSelectorError(ValueError):
    """A keep selector is invalid; the text says which, and what to do."""


def parse(text: str) -> tuple[KeepSelector, ...]:
    """Return the selectors of a JSON array such as `[{"latest": true, "branch": true}, {"max_age": 30}]`.

    Raises InvalidSelectorError: a misspelt selector must not lead to deletions.
    """
    try:
        documents = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidSelectorError(f"the keep selectors are not JSON: {error}") from error
    if not isinstance(documents, list):
        raise InvalidSelectorError("the keep selectors must be a JSON array of objects")
    return tuple(_selector(number, document) for number, document in enumerate(documents, 1))


def to_document(selector: KeepSelector) -> dict[str, Any]:
    """Return the selector as JSON."""
    values = {key: getattr(selector, key) for key in _KEYS}
    return {key: value for key, value in values.items() if value is not None and value is not False}


def _selector(number: int, document: object) -> KeepSelector:
    if not isinstance(document, dict):
        raise InvalidSelectorError(f"keep selector {number} must be a JSON object")
    for key, value in document.items():
        _check(f"keep selector {number}: {key}", key, value)
    given = {key: value for key, value in document.items() if value is not None and value is not False}
    if not given:
        raise InvalidSelectorError(f"keep selector {number} is empty; give one of {', '.join(_KEYS)}")
    if "latest" in given and sum(key in given for key in _OF_ONE_KIND) > 1:
        raise InvalidSelectorError(f"keep selector {number}: latest of what? Give one of tag and branch")
    return KeepSelector(**given)


def _check(where: str, key: str, value: object) -> None:
    if key not in _KEYS:
        near = difflib.get_close_matches(key, _KEYS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_KEYS)}"
        raise InvalidSelectorError(f"{where} is unknown; {hint}")
    if value is not None and not _fits(key, value):
        raise InvalidSelectorError(f"{where} must be {_expected(key)}")


def _fits(key: str, value: object) -> bool:
    if key in _FLAGS:
        return isinstance(value, bool)
    if key == "max_age":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_DAYS
    return (isinstance(value, str) and bool(value)) or (key in _NAMES_OR_TRUE and value is True)


def _expected(key: str) -> str:
    if key in _FLAGS:
        return "true or false"
    if key == "max_age":
        return f"a whole number of days, at most {MOST_DAYS}"
    return "a name, or true for any" if key in _NAMES_OR_TRUE else "a name"
