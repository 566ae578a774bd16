"""Matching rules as JSON Schemas."""

import re
from typing import Any

from tally.matching.regular_expressions import is_plain
from tally.pact import Rule

WHOLE_NUMBER = "^-?(?:0|[1-9][0-9]*)$"
NUMBER = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"
BOOLEAN = "^(?:true|false)$"
"""The texts of values of these types."""
_PROVEN = frozenset(
    {("boolean", BOOLEAN), ("integer", WHOLE_NUMBER)}
    | {(match, pattern) for match in ("number", "decimal") for pattern in (WHOLE_NUMBER, NUMBER)}
)
_DATES = {
    ("date", "yyyy-MM-dd"): {"format": "date"},
    ("time", "HH:mm:ss"): {"pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"},
}
_DEFAULTS = {"date": "yyyy-MM-dd", "time": "HH:mm:ss"}


def schema_of_text_rule(rule: Rule) -> dict[str, Any] | None:
    """Return a schema that accepts no text that *rule* refuses, or None where none is known."""
    if rule.match == "regex":
        return of_pattern(str(rule.attributes.get("regex", "")))
    if rule.match == "include":
        return {
            "type": "string",
            "pattern": re.escape(str(rule.attributes.get("value", ""))).replace(r"\ ", " "),
        }
    if rule.match in _DEFAULTS:
        said = rule.attributes.get("format") or rule.attributes.get(rule.match) or _DEFAULTS[rule.match]
        found = _DATES.get((rule.match, str(said)))
        return {"type": "string", **found} if found else None
    return None


def says_same(rule: Rule, pattern: str) -> bool:
    """Whether *pattern*, of a JSON Schema, accepts no more than a rule with a regular expression does."""
    if (rule.match, pattern) in _PROVEN:
        return True
    expression = rule.attributes.get("regex")
    if rule.match != "regex" or not isinstance(expression, str) or not is_plain(expression):
        return False
    return _core(pattern) is not None and _core(pattern) == (_core(expression) or expression)


def _core(expression: str) -> str | None:
    """Return what is between "^" and "$", when they hold for all of it."""
    found = re.fullmatch(r"\^(.*)\$", expression, re.DOTALL)
    if found is None or (len(found[1]) - len(found[1].rstrip("\\"))) % 2:
        return None
    inner = found[1]
    grouped = re.fullmatch(r"\((?:\?:)?([^()]*)\)", inner)
    if grouped:
        return grouped[1] if "|" not in grouped[1] else f"(?:{grouped[1]})"
    return None if "|" in inner and not _is_in_groups(inner) else inner


def _is_in_groups(expression: str) -> bool:
    """Whether every "|" is inside round brackets; sets and escapes make it careful."""
    depth = 0
    for char in expression:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth <= 0:
            return False
    return True


def of_pattern(expression: str) -> dict[str, Any] | None:
    """Return the schema of the texts that an expression matches as a whole."""
    if not is_plain(expression):
        return None
    core = _core(expression)
    return {"type": "string", "pattern": f"^{core}$" if core is not None else f"^(?:{expression})$"}
