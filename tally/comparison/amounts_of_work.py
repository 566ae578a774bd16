"""How much work it is to judge a value by a schema: small texts may stand for very much.

The library that judges looks at each alternative again wherever it is referred to, and nothing interrupts it.
"""

from typing import Any

from tally.comparison.schema_views import Definitions, target_of
from tally.json_schema.schema import Schema, map_subschemas

MOST_AT_A_PLACE = 2_000
"""Schemas that are looked at for one value: compiled within some 20 ms."""
MOST_IN_ALL = 1_000_000
_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLES = ("not", "if", "then", "else")


class AmountOfWork:
    """What judging by one schema may cost."""

    def __init__(self, schema: Schema, definitions: Definitions) -> None:
        self._definitions = definitions
        self._known: dict[int, int] = {}
        self._kept: list[Any] = [schema]
        self._most = max([self._at(each) for each in self._places(schema)], default=1)

    def is_light(self, value: Any) -> bool:
        """Whether *value* is judged in little time, however the schema refers to itself."""
        if self._most > MOST_AT_A_PLACE:
            return False
        return self._most <= 1 or self._most ** min(_depth(value), 20) <= MOST_IN_ALL

    def _places(self, schema: Schema) -> list[Schema]:
        found: list[Schema] = []
        waiting: list[Any] = [schema, *self._definitions.values()]
        while waiting:
            each = waiting.pop()
            if isinstance(each, dict):
                found.append(each)
                own = {keyword: value for keyword, value in each.items() if keyword != "$defs"}
                map_subschemas(own, waiting.append)
        self._kept += found
        return found

    def _at(self, schema: Schema) -> int:
        """Return how many schemas are looked at for a value at one place, up to what is too many."""
        if not isinstance(schema, dict):
            return 0
        known = self._known.get(id(schema))
        if known is not None:
            return known
        self._known[id(schema)] = 0  # where a circle comes back to
        inner = [each for keyword in _LISTS for each in schema.get(keyword, ())]
        inner += [schema[keyword] for keyword in _SINGLES if keyword in schema]
        inner += schema.get("dependentSchemas", {}).values()
        if isinstance(schema.get("$ref"), str):
            inner.append(target_of(schema["$ref"], self._definitions))
        count = min(len(inner) + sum(map(self._at, inner)), MOST_AT_A_PLACE + 1)
        self._known[id(schema)] = count
        return count


def _depth(value: Any) -> int:
    depth, layer = 0, [value]
    while layer:
        layer = [item for each in layer for item in _inside(each)]
        depth += 1
    return depth


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
