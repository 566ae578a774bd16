"""The matching rules and the generators of one part of an interaction, by category."""

from collections.abc import Mapping
from typing import Any

from consumer_sdk.documents.examples import Path, RuleDocument, by_expression, rule_set
from tally.pact.path_expressions import format_path, format_token

_SINGLE = frozenset({"path", "status"})
_BY_NAME = frozenset({"header", "query", "metadata"})
_NAMES_IN_V2 = {"header": "headers"}


class Categories:
    """Rules by category ("path", "query", "header", "body", "metadata", "status") and path."""

    def __init__(self) -> None:
        self._rules: dict[str, dict[Path, list[RuleDocument]]] = {}

    def add(self, category: str, rules: Mapping[Path, list[RuleDocument]], at: Path = ()) -> None:
        """Add rules whose paths begin below *at*."""
        for path, found in rules.items():
            self._rules.setdefault(category, {}).setdefault((*at, *path), []).extend(found)

    def document(self, specification: str) -> dict[str, Any]:
        """Return the keys that a part of an interaction has for them; none when there is nothing to say."""
        if not self._rules:
            return {}
        write = _flat if specification == "V2" else _nested
        return {"matchingRules": write(dict(sorted(self._rules.items())))}


def _nested(rules: dict[str, dict[Path, list[RuleDocument]]]) -> dict[str, Any]:
    """Return the rules as V3 and V4 have them."""
    return {category: _category(category, by_path) for category, by_path in rules.items()}


def _category(category: str, by_path: dict[Path, list[RuleDocument]]) -> dict[str, Any]:
    if category in _SINGLE:
        return rule_set([rule for found in by_path.values() for rule in found])
    if category not in _BY_NAME:
        return by_expression(by_path)
    by_name: dict[str, list[RuleDocument]] = {}
    for (name, *_), found in by_path.items():
        known = by_name.setdefault(str(name), [])
        known += [rule for rule in found if rule not in known]
    return {name: rule_set(by_name[name]) for name in sorted(by_name)}


def _flat(rules: dict[str, dict[Path, list[RuleDocument]]]) -> dict[str, Any]:
    """Return the rules as V2 has them: one for each path, from the root of the request or response."""
    found = {}
    for category, by_path in rules.items():
        root = format_token(_NAMES_IN_V2.get(category, category))
        for path, of_path in by_path.items():
            found[f"${root}{format_path(path)[1:]}"] = of_path[-1]
    return dict(sorted(found.items()))
