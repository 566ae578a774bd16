"""What follows from schema objects that all apply to one value."""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from tally.json_schema.applying import MOST_MENTIONED, Conjunction, Plain, listed, mentioned
from tally.json_schema.languages import Texts
from tally.json_schema.numbers_and_texts import is_number
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import is_found

TYPES = frozenset(["object", "array", "string", "integer", "number", "boolean", "null"])
"""Here, "number" are those that are no integers."""
Bound = tuple[Any, bool]
"""A number, and whether it is excluded itself."""
_ELSEWHERE = ("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "dependentSchemas", "then", "else")
_ABOUT_ANY_PROPERTY = ("patternProperties", "additionalProperties", "unevaluatedProperties", "$dynamicRef")


def types_of(schema: Plain) -> frozenset[str]:
    """Return the types that `type` allows; all where it is not there."""
    said = schema.get("type")
    named = {said} if isinstance(said, str) else TYPES if said is None else set(said)
    return frozenset(named | ({"integer"} if "number" in named else set()))


class Facts:
    """What is certain for each value that all *plain* schema objects accept; *root* is what they refer to."""

    def __init__(self, root: Schema, plain: Sequence[Plain]) -> None:
        self._root = root
        self.plain = plain

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that a value may have."""
        return TYPES.intersection(*map(types_of, self.plain))

    def largest(self, keyword: str) -> Any:
        """Return the largest number under a keyword such as `minLength`; 0 without one."""
        return max((each[keyword] for each in self.plain if is_number(each.get(keyword))), default=0)

    def smallest(self, keyword: str) -> Any:
        """Return the smallest number under a keyword such as `maxLength`; infinite without one."""
        return min((each[keyword] for each in self.plain if is_number(each.get(keyword))), default=math.inf)

    @cached_property
    def texts(self) -> Texts:
        """The texts that are strings of it, as far as patterns and lengths say."""
        patterns = {each["pattern"] for each in self.plain if isinstance(each.get("pattern"), str)}
        return Texts(tuple(sorted(patterns)), self.largest("minLength"), self.smallest("maxLength"))

    def says(self, keyword: str, value: object) -> bool:
        """Whether one of the schema objects has this keyword with this value, which contains no schema."""
        return any(keyword in each and each[keyword] == value for each in self.plain)

    @cached_property
    def lower(self) -> Bound:
        """No number is smaller."""
        return max(
            (bound for each in self.plain for bound in _bounds(each, "minimum", "exclusiveMinimum")),
            default=(-math.inf, False),
        )

    @cached_property
    def upper(self) -> Bound:
        """No number is larger."""
        bounds = [bound for each in self.plain for bound in _bounds(each, "maximum", "exclusiveMaximum")]
        return min(bounds, key=lambda bound: (bound[0], not bound[1]), default=(math.inf, False))

    @cached_property
    def required(self) -> frozenset[str]:
        """The properties of each object."""
        return self.required_with(())

    def required_with(self, there: Sequence[str]) -> frozenset[str]:
        """Return the properties of each object that has those that are *there*."""
        found = {name for each in self.plain for name in each.get("required", ())} | set(there)
        for _ in range(len(self.plain) + 8):
            needs = (each.get("dependentRequired", {}) for each in self.plain)
            more = {other for need in needs for name in found & need.keys() for other in need[name]} - found
            if not more:
                break
            found |= more
        return frozenset(found)

    @cached_property
    def values(self) -> list[Any] | None:
        """All values, when a schema object lists them; some may be refused."""
        for each in self.plain:
            if "const" in each:
                return [each["const"]]
        lists: list[list[Any]] = [each["enum"] for each in self.plain if isinstance(each.get("enum"), list)]
        if lists:
            return min(lists, key=len)
        if self.types <= {"null", "boolean"}:
            return [value for name, value in _FEW if name in self.types]
        return None

    @cached_property
    def names(self) -> frozenset[str]:
        """The properties that are named, also where a branch alone does and the others are unevaluated."""
        named = {name for each in self.plain for name in each.get("properties", ())}
        for each in self.plain:
            if "unevaluatedProperties" in each:
                for _, inner in mentioned([(self._root, each)]):
                    named |= set(inner.get("properties", ()))
        return frozenset(named)

    def of_property(self, name: str) -> Conjunction:
        """Return what a property of this name satisfies, if it is there."""
        return tuple(inner for each in self.plain for inner in self._property_in(each, name))

    def _property_in(self, schema: Plain, name: str) -> list[Schema]:
        found = [schema["properties"][name]] if name in schema.get("properties", ()) else []
        found += [
            inner for pattern, inner in schema.get("patternProperties", {}).items() if is_found(pattern, name)
        ]
        if not found and "additionalProperties" in schema:
            return [schema["additionalProperties"]]
        if not found and "unevaluatedProperties" in schema and self._is_unevaluated(schema, name):
            return [schema["unevaluatedProperties"]]
        return found

    def _is_unevaluated(self, schema: Plain, name: str | None) -> bool:
        """Whether no branch of *schema* can have looked at a property; None is one without a name."""
        if not any(keyword in schema for keyword in _ELSEWHERE):
            return True
        found = mentioned([(self._root, schema)])
        return len(found) < MOST_MENTIONED and not any(
            inner is not schema and _may_evaluate(inner, name) for _, inner in found
        )

    def others(self, without: frozenset[str] = frozenset()) -> Iterator[Conjunction]:
        """Yield what properties that are not named may have to satisfy: one of these, whatever the name.

        *without* are patterns that the name does not match.
        """
        ways: list[Conjunction] = [()]
        for each in self.plain:
            rest: Conjunction = ()
            if "additionalProperties" in each:
                rest = (each["additionalProperties"],)
            elif "unevaluatedProperties" in each and self._is_unevaluated(each, None):
                rest = (each["unevaluatedProperties"],)
            patterns = each.get("patternProperties", {})
            options = [rest, *((inner,) for pattern, inner in patterns.items() if pattern not in without)]
            ways = [(*way, *option) for way in ways for option in options]
            if len(ways) > _MOST_WAYS:
                yield ()  # nothing is known
                return
        yield from ways

    def matching(self, pattern: str) -> Conjunction:
        """Return what properties without a name satisfy whose names match *pattern*."""
        found: list[Schema] = []
        for each in self.plain:
            patterns = each.get("patternProperties", {})
            if pattern in patterns:
                found.append(patterns[pattern])
            elif not patterns and "additionalProperties" in each:
                found.append(each["additionalProperties"])
        return tuple(found)

    @property
    def is_closed(self) -> bool:
        """Whether an object has no other properties than those that are named."""
        return any(
            each.get("additionalProperties") is False and not each.get("patternProperties")
            for each in self.plain
        )

    def of_item(self, index: int) -> Conjunction:
        """Return what the item at *index* satisfies, if it is there."""
        found: list[Schema] = []
        for each in self.plain:
            first = listed(each, "prefixItems")
            if index < len(first):
                found.append(first[index])
            elif "items" in each:
                found.append(each["items"])
            elif "unevaluatedItems" in each and not any(
                keyword in each for keyword in (*_ELSEWHERE, "contains")
            ):
                found.append(each["unevaluatedItems"])
        return tuple(found)

    @property
    def first_items(self) -> int:
        """How many items have schemas of their own."""
        return max((len(listed(each, "prefixItems")) for each in self.plain), default=0)


def _may_evaluate(schema: Plain, name: str | None) -> bool:
    return name in schema.get("properties", ()) or any(each in schema for each in _ABOUT_ANY_PROPERTY)


_MOST_WAYS = 24
_FEW = (("null", None), ("boolean", False), ("boolean", True))


def _bounds(schema: Plain, inclusive: str, exclusive: str) -> Iterator[Bound]:
    for keyword, excluded in ((inclusive, False), (exclusive, True)):
        if is_number(schema.get(keyword)):
            yield schema[keyword], excluded
