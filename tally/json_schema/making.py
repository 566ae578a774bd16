"""Making values of a schema: the usual one, the smallest one, and any."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from random import Random
from typing import Any, TypeVar

from tally.json_schema.branches import Branches
from tally.json_schema.chance import seeded
from tally.json_schema.leaves import Leaves
from tally.json_schema.patterns import texts_of
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import Shape, both, is_found, same
from tally.json_schema.work import Work

_STEPS = 60_000
_LARGEST = 150
"""Parts of one value; what would make it larger is left out where it may be."""
_DEEPEST_LEAST = 24
_DEEPEST = 24
_MOST_ITEMS = 60
_EXTRA = ("extra", "x-more", "another", *(f"n{number}" for number in range(1, _MOST_ITEMS)))

NONE: Any = object()
"""No value."""
Make = Callable[[Schema], Any]
Made = TypeVar("Made")


class Maker:
    """Makes values of the schemas in *root*. Every method may raise OutOfWorkError.

    What it makes is likely to be valid; whoever asks has to check it.
    """

    def __init__(self, root: Schema, seed: int) -> None:
        self._seed = seed
        self.work = Work(_STEPS)
        self.branches = Branches(root, self.work)
        self.leaves = Leaves(root, seed, self.work)
        self._open: list[int] = []
        self._least: dict[int, tuple[Schema, Any]] = {}
        self._being_least: set[int] = set()
        self._room = _LARGEST

    def anew(self) -> None:
        """Give the next value room of its own."""
        self._room = _LARGEST

    def is_deep(self, schema: Schema) -> bool:
        """Whether what is made of *schema* should be small: it contains itself, or the value is large."""
        return self._room <= 0 or len(self._open) > _DEEPEST or self._open.count(id(schema)) > 1

    def inside(self, schema: Schema, stream: Iterator[Made]) -> Iterator[Made]:
        """Yield what *stream* does; while it is asked, the schema counts as one that is being made."""
        while True:
            self._open.append(id(schema))
            try:
                made = next(stream, NONE)
            finally:
                self._open.pop()
            if made is NONE:
                return
            yield made

    def usual(self, schema: Schema) -> Any:
        """Return the value with everything in it that may be there; NONE when there is none."""
        self.work.take()
        if self.is_deep(schema):
            return self.least(schema)
        self._room -= 1
        self._open.append(id(schema))
        try:
            return _first(self.usual_of(shape) for shape in self.branches.of(schema))
        finally:
            self._open.pop()

    def usual_of(self, shape: Shape) -> Any:
        """Return the usual value of one shape."""
        if shape.values is not None:
            return _first(self.leaves.listed(shape))
        return _first(self._usual_of_type(shape, name) for name in shape.types)

    def _usual_of_type(self, shape: Shape, name: str) -> Any:
        if name == "object":
            return self.object_of(shape, dict.fromkeys((*shape.required, *shape.properties)), self.usual)
        if name == "array":
            return self.array_of(shape, max(1, len(shape.prefix)), self.usual)
        return _first(self.leaves.of(shape, name))

    def least(self, schema: Schema) -> Any:
        """Return a value with as little in it as possible; NONE when there is none that ends."""
        known = self._least.get(id(schema))
        if known is not None:
            return known[1]
        self.work.take()
        # The smallest value of a schema never has another one of the same schema in it.
        # Schemas that are joined from several are new each time: those are known by how deep they are.
        if id(schema) in self._being_least or len(self._being_least) >= _DEEPEST_LEAST:
            return NONE
        self._being_least.add(id(schema))
        try:
            made = _first(self._least_of(shape) for shape in self.branches.of(schema))
        finally:
            self._being_least.discard(id(schema))
        if made is not NONE:
            self._least[id(schema)] = schema, made
        return made

    def _least_of(self, shape: Shape) -> Any:
        if shape.values is not None:
            return _first(self.leaves.listed(shape))
        # The type that is meant first; of several that are said, one without parts.
        names = (
            shape.types
            if shape.implied
            else sorted(shape.types, key=lambda name: name in {"object", "array"})
        )
        return _first(self._least_of_type(shape, name) for name in names)

    def _least_of_type(self, shape: Shape, name: str) -> Any:
        if name == "object":
            return self.object_of(shape, shape.required, self.least)
        if name == "array":
            return self.array_of(shape, 0, self.least)
        return _first(self.leaves.of(shape, name))

    def drawn(self, schema: Schema, random: Random) -> Any:
        """Return any value; NONE when there is none."""
        self.work.take()
        if self.is_deep(schema):
            return self.least(schema)
        self._room -= 1
        shapes = self.branches.of(schema)
        if not shapes:
            return NONE
        self._open.append(id(schema))
        try:
            return self.drawn_of(random.choice(shapes), random)
        finally:
            self._open.pop()

    def drawn_of(self, shape: Shape, random: Random) -> Any:
        """Return any value of one shape."""
        if shape.values is not None:
            listed = self.leaves.listed(shape)
            return random.choice(listed) if listed else NONE
        name = shape.types[0] if shape.implied else random.choice(shape.types)
        make = self._drawing(random)
        if name == "object":
            share = random.choice((0.2, 0.6, 0.9))
            names = [each for each in shape.properties if each in shape.required or random.random() < share]
            return self.object_of(shape, dict.fromkeys((*shape.required, *names)), make)
        if name == "array":
            return self.array_of(shape, random.choice((0, 1, 2, 3, 5)), make)
        return self.leaves.fresh(shape, name, random) if self.leaves.of(shape, name) else NONE

    def _drawing(self, random: Random) -> Make:
        return lambda schema: self.drawn(schema, random)

    def object_of(self, shape: Shape, names: Mapping[str, None] | tuple[str, ...], make: Make) -> Any:
        """Return an object with these properties, and with as many as it must and may have; or NONE."""
        found: dict[str, Any] = {}
        for name in names:
            made = make(shape.of_property(name))
            if made is not NONE:
                found[name] = made
            elif name in shape.required:
                return NONE
        least, most = int(shape.limit("minProperties") or 0), shape.limit("maxProperties")
        if most is not None and len(found) > most:
            optional = [name for name in found if name not in shape.required]
            for name in optional[::-1][: len(found) - int(most)]:
                del found[name]
        if not least and make == self.usual and not found and most != 0 and _is_map(shape):
            least = 1
        if least > len(found):
            self._fill(shape, found, least)
        return found

    def _fill(self, shape: Shape, found: dict[str, Any], least: int) -> None:
        for name in chain(shape.properties, self.more_names(shape)):
            if len(found) >= least:
                return
            made = self.usual(shape.of_property(name)) if name not in found else NONE
            if made is not NONE:
                found[name] = made

    def more_names(self, shape: Shape) -> Iterator[str]:
        """Yield names of properties that an object may have besides the declared ones."""
        random = seeded(self._seed, "names")
        by_pattern = (
            name
            for pattern in shape.by_pattern
            for name in texts_of(pattern, random, _MOST_ITEMS)
            if is_found(pattern, name)
        )
        allowed = self.branches.of(both({"type": "string"}, *shape.names)) if shape.names else ()
        by_name = (
            name for each in allowed for name in (self.leaves.listed(each) or self.leaves.of(each, "string"))
        )
        for name in dict.fromkeys(chain(by_pattern, by_name, () if shape.names else _EXTRA)):
            self.work.take()
            if name not in shape.properties and shape.of_property(name) is not False:
                yield name

    def array_of(self, shape: Shape, length: int, make: Make, given: tuple[Any, ...] = ()) -> Any:
        """Return an array of that length, or the closest that is allowed, beginning as *given*; or NONE."""
        needed = [schema for schema, least, _ in shape.contains for _ in range(min(least, _MOST_ITEMS))]
        lowest = max(int(shape.limit("minItems") or 0), len(needed))
        highest = shape.limit("maxItems")
        length = max(length, lowest, len(given))
        length = min(length, int(highest)) if highest is not None else length
        if lowest > 10 * _MOST_ITEMS:
            return NONE
        found = list(given)
        seen = set(map(same, found))
        for index in range(len(found), length):
            schema = both(shape.of_item(index), *needed[index : index + 1])
            item = make(schema) if schema is not False else NONE
            if shape.unique and item is not NONE and same(item) in seen:
                item = self._other(schema, seen)
            if item is NONE:
                return found if len(found) >= lowest else NONE
            found.append(item)
            seen.add(same(item))
        return found

    def _other(self, schema: Schema, seen: set[str]) -> Any:
        """Return a value of *schema* that is none of those seen."""
        simple = (
            value
            for shape in self.branches.of(schema)
            for value in chain(
                self.leaves.listed(shape),
                *(self.leaves.of(shape, name) for name in shape.types if name not in {"object", "array"}),
            )
            if shape.values is None or value in shape.values
        )
        draws = (self.drawn(schema, seeded(self._seed, len(seen), draw)) for draw in range(_MOST_ITEMS))
        return _first(
            made
            for made in chain(islice(simple, _MOST_ITEMS), draws)
            if made is not NONE and same(made) not in seen
        )


def _is_map(shape: Shape) -> bool:
    return isinstance(shape.additional, dict) or bool(shape.by_pattern)


def _first(made: Any) -> Any:
    return next((each for each in made if each is not NONE), NONE)
