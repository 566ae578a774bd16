"""How many schemas a validator looks at for one place of a value: references can make very many of a few.

`anyOf` in `anyOf`, by references, doubles them at each step, and the library that decides is native code,
which nothing interrupts.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tally.json_schema.pointers import DEFINITIONS, definition_name
from tally.json_schema.schema import Schema, map_subschemas

MOST = 10**12
"""Stands for everything above it."""
_IN_PLACE = ("allOf", "anyOf", "oneOf")
_ONE_IN_PLACE = ("else", "if", "not", "then")
_VALUES_FOR_ONE = 100
"""Values of an enumeration that are compared in the time that one schema takes."""


class _PlaceCost(NamedTuple):
    """What is looked at for one place: so many schemas, and those that these definitions lead to."""

    own: int
    references: tuple[str, ...]


class Evaluations:
    """The work that schemas with these *definitions* cause."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        places = {name: _places(schema) for name, schema in definitions.items()}
        self._costs = _costs({name: found[0] for name, found in places.items()})
        self.heaviest = max((self._of(place) for found in places.values() for place in found), default=0)

    def of(self, schema: Schema) -> int:
        """Return how many schemas are looked at for the most expensive place of a value of *schema*.

        What is in the definitions is not counted: see *heaviest*.
        """
        return max(self._of(place) for place in _places(schema))

    def _of(self, place: _PlaceCost) -> int:
        return min(MOST, place.own + sum(self._costs.get(name, 0) for name in place.references))


def _costs(roots: Mapping[str, _PlaceCost]) -> dict[str, int]:
    """Return the cost of each definition with what it refers to; of a circle, each part once."""
    costs: dict[str, int] = {}
    for start in roots:
        waiting = [(start, False)]
        is_open: set[str] = set()
        while waiting:
            name, is_known = waiting.pop()
            if is_known:
                place = roots[name]
                costs[name] = min(MOST, place.own + sum(costs.get(other, 0) for other in place.references))
                is_open.discard(name)
            elif name not in costs and name not in is_open:
                is_open.add(name)
                waiting.append((name, True))
                waiting += [(other, False) for other in roots[name].references if other in roots]
    return costs


def _places(schema: Schema) -> list[_PlaceCost]:
    """Return what is looked at for each place of a value; first for the value itself."""
    found: list[_PlaceCost] = []
    waiting: list[Any] = [schema]
    for root in waiting:
        own, references = 0, []
        here: list[Any] = [root]
        for inner in here:
            own += 1
            if not isinstance(inner, dict):
                continue
            own += _compared(inner.get("enum") or []) + len(inner.get("patternProperties") or ())
            if isinstance(inner.get("$ref"), str) and inner["$ref"].startswith(DEFINITIONS):
                references.append(definition_name(inner["$ref"]))
            in_place = _in_place(inner)
            here += in_place
            known = set(map(id, in_place))

            def wait(each: Any, known: set[int] = known) -> None:
                if id(each) not in known:
                    waiting.append(each)

            map_subschemas(inner, wait)
        found.append(_PlaceCost(own, tuple(references)))
    return found


def _compared(values: list[Any]) -> int:
    """Return how many schemas take as long as finding one of these values: objects are compared in turn."""
    return len(values) // _VALUES_FOR_ONE + sum(isinstance(value, dict | list) for value in values)


def _in_place(schema: dict[str, Any]) -> list[Any]:
    found = [branch for keyword in _IN_PLACE for branch in schema.get(keyword) or ()]
    found += [schema[keyword] for keyword in _ONE_IN_PLACE if keyword in schema]
    return [*found, *(schema.get("dependentSchemas") or {}).values()]
