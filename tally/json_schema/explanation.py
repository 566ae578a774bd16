"""Why a value does not satisfy a JSON Schema: with better words than the library that decides, but slowly.

So it is asked only about values that were refused, and does not go on for long.
"""

import difflib
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import FormatError, best_match
from jsonschema.validators import extend

from tally.json_schema.schema import Schema
from tally.json_schema.work import MOST_EXPLAINED, OutOfWorkError, Work

__all__ = ["SameFormats", "SchemaExplanation", "explanations"]


class SchemaExplanation(NamedTuple):
    """A reason in words, the keys of its place in the value, and the keys of its place in the schema."""

    message: str
    parts: tuple[str | int, ...]
    rule_parts: tuple[str | int, ...]


class SameFormats(FormatChecker):
    """Formats as the library that decides sees them, so that both agree; each keyword takes of *work*."""

    def __init__(self, work: Work | None = None) -> None:
        super().__init__()
        self.work = work or Work(MOST_EXPLAINED)

    def check(self, instance: object, format: str) -> None:  # noqa: A002 - the name that the library gives it
        """Raise FormatError unless *instance* has the format; everything has an unknown one."""
        if not _judge("format", format).is_valid(instance):
            raise FormatError(f"{instance!r} is not a {format!r}")


@lru_cache(maxsize=1000)
def _judge(keyword: str, value: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({keyword: value}, validate_formats=True)


def explanations(
    schema: Schema, value: object, most: int, work: Work
) -> tuple[SchemaExplanation, ...] | None:
    """Return at most so many reasons; of anyOf and oneOf, the one in the branch that is closest to *value*.

    Empty when there is nothing to say: for values nested too deeply, and for a schema that is `false`, whose
    place the library does not know. None when finding out would take more than *work* allows.
    """
    found = _Validator(schema, format_checker=SameFormats(work)).iter_errors(value)
    try:
        errors = [best_match([error]) or error for error in islice(found, most)]
    except RecursionError:
        return ()
    except OutOfWorkError:
        return None
    return () if any(error.validator is None for error in errors) else tuple(map(_explanation, errors))


def _explanation(error: ValidationError) -> SchemaExplanation:
    return SchemaExplanation(_message(error), tuple(error.absolute_path), tuple(error.absolute_schema_path))


def _message(error: ValidationError) -> str:
    if error.context:  # no branch is closer than another
        return f"{error.message}: {'; '.join(dict.fromkeys(branch.message for branch in error.context))}"
    return error.message


def _matches(pattern: str, text: str) -> bool:
    """Whether *pattern* is found in *text*: asked of the library that decides, which never takes long."""
    return bool(_judge("pattern", pattern).is_valid(text))


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: dict[str, Any], instance: Any, _: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for pattern, schema in patterns.items():
            for name, value in instance.items():
                if _matches(pattern, name):
                    yield from validator.descend(value, schema, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, others: Any, instance: Any, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    declared, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    names = [
        name
        for name in instance
        if name not in declared and not any(_matches(pattern, name) for pattern in patterns)
    ]
    if others is False and names:
        close = [match for name in names[:1] for match in difflib.get_close_matches(name, declared, n=1)]
        meant = f"; did you mean {close[0]!r}?" if close else ""
        said = ", ".join(map(repr, names))
        yield ValidationError(f"Additional properties are not allowed: {said}{meant}")
    elif isinstance(others, dict):
        for name in names:
            yield from validator.descend(instance[name], others, path=name)


_OURS = {
    "additionalProperties": _additional_properties,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
}


def _counted(check: Callable[..., Any]) -> Callable[..., Iterator[ValidationError]]:
    """Return a keyword's check that counts itself, and gives up when there were too many."""

    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        validator.format_checker.work.take()
        yield from check(validator, value, instance, schema) or ()

    return counted


_extended: Any = extend
_Validator: Any = _extended(
    Draft202012Validator,
    {name: _counted(check) for name, check in {**Draft202012Validator.VALIDATORS, **_OURS}.items()},
)


def _evolve(validator: Any, **changes: Any) -> Any:
    """Return the same validator for another schema: of this class, also when `$schema` names another."""
    for field in type(validator).__attrs_attrs__:
        if field.init and field.alias not in changes:
            changes[field.alias] = getattr(validator, field.name)
    return type(validator)(**changes)


_Validator.evolve = _evolve
