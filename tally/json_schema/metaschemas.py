"""Whether something is a JSON Schema at all, by the schema that each draft has of itself."""

from functools import cache
from typing import ClassVar

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft
from tally.json_schema.validation import Validator

MAX_DEPTH = 200
"""Levels of a schema that no document has limited."""


class _OfDraft4(Validator):
    _library: ClassVar = "Draft4Validator"


class _OfDraft6(Validator):
    _library: ClassVar = "Draft6Validator"


class _OfDraft7(Validator):
    _library: ClassVar = "Draft7Validator"


class _OfDraft2019(Validator):
    _library: ClassVar = "Draft201909Validator"


_VALIDATORS = {
    Draft.DRAFT_4: _OfDraft4,
    Draft.DRAFT_6: _OfDraft6,
    Draft.DRAFT_7: _OfDraft7,
    Draft.DRAFT_2019_09: _OfDraft2019,
    Draft.DRAFT_2020_12: Validator,
}


def check_schema(value: object, place: str, draft: Draft) -> None:
    """Raise InvalidContractError, naming the place, unless *value* is a schema of this draft."""
    problem = _validator(draft).best_problem(value)
    if problem is not None:
        raise InvalidContractError(f"{place}{problem.pointer or ('' if place else '/')}: {problem.message}")


@cache
def _validator(draft: Draft) -> Validator:
    return _VALIDATORS[draft]({"$ref": draft.value})


def check_depth(value: object) -> None:
    """Raise InvalidContractError when *value* is nested too deep."""
    layer = [value]
    for _ in range(MAX_DEPTH + 1):
        layer = [item for node in layer for item in _items(node)]
        if not layer:
            return
    raise InvalidContractError(f"/: nested deeper than {MAX_DEPTH} levels")


def _items(node: object) -> list[object]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []
