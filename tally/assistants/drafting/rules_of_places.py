"""The rules of a pact, as they apply to the places of one body: from paths and rules to nodes."""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from tally.assistants.drafting.interaction import Each, EachValue, Fields, Items, Leaf, Node
from tally.matching.date_formats import DateFormatError, follows
from tally.matching.regular_expressions import RegexError, full_match
from tally.pact.model import Rule, RuleSet
from tally.pact.path_expressions import (
    PathSyntaxError,
    Token,
    Wildcard,
    format_path,
    format_token,
    parse_path,
)
from tally.values import dataclass

MOST_LEVELS = 30
_TYPE = Rule("type")
_OF_TEXTS = frozenset({"regex", "date", "time", "timestamp", "include"})
_SPELLINGS = {"datetime": "timestamp"}
_OF_VALUES = frozenset({"values", "eachValue"})
_OF_NUMBERS = frozenset({"integer", "decimal", "number"})


class TooDeepError(Exception):
    """A body with more levels than a person reads."""


@dataclass
class PlaceRules:
    """Gives the parts of a body their rules. *notes* says which of them a draft cannot say.

    *secret* holds places, as expressions, whose values stand for secrets: others are accepted there.
    """

    rules: Mapping[str, RuleSet]
    secret: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._paths = [(parse_path(path), rules) for path, rules in self.rules.items()]

    def node(self, value: Any, path: tuple[Token, ...] = (), above: Rule | None = None) -> Node:
        """Return the value with its rules; *above* is the rule of what it is in, if that holds below too.

        Raises TooDeepError.
        """
        if len(path) > MOST_LEVELS:
            raise TooDeepError
        rule = self._rule(path) or above
        below = _TYPE if rule is not None and rule.match == "type" else None
        if isinstance(value, dict) and value:
            return self._object(value, path, rule, below)
        if isinstance(value, list) and value:
            return self._list(value, path, rule, below)
        if format_path(_general(path)) in self.secret and value not in (None, True, False):
            rule = rule if rule and rule.match in _OF_TEXTS | _OF_NUMBERS else _TYPE
        return self.leaf(value, rule, format_path(path))

    def leaf(self, value: Any, rule: Rule | None, place: str) -> Leaf:
        """Return one value with a rule that its own example satisfies; any other rule becomes the type."""
        if rule is None or rule.match == "equality":
            return Leaf(value)
        if value is None:
            return Leaf(None, "null")
        name = _SPELLINGS.get(rule.match, rule.match)
        found = _scalar(value, name, rule.attributes)
        if found is None:
            self.notes.append(
                f"{place}: its rule {rule.match!r} is left out, as a draft cannot say it for this example: "
                "any value of the same type is accepted."
            )
            return Leaf(value, "type")
        return found

    def only(self, rules: RuleSet, place: str) -> Rule:
        """Return the rule of a set that is written; the others are noted."""
        said = [rule for rule in rules.rules if rule.match != "null"] or list(rules.rules)
        if len(rules.rules) > 1:
            others = ", ".join(rule.match for rule in rules.rules if rule is not said[0])
            self.notes.append(
                f"{place}: one rule of several is written, {said[0].match!r}; left out: {others} "
                f"({rules.combine})."
            )
        return said[0]

    def _rule(self, path: tuple[Token, ...]) -> Rule | None:
        found = [(known, rules) for known, rules in self._paths if _leads_to(known, path)]
        if not found:
            return None
        _, rules = min(found, key=lambda each: sum(isinstance(token, Wildcard) for token in each[0]))
        return self.only(rules, format_path(path))

    def _object(
        self, value: dict[str, Any], path: tuple[Token, ...], rule: Rule | None, below: Rule | None
    ) -> Node:
        if not all(map(can_be_named, value)):
            return self._unnamed(value, path, rule)
        if rule and rule.match in _OF_VALUES:
            key = next(iter(value))
            return EachValue(key, self.node(value[key], (*path, key), _rule_of_values(rule) or _TYPE))
        if rule and rule.match not in {"type", "equality"}:
            self._cannot(path, rule)
        return Fields(tuple((key, self.node(item, (*path, key), below)) for key, item in value.items()))

    def _unnamed(self, value: dict[str, Any], path: tuple[Token, ...], rule: Rule | None) -> Node:
        """Return an object with keys that no path leads to, so that nothing in it has a rule of its own."""
        if rule and rule.match != "equality":
            return Leaf(value, "type")
        plain = PlaceRules({})
        return Fields(
            tuple(
                (key, (self if can_be_named(key) else plain).node(item, (*path, key)))
                for key, item in value.items()
            )
        )

    def _list(self, value: list[Any], path: tuple[Token, ...], rule: Rule | None, below: Rule | None) -> Node:
        if rule and rule.match == "type":
            least, most = rule.attributes.get("min", 0), rule.attributes.get("max")
            if len(value) > 1 and any(item != value[0] for item in value):
                self.notes.append(f"{format_path(path)}: the first item stands for all of the {len(value)}.")
            return Each(self.node(value[0], (*path, 0), _TYPE), least, most)
        if rule and rule.match != "equality":
            self._cannot(path, rule)
        return Items(tuple(self.node(item, (*path, index), below) for index, item in enumerate(value)))

    def _cannot(self, path: tuple[Token, ...], rule: Rule) -> None:
        self.notes.append(f"{format_path(path)}: its rule {rule.match!r} is left out; a draft cannot say it.")


