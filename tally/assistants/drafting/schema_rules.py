"""The matching rules that a schema justifies for a value: nothing that the schema does not promise."""

import re
from collections.abc import Iterable
from dataclasses import field
from typing import Any

from tally.assistants.drafting.rules_of_places import MOST_LEVELS, can_be_named, expression_for_all
from tally.json_schema.branches import Branches
from tally.json_schema.schema import Schema
from tally.json_schema.shapes import Shape
from tally.json_schema.work import OutOfWorkError, Work
from tally.matching.date_formats import follows
from tally.pact.path_expressions import (
    Token,
    Wildcard,
    format_path,
)
from tally.values import dataclass

_STEPS = 20_000
_TYPE: dict[str, Any] = {"match": "type"}
_SPECIAL = frozenset(r"\.^$|?*+()[]{}")
_EXPRESSIONS = {
    "uuid": r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    "email": r"^[^@\s]+@[^@\s]+$",
    "uri": r"^[a-zA-Z][a-zA-Z0-9+.-]*:\S*$",
    "url": r"^[a-zA-Z][a-zA-Z0-9+.-]*:\S*$",
    "ipv4": r"^\d{1,3}(\.\d{1,3}){3}$",
    "date-time": r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$",
}
_ESCAPED_OR_SET = re.compile(r"\\.|\[\^?\]?(?:\\.|[^]\\])*\]", re.DOTALL)
_DATE = "yyyy-MM-dd"
_KINDS: dict[type, tuple[str, ...]] = {
    dict: ("object",),
    list: ("array",),
    str: ("string",),
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
    type(None): ("null",),
}


def one_of_expression(texts: Iterable[str]) -> str:
    """Return the expression of these texts and no others, as all languages read it."""
    escaped = ("".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in text) for text in texts)
    return f"^({'|'.join(escaped)})$"


@dataclass
class SchemaRules:
    """Collects the rules of one body. *needed_only* leaves out properties that the schema does not require.

    *optional* are the places of those, *nullable* of what may be null as well.
    """

    schema: Schema
    needed_only: bool = False
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    optional: list[str] = field(default_factory=list)
    nullable: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._branches = Branches(self.schema, Work(_STEPS))

    def read(self, value: Any) -> Any:
        """Return the value as the draft has it, and keep the rules of its parts."""
        return self._read(value, self.schema, ())

    def rule_of(self, value: Any) -> dict[str, Any]:
        """Return the rule of a value without parts."""
        shape = self._shape(value, self.schema)
        return _scalar_rule(value, shape) if shape else _TYPE

    def _read(self, value: Any, schema: Schema, path: tuple[Token, ...]) -> Any:
        shape = self._shape(value, schema)
        if len(path) > MOST_LEVELS or shape is None:
            self._say(path, _TYPE)
            return value
        if "null" in shape.types and not shape.implied and value is not None:
            self.nullable.append(format_path(path))
        if isinstance(value, dict):
            return self._object(value, shape, path)
        if isinstance(value, list):
            return self._list(value, shape, path)
        self._say(path, _scalar_rule(value, shape))
        return value

    def _shape(self, value: Any, schema: Schema) -> Shape | None:
        kinds = _KINDS[type(value)] if type(value) in _KINDS else _KINDS[float]
        try:
            shapes = self._branches.of(schema)
        except OutOfWorkError:
            return None
        fitting = [shape for shape in shapes if set(kinds) & set(shape.types)]
        if isinstance(value, dict):
            fitting = [shape for shape in fitting if value.keys() >= set(shape.required)] or fitting
            # Of several branches, the one that knows most of the keys.
            fitting.sort(key=lambda shape: -len(value.keys() & shape.properties.keys()))
        return fitting[0] if fitting else None

    def _object(self, value: dict[str, Any], shape: Shape, path: tuple[Token, ...]) -> Any:
        if not all(map(can_be_named, value)):
            self._say(path, _TYPE)  # no path leads to such a key
            return value
        if value and not shape.properties and shape.additional not in (True, False):
            key = next(iter(value))
            self._say(path, {"match": "values"})
            return {key: self._read(value[key], shape.of_property(key), (*path, Wildcard.ANY))}
        if not value:
            self._say(path, _TYPE)
        found = {}
        for key, item in value.items():
            if self.needed_only and shape.required and key not in shape.required:
                self.optional.append(format_path((*path, key)))
            else:
                found[key] = self._read(item, shape.of_property(key), (*path, key))
        return found

    def _list(self, value: list[Any], shape: Shape, path: tuple[Token, ...]) -> Any:
        if shape.prefix:
            return [
                self._read(item, shape.of_item(index), (*path, index)) for index, item in enumerate(value)
            ]
        if not value:
            self._say(path, _TYPE)
            return value
        least = max(1, int(shape.limit("minItems") or 0))
        self._say(path, {"match": "type", "min": least})
        return [self._read(value[0], shape.of_item(0), (*path, Wildcard.ANY_INDEX))]

    def _say(self, path: tuple[Token, ...], rule: dict[str, Any]) -> None:
        self.rules[format_path(path)] = rule_set(rule)


