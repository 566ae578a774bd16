"""Whole values that show what breaks a reader, made of parts that do."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from typing import Any

from tally.compatibility.walk import Path, json_text
from tally.errors import InvalidContractError
from tally.json_schema.answers import NO_VALUE
from tally.json_schema.schema import Schema
from tally.json_schema.validation import Validator
from tally.json_schema.values import valid_values
from tally.pact.path_expressions import Wildcard

_MOST_VALUES = 24


class Examples:
    """Values of what is *written*, into which parts are put that *read* refuses."""

    def __init__(self, written: Schema, read: Schema) -> None:
        self._written = written
        self._read = read
        self._values: list[Any] | None = None
        self._validators: tuple[Validator, Validator] | None = None

    def around(self, part: Any, path: Path, other: Any) -> Any:
        """Return a value that is written but not read, with *part* at *path*; NO_VALUE when none is found.

        *other* is a value that is known to be like that.
        """
        if part is NO_VALUE:
            return NO_VALUE
        if not path:
            return part if self._shows(part) else NO_VALUE
        if other is not NO_VALUE and part_at(other, path) == part and self._shows(other):
            return other
        built = (_with_part(deepcopy(value), path, part) for value in self._candidates(other))
        shown = [value for value in built if value is not NO_VALUE and self._shows(value)]
        return min(shown, key=lambda value: len(json_text(value)), default=NO_VALUE)

    def _candidates(self, other: Any) -> Iterator[Any]:
        if self._values is None:
            self._values = list(islice(valid_values(self._written, most=_MOST_VALUES), _MOST_VALUES))
        yield from self._values
        if other is not NO_VALUE:
            yield other

    def _shows(self, value: Any) -> bool:
        try:
            if self._validators is None:
                self._validators = Validator(self._written), Validator(self._read)
        except InvalidContractError:
            return False
        written, read = self._validators
        return written.accepts(value) and not read.accepts(value)


def part_at(value: Any, path: Path) -> Any:
    """Return what is at *path* in a value, or NO_VALUE."""
    for token in path:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and value and not isinstance(token, str):
            index = 0 if isinstance(token, Wildcard) else token
            if index >= len(value):
                return NO_VALUE
            value = value[index]
        else:
            return NO_VALUE
    return value


def _with_part(value: Any, path: Path, part: Any) -> Any:
    """Put *part* into a value; NO_VALUE where there is no place for it."""
    if not path:
        return part
    token, rest = path[0], path[1:]
    if isinstance(token, str) or token is Wildcard.ANY:
        name = token if isinstance(token, str) else "other"
        if not isinstance(value, dict) or (name not in value and rest):
            return NO_VALUE
        inner = _with_part(value.get(name), rest, part)
        return NO_VALUE if inner is NO_VALUE else {**value, name: inner}
    index = token if isinstance(token, int) else 0
    if not isinstance(value, list) or index > len(value) or (index == len(value) and rest):
        return NO_VALUE
    inner = _with_part(value[index] if index < len(value) else None, rest, part)
    return NO_VALUE if inner is NO_VALUE else [*value[:index], inner, *value[index + 1 :]]
