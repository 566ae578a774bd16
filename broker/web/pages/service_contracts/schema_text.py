"""A JSON Schema as text that a person reads: a line for each property, with what its value may be."""

from collections.abc import Iterator, Mapping
from typing import Any

from tally.amounts import counted
from tally.hashing import compact_json
from tally.json_schema.schema import Schema

MOST_LINES = 200
_DEEPEST = 12
_LONGEST = 120
_MOST_VALUES = 12
_INDENT = "  "
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "pattern": "matching {}",
    "format": "in the format {}",
    "contentMediaType": "with content of the type {}",
}
_AMOUNTS = {
    "minLength": ("at least", "character"),
    "maxLength": ("at most", "character"),
    "minItems": ("at least", "item"),
    "maxItems": ("at most", "item"),
    "minProperties": ("at least", "name"),
    "maxProperties": ("at most", "name"),
}
_CHOICES = {"oneOf": "exactly one of", "anyOf": "any of", "allOf": "all of"}
Line = tuple[int, str]


def text(schema: Schema) -> str:
    """Return the schema in words, at most MOST_LINES lines of them."""
    lines: list[str] = []
    for depth, line in _Reader(schema).lines():
        if len(lines) == MOST_LINES:
            lines.append("…")
            break
        lines.append(f"{_INDENT * depth}{line}")
    return "\n".join(lines)


class _Reader:
    """Reads one schema; what it refers to is in its `$defs`."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._definitions = schema.get("$defs", {}) if isinstance(schema, dict) else {}

    def lines(self) -> Iterator[Line]:
        return self._value("", self._schema, 0, ())

    def _value(self, name: str, schema: Any, depth: int, inside: tuple[str, ...]) -> Iterator[Line]:
        """Yield the lines of a value after its *name*; *inside* are the names of what it is in."""
        if not isinstance(schema, dict):
            yield depth, f"{name}{'nothing' if schema is False else 'anything'}"
            return
        schema, called = self._resolved(schema)
        if called and (called in inside or depth > _DEEPEST):
            yield depth, f"{name}{called}{', as above' if called in inside else ', …'}"
            return
        inside = (*inside, called) if called else inside
        yield depth, f"{name}{_in_words(schema)}"
        if depth <= _DEEPEST:
            yield from self._parts(schema, depth + 1, inside)

    def _parts(self, schema: Mapping[str, Any], depth: int, inside: tuple[str, ...]) -> Iterator[Line]:
        required = schema.get("required")
        needed = set(filter(_is_text, required)) if isinstance(required, list) else set()
        for name, inner in _items(schema.get("properties")):
            mark = "" if name in needed else "?"
            yield from self._value(f"{name}{mark}: ", inner, depth, inside)
        for pattern, inner in _items(schema.get("patternProperties")):
            yield from self._value(f"names matching {pattern}: ", inner, depth, inside)
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and extra:
            yield from self._value("others: ", extra, depth, inside)
        elif extra is False:
            yield depth, "no others"
        for index, inner in enumerate(_list(schema.get("prefixItems"))):
            yield from self._value(f"item {index + 1}: ", inner, depth, inside)
        if isinstance(schema.get("items"), dict):
            yield from self._value("each: ", schema["items"], depth, inside)
        yield from self._choices(schema, depth, inside)

    def _choices(self, schema: Mapping[str, Any], depth: int, inside: tuple[str, ...]) -> Iterator[Line]:
        for keyword, words in _CHOICES.items():
            if found := _list(schema.get(keyword)):
                yield depth, words
                for inner in found:
                    yield from self._value("- ", inner, depth + 1, inside)
        if "not" in schema:
            yield from self._value("but not ", schema["not"], depth, inside)

    def _resolved(self, schema: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Return what the schema refers to, with what it says itself, and the name of that."""
        called = ""
        for _ in range(_DEEPEST):
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                break
            if reference == "#":
                return {key: value for key, value in self._root().items() if key != "$defs"}, "the whole"
            name = reference.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")
            found = self._definitions.get(name)
            if not isinstance(found, dict):
                break
            own = {key: value for key, value in schema.items() if key != "$ref"}
            schema, called = {**found, **own}, name
        return schema, called

    def _root(self) -> dict[str, Any]:
        return self._schema if isinstance(self._schema, dict) else {}


def _in_words(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    words = " or ".join(filter(_is_text, kind)) if isinstance(kind, list) else str(kind) if kind else ""
    if not words:
        words = "object" if "properties" in schema else "list" if "items" in schema else ""
    parts = [words.replace("array", "list")] if words else []
    if "const" in schema:
        parts.append(f"always {_json(schema['const'])}")
    values = _list(schema.get("enum"))
    if values:
        shown = ", ".join(map(_json, values[:_MOST_VALUES]))
        parts.append(f"one of {shown}{', …' if len(values) > _MOST_VALUES else ''}")
    parts += [
        f"{words} {counted(schema[keyword], thing)}"
        for keyword, (words, thing) in _AMOUNTS.items()
        if isinstance(schema.get(keyword), int)
    ]
    parts += [form.format(_plain(schema[keyword])) for keyword, form in _BOUNDS.items() if keyword in schema]
    if schema.get("uniqueItems") is True:
        parts.append("each once")
    if schema.get("deprecated") is True:
        parts.append("deprecated")
    known = set(_CHOICES) | {"not"}
    return ", ".join(parts) or ("a value" if known.intersection(schema) else "anything")


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _plain(value: Any) -> str:
    return _cut(value) if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return _cut(compact_json(value).decode())


def _cut(shown: str) -> str:
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


FILTERS = {"schema": text}
