"""Keep selectors of versions and branches, as an operator writes them: JSON (Pact Broker reference §12.1)."""

import difflib
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from broker.domain.retention.policy import BranchSelector, KeepSelector
from tally import json_text

_NAMES_OR_TRUE = {"tag", "branch"}
_FLAGS = {"latest", "main_branch", "deployed", "released"}
_KEYS = tuple(field.name for field in fields(KeepSelector))
_BRANCH_KEYS = ("max_age", "branch")
_OF_ONE_KIND = ("tag", "branch", "main_branch")
# The Pact Broker reads these, too.
_OTHER_SPELLINGS: dict[str, str] = {
    "maxAge": "max_age",
    "mainBranch": "main_branch",
    "pacticipant_name": "pacticipant",
    "pacticipantName": "pacticipant",
    "environment_name": "environment",
    "environmentName": "environment",
}
MOST_DAYS = 365_000
"""More than anybody needs, and few enough to reckon a date with."""


class InvalidSelectorError(ValueError):
    """A keep selector is invalid; the text says which, and what to do."""


def parse(text: str) -> tuple[KeepSelector, ...]:
    """Return the selectors of a JSON array such as `[{"latest": true, "branch": true}, {"max_age": 30}]`.

    Raises InvalidSelectorError: a misspelt selector must not lead to deletions.
    """
    return tuple(_selector(where, document) for where, document in _objects(text))


def parse_branches(text: str) -> tuple[BranchSelector, ...]:
    """Return the selectors of a JSON array such as `[{"max_age": 30}, {"branch": ["main", "develop"]}]`.

    Raises InvalidSelectorError.
    """
    return tuple(_branch_selector(where, document) for where, document in _objects(text))


def to_document(selector: KeepSelector) -> dict[str, Any]:
    """Return the selector as JSON."""
    values = {key: getattr(selector, key) for key in _KEYS}
    return {key: value for key, value in values.items() if value is not None and value is not False}


def branches_to_document(selector: BranchSelector) -> dict[str, Any]:
    """Return the selector of branches as JSON."""
    values = {"max_age": selector.max_age, "branch": list(selector.names) or None}
    return {key: value for key, value in values.items() if value is not None}


def _objects(text: str) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield the objects of a JSON array, each with what a message calls it."""
    try:
        documents = json_text.read_plainly(text)
    except (ValueError, RecursionError) as error:
        raise InvalidSelectorError(f"the keep selectors are not JSON: {error}") from error
    if not isinstance(documents, list):
        raise InvalidSelectorError("the keep selectors must be a JSON array of objects")
    for number, document in enumerate(documents, 1):
        where = f"keep selector {number}"
        if not isinstance(document, dict):
            raise InvalidSelectorError(f"{where} must be a JSON object")
        yield where, {str(_OTHER_SPELLINGS.get(key, key)): value for key, value in document.items()}


def _selector(where: str, document: dict[str, Any]) -> KeepSelector:
    for key, value in document.items():
        _check_key(where, key, _KEYS)
        if value is not None and not _fits(key, value):
            raise InvalidSelectorError(f"{where}: {key} must be {_expected(key)}")
    given = {key: value for key, value in document.items() if value is not None and value is not False}
    if not given:
        raise InvalidSelectorError(f"{where} is empty; give one of {', '.join(_KEYS)}")
    if "latest" in given and sum(key in given for key in _OF_ONE_KIND) > 1:
        raise InvalidSelectorError(f"{where}: latest of what? Give one of tag and branch")
    return KeepSelector(**given)


def _branch_selector(where: str, document: dict[str, Any]) -> BranchSelector:
    for key in document:
        _check_key(where, key, _BRANCH_KEYS)
    days, named = document.get("max_age"), document.get("branch")
    if days is not None and not _fits("max_age", days):
        raise InvalidSelectorError(f"{where}: max_age must be {_expected('max_age')}")
    names = [] if named is None else named if isinstance(named, list) else [named]
    if not all(isinstance(name, str) and name for name in names) or named == []:
        raise InvalidSelectorError(f"{where}: branch must be a name, or a list of names")
    if days is None and not names:
        raise InvalidSelectorError(f"{where} is empty; give one of {', '.join(_BRANCH_KEYS)}")
    return BranchSelector(days, tuple(names))


def _check_key(where: str, key: str, keys: tuple[str, ...]) -> None:
    if key not in keys:
        near = difflib.get_close_matches(key, keys, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(keys)}"
        raise InvalidSelectorError(f"{where}: {key} is unknown; {hint}")


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
