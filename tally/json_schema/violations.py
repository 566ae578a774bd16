"""Values that break one keyword of a schema each."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from tally.json_schema.leaves import has_type
from tally.json_schema.making import NONE, Maker
from tally.json_schema.scalars import bounds
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import Shape, both, interleaved, is_found, same

_MOST_AT_ONE_PLACE = 60
_LONGEST = 100_000
_LONGEST_ARRAY = 100
_FEW = 4
# Nothing that a program may take for the right type with good will: "1" for a number, 1 for true.
_WRONG: dict[str, tuple[Any, ...]] = {
    "string": (7, None, {}, [], True),
    "integer": ("text", 1.5, None, [], {}),
    "number": ("text", None, [], {}),
    "boolean": ("text", None, 7, []),
    "null": ("text",),
    "array": ({}, "text", None, 7),
    "object": ([], "text", None, 7),
}
_BROKEN_TEXTS = ("", "!", " ", "a", "0", "A", "é", "\u6771", "!!!!!!!!", "not any of it", "-")
_NOT_OF_FORMAT = (
    "not that",
    "2024-02-30",
    "2024-13-01T00:00:00Z",
    "999.1.1.1",
    "::zz",
    "a b",
    "%%",
    "{",
    "[",
    "~2",
)


class Violation(NamedTuple):
    """A value, the keyword that it breaks, and the keys of where it does so."""

    parts: tuple[str | int, ...]
    keyword: str
    value: Any


def violations(maker: Maker, schema: Schema) -> Iterator[Violation]:
    """Yield values that are likely to break one keyword. May raise OutOfWorkError."""
    maker.work.take()
    if maker.is_deep(schema):
        return
    streams = [_of_shape(maker, shape) for shape in maker.branches.of(schema)]
    yield from maker.inside(schema, interleaved(*streams))


def _of_shape(maker: Maker, shape: Shape) -> Iterator[Violation]:
    own = [_wrong_types(shape), _outside_values(shape)]
    if shape.values is None:
        for name in shape.types[:1] if shape.implied else shape.types:
            own += [make(maker, shape) for make in _BY_TYPE.get(name, ())]
    own.append(_excluded(maker, shape))
    yield from interleaved(*own)


def _here(keyword: str, value: object) -> Violation:
    return Violation((), keyword, value)


def _wrong_types(shape: Shape) -> Iterator[Violation]:
    if shape.implied:
        return
    meant = [name for name in shape.types if name != "null"] or ["null"]
    wrong = [value for name in meant for value in _WRONG[name]]
    for value in wrong:
        if not any(has_type(value, name) for name in shape.types):
            yield _here("type", value)


def _outside_values(shape: Shape) -> Iterator[Violation]:
    if shape.values is None:
        return
    texts = [value for value in shape.values if isinstance(value, str)]
    whole = [value for value in shape.values if has_type(value, "integer")]
    candidates: list[Any] = ["none of these"] if texts else []
    candidates += [text.swapcase() for text in texts[:1]] + [f"{text} " for text in texts[:1]]
    candidates += [max(whole) + 1] if whole else []
    candidates += [None] if None not in shape.values else []
    known = set(map(same, shape.values))
    keyword = "enum" if len(shape.values) > 1 else "const"
    yield from (_here(keyword, value) for value in candidates if same(value) not in known)


def _texts(maker: Maker, shape: Shape) -> Iterator[Violation]:
    usual = next(iter(maker.leaves.of(shape, "string")), "")
    least, most = shape.limit("minLength"), shape.limit("maxLength")
    if least:
        yield _here("minLength", _of_length(usual, int(least) - 1))
    if most is not None and most < _LONGEST:
        yield _here("maxLength", _of_length(usual, int(most) + 1))
    for pattern in shape.patterns:
        candidates = (f"{usual}!", f"!{usual}", usual[:-1], usual.swapcase(), *_BROKEN_TEXTS)
        fitting = [text for text in candidates if _has_length(text, shape)] or list(candidates)
        yield from islice((_here("pattern", text) for text in fitting if not is_found(pattern, text)), 2)
    if shape.formats:
        yield from (_here("format", text) for text in _NOT_OF_FORMAT)


def _of_length(text: str, length: int) -> str:
    return (text or "a").ljust(length, (text or "a")[-1])[:length]


def _has_length(text: str, shape: Shape) -> bool:
    most = shape.limit("maxLength")
    return (shape.limit("minLength") or 0) <= len(text) and (most is None or len(text) <= most)


def _numbers(_: Maker, shape: Shape) -> Iterator[Violation]:
    lowest, highest, step = bounds(shape)
    for keyword, end, sign in (("minimum", lowest, -1), ("maximum", highest, 1)):
        exclusive = f"exclusive{keyword.capitalize()}"
        if end is None or not {keyword, exclusive} & shape.limits.keys():
            continue
        if exclusive in shape.limits:
            yield _here(exclusive, shape.limits[exclusive])
        else:
            beyond = end + sign * step
            yield _here(keyword, int(beyond) if beyond == int(beyond) else float(beyond))
    if shape.multiples:
        start = lowest if lowest is not None else step
        for part in (start + step / 2, start + 1, start + step / 4):
            if "number" in shape.types or part == int(part):
                yield _here("multipleOf", int(part) if part == int(part) else float(part))


def _arrays(maker: Maker, shape: Shape) -> Iterator[Violation]:
    usual = maker.array_of(shape, max(1, len(shape.prefix)), maker.usual)
    if usual is NONE:
        return
    least, most = shape.limit("minItems"), shape.limit("maxItems")
    if least:
        yield _here("minItems", usual[: int(least) - 1])
    if most is not None and most < _LONGEST_ARRAY:
        yield _here("maxItems", _longer(maker, shape, int(most) + 1))
    if shape.unique and usual:
        yield _here(
            "uniqueItems", [*usual[:-1], usual[-1], usual[-1]][-(int(most) if most and most > 1 else 99) :]
        )
    for index in range(min(len(usual), max(1, len(shape.prefix)))):
        for inner in islice(violations(maker, shape.of_item(index)), _MOST_AT_ONE_PLACE):
            value = [*usual[:index], inner.value, *usual[index + 1 :]]
            yield Violation((index, *inner.parts), inner.keyword, value)
    for schema, least_found, _ in shape.contains:
        others = islice((each.value for each in violations(maker, schema)), 4)
        yield from (_here("contains", [other] * max(1, int(least or 1))) for other in others if least_found)


def _longer(maker: Maker, shape: Shape, length: int) -> list[Any]:
    limits = {keyword: value for keyword, value in shape.limits.items() if keyword != "maxItems"}
    made = maker.array_of(replace(shape, limits=limits), length, maker.usual)
    return [] if made is NONE else list(made)


def _objects(maker: Maker, shape: Shape) -> Iterator[Violation]:
    full = maker.object_of(shape, dict.fromkeys((*shape.required, *shape.properties)), maker.usual)
    if full is NONE:
        return
    for name in shape.required:
        yield _here("required", {key: value for key, value in full.items() if key != name})
    yield from interleaved(
        *(_in_property(maker, shape, full, name) for name in full), _of_object(maker, shape, full)
    )


def _in_property(maker: Maker, shape: Shape, full: dict[str, Any], name: str) -> Iterator[Violation]:
    for inner in islice(violations(maker, shape.of_property(name)), _MOST_AT_ONE_PLACE):
        yield Violation((name, *inner.parts), inner.keyword, {**full, name: inner.value})


def _of_object(maker: Maker, shape: Shape, full: dict[str, Any]) -> Iterator[Violation]:
    if shape.additional is False:
        yield _here("additionalProperties", {**full, "notdeclared": "text"})
    elif isinstance(shape.additional, dict):
        yield from _with_wrong(maker, full, "extra", shape.additional)
    for pattern, schema in shape.by_pattern.items():
        for name in [name for name in maker.more_names(shape) if is_found(pattern, name)][:1]:
            yield from _with_wrong(maker, full, name, schema)
    for schema in shape.names:
        for inner in islice(violations(maker, both({"type": "string"}, schema)), _FEW):
            if isinstance(inner.value, str):
                yield _here("propertyNames", {**full, inner.value: "text"})
    yield from _of_size(maker, shape, full)


def _with_wrong(maker: Maker, full: dict[str, Any], name: str, schema: Schema) -> Iterator[Violation]:
    for inner in islice(violations(maker, schema), _FEW):
        yield Violation((name, *inner.parts), inner.keyword, {**full, name: inner.value})


def _of_size(maker: Maker, shape: Shape, full: dict[str, Any]) -> Iterator[Violation]:
    for name, needed in shape.dependent.items():
        gone = [other for other in needed if other in full and other not in shape.required][:1]
        if name in full and gone:
            yield _here("dependentRequired", {key: value for key, value in full.items() if key not in gone})
    if least := shape.limit("minProperties"):
        few = sorted(full, key=lambda name: name not in shape.required)[: int(least) - 1]
        yield _here("minProperties", {name: full[name] for name in few})
    most = shape.limit("maxProperties")
    if most is not None and most < _LONGEST_ARRAY:
        more = islice(maker.more_names(shape), max(0, int(most) + 1 - len(full)))
        made = ((name, maker.usual(shape.of_property(name))) for name in more)
        yield _here("maxProperties", {**full, **{name: value for name, value in made if value is not NONE}})


def _excluded(maker: Maker, shape: Shape) -> Iterator[Violation]:
    for schema in shape.excluded:
        if isinstance(schema, dict):
            typed = schema if "type" in schema or shape.implied else both({"type": list(shape.types)}, schema)
            made = maker.usual(typed)
            if made is not NONE:
                yield _here("not", made)


_BY_TYPE: dict[str, tuple[Callable[[Maker, Shape], Iterator[Violation]], ...]] = {
    "string": (_texts,),
    "integer": (_numbers,),
    "number": (_numbers,),
    "array": (_arrays,),
    "object": (_objects,),
}
