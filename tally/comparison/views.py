"""What a document says about the values at one place, with all that leads there followed.

A view is made of the schemas that all hold, each with its pointer. What it does not understand (`not`, `if`,
that only one of `oneOf` holds) it leaves aside: then more values are thought possible than are, never fewer.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

from tally.comparison.keys import key_of
from tally.comparison.polymorphism import MADE
from tally.comparison.rule_schemas import BOOLEAN, NUMBER, WHOLE_NUMBER
from tally.comparison.schema_views import ALL_TYPES, Definitions, own_types, target_of
from tally.json_schema.pointers import pointer, pointer_parts
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import is_found
from tally.service_contract.model import ServiceContract

MOST_VARIANTS = 24
MOST_DEPTH = 3
_ALTERNATIVES = ("anyOf", "oneOf")


class Placed(NamedTuple):
    """A schema, and its pointer in the document."""

    schema: Schema
    pointer: str


_PATTERNS = {
    frozenset({"integer"}): WHOLE_NUMBER,
    frozenset({"integer", "number"}): NUMBER,
    frozenset({"boolean"}): BOOLEAN,
}


def text_of(value: Any) -> str:
    """Return how a value is written where all is text."""
    return value if isinstance(value, str) else key_of(value).decode()


def _anything(place: str) -> Placed:
    return Placed(schema=True, pointer=place)


class _Source(NamedTuple):
    definitions: Definitions
    home: str


class View:
    """The schemas that hold for the values at one place; one view for each place, however often it is met."""

    def __init__(self, placed: Iterable[Placed], source: _Source, *, depth: int = 0) -> None:
        placed = list(placed)
        self._source = source
        self._depth = depth
        self.parts = tuple(_flattened(placed, source))
        self.pointer = self.parts[0].pointer if self.parts else next((each.pointer for each in placed), "")
        self._properties: dict[str, View] = {}
        self._items: dict[int, View] = {}
        self._keys: dict[str, bytes] = {}

    @classmethod
    def of(cls, contract: ServiceContract, schema: Schema, start: str) -> "View":
        """Return the view of a whole schema, which is at *start* in the document."""
        definitions = schema.get("$defs", {}) if isinstance(schema, dict) else {}
        return cls([Placed(schema, start)], _Source(definitions, contract.home))

    def said(self, keyword: str) -> Iterator[Any]:
        """Yield what each of the schemas says under a keyword."""
        for schema, _ in self.parts:
            if isinstance(schema, dict) and keyword in schema:
                yield schema[keyword]

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that values may have; "number" is one that is no integer."""
        types = ALL_TYPES
        for schema, _ in self.parts:
            types &= own_types(schema) if isinstance(schema, dict) else frozenset()
        return types

    @cached_property
    def variants(self) -> tuple["View", ...]:
        """This view once for each choice among its alternatives, without those that no value satisfies."""
        choices = [
            [Placed(branch, f"{place}/{keyword}/{index}") for index, branch in enumerate(schema[keyword])]
            for schema, place in self.parts
            if isinstance(schema, dict)
            for keyword in _ALTERNATIVES
            if keyword in schema
        ]
        kept: list[list[Placed]] = []
        size = 1
        for branches in choices:
            if size * len(branches) <= MOST_VARIANTS:
                size *= len(branches)
                kept.append(branches)
        if not kept:
            return (self,) if self.types else ()
        own = [Placed(_without_alternatives(each.schema), each.pointer) for each in self.parts]
        found = (View([*choice, *own], self._source, depth=self._depth + 1) for choice in product(*kept))
        return tuple(variant for each in found if each.types for variant in each.inner_variants)

    @property
    def inner_variants(self) -> tuple["View", ...]:
        """The variants of a branch that has alternatives itself; those that lie too deep are left aside."""
        is_deep = self._depth >= MOST_DEPTH
        return self.variants if not is_deep and any(map(_has_alternatives, self.parts)) else (self,)

    # Single values

    @cached_property
    def values(self) -> tuple[Any, ...] | None:
        """All values that are possible, when enum or const names them; None when nothing does."""
        lists = [list(values) for values in self.said("enum")] + [[value] for value in self.said("const")]
        if not lists:
            return None
        others = [[_identity(value) for value in values] for values in lists[1:]]
        return tuple(value for value in lists[0] if all(_identity(value) in other for other in others))

    @cached_property
    def alone(self) -> Schema:
        """The view as one schema that needs no document."""
        schemas = [schema for schema, _ in self.parts if schema is not True and schema != {}]
        together: Schema = (
            {"allOf": [_without_definitions(schema) for schema in schemas]} if schemas else True
        )
        if len(schemas) == 1:
            together = _without_definitions(schemas[0])
        if isinstance(together, dict) and self._source.definitions:
            return {**together, "$defs": self._source.definitions}
        return together

    def key_of(self, name: str) -> bytes:
        """Return the values of one type, as the text of a schema that needs no document."""
        if name not in self._keys:
            own: dict[str, Any] = {"allOf": [_without_definitions(self.alone)], "type": name}
            key = key_of(own, sort=True)
            if b'"$ref"' in key:  # what refers to nothing needs no definitions, which may be many
                key = key_of({**own, "$defs": self._source.definitions}, sort=True)
            self._keys[name] = key
        return self._keys[name]

    @cached_property
    def as_text(self) -> "View":
        """What values written as text may look like: numbers and booleans have the pattern of their texts."""
        if self.types == {"string"} or not self.types:
            return self
        values = self.values
        if values is not None:
            written: Schema = {"enum": [text_of(value) for value in values]}
        else:
            pattern = _PATTERNS.get(self.types)
            written = {"type": "string", "pattern": pattern} if pattern else {"type": "string"}
        return View([Placed(written, self.pointer)], self._source)

    # Objects

    def requires(self, name: str) -> bool:
        """Whether objects always have this property."""
        return name in self._required

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(name for names in self.said("required") for name in names)

    @cached_property
    def declared(self) -> dict[str, None]:
        """The names of the properties that are declared."""
        return dict.fromkeys(name for properties in self.said("properties") for name in properties)

    @cached_property
    def is_closed(self) -> bool:
        """Whether there are no other properties than those that are declared."""
        none_more = any(value is False for value in self.said("additionalProperties"))
        return none_more and not any(self.said("patternProperties"))

    def property(self, name: str) -> "View":
        """Return the view of a property."""
        if name not in self._properties:
            self._properties[name] = View(self._of_property(name), self._source)
        return self._properties[name]

    def _of_property(self, name: str) -> list[Placed]:
        found = [placed for schema, place in self.parts for placed in _property(schema, place, name)]
        return found or [_anything(self.pointer)]

    @cached_property
    def other_properties(self) -> "View":
        """The view of the properties that are not declared, as if no pattern knew their names."""
        found = []
        for schema, place in self.parts:
            if (
                isinstance(schema, dict)
                and "additionalProperties" in schema
                and not schema.get("patternProperties")
            ):
                found.append(Placed(schema["additionalProperties"], f"{place}/additionalProperties"))
        return View(found or [_anything(self.pointer)], self._source)

    @cached_property
    def names(self) -> "View":
        """The view of the names of properties."""
        found = [Placed(schema, self.pointer) for schema in self.said("propertyNames")]
        return View([*found, Placed({"type": "string"}, self.pointer)], self._source)

    # Lists

    def item(self, index: int) -> "View":
        """Return the view of the item at *index*."""
        index = min(index, self.prefix)
        if index not in self._items:
            found = [placed for schema, place in self.parts for placed in _item(schema, place, index)]
            self._items[index] = View(found or [_anything(self.pointer)], self._source)
        return self._items[index]

    @cached_property
    def prefix(self) -> int:
        """From which index on all items are alike."""
        return max((len(items) for items in self.said("prefixItems")), default=0)

    @cached_property
    def least(self) -> int:
        """The number of items that there are at least."""
        return max(self.said("minItems"), default=0)

    @cached_property
    def most(self) -> float:
        """The number of items that there are at most."""
        closed = [len(part.get("prefixItems", ())) for part, _ in self.parts
                  if isinstance(part, dict) and part.get("items") is False]  # fmt: skip
        return min([*self.said("maxItems"), *closed], default=float("inf"))

    @cached_property
    def is_never_empty_object(self) -> bool:
        """Whether objects always have a property."""
        return bool(self._required) or max(self.said("minProperties"), default=0) > 0


