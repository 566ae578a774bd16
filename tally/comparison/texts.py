"""Values that were written as text, in URLs, headers, cookies and forms, read back by their schemas."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tally.comparison.schema_views import Definitions, item_schema, property_schema, types_of
from tally.json_schema.schema import Schema
from tally.json_schema.validation import Validator
from tally.pact.bodies import NOT_JSON, parse_json

_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 300

Written = Any
"""A text, or texts in lists and objects; None is a name without a value. What is no text stays as it is."""


class TextReader:
    """Read texts into the values that one schema wants."""

    def __init__(self, schema: Schema, definitions: Definitions, validator: Validator) -> None:
        self.schema = schema
        self.definitions = definitions
        self.validator = validator
        self.types = types_of(schema, definitions)

    def value(self, written: Written) -> Any:
        """Return the value that is meant: one that the schema accepts, when there is one."""
        first: Any = None
        for number, typed_first in enumerate((True, False)):
            value = self._read(written, self.schema, typed_first=typed_first)
            if self.validator.accepts(value):
                return value
            first = value if number == 0 else first
        return first

    def _read(self, written: Written, schema: Schema, *, typed_first: bool) -> Any:
        if isinstance(written, list):
            return [
                self._read(item, item_schema(schema, index, self.definitions), typed_first=typed_first)
                for index, item in enumerate(written)
            ]
        if isinstance(written, dict):
            return {
                name: self._read(item, self._property(schema, name), typed_first=typed_first)
                for name, item in written.items()
            }
        if not isinstance(written, str | None):
            return written
        return _scalar(written, types_of(schema, self.definitions), typed_first=typed_first)

    def _property(self, schema: Schema, name: str) -> Schema:
        found = property_schema(schema, name, self.definitions)
        if found is not True or not isinstance(schema, dict):
            return found
        branches = [branch for word in ("anyOf", "oneOf") for branch in schema.get(word, ())]
        return (
            {"anyOf": [property_schema(branch, name, self.definitions) for branch in branches]}
            if branches
            else True
        )


def _scalar(text: str | None, types: frozenset[str], *, typed_first: bool) -> Any:
    if text is None:
        return None if "null" in types and "string" not in types else ("" if "boolean" not in types else True)
    typed = next(_typed(text, types), None)
    if typed is None:
        return None if text in ("", "null") and "null" in types and "string" not in types else text
    return typed if typed_first or "string" not in types else text


def _typed(text: str, types: frozenset[str]) -> Iterator[Any]:
    if len(text) > _LONGEST_NUMBER:
        return
    if "boolean" in types and text in ("true", "false"):
        yield text == "true"
    if "integer" in types and _INTEGER.fullmatch(text):
        yield int(text)
    if types & {"integer", "number"} and _NUMBER.fullmatch(text):
        yield float(text)
    if types & {"object", "array"} and "string" not in types:
        value = parse_json(text) if text[:1] in ("{", "[") else NOT_JSON
        if value is not NOT_JSON:
            yield value


def split_object(parts: Sequence[str]) -> dict[str, str]:
    """Return {"a": "1"} for ["a", "1"]; a last name alone has no value."""
    return {parts[at]: parts[at + 1] if at + 1 < len(parts) else "" for at in range(0, len(parts), 2)}


def named_pairs(parts: Sequence[str]) -> dict[str, str]:
    """Return {"a": "1"} for ["a=1"]."""
    return {name: value for name, _, value in (part.partition("=") for part in parts)}
