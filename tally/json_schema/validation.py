"""JSON Schema 2020-12 validation: one library decides, quickly; only for what it refuses, another explains.

Nothing is ever fetched: a schema that refers to something outside itself is refused.
"""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, NoReturn

from tally.errors import InvalidContractError
from tally.json_schema.pointers import pointer
from tally.json_schema.schema import Schema
from tally.json_schema.work import MOST_EXPLAINED, Work
from tally.loading import Later
from tally.values import dataclass

if TYPE_CHECKING:
    import jsonschema_rs
else:  # a large library, and few contracts have schemas
    jsonschema_rs = Later("jsonschema_rs")

MAX_PROBLEMS = 50
_LONGEST_MESSAGE = 300
_UNEXPLAINED = "does not satisfy the schema; finding out why would take too long"


@dataclass(frozen=True)
class SchemaProblem:
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

    _library: ClassVar = "Draft202012Validator"

    def __init__(self, schema: Schema) -> None:
        """Raise InvalidContractError when *schema* is not a JSON Schema, or refers to something missing."""
        self._schema = schema
        try:
            library = getattr(jsonschema_rs, self._library)
            self._validator = library(schema, validate_formats=True, retriever=_refuse)
        except (ValueError, jsonschema_rs.ValidationError) as error:
            place, reason = (
                pointer(getattr(error, "instance_path", ())),
                getattr(error, "message", str(error)),
            )
            raise InvalidContractError(f"not a JSON Schema: {place}: {_shortened(reason)}") from error

    def accepts(self, value: object) -> bool:
        """Whether *value* satisfies the schema."""
        return bool(self._validator.is_valid(value))

    def problems(self, value: object, work: Work | None = None) -> tuple[SchemaProblem, ...]:
        """Return why *value* does not satisfy the schema, at most 50 reasons; empty when it does.

        When finding out takes more than *work* allows, the only reason is that it does not.
        """
        return (
            ()
            if self.accepts(value)
            else tuple(dict.fromkeys(self._reasons(value, work or Work(MOST_EXPLAINED))))
        )

    def places(self, value: object) -> frozenset[tuple[tuple[str | int, ...], str]]:
        """Return where *value* breaks what, without reasons: at most 50 places, each with its keyword."""
        errors = islice(self._validator.iter_errors(value), MAX_PROBLEMS)
        return frozenset((tuple(each.instance_path), str(each.schema_path[-1:])) for each in errors)

    def best_problem(self, value: object, work: Work | None = None) -> SchemaProblem | None:
        """Return the reason that is most likely what the author got wrong, or None."""
        return max(self.problems(value, work), key=lambda problem: len(problem.parts), default=None)

    def quick_problems(self, value: object) -> tuple[SchemaProblem, ...]:
        """Return what `problems` does, hundreds of times faster, in the shorter words of another library.

        Of anyOf and oneOf it gives the reasons of the branch that is closest to *value*. Each property that
        is not allowed is a reason of its own, at its own place. *rule_parts* lead through references.
        """
        if self.accepts(value):
            return ()
        found = islice(self._validator.iter_errors(value), MAX_PROBLEMS)
        return tuple(dict.fromkeys(problem for error in found for problem in _closest(error)))

    def _reasons(self, value: object, work: Work) -> Iterator[SchemaProblem]:
        from tally.json_schema.explanation import explanations  # noqa: PLC0415 - slow to import

        explained = explanations(self._schema, value, MAX_PROBLEMS, work)
        if explained is None:
            yield SchemaProblem((), (), _UNEXPLAINED)
        for error in explained or ():
            yield SchemaProblem(error.parts, error.rule_parts, _shortened(error.message))
        for reason in (
            () if explained or explained is None else islice(self._validator.iter_errors(value), MAX_PROBLEMS)
        ):
            yield SchemaProblem(
                tuple(reason.instance_path), tuple(reason.schema_path), _shortened(reason.message)
            )


def _closest(error: "jsonschema_rs.ValidationError") -> Iterator[SchemaProblem]:
    branches: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", None) or []
    for inner in max(branches, key=_closeness, default=[]):
        yield from _closest(inner)
    if not branches:
        parts, rule_parts = tuple(error.instance_path), tuple(error.evaluation_path)
        for name in getattr(error.kind, "unexpected", None) or [None]:
            place = parts if name is None else (*parts, name)
            yield SchemaProblem(place, rule_parts, _shortened(error.message))


def _closeness(errors: "list[jsonschema_rs.ValidationError]") -> tuple[bool, int, int]:
    """Return what is larger the more a branch was meant: it has the type, and its problems lie deep."""
    depth = min((len(error.instance_path) for error in errors), default=0)
    at_root = any(not error.instance_path and error.kind.name in _OF_ANOTHER_KIND for error in errors)
    return not at_root, depth, -len(errors)


_OF_ANOTHER_KIND = frozenset({"type", "const", "enum"})


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is not in this document, and nothing is fetched")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:150]} … {text[-150:]}"