def rule_of_text(value: Any, schema: Schema) -> dict[str, Any]:
    """Return the rule of a value that is written as text, in a path, a query or a header."""
    rule = SchemaRules(schema).rule_of(value)
    if rule["match"] == "integer" or (rule["match"] == "number" and isinstance(value, int)):
        return {"match": "regex", "regex": r"^-?\d+$"}
    if rule["match"] == "boolean":
        return {"match": "regex", "regex": "^(true|false)$"}
    return rule if rule["match"] in {"regex", "equality"} else _TYPE


def rule_set(rule: dict[str, Any]) -> dict[str, Any]:
    """Return one rule as a pact has it."""
    return {"matchers": [rule], "combine": "AND"}


def _scalar_rule(value: Any, shape: Shape) -> dict[str, Any]:
    """Return the rule for one value."""
    if value is None:
        return {"match": "null"}
    if shape.values is not None and len(shape.values) == 1:
        return {"match": "equality"}
    if isinstance(value, str):
        return _text_rule(value, shape)
    if isinstance(value, bool):
        return {"match": "boolean"}
    is_whole = "integer" in shape.types and "number" not in shape.types and isinstance(value, int)
    return {"match": "integer" if is_whole else "number"}


def _text_rule(value: str, shape: Shape) -> dict[str, Any]:
    if shape.values is not None:
        texts = [each for each in shape.values if isinstance(each, str)]
        return {"match": "regex", "regex": one_of_expression(texts)} if value in texts else _TYPE
    if "date" in shape.formats:
        return {"match": "date", "format": _DATE} if follows(value, _DATE) else _TYPE
    ours = (_EXPRESSIONS[name] for name in shape.formats if name in _EXPRESSIONS)
    known = (*(anchored(pattern, value) for pattern in shape.patterns), *ours)
    found = next((each for each in known if each and expression_for_all(each, value) == each), None)
    return {"match": "regex", "regex": found} if found else _TYPE


def anchored(expression: str, example: str) -> str:
    """Return the expression of a schema, which may be found anywhere, as one for a whole text."""
    is_whole = expression.startswith("^") and expression.endswith("$") and not expression.endswith("\\$")
    # An alternative is about its own half alone, unless it is in brackets.
    if is_whole and not _has_alternatives(expression):
        return expression_for_all(expression, example)
    return expression_for_all(f"^.*(?:{expression}).*$", example)


def _has_alternatives(expression: str) -> bool:
    """Whether an expression consists of alternatives, none of which has a group around it."""
    depth = 0
    for sign in _ESCAPED_OR_SET.sub("", expression):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and depth == 0:
            return True
    return False
