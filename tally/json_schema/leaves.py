"""Values without parts that a shape allows."""

from collections.abc import Iterable
from itertools import chain, islice
from random import Random
from typing import Any

import jsonschema_rs

from tally.json_schema.chance import seeded
from tally.json_schema.scalars import fresh_number, fresh_text, numbers, texts
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import Shape, distinct, same
from tally.json_schema.work import Work

_MOST_SCALARS = 30
_SHARE_OF_USUAL = 0.4
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def has_type(value: object, name: str) -> bool:
    """Whether a JSON value is of a type of JSON Schema."""
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(name, ()))


class Leaves:
    """The values of shapes of one schema, each checked by what its own shape says, and found once."""

    def __init__(self, root: Schema, seed: int, work: Work) -> None:
        self._definitions = root.get("$defs") if isinstance(root, dict) else None
        self._seed = seed
        self._work = work
        # With the shapes themselves, so that no others take over their ids.
        self._found: dict[tuple[int, str], tuple[Shape, tuple[Any, ...]]] = {}
        self._judges: dict[int, tuple[Shape, jsonschema_rs.Draft202012Validator | None]] = {}

    def listed(self, shape: Shape) -> list[Any]:
        """Return the values that the shape lists itself, those first that are also its examples."""
        preferred = set(map(same, shape.examples))
        return [
            value
            for value in sorted(shape.values or (), key=lambda value: same(value) not in preferred)
            if any(has_type(value, name) for name in shape.types) and self.allows(shape, value)
        ]

    def of(self, shape: Shape, name: str) -> tuple[Any, ...]:
        """Return some values of a type that has no parts: the usual one first, then ends and others."""
        known = self._found.get((id(shape), name))
        if known is None:
            allowed = (value for value in self._likely(shape, name) if self.allows(shape, value))
            known = shape, tuple(islice(distinct(allowed), _MOST_SCALARS))
            self._found[id(shape), name] = known
        return known[1]

    def fresh(self, shape: Shape, name: str, random: Random, *, known: bool = True) -> Any:
        """Return any value of the type; of a few tries, the first that is allowed, or a usual one.

        Without *known*, the usual ones are only for when there is no other.
        """
        usual = self.of(shape, name)
        seldom = known and random.random() < _SHARE_OF_USUAL
        if name in {"null", "boolean", "object", "array"} or not usual or seldom:
            return random.choice(usual) if usual else None
        for _ in range(4):
            self._work.take()
            made = (
                fresh_text(shape, random)
                if name == "string"
                else fresh_number(shape, random, whole=name == "integer")
            )
            if self.allows(shape, made):
                return made
        return random.choice(usual)

    def allows(self, shape: Shape, value: object) -> bool:
        """Whether what is said about texts, numbers and `not` lets *value* be."""
        known = self._judges.get(id(shape))
        if known is None:
            known = self._judges[id(shape)] = shape, self._judge(shape)
        return known[1] is None or known[1].is_valid(value)

    def _likely(self, shape: Shape, name: str) -> Iterable[Any]:
        self._work.take(4)
        if name == "null":
            return (None,)
        if name == "boolean":
            return (True, False)
        examples = (value for value in shape.examples if has_type(value, name))
        if name == "string":
            return chain(examples, texts(shape, seeded(self._seed, *shape.patterns)))
        return chain(examples, numbers(shape, whole=name == "integer"))

    def _judge(self, shape: Shape) -> jsonschema_rs.Draft202012Validator | None:
        words: list[dict[str, Any]] = [dict(shape.limits)] if shape.limits else []
        words += [{"multipleOf": multiple} for multiple in shape.multiples]
        words += [{"pattern": pattern} for pattern in shape.patterns]
        words += [{"format": name} for name in shape.formats]
        words += [{"not": schema} for schema in shape.excluded]
        if not words:
            return None
        schema: dict[str, Any] = {"allOf": words}
        if shape.excluded and self._definitions:
            schema["$defs"] = self._definitions
        try:
            return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        except (ValueError, jsonschema_rs.ValidationError):
            return None  # the whole schema decides, later
