"""The two schemas that are compared, place by place, and where each is in its document."""

import json
from dataclasses import field
from typing import Any

from tally.json_schema.pointers import definition_name, pointer
from tally.json_schema.schema import Schema, map_subschemas
from tally.json_schema.weight import inner_schemas
from tally.values import dataclass

ANNOTATIONS = frozenset(
    [
        "$comment",
        "default",
        "deprecated",
        "description",
        "example",
        "examples",
        "externalDocs",
        "readOnly",
        "title",
        "writeOnly",
        "xml",
    ]
)
_MOST_FOLLOWED = 100
NOTHING: dict[str, Any] = {}


@dataclass(frozen=True)
class Side:
    """A schema in one of the documents. *pointer* is where the document has it."""

    schema: Schema
    pointer: str
    home: "Home" = field(repr=False, compare=False)

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords of a schema object; none of `true`. Of `false`, what it says in a schema object."""
        if isinstance(self.schema, dict):
            return self.schema
        return NOTHING if self.schema is not False else {"not": {}}

    def has(self, keyword: str) -> bool:
        """Whether the schema says something with *keyword*."""
        return keyword in self.keywords

    def inner(self, *parts: str | int) -> "Side":
        """Return a schema inside this one."""
        found: Any = self.schema
        for part in parts:
            found = found[part]
        return Side(found, self.pointer + pointer(parts), self.home)

    def at(self, keyword: str) -> str:
        """Return the pointer of a keyword, or of the schema where it does not have it."""
        return self.pointer + pointer([keyword]) if self.has(keyword) else self.pointer

    def with_schema(self, schema: Schema) -> "Side":
        """Return another schema that stands for the same place."""
        return Side(schema, self.pointer, self.home)

    def followed(self) -> "Side":
        """Return what a schema that does nothing but refer to another refers to."""
        side = self
        for _ in range(_MOST_FOLLOWED):
            schema = side.schema
            if not isinstance(schema, dict) or "$ref" not in schema:
                break
            if any(keyword not in ANNOTATIONS for keyword in schema if keyword not in {"$ref", "$defs"}):
                break
            side = self.home.target(schema["$ref"])
        return side

    @property
    def reference(self) -> str | None:
        """What the schema refers to, if anything."""
        found = self.keywords.get("$ref")
        return str(found) if found is not None else None

    def alone(self) -> Schema:
        """Return the schema with everything that it refers to."""
        needed = self.home.needed_by(self.schema)
        return {**self.schema, "$defs": needed} if isinstance(self.schema, dict) and needed else self.schema

    def is_written_like(self, other: "Side") -> bool:
        """Whether both schemas are written alike, and what they refer to is, too."""
        if self.home.text(self.schema) != other.home.text(other.schema):
            return False
        names = self.home.names_needed_by(self.schema)
        return names == other.home.names_needed_by(other.schema) and all(
            self.home.has_like(other.home, name) for name in names
        )

    def says_the_same(self, other: "Side") -> bool:
        """Whether both schemas, and what they refer to, are written alike but for titles and the like."""
        return _bare_text(self) == _bare_text(other)


class Home:
    """Where one document has its schemas: names in `$defs` are those at *home*, or pointers.

    *texts* are of schemas that were written out before; the schemas must outlive it.
    """

    def __init__(self, definitions: dict[str, Schema], home: str, texts: dict[int, str]) -> None:
        self._definitions = definitions
        self._home = home
        self._texts = texts
        self._targets: dict[str, Side] = {}
        self._kept: list[Any] = []
        self._referred: dict[int, frozenset[str]] = {}

    def target(self, reference: str) -> Side:
        """Return what a reference leads to; what leads nowhere says nothing."""
        if reference not in self._targets:
            name = definition_name(reference)
            self._targets[reference] = Side(self._definitions.get(name, True), self._pointer(name), self)
        return self._targets[reference]

    def needed_by(self, schema: Schema) -> dict[str, Schema]:
        """Return the definitions that a schema refers to, and those that they refer to."""
        return {name: self._definitions[name] for name in sorted(self.names_needed_by(schema))}

    def names_needed_by(self, schema: Schema) -> frozenset[str]:
        """Return the names of the definitions that a schema refers to, and of those that they refer to."""
        found: set[str] = set()
        waiting = set(self._references(schema))
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting |= self._references(self._definitions[name]) - found
        return frozenset(found)

    def _references(self, schema: Schema) -> frozenset[str]:
        """Return the names of the definitions that a schema itself refers to."""
        if id(schema) not in self._referred:
            self._kept.append(schema)  # so that no other object takes over its id
            names: set[str] = set()
            waiting: list[Any] = [schema]
            while waiting:
                inner = waiting.pop()
                if isinstance(inner, dict):
                    names |= {definition_name(str(inner["$ref"]))} if "$ref" in inner else set()
                    waiting += inner_schemas(inner)
            self._referred[id(schema)] = frozenset(names & self._definitions.keys())
        return self._referred[id(schema)]

    def definition(self, name: str) -> Schema:
        """Return the definition of that name, which is there."""
        return self._definitions[name]

    def has_like(self, other: "Home", name: str) -> bool:
        """Whether a definition of both is written alike."""
        one, another = self.definition(name), other.definition(name)
        return one is another or self.text(one) == other.text(another)

    def text(self, schema: Schema) -> str:
        """Return the schema as JSON, written out once."""
        if id(schema) not in self._texts:
            self._kept.append(schema)  # so that no other object takes over its id
            self._texts[id(schema)] = json.dumps(schema, sort_keys=True)
        return self._texts[id(schema)]

    def _pointer(self, name: str) -> str:
        if name.startswith("/"):
            return name if name != "/" else ""
        return f"{self._home}{pointer([name])}"


def _bare_text(side: Side) -> str:
    needed = {name: _bare(each) for name, each in side.home.needed_by(side.schema).items()}
    return json.dumps([_bare(side.schema), needed], sort_keys=True)


def _bare(schema: Any) -> Any:
    """Return a schema without what says nothing of values."""
    if not isinstance(schema, dict):
        return schema
    return {
        keyword: value
        for keyword, value in map_subschemas(schema, _bare).items()
        if keyword not in ANNOTATIONS
    }


class Document:
    """A document whose schemas are compared; it keeps schemas at *home*."""

    def __init__(self, home: str = "") -> None:
        self._home = home
        self._homes: dict[int, Home] = {}
        self._texts: dict[int, str] = {}
        self._kept: list[Schema] = []

    def side(self, schema: Schema, place: str) -> Side:
        """Return a self-contained schema that stands at *place*."""
        definitions = schema.get("$defs", NOTHING) if isinstance(schema, dict) else NOTHING
        if id(definitions) not in self._homes:
            self._homes[id(definitions)] = Home(definitions, self._home, self._texts)
            self._kept.append(schema)
        if isinstance(schema, dict) and "$defs" in schema:
            schema = {keyword: value for keyword, value in schema.items() if keyword != "$defs"}
        return Side(schema, place, self._homes[id(definitions)])
