"""Values that are worth a try when one schema is compared with another, built from what both of them say."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations, islice
from typing import Any

from tally.json_schema.applying import Conjunction, Plain, mentioned, of_item, of_property, ways
from tally.json_schema.chance import seeded
from tally.json_schema.numbers_and_texts import is_number, numbers, texts
from tally.json_schema.parts import Parts
from tally.json_schema.patterns import texts_of
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import distinct, interleaved, same
from tally.json_schema.weight import followed

_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_WIDTHS = (4_000, 60, 20, 8, 4, 2)
"""How many values are built at each depth."""
_MOST_ITEMS = 120
_MOST_NAMES = 40
_TEXT = {"type": "string"}
_FRESH = ("extra", "Extra-1", "", "0", "x-é")

Hint = tuple[Schema, Schema]
"""A root, and a schema in it that is not needed, but whose limits are worth a look."""


class Values(list[Any]):
    """Values for a part; those that the hints refuse come first."""

    def __init__(self, refused: list[Any], usual: list[Any]) -> None:
        super().__init__([*refused, *usual])
        self.usual_first = [*usual, *refused]


class Candidates:
    """Builds values that *narrow* is likely to accept, near everything that *narrow* and *wide* mention."""

    def __init__(self, narrow: Schema, wide: Schema) -> None:
        self._narrow = Parts(narrow)
        self._wide = Parts(wide)
        self._random = seeded(0)
        self._known: dict[tuple[Any, ...], Values] = {}

    def values(self) -> Iterator[Any]:
        """Yield values for the whole schema; many are refused by *narrow*, and some come twice."""
        narrow, wide = self._narrow.root, self._wide.root
        yield from self._built((narrow,), [(wide, wide)], 0)

    def of(self, needed: Conjunction, hints: Sequence[Hint], depth: int) -> Values:
        """Return values for a part, all of them allowed."""
        needed = tuple(followed(self._narrow.root, schema) for schema in needed)
        hints = [(root, followed(root, schema)) for root, schema in hints]
        key = (depth, *map(id, needed), None, *(id(schema) for _, schema in hints))
        if key not in self._known:
            self._known[key] = Values([], [])  # for a schema that contains itself, and too deep
            if depth < len(_WIDTHS):
                built = list(islice(distinct(self._built(needed, hints, depth)), _WIDTHS[depth]))
                self._known[key] = self._in_order(built, needed, hints)
        return self._known[key]

    def _in_order(self, values: list[Any], needed: Conjunction, hints: Sequence[Hint]) -> Values:
        def is_usual(value: Any) -> bool:
            return all(self._parts(root).accepts((schema,), value) is not False for root, schema in hints)

        allowed = [
            (value, is_usual(value)) for value in values if self._narrow.accepts(needed, value) is not False
        ]
        return Values(
            [each for each, usual in allowed if not usual], [each for each, usual in allowed if usual]
        )

    def _parts(self, root: Schema) -> Parts:
        return self._narrow if root is self._narrow.root else self._wide

    def _built(self, needed: Conjunction, hints: Sequence[Hint], depth: int) -> Iterator[Any]:
        root = self._narrow.root
        all_hints = mentioned([*hints, *((root, schema) for schema in needed)])
        found = [_Way(self, way, all_hints, depth).values() for way in ways(root, needed)]
        return interleaved(*found)

    def names(self, pattern: str) -> list[str]:
        """Return names for properties that *pattern* is about."""
        return texts_of(pattern, self._random, 3)

    def texts(self, needed: Sequence[Plain], hints: Sequence[Plain]) -> Iterator[str]:
        """Yield texts for a string."""
        return texts(needed, hints, self._random)


class _Way:
    """One way through the branches: *needed* are the schema objects that apply."""

    def __init__(
        self,
        candidates: Candidates,
        needed: Sequence[Plain],
        hints: Sequence[tuple[Schema, Plain]],
        depth: int,
    ) -> None:
        self._candidates = candidates
        self.needed = needed
        self._hints = hints
        self.mentioned = [schema for _, schema in hints]
        self._depth = depth

    def values(self) -> Iterator[Any]:
        fixed = list(_fixed(self.needed))
        if fixed:
            yield from fixed
            return
        types = self._types()
        yield from (value for value in _fixed(self.mentioned) if type_of(value) in types)
        yield from interleaved(*(self._of_type(name) for name in _TYPES if name in types))

    def _types(self) -> set[str]:
        types = set(_TYPES)
        for schema in self.needed:
            said = schema.get("type", _TYPES)
            named = {said} if isinstance(said, str) else set(said)
            types &= named | ({"integer"} if "number" in named else set())
        return types

    def _of_type(self, name: str) -> Iterator[Any]:
        if name == "object":
            return _Objects(self).values()
        if name == "array":
            return _Arrays(self).values()
        if name == "string":
            return self._candidates.texts(self.needed, self.mentioned)
        if name == "integer":
            return (each for each in numbers(self.needed, self.mentioned) if isinstance(each, int))
        if name == "number":
            return (each for each in numbers(self.needed, self.mentioned) if isinstance(each, float))
        return iter((True, False) if name == "boolean" else (None,))

    def property_values(self, name: str) -> Values:
        """Return values for a property, likely ones only."""
        needed = tuple(inner for schema in self._about(name) for inner in of_property(schema, name))
        hints = [(root, inner) for root, schema in self._hints for inner in of_property(schema, name)]
        return self._candidates.of(needed, hints[:6], self._depth + 1)

    def _about(self, name: str) -> Iterator[Plain]:
        """Yield what is needed; `unevaluatedProperties` says nothing of what another schema declares."""
        is_declared = any(name in schema.get("properties", ()) for schema in self.needed)
        for schema in self.needed:
            if is_declared and "unevaluatedProperties" in schema:
                yield {key: value for key, value in schema.items() if key != "unevaluatedProperties"}
            else:
                yield schema

    def item_values(self, index: int, more: Sequence[Schema] = ()) -> Values:
        """Return values for an item that satisfies *more* as well."""
        needed = tuple(inner for schema in self.needed for inner in of_item(schema, index))
        hints = [(root, inner) for root, schema in self._hints for inner in of_item(schema, index)]
        hints += [(root, schema["contains"]) for root, schema in self._hints if "contains" in schema]
        return self._candidates.of((*needed, *more), hints[:6], self._depth + 1)

    def names(self, pattern: str) -> list[str]:
        return self._candidates.names(pattern)

    def name_values(self) -> list[str]:
        """Return names that what is said about all names allows, or mentions."""
        needed = tuple(schema["propertyNames"] for schema in self.needed if "propertyNames" in schema)
        hints = [(root, schema["propertyNames"]) for root, schema in self._hints if "propertyNames" in schema]
        if not needed and not hints:
            return []
        found = self._candidates.of((_TEXT, *needed), hints, self._depth + 2)
        return [name for name in found if isinstance(name, str)][:6]


class _Objects:
    def __init__(self, way: _Way) -> None:
        self._way = way

    def values(self) -> Iterator[dict[str, Any]]:
        base = {name: self._first(name) for name in self._required if self._of(name)}
        if len(base) < len(self._required):
            return
        full = base | {name: self._first(name) for name in self._names if self._of(name)}
        yield base
        yield from self._with_each_value(base)
        yield full
        yield from ({key: value for key, value in full.items() if key != name} for name in full)
        yield from self._with_each_value(full)
        yield from self._of_sizes(base)
        yield from self._of_sizes(full)
        for one, other in combinations(self._names[:9], 2):
            for first, second in ((a, b) for a in self._of(one)[:3] for b in self._of(other)[:3]):
                yield base | {one: first, other: second}

    def _with_each_value(self, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
        names = (*self._names, *self._required)
        yield from interleaved(*(self._with_values_of(name, base) for name in names))

    def _with_values_of(self, name: str, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
        return ({**base, name: value} for value in self._of(name))

    def _of_sizes(self, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for size in _sizes(self._way.mentioned, "minProperties", "maxProperties"):
            grown = dict(base)
            for number in range(size):
                if len(grown) >= size:
                    break
                name = f"more{number}"
                grown |= {name: self._first(name)} if self._of(name) else {}
            yield grown if len(grown) <= size else dict(islice(grown.items(), size))

    def _of(self, name: str) -> Values:
        return self._way.property_values(name)

    def _first(self, name: str) -> Any:
        """Return an allowed value that is as usual as possible: what is searched is elsewhere."""
        return self._of(name).usual_first[0]

    @cached_property
    def _required(self) -> list[str]:
        found = [name for schema in self._way.needed for name in schema.get("required", ())]
        for _ in range(3):  # what needs what needs another
            for schema in self._way.needed:
                needs = schema.get("dependentRequired", {})
                found += [other for name in tuple(found) for other in needs.get(name, ())]
        return list(dict.fromkeys(found))

    @cached_property
    def _names(self) -> list[str]:
        """The properties that may be there, in the order in which they are worth a try."""
        found: list[str] = []
        for schema in self._way.mentioned:
            found += schema.get("required", ())
            found += schema.get("properties", ())
            for name, needed in schema.get("dependentRequired", {}).items():
                found += [name, *needed]
            found += schema.get("dependentSchemas", ())
            found += [
                name for pattern in schema.get("patternProperties", ()) for name in self._way.names(pattern)
            ]
        known = list(dict.fromkeys(found))[:_MOST_NAMES]
        return [
            name
            for name in dict.fromkeys((*self._way.name_values(), *known, *_FRESH))
            if name not in self._required
        ]


class _Arrays:
    def __init__(self, way: _Way) -> None:
        self._way = way

    def values(self) -> Iterator[list[Any]]:
        for size in self._sizes():
            base = self._of_size(size)
            if base is not None:
                yield base
        for size in self._sizes():
            base = self._of_size(size)
            if base is None:
                continue
            for index in reversed(range(min(size, 8))):
                for value in self._way.item_values(index):
                    yield [*base[:index], value, *base[index + 1 :]]
        yield from self._repeated()
        yield from self._containing()

    def _sizes(self) -> list[int]:
        found = list(_sizes(self._way.mentioned, "minItems", "maxItems", "minContains", "maxContains"))
        first = [len(schema.get("prefixItems", ())) for schema in self._way.mentioned]
        found += [length + more for length in first if length for more in (-1, 0, 1)]
        return [size for size in dict.fromkeys((1, *found, 0, 2, 3)) if 0 <= size <= _MOST_ITEMS]

    def _of_size(self, size: int) -> list[Any] | None:
        """Return distinct items as long as there are any."""
        items: list[Any] = []
        for index in range(size):
            values = self._way.item_values(index)
            if not values:
                return None
            fresh = (value for value in values.usual_first if same(value) not in map(same, items))
            items.append(next(fresh, values.usual_first[0]))
        return items

    def _repeated(self) -> Iterator[list[Any]]:
        for value in self._way.item_values(0)[:12]:
            yield [value, value]
            yield [value, value, value]

    def _containing(self) -> Iterator[list[Any]]:
        """Yield arrays that contain what they must, as often as is mentioned, and once less and more."""
        wanted = [schema["contains"] for schema in self._way.needed if "contains" in schema]
        least = max([schema.get("minContains", 1) for schema in self._way.needed], default=1)
        inside = [self._way.item_values(50, (schema,)) for schema in wanted]
        if any(not values for values in inside):
            return
        both = [value for values in inside for value in values[:1] * int(min(least, 20))]
        for rest in ([], *([value] for value in self._way.item_values(51)[:12])):
            yield [*both, *rest]
        for values in inside:
            yield from ([*both, value] for value in values[:12])


def _sizes(schemas: Sequence[Plain], *keywords: str) -> Iterator[int]:
    found = [schema[keyword] for schema in schemas for keyword in keywords if is_number(schema.get(keyword))]
    yield from dict.fromkeys(
        int(size + more) for size in found for more in (0, -1, 1) if 0 <= size + more <= _MOST_ITEMS
    )


def _fixed(schemas: Sequence[Plain]) -> Iterator[Any]:
    for schema in schemas:
        if "const" in schema:
            yield schema["const"]
        elif isinstance(schema.get("enum"), list):
            yield from schema["enum"]


def type_of(value: object) -> str:
    """Return the name that JSON Schema has for the type."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) or value.is_integer() else "number"
    return "array" if isinstance(value, list) else "object"
