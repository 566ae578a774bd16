"""The shapes of a schema: one for each way through its branches, as far as they are few."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import Any

from tally.json_schema.pointers import pointer_parts
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import TYPES, Shape, both, interleaved, merged, own_shape
from tally.json_schema.work import Work

_MOST_SHAPES = 24
_DEEPEST = 24
_IN_PLACE = frozenset(
    ["$ref", "$dynamicRef", "allOf", "anyOf", "dependentSchemas", "else", "if", "oneOf", "then"]
)
_ANYTHING = Shape()
_NOWHERE: tuple[str, ...] = ()

Shapes = tuple[Shape, ...]


class Branches:
    """The shapes of the schemas in *root*, to which their references are relative."""

    def __init__(self, root: Schema, work: Work) -> None:
        self._root = root
        self._work = work
        # With the schema itself, so that no other object takes over its id.
        self._known: dict[int, tuple[Schema, Shapes]] = {}

    def of(self, schema: Schema) -> Shapes:
        """Return the shapes, in the order of the branches; none when nothing can satisfy the schema."""
        known = self._known.get(id(schema))
        if known is None:
            known = self._known[id(schema)] = schema, tuple(self._of(schema, _NOWHERE))
        return known[1]

    def target(self, reference: str) -> Schema:
        """Return the schema that is referred to; one that is not there says nothing."""
        found: Any = self._root
        for part in pointer_parts(reference):
            if isinstance(found, list) and part.isdigit() and int(part) < len(found):
                found = found[int(part)]
            elif isinstance(found, dict) and part in found:
                found = found[part]
            else:
                return True
        return found if isinstance(found, dict | bool) else True

    def _of(self, schema: Schema, inside: tuple[str, ...], depth: int = 0) -> Iterable[Shape]:
        """Return the shapes; *inside* are the references that led here, to the same place in the value."""
        self._work.take()
        if not isinstance(schema, dict):
            return () if schema is False else (_ANYTHING,)
        own = own_shape(schema)
        if own is None or depth > _DEEPEST:
            return ()
        found: Shapes = (own,)
        if _IN_PLACE & schema.keys():
            for choices in self._choices(schema, inside, depth + 1):
                found = self._joined(found, choices)
        for keyword in ("unevaluatedProperties", "unevaluatedItems"):
            if keyword in schema:
                found = tuple(_closed(shape, keyword, schema[keyword]) for shape in found)
        return [shape for each in found for shape in self._without_excluded(each)][:_MOST_SHAPES]

    def _choices(
        self, schema: Mapping[str, Any], inside: tuple[str, ...], depth: int
    ) -> Iterator[Iterable[Shape]]:
        """Yield the shapes of each keyword that holds at the same place."""
        for keyword in ("$ref", "$dynamicRef"):
            reference = schema.get(keyword)
            if isinstance(reference, str):
                # A schema that is itself, or something else, is that other thing.
                again = reference in inside
                yield () if again else self._of(self.target(reference), (*inside, reference), depth)
        for part in schema.get("allOf", ()):
            yield self._of(part, inside, depth)
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                yield interleaved(
                    *(self._of(part, inside, depth) for part in self._told_apart(schema, keyword))
                )
        if "if" in schema:
            yield interleaved(
                self._of(both(schema["if"], schema.get("then", True)), inside, depth),
                self._of(both({"not": schema["if"]}, schema.get("else", True)), inside, depth),
            )
        for name, part in schema.get("dependentSchemas", {}).items():
            there = both({"required": [name]}, part)
            yield interleaved(
                self._of(there, inside, depth), self._of({"properties": {name: False}}, inside, depth)
            )

    def _told_apart(self, schema: Mapping[str, Any], keyword: str) -> list[Schema]:
        """Return the branches; those that a discriminator tells apart name themselves in that property."""
        branches = schema[keyword]
        discriminator = schema.get("x-discriminator", schema.get("discriminator"))
        name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
        if not isinstance(name, str):
            return list(branches)
        mapping = discriminator.get("mapping") or {}
        return [both(branch, _named(branch, name, mapping)) for branch in branches]

    def _joined(self, found: Shapes, choices: Iterable[Shape]) -> Shapes:
        """Return each shape joined with each choice, those that are possible, and not too many of them."""
        others = list(islice(choices, _MOST_SHAPES))
        rows = [map(partial(merged, shape), others) for shape in found]
        columns = interleaved(*rows) if len(others) < len(found) else chain.from_iterable(rows)
        joined: list[Shape] = []
        for shape in columns:
            self._work.take()
            if shape is not None:
                joined.append(shape)
            if len(joined) == _MOST_SHAPES:
                break
        return tuple(joined)

    def _without_excluded(self, shape: Shape) -> list[Shape]:
        """Return shapes that keep away from what `not` says, where that is simple; nothing else checks it."""
        found = [shape]
        for schema in shape.excluded:
            opposite = [own_shape(each) for each in self._opposites(schema)]
            joined = [
                both_ for each in found for other in opposite if other and (both_ := merged(each, other))
            ]
            found = joined or found
        return found

    def _opposites(self, schema: Schema) -> list[dict[str, Any]]:
        """Return schemas, each of which contradicts *schema*; none when that is not simple."""
        if not isinstance(schema, dict):
            return []
        if "$ref" in schema and len(schema) == 1:
            schema = self.target(schema["$ref"])
        if not isinstance(schema, dict):
            return []
        found: list[dict[str, Any]] = []
        for name, inner in schema.get("properties", {}).items():
            found.append({"properties": {name: {"not": inner}}, "required": [name]})
        found += [{"properties": {name: False}} for name in schema.get("required", ())]
        if isinstance(schema.get("type"), str) and len(schema) == 1:
            gone = {schema["type"], "integer"} if schema["type"] == "number" else {schema["type"]}
            found.append({"type": [name for name in TYPES if name not in gone]})
        return found


def _closed(shape: Shape, keyword: str, schema: Schema) -> Shape:
    """Return the shape with what is said about properties or items that nothing else in it has said."""
    if keyword == "unevaluatedItems":
        return replace(shape, items=both(shape.items, schema)) if not shape.contains else shape
    return replace(shape, additional=both(shape.additional, schema))


def _named(branch: Schema, name: str, mapping: Mapping[str, Any]) -> Schema:
    reference = branch.get("$ref") if isinstance(branch, dict) else None
    if not isinstance(reference, str):
        return True
    last = pointer_parts(reference)[-1:]
    said = [key for key, target in mapping.items() if str(target).rpartition("/")[2] in (*last, reference)]
    values = said or list(last)
    return {"type": "object", "properties": {name: {"enum": values}}, "required": [name]} if values else True
