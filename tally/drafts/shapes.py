"""Matching rules for JSON, from one or several values that were seen at the same place."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from tally.drafts.text_kinds import TYPE, Rule, kind_of_text, rule_for_texts
from tally.pact.path_expressions import PathSyntaxError, Token, Wildcard, format_path, parse_path
from tally.pact.path_expressions import format_token as step
from tally.values import dataclass

RuleSet = Mapping[str, Any]
LEFT_OUT: Any = object()
"""Stands for a value that no rule can say anything about."""
_DEEPEST = 40
_MOST = 2**63
_KEY_KINDS = frozenset({"uuid", "ulid", "id", "hash", "date"})
_NULL: Rule = {"match": "null"}


@dataclass
class Shape:
    """An *example* with the *rules* for its parts by path, and *questions* that nothing seen answers.

    *exact*, for requests, keeps every part of the first value: an example is sent as it is.
    """

    specification: str
    exact: bool
    example: Any = None
    rules: dict[str, RuleSet] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)

    def at(self, path: tuple[Token, ...], *rules: Rule, combine: str = "AND") -> None:
        """Set the rules of one place."""
        self.rules[format_path(path)] = {"matchers": list(rules), "combine": combine}

    def ask(self, path: tuple[Token, ...], question: str) -> None:
        """Add a question about one place."""
        self.questions.append(f"{format_path(path)} {question}")


def shape_of(values: Sequence[Any], specification: str, *, exact: bool = False) -> Shape:
    """Return what all *values*, at least one, have in common; the example is made of the first."""
    shape = Shape(specification, exact)
    example = _any(shape, values, ())
    shape.example = values[0] if exact else example
    return shape


def _any(shape: Shape, values: Sequence[Any], path: tuple[Token, ...]) -> Any:
    known = [value for value in values if value is not None]
    if not known:
        shape.ask(path, "was null: declare what else it may be, or leave it out")
        return None
    kinds = {_kind(value) for value in known}
    if kinds == {"object"}:
        return _object(shape, known, path, nullable=len(known) < len(values))
    if kinds == {"list"}:
        return _list(shape, known, path, nullable=len(known) < len(values))
    if len(kinds) > 1:
        return _undecided(shape, known, path, f"was {' and '.join(sorted(kinds))}")
    rule = _scalar_rule(shape, known)
    if len(known) < len(values):
        shape.at(path, rule, _NULL, combine="OR")
        shape.ask(path, "was sometimes null")
    else:
        shape.at(path, rule)
    return known[0]


def _object(shape: Shape, values: Sequence[Any], path: tuple[Token, ...], *, nullable: bool) -> Any:
    if nullable:
        shape.ask(path, "was sometimes null, which the draft does not allow")
    if len(path) > _DEEPEST:
        shape.at(path, TYPE)
        return values[0]
    if values[0] and all(_is_map(value) for value in values):
        return _map(shape, values, path)
    keys = list(dict.fromkeys(key for value in values for key in value))
    if not all(_can_be_named(key) for key in keys):
        shape.at(path, TYPE)  # no path leads to such a key
        return values[0]
    common = [key for key in keys if all(key in value for value in values)]
    optional = [key for key in keys if key not in common]
    if optional:
        kept = "as in the first request" if shape.exact else "left out"
        shape.ask(path, f"has {', '.join(optional)} only sometimes: {kept}, as a pact knows no optional keys")
    wanted = keys if shape.exact else common
    found = {
        key: _any(shape, [value[key] for value in values if key in value], (*path, key)) for key in wanted
    }
    return {key: value for key, value in found.items() if value is not LEFT_OUT}


def _is_map(value: Mapping[str, Any]) -> bool:
    """Whether the keys are data: numbers, identifiers or dates."""
    kinds = (kind_of_text(key) for key in value)
    return bool(value) and all(
        key.isdigit() or (kind is not None and kind.name in _KEY_KINDS)
        for key, kind in zip(value, kinds, strict=True)
    )


def _map(shape: Shape, values: Sequence[Any], path: tuple[Token, ...]) -> Any:
    shape.at(path, {"match": "values"})
    first = next(iter(values[0]))
    items = [item for value in values for item in value.values()]
    example = _any(shape, items, (*path, Wildcard.ANY))
    return {} if example is LEFT_OUT else {first: example}


def _list(shape: Shape, values: Sequence[Any], path: tuple[Token, ...], *, nullable: bool) -> Any:
    if nullable:
        shape.ask(path, "was sometimes null, which the draft does not allow")
    items = [item for value in values for item in value]
    if not items:
        shape.at(path, TYPE)
        shape.ask(path, "was empty: record it once with items, so that they are in the contract")
        return []
    kinds = {_kind(item) for item in items if item is not None}
    if len(path) > _DEEPEST:
        shape.at(path, TYPE)
        return values[0]
    if len(kinds) > 1:
        return _undecided(shape, values, path, f"has items that are {' and '.join(sorted(kinds))}")
    example = _any(shape, items, (*path, Wildcard.ANY_INDEX))
    if example is LEFT_OUT:
        return LEFT_OUT
    shape.at(path, {**TYPE, "min": 1} if all(values) else TYPE)
    return [example]


def _undecided(shape: Shape, values: Sequence[Any], path: tuple[Token, ...], what: str) -> Any:
    """Keep a value that has no rule in a request; leave it out of a response."""
    shape.ask(path, f"{what}: {'it has no rule' if shape.exact else 'it is left out'}")
    return values[0] if shape.exact else LEFT_OUT


def _scalar_rule(shape: Shape, values: Sequence[Any]) -> Rule:
    if isinstance(values[0], str):
        return rule_for_texts(values)
    if isinstance(values[0], bool):
        return {"match": "boolean"} if shape.specification == "V4" else TYPE
    if all(isinstance(value, int) for value in values):
        # Over 64 bits, a number is no integer for the Rust core.
        return {"match": "integer" if all(abs(value) < _MOST for value in values) else "number"}
    return {"match": "number" if any(isinstance(value, int) for value in values) else "decimal"}


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "object" if isinstance(value, dict) else "list"


def _can_be_named(key: str) -> bool:
    try:
        return parse_path("$" + step(key)) == (key,)
    except PathSyntaxError:
        return False
