"""Schemas as shapes: what one branch of a schema asks for, with everything that applies at its place in it.

References, `allOf`, `anyOf`, `oneOf`, `if` and what depends on a property are gone from a shape; the schemas
of properties and items stay as they are, until somebody asks for the shapes of those.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from tally.json_schema.schema import Schema
from tally.loading import Later
from tally.values import dataclass

if TYPE_CHECKING:
    import jsonschema_rs
else:  # a large library, and few contracts have schemas
    jsonschema_rs = Later("jsonschema_rs")

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
Limits = Mapping[str, Any]
_LARGER_IS_STRICTER = frozenset(["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"])
_SMALLER_IS_STRICTER = frozenset(["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"])
_IMPLIED = {
    "object": frozenset(
        [
            "additionalProperties", "dependentRequired", "dependentSchemas", "maxProperties", "minProperties",
            "patternProperties", "properties", "propertyNames", "required", "unevaluatedProperties",
        ]
    ),
    "array": frozenset(
        ["contains", "items", "maxItems", "minItems", "prefixItems", "unevaluatedItems", "uniqueItems"]
    ),
    "string": frozenset(
        ["contentEncoding", "contentMediaType", "format", "maxLength", "minLength", "pattern"]
    ),
    "number": frozenset(["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"]),
}  # fmt: skip
_INTEGER_FORMATS = {"int32": 2**31, "int64": 2**63}


@dataclass(frozen=True, eq=False)
class Shape:
    """Everything that holds for a value. *types* come in the order in which they are worth trying.

    *implied* says that no keyword names the types, so that those after the first are unlikely to be meant.
    *contains* holds schemas, and how often each must and may be satisfied. *excluded* are those of `not`.
    """

    types: tuple[str, ...] = ("string", "object", "array", "integer", "number", "boolean", "null")
    implied: bool = True
    values: tuple[Any, ...] | None = None
    limits: Limits = field(default_factory=dict)
    multiples: tuple[float, ...] = ()
    patterns: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    examples: tuple[Any, ...] = ()
    properties: Mapping[str, Schema] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    by_pattern: Mapping[str, Schema] = field(default_factory=dict)
    additional: Schema = True
    names: tuple[Schema, ...] = ()
    dependent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prefix: tuple[Schema, ...] = ()
    items: Schema = True
    contains: tuple[tuple[Schema, int, int | None], ...] = ()
    unique: bool = False
    excluded: tuple[Schema, ...] = ()

    def of_property(self, name: str) -> Schema:
        """Return what a property must satisfy, whatever says so."""
        found = [self.properties[name]] if name in self.properties else []
        found += [schema for pattern, schema in self.by_pattern.items() if is_found(pattern, name)]
        return both(*found) if found else self.additional

    def of_item(self, index: int) -> Schema:
        """Return what an item must satisfy."""
        return self.prefix[index] if index < len(self.prefix) else self.items

    def limit(self, keyword: str) -> Any:
        """Return the strictest limit, or None."""
        return self.limits.get(keyword)


def same(value: object) -> str:
    """Return a text that is equal for equal JSON values alone: 1 is not true."""
    return json.dumps(value, sort_keys=True)


def distinct(values: Iterable[Any]) -> Iterator[Any]:
    """Yield each JSON value once."""
    seen: set[str] = set()
    for value in values:
        text = same(value)
        if text not in seen:
            seen.add(text)
            yield value


def both(*schemas: Schema) -> Schema:
    """Return what satisfies all *schemas*."""
    if any(schema is False for schema in schemas):
        return False
    said = [schema for schema in schemas if schema is not True and schema != {}]
    if not said:
        return True
    return said[0] if len(said) == 1 else {"allOf": said}


@lru_cache(maxsize=4096)
def is_found(pattern: str, text: str, *, unreadable: bool = False) -> bool:
    """Whether *pattern*, of the dialect of JSON Schema, is found in *text*; it never takes long.

    *unreadable* is the answer for a pattern that nobody can read.
    """
    compiled = _compiled(pattern)
    return unreadable if compiled is None else compiled.is_valid(text)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> "jsonschema_rs.Draft202012Validator | None":
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError):
        return None


def own_shape(schema: Mapping[str, Any]) -> Shape | None:
    """Return what the keywords of *schema* itself say; None when that is impossible."""
    limits = {
        keyword: schema[keyword]
        for keyword in _LARGER_IS_STRICTER | _SMALLER_IS_STRICTER
        if isinstance(schema.get(keyword), int | float)
    }
    types, implied = _types(schema)
    shape = Shape(
        types=types,
        implied=implied,
        values=_values(schema),
        limits=limits,
        multiples=(schema["multipleOf"],) if schema.get("multipleOf") else (),
        patterns=(schema["pattern"],) if isinstance(schema.get("pattern"), str) else (),
        formats=(schema["format"],) if isinstance(schema.get("format"), str) else (),
        examples=_examples(schema),
        properties=schema.get("properties", {}),
        required=tuple(schema.get("required", ())),
        by_pattern=schema.get("patternProperties", {}),
        additional=schema.get("additionalProperties", True),
        names=(schema["propertyNames"],) if "propertyNames" in schema else (),
        dependent={name: tuple(needed) for name, needed in schema.get("dependentRequired", {}).items()},
        prefix=tuple(schema.get("prefixItems", ())),
        items=schema.get("items", True),
        contains=_contains(schema),
        unique=schema.get("uniqueItems") is True,
        excluded=(schema["not"],) if "not" in schema else (),
    )
    return _possible(_with_integer_format(shape))


def _types(schema: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
    said = schema.get("type")
    if isinstance(said, str):
        return (said,), False
    if isinstance(said, list):
        # A type is more often worth a look than null is.
        return tuple(sorted(said, key=lambda name: name == "null")), False
    likely = tuple(name for name, keywords in _IMPLIED.items() if keywords & schema.keys())
    rest = [name for name in ("string", *TYPES) if name not in likely]
    return tuple(dict.fromkeys((*likely, *rest))), True


def _values(schema: Mapping[str, Any]) -> tuple[Any, ...] | None:
    said = schema.get("enum")
    values = tuple(said) if isinstance(said, list) else None
    if "const" not in schema:
        return values
    only = schema["const"]
    return (only,) if values is None or same(only) in map(same, values) else ()


def _examples(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    listed = schema.get("examples")
    found = list(listed) if isinstance(listed, list) else []
    return (*found, *([schema["default"]] if "default" in schema else []))


def _contains(schema: Mapping[str, Any]) -> tuple[tuple[Schema, int, int | None], ...]:
    if "contains" not in schema:
        return ()
    return ((schema["contains"], schema.get("minContains", 1), schema.get("maxContains")),)


def _with_integer_format(shape: Shape) -> Shape:
    """The formats of OpenAPI for integers limit them, whatever validators say."""
    size = next((_INTEGER_FORMATS[name] for name in shape.formats if name in _INTEGER_FORMATS), None)
    if size is None:
        return shape
    own: Limits = {"minimum": -size, "maximum": size - 1}
    return replace(shape, limits=_strictest(shape.limits, own))


def merged(one: Shape, other: Shape) -> Shape | None:
    """Return what satisfies both; None when that is plainly nothing."""
    types = _common_types(one, other)
    values = one.values if other.values is None else other.values
    if one.values is not None and other.values is not None:
        known = set(map(same, other.values))
        values = tuple(value for value in one.values if same(value) in known)
    shape = Shape(
        types=types,
        implied=one.implied and other.implied,
        values=values,
        limits=_strictest(one.limits, other.limits),
        multiples=tuple(dict.fromkeys((*one.multiples, *other.multiples))),
        patterns=tuple(dict.fromkeys((*one.patterns, *other.patterns))),
        formats=tuple(dict.fromkeys((*one.formats, *other.formats))),
        examples=(*one.examples, *other.examples),
        properties=_properties(one, other),
        required=tuple(dict.fromkeys((*one.required, *other.required))),
        by_pattern=_by_pattern(one, other),
        additional=both(one.additional, other.additional),
        names=(*one.names, *other.names),
        dependent=_dependent(one, other),
        prefix=tuple(
            both(one.of_item(index), other.of_item(index))
            for index in range(max(len(one.prefix), len(other.prefix)))
        ),
        items=both(one.items, other.items),
        contains=(*one.contains, *other.contains),
        unique=one.unique or other.unique,
        excluded=(*one.excluded, *other.excluded),
    )
    return _possible(shape)


def _common_types(one: Shape, other: Shape) -> tuple[str, ...]:
    if one.implied != other.implied:
        first, second = (other, one) if one.implied else (one, other)
    else:
        first, second = one, other
    found = []
    for name in first.types:
        if name in second.types or (name == "integer" and "number" in second.types):
            found.append(name)
        elif name == "number" and "integer" in second.types:
            found.append("integer")
    return tuple(dict.fromkeys(found))


def _strictest(one: Limits, other: Limits) -> Limits:
    found = {**one, **other}
    for keyword in one.keys() & other.keys():
        pick = max if keyword in _LARGER_IS_STRICTER else min
        found[keyword] = pick(one[keyword], other[keyword])
    return found


def _properties(one: Shape, other: Shape) -> Mapping[str, Schema]:
    """A name that only one shape declares is something more to the other one."""
    names = dict.fromkeys((*one.properties, *other.properties))
    return {name: both(one.of_property(name), other.of_property(name)) for name in names}


def _by_pattern(one: Shape, other: Shape) -> Mapping[str, Schema]:
    found: dict[str, Schema] = {}
    for pattern in dict.fromkeys((*one.by_pattern, *other.by_pattern)):
        mine = one.by_pattern.get(pattern, one.additional)
        found[pattern] = both(mine, other.by_pattern.get(pattern, other.additional))
    return found


def _dependent(one: Shape, other: Shape) -> Mapping[str, tuple[str, ...]]:
    found = dict(one.dependent)
    for name, needed in other.dependent.items():
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), *needed)))
    return found


def _possible(shape: Shape) -> Shape | None:
    if not shape.types or shape.values == ():
        return None
    if "object" in shape.types and any(_is_impossible(shape, name) for name in shape.required):
        types = tuple(name for name in shape.types if name != "object")
        return replace(shape, types=types) if types and not shape.implied else None
    return shape


def _is_impossible(shape: Shape, name: str) -> bool:
    """Whether a required property plainly has no value: of branches that a property tells apart."""
    schema = shape.of_property(name)
    if schema is False:
        return True
    if isinstance(schema, bool) or set(schema) != {"allOf"}:
        return False
    sets = [_values(part) for part in schema["allOf"] if isinstance(part, dict)]
    said = [set(map(same, values)) for values in sets if values is not None]
    return bool(said) and not set.intersection(*said)


def interleaved(*streams: Iterable[Any]) -> Iterator[Any]:
    """Yield the first of each stream, then the second of each, and so on."""
    waiting = [iter(stream) for stream in streams]
    while waiting:
        left = []
        for stream in waiting:
            for item in islice(stream, 1):
                left.append(stream)
                yield item
        waiting = left
