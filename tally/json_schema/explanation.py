"""Why a value does not satisfy a JSON Schema: with better words than the library that decides, but slowly.

So it is asked only about values that were refused.
"""

import difflib
import re
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import FormatError, best_match

from tally.json_schema.schema import Schema


class SchemaExplanation(NamedTuple):
    """A reason in words, the keys of its place in the value, and the keys of its place in the schema."""

    message: str
    parts: tuple[str | int, ...]
    rule_parts: tuple[str | int, ...]


class SameFormats(FormatChecker):
    """Formats as the library that decides sees them, so that both agree."""

    def check(self, instance: object, format: str) -> None:  # noqa: A002 - the name that the library gives it
        """Raise FormatError unless *instance* has the format; everything has an unknown one."""
        if not _judge(format).is_valid(instance):
            raise FormatError(f"{instance!r} is not a {format!r}")


@cache
def _judge(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)


def explanations(schema: Schema, value: object, most: int) -> tuple[SchemaExplanation, ...]:
    """Return at most so many reasons; of anyOf and oneOf, the one in the branch that is closest to *value*.

    Empty when there is nothing to say: for a pattern that Python cannot read, for values nested too deeply,
    and for a schema that is `false`, whose place the library does not know.
    """
    found = Draft202012Validator(schema, format_checker=SameFormats()).iter_errors(value)
    try:
        errors = [best_match([error]) or error for error in islice(found, most)]
    except (re.error, RecursionError):
        return ()
    return () if any(error.validator is None for error in errors) else tuple(map(_explanation, errors))


def _explanation(error: ValidationError) -> SchemaExplanation:
    return SchemaExplanation(_message(error), tuple(error.absolute_path), tuple(error.absolute_schema_path))


def _message(error: ValidationError) -> str:
    if error.context:  # no branch is closer than another
        return f"{error.message}: {'; '.join(dict.fromkeys(branch.message for branch in error.context))}"
    if error.validator == "additionalProperties" and error.validator_value is False:
        return _additional(error)
    return error.message


def _additional(error: ValidationError) -> str:
    """Name the properties that are too many, and what they may be misspelt for."""
    schema: Any = error.schema
    instance: Any = error.instance
    declared, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    names = [
        name
        for name in instance
        if name not in declared and not any(re.search(pattern, name) for pattern in patterns)
    ]
    close = [match for name in names[:1] for match in difflib.get_close_matches(name, declared, n=1)]
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"Additional properties are not allowed: {', '.join(map(repr, names))}{meant}"
