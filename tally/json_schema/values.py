"""Values of a JSON Schema: valid ones, and ones that break one keyword each.

Both are pure functions of the schema, the seed and the position in the sequence. They end, and take a bounded
amount of work, whatever the schema is like: one that nothing satisfies gives no values.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count, islice
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.chance import seeded
from tally.json_schema.making import NONE, Maker
from tally.json_schema.pointers import pointer
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import same
from tally.json_schema.validation import Validator
from tally.json_schema.variants import variants
from tally.json_schema.violations import violations
from tally.json_schema.work import OutOfWorkError
from tally.values import dataclass

Value = Any
_MOST_DRAWN = 8
_MOST_IN_VAIN = 60
"""Draws in a row that give nothing new: then there is likely nothing."""


@dataclass(frozen=True)
class InvalidValue:
    """A value that a schema refuses. *keyword* is the one that it breaks, *parts* the keys of where."""

    value: Value
    keyword: str
    parts: tuple[str | int, ...]

    @property
    def pointer(self) -> str:
        """The place in the value, as a JSON pointer."""
        return pointer(self.parts)


def valid_values(schema: Schema, *, seed: int = 0, most: int = 100) -> Iterator[Value]:
    """Yield at most so many values that satisfy *schema*, none twice.

    Its examples come first, then a value with everything in it, then what differs from that in one place:
    each optional property is absent once, each value of an enumeration is there, and so are the ends of what
    is limited, and each branch. Any others follow. What is no schema gives no values.
    """
    with suppress(InvalidContractError):
        yield from islice(_checked(_made(schema, seed), Validator(schema).accepts), most)


def invalid_values(schema: Schema, *, seed: int = 0, most: int = 100) -> Iterator[InvalidValue]:
    """Yield at most so many values that *schema* refuses, none twice; each breaks one keyword."""
    with suppress(InvalidContractError, OutOfWorkError):
        accepts = Validator(schema).accepts
        maker = Maker(schema, seed)
        seen: set[str] = set()
        left = most
        for found in violations(maker, schema):
            maker.anew()
            key = same(found.value)
            if left and key not in seen and not accepts(found.value):
                seen.add(key)
                left -= 1
                yield InvalidValue(found.value, found.keyword, found.parts)
            if not left:
                return


def drawn_value(schema: Schema, seed: str, otherwise: Value) -> Value:
    """Return any value that satisfies *schema*, always the same for a seed, or else *otherwise*."""
    with suppress(InvalidContractError, OutOfWorkError):
        accepts = Validator(schema).accepts
        maker = Maker(schema, 0)
        shapes = maker.branches.of(schema)
        for attempt in range(_MOST_DRAWN):
            random = seeded(seed, attempt)
            made = maker.leaves.fresh(shapes[0], shapes[0].types[0], random, known=False) if shapes else NONE
            if made is not NONE and accepts(made):
                return made
    return otherwise


def properties_of(schema: Schema) -> dict[str, Schema]:
    """Return what the properties of an object have to satisfy, in the first branch that has each."""
    found: dict[str, Schema] = {}
    with suppress(OutOfWorkError):
        for shape in Maker(schema, 0).branches.of(schema):
            for name in shape.properties:
                found.setdefault(name, shape.of_property(name))
    definitions = schema.get("$defs") if isinstance(schema, dict) else None
    return {name: _with(definitions, each) for name, each in found.items()}


def _with(definitions: Any, schema: Schema) -> Schema:
    return {**schema, "$defs": definitions} if definitions and isinstance(schema, dict) else schema


def _made(schema: Schema, seed: int) -> Iterator[Value]:
    maker = Maker(schema, seed)
    with suppress(OutOfWorkError):
        for shape in maker.branches.of(schema):
            yield from shape.examples
        for made in variants(maker, schema):
            maker.anew()
            yield made
    maker = Maker(schema, seed)  # what varies may have taken all of the work
    with suppress(OutOfWorkError):
        for index in count():
            maker.anew()
            made = maker.drawn(schema, seeded(seed, index))
            if made is NONE and not maker.branches.of(schema):
                return
            yield None if made is NONE else made


def _checked(made: Iterator[Value], accepts: Callable[[Value], bool]) -> Iterator[Value]:
    seen: set[str] = set()
    in_vain = 0
    for value in made:
        key = same(value)
        if key in seen or not accepts(value):
            seen.add(key)
            in_vain += 1
            if in_vain > _MOST_IN_VAIN:
                return
            continue
        seen.add(key)
        in_vain = 0
        yield value
