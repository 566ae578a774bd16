"""Matching rules and generators in words."""

from collections.abc import Mapping
from typing import Any

from tally.hashing import compact_json
from tally.pact import RuleSet

_WORDS = {
    "equality": "exactly this value",
    "integer": "an integer",
    "decimal": "a decimal number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "notEmpty": "not empty",
    "semver": "a semantic version",
    "values": "any keys, with values like the example",
    "arrayContains": "a list that contains the variants of the example",
}
_WITH_A_VALUE = {
    "regex": ("regex", "matches"),
    "include": ("value", "contains"),
    "contentType": ("value", "content of the type"),
}
_MOMENTS = {"date": "a date", "time": "a time", "datetime": "a date and time", "timestamp": "a date and time"}


def rule_in_words(rules: RuleSet) -> str:
    """Return the rules of one place."""
    return f" {rules.combine.lower()} ".join(_of_rule(rule.match, rule.attributes) for rule in rules.rules)


def generator_in_words(generator: object) -> str:
    """Return which values are put in the place of an example."""
    if not isinstance(generator, Mapping):
        return "generated"
    said = ", ".join(
        f"{name} {_shown(value)}" for name, value in generator.items() if name != "type" and value is not None
    )
    return f"generated: {generator.get('type')}{f' ({said})' if said else ''}"


def _of_rule(match: str, attributes: Mapping[str, Any]) -> str:
    if match in _MOMENTS:
        form = attributes.get("format") or attributes.get(match)
        return f"{_MOMENTS[match]} in the form {form}" if form else _MOMENTS[match]
    if match in _WITH_A_VALUE:
        name, words = _WITH_A_VALUE[match]
        return f"{words} {attributes.get(name)}"
    if match == "type":
        return _of_type(attributes.get("min"), attributes.get("max"))
    if match in {"eachKey", "eachValue"} and isinstance(attributes.get("rules"), list):
        return f"each {match[4:].lower()}: {_nested(attributes['rules'])}"
    return _WORDS.get(match) or _unknown(match, attributes)


def _of_type(least: object, most: object) -> str:
    if least is None and most is None:
        return "same type"
    if least is None or most is None:
        return f"same type, at most {most}" if least is None else f"same type, at least {least}"
    return f"same type, {least} to {most}"


def _nested(items: list[Any]) -> str:
    nested = [item for item in items if isinstance(item, dict)]
    return " and ".join(
        _of_rule(str(item.get("match")), {name: value for name, value in item.items() if name != "match"})
        for item in nested
    )


def _unknown(match: str, attributes: Mapping[str, Any]) -> str:
    said = ", ".join(f"{name} {_shown(value)}" for name, value in attributes.items())
    return f"{match} ({said})" if said else match


def _shown(value: object) -> str:
    return value if isinstance(value, str) else compact_json(value).decode()
