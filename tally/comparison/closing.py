"""The schema of what a consumer may see in an answer: nothing that is not declared, and not all that is.

An example in a pact shows the part of an answer that the consumer looks at. So nothing is required of it, but
a property that the document does not declare is one that the provider does not promise. Objects are closed
with `unevaluatedProperties`, which knows what combinations of schemas declare, and which an explicit
`additionalProperties` wins over.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tally.comparison.polymorphism import MADE
from tally.comparison.schema_views import Definitions, conjuncts, definitions_of, target_of, types_of
from tally.hashing import compact_json
from tally.json_schema.pointers import definition_reference, pointer_parts
from tally.json_schema.schema import Schema, map_subschemas

_NOT_OF_A_PART = frozenset(
    ["required", "minProperties", "dependentRequired", "uniqueItems", "contains", "minContains", "$defs"]
)
_UNTOUCHED = frozenset({"not", "if", "propertyNames", "contentSchema"})
_ALTERNATIVES = ("anyOf", "oneOf")
_IN_PLACE = frozenset({"allOf", "anyOf", "then", "else", "dependentSchemas"})
MOST_DEFINITIONS = 2_000
_MOST_FOLLOWED = 50
MADE_FROM = "\x1f"
"""Stands in the name of a definition between that of its source, "" for the place itself, and a number."""
WAS_ONE_OF = "oneOf"
"""The comment beside an `anyOf` that is a `oneOf` in the document."""


def closed(schema: Schema, *, hidden: str = "writeOnly", keep_sizes: bool = True) -> Schema:
    """Return the schema that examples of a part of what *schema* describes satisfy.

    Properties marked *hidden* ("writeOnly" in answers) are not there. *keep_sizes* is for examples whose
    lists are shown whole: then `minItems` counts.
    """
    closing = _Closing(definitions_of(schema), hidden=hidden, keep_sizes=keep_sizes)
    result = closing.position(schema)
    closing.finish()
    if isinstance(result, bool) or not closing.definitions:
        return result
    return {**result, "$defs": closing.definitions}


class _Closing:
    def __init__(self, definitions: Definitions, *, hidden: str, keep_sizes: bool) -> None:
        self._sources = definitions
        self._hidden = hidden
        self._left_out = _NOT_OF_A_PART if keep_sizes else _NOT_OF_A_PART | {"minItems"}
        self.definitions: dict[str, Schema] = {}
        self._names: dict[bytes, str] = {}
        self._waiting: list[tuple[str, Callable[[], Schema]]] = []
        self._closable: dict[int, tuple[Schema, bool]] = {}

    def finish(self) -> None:
        """Make the definitions that are referred to; not where they are, as chains of them may be long."""
        while self._waiting:
            name, make = self._waiting.pop()
            self.definitions[name] = make()

    # Positions: where a value is, so that the whole of what is said about it can be closed

    def position(self, schema: Schema) -> Schema:
        """Return the closed schema of a place."""
        if not isinstance(schema, dict):
            return schema
        if "$ref" not in schema and "allOf" not in schema:
            return self._position(schema)
        # One that refers to others becomes a definition, as they may lead in a circle.
        return {"$ref": self._named("place", schema, frozenset(), lambda: self._position(schema))}

    def _position(self, schema: dict[str, Any]) -> Schema:
        parts = conjuncts(schema, self._sources)
        shared = _shared(parts, self._sources)
        result = self._part(schema, frozenset(shared))
        joint = {name: self.position({"allOf": said}) for name, said in shared.items() if len(said) > 1}
        if joint:
            own = result.get("properties", {})
            result["properties"] = {**own, **{name: _both(own.get(name), joint[name]) for name in joint}}
        if self._is_closable(schema):
            result.setdefault("unevaluatedProperties", False)
        return result

    # Parts: what is said about a place together with others

    def _part(self, schema: dict[str, Any], left_open: frozenset[str]) -> dict[str, Any]:
        """Return what a schema says without closing it; properties in *left_open* are closed elsewhere."""
        found: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword not in self._left_out and keyword != "oneOf":
                found[keyword] = self._keyword(keyword, value, left_open)
        chooser = _chooser(schema)
        if chooser:
            found |= {"required": [chooser], MADE: ["required"]}
        if "oneOf" in schema:
            branches = [self._branch(branch, left_open) for branch in schema["oneOf"]]
            any_of = {"anyOf": branches, "$comment": WAS_ONE_OF}
            found.update({"allOf": [*found.get("allOf", ()), any_of]} if "anyOf" in found else any_of)
        return found

    def _keyword(self, keyword: str, value: Any, left_open: frozenset[str]) -> Any:
        if keyword == "$ref":
            target = target_of(value, self._sources)
            return self._named("part", value, left_open, lambda: self._branch(target, left_open))
        if keyword == "properties":
            return {name: self._property(name, each, left_open) for name, each in value.items()}
        change = self.position
        if keyword in _UNTOUCHED:
            change = self._kept
        elif keyword in _IN_PLACE:
            change = partial(self._branch, left_open=left_open)
        return map_subschemas({keyword: value}, change)[keyword]

    def _branch(self, schema: Schema, left_open: frozenset[str]) -> Schema:
        if not isinstance(schema, dict):
            return schema
        shared = _shared(conjuncts(schema, self._sources), self._sources)
        return self._part(schema, left_open | frozenset(shared))

    def _property(self, name: str, schema: Schema, left_open: frozenset[str]) -> Schema:
        if isinstance(schema, dict) and schema.get(self._hidden) is True:
            return False
        if name in left_open:
            return self._open(schema)
        return self.position(schema)

    def _open(self, schema: Schema) -> Schema:
        """Return what a schema says about one value without closing it, at any depth."""
        return self._kept(schema, left_out=self._left_out)

    def _kept(self, schema: Schema, *, left_out: frozenset[str] = frozenset()) -> Schema:
        """Return a schema as it is, but for its references and the keywords that are *left_out*."""
        if not isinstance(schema, dict):
            return schema
        kept: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword not in left_out and keyword != "$defs":
                inner = frozenset() if keyword in _UNTOUCHED else left_out
                kept |= map_subschemas({keyword: value}, partial(self._kept, left_out=inner))
        if left_out and "oneOf" in kept:
            one_of = {"anyOf": kept.pop("oneOf"), "$comment": WAS_ONE_OF}
            kept = {**kept, "allOf": [*kept.get("allOf", ()), one_of]}
        if "$ref" in kept:
            target = target_of(kept["$ref"], self._sources)
            kind = "open" if left_out else "kept"
            kept["$ref"] = self._named(
                kind, kept["$ref"], frozenset(), lambda: self._kept(target, left_out=left_out)
            )
        return kept

    def _named(self, kind: str, of: object, left_open: frozenset[str], make: Callable[[], Schema]) -> str:
        """Return the reference to a definition, which *make* makes when it is not there yet."""
        key = compact_json([kind, of, sorted(left_open)])
        name = self._names.get(key)
        if name is None:
            if len(self._names) >= MOST_DEFINITIONS:
                self.definitions.setdefault("anything", True)
                return definition_reference("anything")
            source = pointer_parts(of)[-1] if isinstance(of, str) else ""
            name = self._names[key] = f"{source}{MADE_FROM}{kind}{len(self._names)}"
            self._waiting.append((name, make))
        return definition_reference(name)

    # Which objects are closed

    def _is_closable(self, schema: Schema) -> bool:
        """Whether the properties that a value may have are declared, by every alternative that it may be."""
        known = self._closable.get(id(schema))
        if known is None:
            self._closable[id(schema)] = (schema, False)  # where a circle comes back to
            known = self._closable[id(schema)] = (schema, self._declares_all(schema))
        return known[1]

    def _declares_all(self, schema: Schema) -> bool:
        if not isinstance(schema, dict) or not self._may_be_object(schema):
            return False
        parts = conjuncts(schema, self._sources)
        if self._is_parent(schema):
            return False
        alternatives = [part[keyword] for part in parts for keyword in _ALTERNATIVES if keyword in part]
        return any(part.get("properties") or part.get("patternProperties") for part in parts) or any(
            self._declare_all(branches) for branches in alternatives
        )

    def _is_parent(self, schema: Schema) -> bool:
        """Whether a schema is the parent of others, which it does not list: not one of its children."""
        for _ in range(_MOST_FOLLOWED):
            if not isinstance(schema, dict) or _chooses_others(schema):
                return isinstance(schema, dict)
            inner = [*schema.get("allOf", ())]
            if isinstance(schema.get("$ref"), str):
                inner.append(target_of(schema["$ref"], self._sources))
            said = [each for each in inner if self._has_properties(each)]
            if len(said) != 1 or "properties" in schema:
                return False
            schema = said[0]
        return False

    def _has_properties(self, schema: Schema) -> bool:
        return any(part.get("properties") for part in conjuncts(schema, self._sources))

    def _declare_all(self, branches: list[Schema]) -> bool:
        of_objects = [branch for branch in branches if self._may_be_object(branch)]
        return bool(of_objects) and all(map(self._is_closable, of_objects))

    def _may_be_object(self, schema: Schema) -> bool:
        return "object" in types_of(schema, self._sources)


def _chooses_others(schema: dict[str, Any]) -> bool:
    """Whether this is the parent of schemas that a discriminator chooses, which are not listed in it."""
    return "discriminator" in schema and not any(keyword in schema for keyword in _ALTERNATIVES)


def _chooser(schema: dict[str, Any]) -> str | None:
    """Return the name of the property without which nobody knows which alternative an example is of."""
    chooser = schema.get("discriminator")
    if not isinstance(chooser, dict) or _chooses_others(schema):
        return None
    name = chooser.get("propertyName")
    return name if isinstance(name, str) else None


def _shared(parts: Sequence[dict[str, Any]], definitions: Definitions) -> dict[str, list[Schema]]:
    """Return what always holds for each property that more than one schema of the same place declares."""
    said: dict[str, list[Schema]] = {}
    for part in parts:
        for name, schema in part.get("properties", {}).items():
            said.setdefault(name, []).append(schema)
    of_others = {
        name
        for part in parts
        for branch in _conditional(part)
        for inner in conjuncts(branch, definitions)
        for name in inner.get("properties", {})
    }
    return {name: all_ for name, all_ in said.items() if len(all_) > 1 or name in of_others}


def _conditional(schema: dict[str, Any]) -> list[Schema]:
    """Return the schemas of the same place that hold for some values only."""
    alternatives = [branch for keyword in _ALTERNATIVES for branch in schema.get(keyword, ())]
    conditions = [schema[keyword] for keyword in ("then", "else") if keyword in schema]
    return [*alternatives, *conditions, *schema.get("dependentSchemas", {}).values()]


def _both(one: Schema | None, other: Schema) -> Schema:
    return other if one is None or one is True else {"allOf": [one, other]}
