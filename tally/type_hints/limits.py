"""What a value must satisfy beyond its type: as annotated-types, pydantic, attrs or JSON Schema say it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, Self

from tally.values import dataclass

_ATTRS_BOUNDS = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}


@dataclass(frozen=True)
class Limits:
    """Bounds of a number or a date, of a length, the form of a text; *tests* are functions that must agree.

    *options*, when there are any, are the only values. *encoder*, *uuid_version*,
    *allowed_schemes* and *is_json* are what pydantic says of texts that it decodes, of UUIDs, of URLs, and of
    JSON in a text.
    """

    ge: Any = None
    gt: Any = None
    le: Any = None
    lt: Any = None
    multiple_of: Any = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    max_digits: int | None = None
    decimal_places: int | None = None
    encoder: Any = None
    uuid_version: int | None = None
    allowed_schemes: Sequence[str] | None = None
    is_json: bool = False
    options: tuple[Any, ...] = ()
    tests: tuple[Callable[[Any], bool], ...] = ()

    def and_(self, metadata: Iterable[Any]) -> Self:
        """Return these limits with those that the objects in *metadata* say, where they say any."""
        found = self
        for item in metadata:
            found = found.and_one(item)
        return found

    def and_one(self, item: Any) -> Self:
        """Return these limits with those of one object: its attributes have the names that are used here."""
        if hasattr(item, "metadata") and isinstance(item.metadata, list | tuple):
            return self.and_(item.metadata)  # pydantic's Field
        if getattr(item, "__name__", type(item).__name__) == "Json":
            return replace(self, is_json=True)
        said = {name: getattr(item, name, None) for name in _NAMES}
        if isinstance(said["pattern"], re.Pattern):
            said["pattern"] = said["pattern"].pattern
        changed = {
            name: value
            for name, value in said.items()
            if value is not None and (name == "encoder" or not callable(value))
        }
        test = getattr(item, "func", None)  # annotated_types.Predicate
        tests = (*self.tests, test) if callable(test) else self.tests
        return replace(self, **changed, tests=tests)

    def and_validator(self, validator: Any) -> Self:
        """Return these limits with those of a validator of attrs."""
        inner = getattr(validator, "_validators", None) or (getattr(validator, "validator", None),)
        found = self
        for each in inner:
            found = found.and_validator(each) if each is not None else found
        bound = _ATTRS_BOUNDS.get(str(getattr(validator, "compare_op", "")))
        if bound:
            found = replace(found, **{bound: validator.bound})
        options = getattr(validator, "options", None)
        if options is not None:
            found = replace(found, options=tuple(options))
        return found.and_one(validator) if validator is not None else found

    def problem(self, value: Any) -> str | None:
        """Return what a value does not satisfy, in words, or None."""
        if self.options and value not in self.options:
            return f"it must be one of {', '.join(map(repr, self.options))}"
        for name, word, agrees in _BOUNDS:
            bound = getattr(self, name)
            if bound is not None and _is_comparable(value, bound) and not agrees(value, bound):
                return f"it must be {word} {bound}"
        if self.multiple_of and isinstance(value, int | float | Decimal) and _rest(value, self.multiple_of):
            return f"it must be a multiple of {self.multiple_of}"
        return self._problem_of_length(value) or self._problem_of_form(value)

    def _problem_of_length(self, value: Any) -> str | None:
        if not isinstance(value, str | bytes | list | tuple | set | frozenset | dict):
            return None
        if self.min_length is not None and len(value) < self.min_length:
            return f"its length must be at least {self.min_length}"
        if self.max_length is not None and len(value) > self.max_length:
            return f"its length must be at most {self.max_length}"
        return None

    def _problem_of_form(self, value: Any) -> str | None:
        if self.pattern is not None and isinstance(value, str) and not re.search(self.pattern, value):
            return f"it must match {self.pattern!r}"
        failed = next((test for test in self.tests if not test(value)), None)
        return f"{getattr(failed, '__qualname__', failed)} must agree" if failed else None


_BOUNDS: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("ge", "at least", lambda value, bound: value >= bound),
    ("gt", "more than", lambda value, bound: value > bound),
    ("le", "at most", lambda value, bound: value <= bound),
    ("lt", "less than", lambda value, bound: value < bound),
)
_NAMES = tuple(each.name for each in fields(Limits) if each.name not in {"options", "tests", "is_json"})
NO_LIMITS = Limits()


def _is_comparable(value: Any, bound: Any) -> bool:
    try:
        return isinstance(value < bound, bool)
    except TypeError:
        return False


def _rest(value: Any, step: Any) -> bool:
    exact = Decimal(str(value)) % Decimal(str(step))
    return exact != 0
