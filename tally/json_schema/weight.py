"""How much work a schema may cause, estimated before anything is done with it.

Schemas are small texts that may stand for very much: `anyOf` in `anyOf` doubles the work at each step.
"""

import re
from collections.abc import Iterator
from typing import Any

from tally.json_schema.pointers import pointer_parts
from tally.json_schema.schema import Schema

MOST = 1_000_000
_DEEPEST = 150
_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLES = ("not", "if", "then", "else")
_INSIDE = ("additionalProperties", "contains", "items", "propertyNames", "unevaluatedItems")
_LARGE_REPETITION = re.compile(r"\{\d*,?\d{3,}")


def weight(schema: Schema) -> int:
    """Return the largest number of combinations of branches at one place of a value, or the size if larger.

    MOST stands for everything above it.
    """
    return _Scale(schema).weight()


def applies_itself(schema: Schema) -> bool:
    """Whether a schema refers to itself about the same value, so that it says nothing that can be decided."""
    return _Scale(schema).is_circular()


class _Scale:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._combinations: dict[int, int] = {}
        self._open: set[int] = set()
        self._is_circular = False

    def is_circular(self) -> bool:
        for schema in self._all():
            self._at(schema)
        return self._is_circular

    def weight(self) -> int:
        size, heaviest = 0, 0
        for schema in self._all():
            size += _size(schema)
            heaviest = max(heaviest, self._at(schema))
            if size >= MOST or heaviest >= MOST:
                return MOST
        return max(heaviest, size // 100)

    def _all(self) -> Iterator[dict[str, Any]]:
        seen: set[int] = set()
        waiting: list[Any] = [self._root]
        while waiting:
            schema = waiting.pop()
            if not isinstance(schema, dict) or id(schema) in seen:
                continue
            seen.add(id(schema))
            yield schema
            waiting += inner_schemas(schema)

    def _at(self, schema: Any) -> int:
        """Return the number of combinations where *schema* is applied, times the schemas looked at there."""
        if not isinstance(schema, dict):
            return 1
        known = self._combinations.get(id(schema))
        if known is not None:
            return known
        if len(self._open) > _DEEPEST:
            return MOST
        if id(schema) in self._open:  # it refers to itself, and not about a smaller part of the value
            self._is_circular = True
            return MOST
        self._open.add(id(schema))
        found = self._combinations[id(schema)] = min(MOST, self._product(schema))
        self._open.discard(id(schema))
        return found

    def _product(self, schema: dict[str, Any]) -> int:
        product = 1
        for branch in _listed(schema, "allOf"):
            product = min(MOST, product * self._at(branch) + 1)
        for keyword in ("anyOf", "oneOf"):
            branches = sum(self._at(branch) for branch in _listed(schema, keyword))
            product = min(MOST, product * max(1, branches))
        for keyword in _SINGLES:
            if keyword in schema:
                product = min(MOST, product * (1 + self._at(schema[keyword])))
        for branch in (schema.get("dependentSchemas") or {}).values():
            product = min(MOST, product * (1 + self._at(branch)))
        product = min(MOST, product * 2 ** min(20, len(schema.get("dependentRequired") or ())))
        if "$ref" in schema:
            product *= self._at(target(self._root, schema["$ref"]))
        return min(MOST, int(product))


def inner_schemas(schema: dict[str, Any]) -> Iterator[Any]:
    """Return the schemas directly inside *schema*, those in its `$defs` too."""
    for keyword in (*_LISTS, "prefixItems"):
        yield from _listed(schema, keyword)
    for keyword in (*_SINGLES, *_INSIDE, "unevaluatedProperties", "contentSchema"):
        if keyword in schema:
            yield schema[keyword]
    for keyword in ("properties", "patternProperties", "dependentSchemas", "$defs"):
        if isinstance(schema.get(keyword), dict):
            yield from schema[keyword].values()


def target(root: Schema, reference: object) -> Any:
    """Return the schema that a reference into *root* leads to; None when there is none."""
    found: Any = root
    if not str(reference).startswith("#") or str(reference)[1:2] not in {"", "/"}:
        return None
    for part in pointer_parts(str(reference)):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def followed(root: Schema, schema: Any) -> Any:
    """Return what a schema that is only a reference refers to, so that it is the same from wherever it is."""
    for _ in range(_DEEPEST):
        if not isinstance(schema, dict) or schema.keys() != {"$ref"}:
            break
        schema = target(root, schema["$ref"])
    return schema


def _listed(schema: dict[str, Any], keyword: str) -> list[Any]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []


def _size(schema: dict[str, Any]) -> int:
    patterns = [schema.get("pattern"), *(schema.get("patternProperties") or ())]
    texts = [text for text in patterns if isinstance(text, str)]
    if any(_LARGE_REPETITION.search(text) for text in texts):
        return MOST
    return 1 + len(schema) + len(schema.get("enum") or ()) + sum(map(len, texts))
