"""What matching rules say about objects and lists: sizes, keys, values and variants."""

from collections.abc import Iterable
from typing import Any

from tally.errors import InvalidContractError
from tally.matching.paths import PathRules, body_rules
from tally.matching.rules import RuleError
from tally.pact import Rule, RuleSet
from tally.pact.matching_rules import read_rule_set
from tally.pact.rules import read_rule

CONTAINER_RULES = frozenset(
    {"type", "equality", "regex", "values", "eachKey", "eachValue", "arrayContains", "notEmpty", "null"}
)
"""The rules that an object may have; all others are about single values."""


def is_exact(rules: RuleSet) -> bool:
    """Whether rules want the container as it is: no further keys, the same number of items."""
    return any(rule.match == "equality" for rule in rules.rules)


def is_ordered(rules: RuleSet) -> bool:
    """Whether rules want a list with the same number of items, each like that at its place."""
    return any(rule.match in {"equality", "values"} for rule in rules.rules)


def items(count: int) -> str:
    """Return "1 item", "2 items"."""
    return f"{count} item" if count == 1 else f"{count} items"


def size_wanted(rule: Rule, actual: dict[str, Any] | list[Any]) -> str | None:
    """Return what a rule wants of a container's size, when it is not so."""
    if rule.match == "null":
        return "null"
    if rule.match == "notEmpty" and not actual:
        return "at least 1 item"
    least, most = rule.attributes.get("min"), rule.attributes.get("max")
    if isinstance(least, int) and len(actual) < least:
        return f"at least {items(least)}"
    if isinstance(most, int) and len(actual) > most:
        return f"at most {items(most)}"
    return None


def nested_rules(rules: Iterable[Rule]) -> RuleSet | None:
    """Return all that eachKey or eachValue rules carry for keys or values; None when that is nothing.

    Raises RuleError.
    """
    nested = tuple(inner for rule in rules for inner in _nested(rule))
    return RuleSet(nested) if nested else None


def _nested(rule: Rule) -> tuple[Rule, ...]:
    try:
        return tuple(read_rule(raw, f'"rules" of {rule.match}') for raw in rule.attributes.get("rules") or ())
    except (InvalidContractError, TypeError) as error:
        raise RuleError(f"the rules of {rule.match} cannot be read ({error})") from error


def variants(rule: Rule, examples: int) -> list[tuple[int, PathRules]]:
    """Return, for each variant of arrayContains, the index of its example and the rules inside it.

    Without variants, every one of the *examples* is one. Raises RuleError.
    """
    raw = rule.attributes.get("variants") or [{"index": index} for index in range(examples)]
    try:
        return [(int(variant["index"]), _variant_rules(variant)) for variant in raw]
    except (InvalidContractError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise RuleError(f"the variants of arrayContains cannot be read ({error})") from error


def _variant_rules(variant: dict[str, Any]) -> PathRules:
    rules = variant.get("rules") or {}
    return body_rules({path: read_rule_set(rule_set, path) for path, rule_set in rules.items()})
