"""JSON Schema 2020-12 validation: the only module that knows the library doing it.

Nothing is ever fetched: a schema that refers to something outside itself is refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

import jsonschema_rs

from tally.errors import InvalidContractError
from tally.service_contract.model import Schema
from tally.service_contract.references import pointer

MAX_PROBLEMS = 50
_LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class Problem:
    """Why a value does not satisfy a schema. *parts* are the keys of the place in the value.

    *rule_parts* are the keys of the place in the schema; the last is the keyword that is not satisfied.
    """

    parts: tuple[str | int, ...]
    rule_parts: tuple[str | int, ...]
    message: str

    @property
    def keyword(self) -> str:
        """The keyword that is not satisfied; "false" for a schema that accepts nothing."""
        return str(self.rule_parts[-1]) if self.rule_parts else "false"

    @property
    def pointer(self) -> str:
        """The place in the value, as a JSON pointer."""
        return pointer(self.parts)


class Validator:
    """Judge values by one schema, compiled once. Formats ("uuid", "date-time") count; unknown ones do not."""

    def __init__(self, schema: Schema) -> None:
        """Raise InvalidContractError when *schema* is not a JSON Schema, or refers to something missing."""
        try:
            self._validator = jsonschema_rs.Draft202012Validator(
                schema, validate_formats=True, retriever=_refuse
            )
        except (ValueError, jsonschema_rs.ValidationError) as error:
            place = pointer(getattr(error, "instance_path", ()))
            raise InvalidContractError(f"not a JSON Schema: {place}: {_message(error)}") from error

    def accepts(self, value: object) -> bool:
        """Whether *value* satisfies the schema."""
        return self._validator.is_valid(value)

    def problems(self, value: object) -> tuple[Problem, ...]:
        """Return why *value* does not satisfy the schema, at most 50 reasons; empty when it does."""
        if self._validator.is_valid(value):
            return ()
        errors = islice(self._validator.iter_errors(value), MAX_PROBLEMS)
        return tuple(dict.fromkeys(_problem(error) for error in errors))

    def best_problem(self, value: object) -> Problem | None:
        """Return the reason that is most likely what the author got wrong, or None."""
        return max(self.problems(value), key=lambda problem: len(problem.parts), default=None)


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is not in this document, and nothing is fetched")


def _problem(error: jsonschema_rs.ValidationError) -> Problem:
    cause = _most_telling(error)
    return Problem(tuple(cause.instance_path), tuple(cause.schema_path), _message(cause))


def _most_telling(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Of the branches of anyOf and oneOf take the one that the value came closest to.

    That is the one whose first error lies deepest; where all fail at once, as {"type": …} does for every
    branch of a union of types, the union itself says more.
    """
    while branches := [branch for branch in getattr(error.kind, "context", ()) if branch]:
        closest = max(branches, key=lambda branch: (min(_depth(branch)), -len(branch)))
        if len(branches) > 1 and all(_wrong_type(branch, error) for branch in branches):
            return error
        error = max(closest, key=lambda found: len(found.instance_path))
    return error


def _depth(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[int]:
    return (len(error.instance_path) for error in errors)


def _wrong_type(branch: list[jsonschema_rs.ValidationError], union: jsonschema_rs.ValidationError) -> bool:
    return any(
        isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Type)
        and error.instance_path == union.instance_path
        for error in branch
    )


def _message(error: Exception) -> str:
    text = str(getattr(error, "message", error))
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:150]} … {text[-150:]}"
