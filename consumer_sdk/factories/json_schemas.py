"""Examples of JSON Schemas, draft 2020-12 and what is the same in older ones; each is validated."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from consumer_sdk.errors import DeclarationError
from consumer_sdk.factories import scalars
from consumer_sdk.factories.places import DEEPEST, Place
from consumer_sdk.factories.scalars import Wish
from tally.type_hints.limits import Limits

_DEEPEST = 30
_MOST_TRIES = 12
_BRANCHES = ("oneOf", "anyOf")


class _NoExampleError(Exception):
    """A part of the schema allows nothing that is found; the text says why."""


def schema_example(document: Any, place: Place, overrides: Mapping[str, Any] | None = None) -> Any:
    """Return an example, and validate it. Raises DeclarationError."""
    validator = _validator(document, place)
    _refuse_unknown(document, overrides or {}, place)
    problem = ""
    place = replace(place, models=("#",))
    for number in range(_MOST_TRIES):
        schema = _Schema(document, number)
        try:
            found = schema.example(document, place if number == 0 else place.at(f"[try {number}]"), 0)
        except _NoExampleError as error:
            problem = str(error)
            continue
        if overrides:
            found = {**found, **overrides} if isinstance(found, dict) else found
        errors = list(validator.iter_errors(found))
        if not errors:
            return found
        problem = errors[0].message
        _refuse_override(errors, overrides or {}, place)
    raise DeclarationError(f'{place}: no example is found: {problem}. Give "examples" in the schema.')


def _validator(document: Any, place: Place) -> Any:
    try:
        return jsonschema_rs.Draft202012Validator(document, validate_formats=True)
    except (ValueError, TypeError, jsonschema_rs.ValidationError) as error:
        raise DeclarationError(f"{place}: is no JSON Schema: {error}") from error


def _refuse_unknown(document: Any, overrides: Mapping[str, Any], place: Place) -> None:
    if not overrides or not isinstance(document, Mapping):
        return
    try:
        known = _Schema(document, 0).resolved(document).get("properties")
    except _NoExampleError:
        return  # the example says why
    if not isinstance(known, Mapping):
        return
    from difflib import get_close_matches  # noqa: PLC0415 - only when something is wrong

    for name in overrides:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}."
            raise DeclarationError(f"{place}: the schema has no property {name!r}; {hint}")


def _refuse_override(errors: list[Any], overrides: Mapping[str, Any], place: Place) -> None:
    for error in errors:
        path = list(error.instance_path)
        if path and path[0] in overrides:
            where = ".".join(map(str, path))
            raise DeclarationError(f"{place}.{where}: {overrides[path[0]]!r} is refused: {error.message}.")


class _Schema:
    """A document whose parts refer to each other; *attempt* chooses among what it leaves open."""

    def __init__(self, document: Any, attempt: int) -> None:
        self._document = document
        self._attempt = attempt

    def example(self, schema: Any, place: Place, depth: int) -> Any:
        """Return a value that the schema allows, as far as its words are known here."""
        if depth > _DEEPEST:
            raise _NoExampleError(f"{place} contains itself without end")
        if isinstance(schema, Mapping) and "$ref" in schema:
            place = replace(place, models=(*place.models, schema["$ref"]))
            if place.models.count(schema["$ref"]) > DEEPEST:
                raise _NoExampleError(f"{place} contains itself without end")
        if schema is True or schema == {}:
            return scalars.text(Wish(place.name, Limits(), place.random))
        if not isinstance(schema, Mapping):
            raise _NoExampleError(f"nothing is allowed at {place}")
        schema = self.resolved(schema)
        for word in _BRANCHES:
            branches = schema.get(word)
            if branches:
                return self._of_branches(schema, branches, word, place, depth)
        return self._plain(schema, place, depth)

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a schema with what it refers to, and what must hold as well, in it."""
        merged = dict(schema)
        for _ in range(_DEEPEST):
            if "$ref" in merged:
                target = self._target(str(merged.pop("$ref")))
                merged = _merged(target, merged)
            elif "allOf" in merged:
                for part in merged.pop("allOf"):
                    merged = _merged(merged, self.resolved(part) if isinstance(part, Mapping) else {})
            else:
                break
        return merged

    def _target(self, reference: str) -> Mapping[str, Any]:
        if not reference.startswith("#"):
            raise _NoExampleError(f"{reference} is not in the schema itself")
        found = self._document
        for step in filter(None, reference[1:].split("/")):
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            found = found[int(name)] if isinstance(found, list) else found.get(name)
            if found is None:
                raise _NoExampleError(f"{reference} leads nowhere")
        return found if isinstance(found, Mapping) else {}

    def _of_branches(
        self, schema: Mapping[str, Any], branches: Any, word: str, place: Place, depth: int
    ) -> Any:
        """Return an example of the first branch that has one; null comes last."""
        others = {name: value for name, value in schema.items() if name != word}
        ordered = sorted(branches, key=lambda each: isinstance(each, Mapping) and each.get("type") == "null")
        start = self._attempt % len(ordered)
        problem = _NoExampleError(f"no branch at {place}")
        for branch in (*ordered[start:], *ordered[:start]):
            try:
                inner = self.resolved(branch) if isinstance(branch, Mapping) else {}
                return self.example(_merged(others, inner), place, depth + 1)
            except _NoExampleError as error:
                problem = error
        raise problem

    def _plain(self, schema: Mapping[str, Any], place: Place, depth: int) -> Any:
        if "const" in schema:
            return schema["const"]
        for word in ("examples", "enum"):
            if schema.get(word):
                return place.random.choice(schema[word]) if word == "enum" else schema[word][0]
        if "default" in schema and schema["default"] is not None:
            return schema["default"]
        kind = schema.get("type") or _implied_type(schema)
        kinds = [kind] if isinstance(kind, str) else sorted(kind, key=lambda each: each == "null")
        return _MAKERS[kinds[0]](self, schema, place, depth)

    def object_example(self, schema: Mapping[str, Any], place: Place, depth: int) -> Any:
        """Return an object with all of the properties; optional ones without an end are left out."""
        required = set(schema.get("required", ()))
        found = {}
        for name, inner in schema.get("properties", {}).items():
            try:
                found[name] = self.example(inner, place.at(name), depth + 1)
            except _NoExampleError:
                if name in required:
                    raise
        extra = schema.get("additionalProperties", True)
        for name in required - found.keys():
            found[name] = self.example(extra, place.at(name), depth + 1)
        number = 1
        while len(found) < schema.get("minProperties", 0):
            found[f"key {number}"] = self.example(extra, place.at(f"key {number}"), depth + 1)
            number += 1
        if not schema.get("properties") and isinstance(extra, Mapping) and schema.get("maxProperties", 1):
            found.setdefault("key 1", self.example(extra, place.at("key 1"), depth + 1))
        most = schema.get("maxProperties", len(found))
        optional = [name for name in found if name not in required]
        for name in optional[::-1][: max(0, len(found) - most)]:
            del found[name]
        return found

    def array_example(self, schema: Mapping[str, Any], place: Place, depth: int) -> Any:
        """Return a list with as many items as it must have, at least one where it may."""
        found = [
            self.example(inner, place.at(f"[{index}]"), depth + 1)
            for index, inner in enumerate(schema.get("prefixItems", ()))
        ]
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", max(least, 1, len(found)))
        items = schema.get("items", True)
        wanted = max(least, 0 if items is False else min(1, most), len(found))
        index = len(found)
        while len(found) < wanted and index < wanted + _MOST_TRIES * 10:
            try:
                item = self.example(items, place.at(f"[{index}]"), depth + 1)
            except _NoExampleError:
                if len(found) < least:
                    raise
                break
            index += 1
            if not (schema.get("uniqueItems") and item in found):
                found.append(item)
        if "contains" in schema and found:
            found[-1] = self.example(schema["contains"], place.at("[contains]"), depth + 1)
        return found[:most]


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return what both schemas say; of a word that both have, what is stricter where that is known."""
    found = dict(first)
    for name, value in second.items():
        known = found.get(name)
        if name == "properties" and isinstance(known, Mapping):
            both = {key: {"allOf": [known[key], value[key]]} for key in known.keys() & value.keys()}
            found[name] = {**known, **value, **both}
        elif name == "required" and isinstance(known, list):
            found[name] = [*known, *value]
        elif name in {"minimum", "minLength", "minItems", "exclusiveMinimum"} and known is not None:
            found[name] = max(known, value)
        elif name in {"maximum", "maxLength", "maxItems", "exclusiveMaximum"} and known is not None:
            found[name] = min(known, value)
        elif name == "allOf" and isinstance(known, list):
            found[name] = [*known, *value]
        elif name == "enum" and isinstance(known, list):
            found[name] = [each for each in known if each in value] or value
        else:
            found[name] = value
    return found


def _implied_type(schema: Mapping[str, Any]) -> str:
    words = {
        "object": {"properties", "required", "additionalProperties", "minProperties"},
        "array": {"items", "prefixItems", "minItems", "contains"},
        "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    }
    return next((kind for kind, found in words.items() if found & schema.keys()), "string")


def _limits(schema: Mapping[str, Any]) -> Limits:
    return Limits(
        ge=schema.get("minimum"),
        gt=schema.get("exclusiveMinimum"),
        le=schema.get("maximum"),
        lt=schema.get("exclusiveMaximum"),
        multiple_of=schema.get("multipleOf"),
        min_length=schema.get("minLength"),
        max_length=schema.get("maxLength"),
        pattern=schema.get("pattern"),
    )


def _found(value: Any, place: Place) -> Any:
    if value is None:
        raise _NoExampleError(f"nothing is found for {place}")
    return value


def _string(_: _Schema, schema: Mapping[str, Any], place: Place, __: int) -> Any:
    wish = Wish(place.name, _limits(schema), place.random)
    make = _FORMATS.get(str(schema.get("format")))
    return make(wish) if make and "pattern" not in schema else _found(scalars.text(wish), place)


def _integer(_: _Schema, schema: Mapping[str, Any], place: Place, __: int) -> Any:
    return _found(scalars.integer(Wish(place.name, _limits(schema), place.random)), place)


def _number(_: _Schema, schema: Mapping[str, Any], place: Place, __: int) -> Any:
    return _found(scalars.real(Wish(place.name, _limits(schema), place.random)), place)


_MAKERS: dict[str, Callable[[_Schema, Mapping[str, Any], Place, int], Any]] = {
    "object": _Schema.object_example,
    "array": _Schema.array_example,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda _, __, place, ___: scalars.boolean(Wish(place.name, Limits(), place.random)),
    "null": lambda *_: None,
}
_FORMATS: dict[str, Callable[[Wish], str]] = {
    "date-time": lambda wish: scalars.moment(wish).isoformat(),
    "date": lambda wish: scalars.date(wish).isoformat(),
    "time": lambda wish: scalars.moment(wish).timetz().isoformat(),
    "duration": lambda wish: f"PT{wish.random.randint(1, 59)}M",
    "uuid": lambda wish: str(scalars.identifier(wish)),
    "email": lambda _: "name@example.org",
    "idn-email": lambda _: "name@example.org",
    "hostname": lambda _: "www.example.org",
    "idn-hostname": lambda _: "www.example.org",
    "ipv4": lambda wish: f"192.0.2.{wish.random.randint(1, 254)}",
    "ipv6": lambda wish: f"2001:db8::{wish.random.randint(1, 999)}",
    "uri": lambda wish: f"https://example.org/{wish.random.randint(1, 999)}",
    "iri": lambda wish: f"https://example.org/{wish.random.randint(1, 999)}",
    "uri-reference": lambda wish: f"/{wish.random.randint(1, 999)}",
    "iri-reference": lambda wish: f"/{wish.random.randint(1, 999)}",
    "uri-template": lambda _: "https://example.org/{id}",
    "json-pointer": lambda _: "/a/0",
    "relative-json-pointer": lambda _: "0/a",
    "regex": lambda _: "^a+$",
}
