"""Values that differ from the usual one of a schema in one place each."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from tally.json_schema.making import NONE, Maker
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import Shape, interleaved

_MOST_AT_ONE_PLACE = 40
_OTHER_TYPES = 2
_LONGEST_ARRAY = 60


def variants(maker: Maker, schema: Schema) -> Iterator[Any]:
    """Yield the usual value of each branch, then the others. May raise OutOfWorkError."""
    maker.work.take()
    if maker.is_deep(schema):
        made = maker.least(schema)
        yield from () if made is NONE else (made,)
        return
    streams = [_of_shape(maker, shape) for shape in maker.branches.of(schema)]
    yield from maker.inside(schema, interleaved(*streams))


def _of_shape(maker: Maker, shape: Shape) -> Iterator[Any]:
    if shape.values is not None:
        yield from maker.leaves.listed(shape)
        return
    streams = [_of_type(maker, shape, name) for name in shape.types]
    if not shape.implied:
        yield from interleaved(*streams)
        return
    # Nothing says that another type is meant, or that it is not.
    yield from streams[0]
    yield from interleaved(*(islice(stream, _OTHER_TYPES) for stream in streams[1:]))


def _of_type(maker: Maker, shape: Shape, name: str) -> Iterator[Any]:
    if name == "object":
        return _objects(maker, shape)
    return _arrays(maker, shape) if name == "array" else iter(maker.leaves.of(shape, name))


def _objects(maker: Maker, shape: Shape) -> Iterator[Any]:
    names = dict.fromkeys((*shape.required, *shape.properties))
    full = maker.object_of(shape, names, maker.usual)
    if full is NONE:
        return
    yield full
    yield from (value for value in shape.examples if isinstance(value, dict))
    optional = [name for name in full if name not in shape.required]
    if len(optional) > 1:
        yield maker.object_of(shape, shape.required, maker.usual)
    for name in optional:
        gone = {name, *(other for other, needed in shape.dependent.items() if name in needed)}
        yield {key: value for key, value in full.items() if key not in gone}
    yield from _with_those_left_out(maker, shape, full)
    streams = [_with_variants_of(maker, shape, full, name) for name in full]
    yield from interleaved(*streams, _with_more(maker, shape, full))


def _with_those_left_out(maker: Maker, shape: Shape, full: dict[str, Any]) -> Iterator[Any]:
    """Yield objects with the properties for which the full one has no room."""
    least = maker.object_of(shape, shape.required, maker.usual)
    for name in shape.properties:
        made = maker.usual(shape.of_property(name)) if name not in full else NONE
        if made is not NONE and least is not NONE:
            yield {**least, name: made}


def _with_variants_of(maker: Maker, shape: Shape, full: dict[str, Any], name: str) -> Iterator[Any]:
    stream = variants(maker, shape.of_property(name))
    for value in islice(stream, 1, _MOST_AT_ONE_PLACE):
        yield {**full, name: value}


def _with_more(maker: Maker, shape: Shape, full: dict[str, Any]) -> Iterator[Any]:
    if len(full) >= (shape.limit("maxProperties") or len(full) + 1):
        return
    for name in islice(maker.more_names(shape), 2):
        made = maker.usual(shape.of_property(name)) if name not in full else NONE
        if made is not NONE:
            yield {**full, name: made}


def _arrays(maker: Maker, shape: Shape) -> Iterator[Any]:
    usual = maker.array_of(shape, max(1, len(shape.prefix)), maker.usual)
    if usual is NONE:
        return
    yield usual
    yield from (value for value in shape.examples if isinstance(value, list))
    yield from interleaved(_lengths(maker, shape, len(usual)), _with_varied_items(maker, shape, usual))


def _lengths(maker: Maker, shape: Shape, usual: int) -> Iterator[Any]:
    most = shape.limit("maxItems")
    longest = [int(most)] if most is not None and most <= _LONGEST_ARRAY else []
    for length in (0, 2, *longest):
        made = maker.array_of(shape, length, maker.usual) if length != usual else NONE
        if made is not NONE:
            yield made


def _with_varied_items(maker: Maker, shape: Shape, usual: list[Any]) -> Iterator[Any]:
    places = range(max(1, len(shape.prefix)) if usual else 0)
    streams = [_with_varied_item(maker, shape, usual, index) for index in places if index < len(usual)]
    yield from interleaved(*streams)


def _with_varied_item(maker: Maker, shape: Shape, usual: list[Any], index: int) -> Iterator[Any]:
    for value in islice(variants(maker, shape.of_item(index)), 1, _MOST_AT_ONE_PLACE):
        yield [*usual[:index], value, *usual[index + 1 :]]