def can_be_named(key: str) -> bool:
    """Whether a path leads to the key, as all verifiers read paths."""
    try:
        return key != "" and "'" not in key and parse_path("$" + format_token(key)) == (key,)
    except PathSyntaxError:
        return False


def _leads_to(expression: tuple[Token, ...], path: tuple[Token, ...]) -> bool:
    return len(expression) == len(path) and all(
        known is Wildcard.ANY or (known is Wildcard.ANY_INDEX and isinstance(step, int)) or known == step
        for known, step in zip(expression, path, strict=True)
    )


def _general(path: tuple[Token, ...]) -> tuple[Token, ...]:
    return tuple(Wildcard.ANY_INDEX if isinstance(step, int) else step for step in path)


def _rule_of_values(rule: Rule) -> Rule | None:
    rules = rule.attributes.get("rules")
    first = rules[0] if isinstance(rules, list) and len(rules) == 1 and isinstance(rules[0], dict) else None
    if not first or not isinstance(first.get("match"), str):
        return None
    return Rule(first["match"], {key: value for key, value in first.items() if key != "match"})


def _scalar(value: Any, name: str, attributes: Mapping[str, Any]) -> Leaf | None:
    """Return the leaf; None for a rule that is not about such a value, or that the value does not satisfy."""
    if name == "type":
        return Leaf(value, "type") if not attributes else None
    if isinstance(value, bool):
        return Leaf(value, "boolean") if name == "boolean" else None
    if isinstance(value, int | float):
        is_whole = isinstance(value, int)
        fits = name == "number" or (name == "integer" and is_whole) or (name == "decimal" and not is_whole)
        return Leaf(value, name) if fits else None
    return _text(value, name, attributes) if isinstance(value, str) and name in _OF_TEXTS else None


def _text(value: str, name: str, attributes: Mapping[str, Any]) -> Leaf | None:
    if name == "include":
        return Leaf(value, name, attributes["value"]) if attributes["value"] in value else None
    if name == "regex":
        expression = expression_for_all(attributes["regex"], value)
        return Leaf(value, name, expression) if expression else None
    written = attributes.get("format") or attributes.get(name) or attributes.get("datetime")
    try:
        is_followed = isinstance(written, str) and bool(written) and follows(value, written)
    except DateFormatError:
        is_followed = False
    return Leaf(value, name, str(written)) if is_followed else None


def expression_for_all(expression: str, example: str) -> str:
    """Return an expression that matches the whole of *example*, as some languages want it; "" if none does.

    One that is only found inside the example is made longer.
    """
    for known in (expression, f"^.*(?:{expression}).*$"):
        try:
            if re.search(r"\(\?[=!<]|\\[1-9kgG]", known) is None and full_match(known)(example):
                return known
        except RegexError:
            return ""
    return ""
