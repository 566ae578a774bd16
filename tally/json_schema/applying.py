"""Which schemas apply where: at the same place of a value, and at its properties and items."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product
from typing import Any

from tally.json_schema.schema import Schema
from tally.json_schema.shapes import is_found
from tally.json_schema.weight import target

Plain = dict[str, Any]
Conjunction = tuple[Schema, ...]
"""Schemas that all apply at one place."""

_BRANCHES = ("$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")
"""What may look at properties and items, so that they are evaluated."""
_MOST_WAYS = 24
MOST_MENTIONED = 80
_MOST_STEPS = 600


def ways(root: Schema, schemas: Iterable[Schema]) -> list[tuple[Plain, ...]]:
    """Return ways to satisfy all *schemas*: for each, the schema objects that apply then.

    Not all ways when there are many; whether a branch that is left out is refused as well is not looked at.
    """
    return [tuple(way) for way in _Ways(root).of_all(tuple(schemas), ())]


class _Ways:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._steps = _MOST_STEPS

    def of_all(self, schemas: Conjunction, inside: tuple[int, ...]) -> list[list[Plain]]:
        return _joined([self.of(schema, inside) for schema in schemas])

    def of(self, schema: Schema, inside: tuple[int, ...]) -> list[list[Plain]]:
        """Return the ways of one schema, which is applied *inside* others at the same place."""
        self._steps -= 1
        if not isinstance(schema, dict):
            return [] if schema is False else [[]]
        if id(schema) in inside or self._steps < 0:
            return [[schema]]
        inside = (*inside, id(schema))
        parts: list[list[list[Plain]]] = [[[schema]]]
        parts += [self.of(part, inside) for part in listed(schema, "allOf")]
        if "$ref" in schema:
            parts.append(self.of(target(self._root, schema["$ref"]), inside))
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                found = [
                    way for part in listed(schema, keyword)[:_MOST_WAYS] for way in self.of(part, inside)
                ]
                parts.append(found[:_MOST_WAYS])
        if "if" in schema:
            held = self.of_all((schema["if"], schema.get("then", True)), inside)
            parts.append([*held[: _MOST_WAYS // 2], *self.of(schema.get("else", True), inside)])
        return _joined(parts)


def _joined(parts: Sequence[Sequence[list[Plain]]]) -> list[list[Plain]]:
    return [[plain for way in choice for plain in way] for choice in islice(product(*parts), _MOST_WAYS)]


def mentioned(schemas: Iterable[tuple[Schema, Schema]]) -> list[tuple[Schema, Plain]]:
    """Return every schema object that is applied at the place of *schemas*, whether it must hold or not.

    Each comes with the root that its references are relative to.
    """
    found: list[tuple[Schema, Plain]] = []
    seen: set[int] = set()
    waiting = list(schemas)
    while waiting and len(found) < MOST_MENTIONED:
        root, schema = waiting.pop(0)
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        found.append((root, schema))
        waiting += [(root, inner) for inner in _in_place(root, schema)]
    return found


def _in_place(root: Schema, schema: Plain) -> Iterator[Schema]:
    if "$ref" in schema:
        yield target(root, schema["$ref"])
    for keyword in ("allOf", "anyOf", "oneOf"):
        yield from listed(schema, keyword)
    for keyword in ("not", "if", "then", "else"):
        if keyword in schema:
            yield schema[keyword]
    if isinstance(schema.get("dependentSchemas"), dict):
        yield from schema["dependentSchemas"].values()


def of_property(schema: Plain, name: str) -> list[Schema]:
    """Return the schemas for the property *name* that stand directly in *schema*."""
    found = [schema["properties"][name]] if name in schema.get("properties", ()) else []
    patterns = schema.get("patternProperties", {})
    found += [inner for pattern, inner in patterns.items() if is_found(pattern, name)]
    if not found and "additionalProperties" in schema:
        return [schema["additionalProperties"]]
    if not found and "unevaluatedProperties" in schema and not any(each in schema for each in _BRANCHES):
        return [schema["unevaluatedProperties"]]
    return found


def of_item(schema: Plain, index: int) -> list[Schema]:
    """Return the schemas for the item at *index* that stand directly in *schema*."""
    first = listed(schema, "prefixItems")
    if index < len(first):
        return [first[index]]
    if "items" in schema:
        return [schema["items"]]
    if any(each in schema for each in _BRANCHES):
        return []
    if "contains" not in schema:
        return [schema["unevaluatedItems"]] if "unevaluatedItems" in schema else []
    return (
        [schema["contains"]] if "unevaluatedItems" in schema else []
    )  # an item that is contained is evaluated


def listed(schema: Plain, keyword: str) -> Sequence[Any]:
    """Return the list under *keyword*, or an empty one."""
    value = schema.get(keyword)
    return value if isinstance(value, list) else ()