def _flattened(placed: Iterable[Placed], source: _Source) -> Iterator[Placed]:
    followed: set[str] = set()
    waiting = list(reversed(list(placed)))
    while waiting:
        schema, place = waiting.pop()
        if not isinstance(schema, dict):
            if schema is False:
                yield Placed(schema, place)
            continue
        reference = schema.get("$ref")
        own = {key: value for key, value in schema.items() if key not in {"$ref", "allOf", "$defs"}}
        if own or reference is None:
            yield Placed(own, place)
        waiting += [
            Placed(part, f"{place}/allOf/{index}")
            for index, part in reversed(list(enumerate(schema.get("allOf", ()))))
        ]
        if isinstance(reference, str) and reference not in followed:
            followed.add(reference)
            name = (pointer_parts(reference) or ("",))[-1]
            at = name if name.startswith("/") else source.home + pointer([name])
            waiting.append(Placed(target_of(reference, source.definitions), at))


def _property(schema: Schema, place: str, name: str) -> Iterator[Placed]:
    if not isinstance(schema, dict):
        return
    is_known = name in schema.get("properties", {})
    if is_known:
        at = place if "properties" in schema.get(MADE, ()) else f"{place}/properties{pointer([name])}"
        yield Placed(schema["properties"][name], at)
    for pattern, said in schema.get("patternProperties", {}).items():
        if is_found(pattern, name):
            is_known = True
            yield Placed(said, f"{place}/patternProperties{pointer([pattern])}")
    if not is_known and "additionalProperties" in schema:
        yield Placed(schema["additionalProperties"], f"{place}/additionalProperties")


def _item(schema: Schema, place: str, index: int) -> Iterator[Placed]:
    if not isinstance(schema, dict):
        return
    prefix = schema.get("prefixItems", ())
    if index < len(prefix):
        yield Placed(prefix[index], f"{place}/prefixItems/{index}")
    elif "items" in schema:
        yield Placed(schema["items"], f"{place}/items")


def _has_alternatives(placed: Placed) -> bool:
    return isinstance(placed.schema, dict) and any(keyword in placed.schema for keyword in _ALTERNATIVES)


def _without_alternatives(schema: Schema) -> Schema:
    if not isinstance(schema, dict):
        return schema
    return {key: value for key, value in schema.items() if key not in _ALTERNATIVES}


def _without_definitions(schema: Schema) -> Schema:
    return (
        {key: value for key, value in schema.items() if key != "$defs"}
        if isinstance(schema, dict)
        else schema
    )


def _identity(value: Any) -> tuple[bool, str]:
    return isinstance(value, bool), repr(value)
