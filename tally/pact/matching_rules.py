"""Matching rules as files write them: V2's one flat map, and the categories of V3 and V4."""

import marshal
from functools import lru_cache
from typing import Any

from tally.errors import InvalidContractError
from tally.pact.json_fields import as_object, object_at, objects_at, refuse
from tally.pact.model import MatchingRules, RuleSet
from tally.pact.path_expressions import PathSyntaxError, Token, format_path, format_token, parse_path
from tally.pact.rules import read_rule

_CATEGORIES = {
    "body": "body",
    "content": "body",
    "contents": "body",
    "header": "header",
    "headers": "header",
    "query": "query",
    "metadata": "metadata",
    "metaData": "metadata",
}
_SINGLE = ("path", "status", "method")
_WITHOUT_REFERENCES = 2
"""The version of `marshal` in which equal values, of equal types, are equal bytes."""
_LONGEST_SHARED = 4096


def read_rules(part: dict[str, Any], place: str, *, old_name: str = "matchingRules") -> MatchingRules:
    """Return the `matchingRules` of a request, response or message, in whichever form they are written.

    Where there are none, those under *old_name* count, from before they had this one.
    """
    name = old_name if part.get("matchingRules") is None else "matchingRules"
    rules = object_at(part, name, place)
    place = f"{place}.{name}".lstrip(".")
    try:
        content = marshal.dumps(rules, _WITHOUT_REFERENCES)
        return _shared(content) if len(content) <= _LONGEST_SHARED else _read(rules, place)
    except (ValueError, InvalidContractError):  # values of types of our own, or rules to be refused by place
        return _read(rules, place)


# The interactions of a pact have the same few rules: they are read once, kept once, and compiled once.
@lru_cache(maxsize=256)
def _shared(content: bytes) -> MatchingRules:
    return _read(marshal.loads(content), "")  # noqa: S302 - what `read_rules` wrote


def _read(rules: dict[str, Any], place: str) -> MatchingRules:
    flat = any(key.startswith("$") for key in rules)
    return _from_paths(rules, place) if flat else _from_categories(rules, place)


def _from_paths(rules: dict[str, Any], place: str) -> MatchingRules:
    """Turn V2 into categories: "$.body.a" becomes the body's "$.a", "$.headers.X" the header "x"."""
    categories: dict[str, Any] = {}
    for path, rule in rules.items():
        rule_place = f'{place}["{path}"]'
        tokens = _parsed(path, rule_place)
        raw = as_object(rule, rule_place)
        rule_set = raw if "matchers" in raw else {"matchers": [raw]}
        name = str(tokens[0]) if tokens else "body"
        if name in _SINGLE:
            categories[name] = rule_set
        elif name in _CATEGORIES:
            categories.setdefault(name, {})[format_path(tokens[1:])] = rule_set
        else:
            refuse(rule_place, "expected a path that starts with $.body, $.headers, $.query or $.path")
    return _from_categories(categories, place)


def _from_categories(rules: dict[str, Any], place: str) -> MatchingRules:
    found: dict[str, Any] = {"body": {}, "header": {}, "query": {}, "metadata": {}}
    single: dict[str, Any] = {}
    for name, value in rules.items():
        category_place = f"{place}.{name}"
        category = as_object(value, category_place)
        if name in _SINGLE:
            single[name] = _single(category, category_place)
        elif name in _CATEGORIES:
            kind = _CATEGORIES[name]
            found[kind].update(_category(kind, category, category_place))
        else:
            refuse(
                category_place,
                "is not a category of matching rules: body, header, query, path, status, metadata",
            )
    return MatchingRules(**{**found, **single})


def _single(category: dict[str, Any], place: str) -> RuleSet | None:
    nested = [value for key, value in category.items() if key.startswith("$") or key == ""]
    raw = nested[0] if nested else category
    rule_set = read_rule_set(raw, place)
    return rule_set if rule_set.rules else None


def _category(kind: str, category: dict[str, Any], place: str) -> dict[str, RuleSet]:
    rules = {}
    for key, value in category.items():
        key_place = f'{place}["{key}"]'
        name = _body_key(key, key_place) if kind == "body" else _name_key(kind, key, key_place)
        rules[name] = read_rule_set(value, key_place)
    return {name: rule_set for name, rule_set in rules.items() if rule_set.rules}


def _body_key(key: str, place: str) -> str:
    _parsed(key, place)
    return key


def _name_key(kind: str, key: str, place: str) -> str:
    """Return "name" or "name[0]" for a key that is a name or a path."""
    if key.startswith("$") and len(key) > 1:
        tokens = _parsed(key, place)
        key = str(tokens[0]) + "".join(map(format_token, tokens[1:])).replace(".*", "[*]")
    return key.lower() if kind == "header" else key


def _parsed(path: str, place: str) -> tuple[Token, ...]:
    try:
        return parse_path(path)
    except PathSyntaxError as error:
        refuse(place, f"is not a path expression: {error}")


def read_rule_set(raw: object, place: str) -> RuleSet:
    """Return {"matchers": [{"match": …}, …], "combine": "AND"} as a value."""
    rule_set = as_object(raw, place)
    if rule_set and "matchers" not in rule_set and rule_set.keys() != {"combine"}:
        refuse(f"{place}.matchers", "expected a list of matching rules, but it is missing")
    combine = str(rule_set.get("combine") or "AND").upper()
    if combine not in {"AND", "OR"}:
        refuse(f"{place}.combine", f'expected "AND" or "OR", but it is "{combine}"')
    rules = (read_rule(rule, rule_place) for rule, rule_place in objects_at(rule_set, "matchers", place))
    return RuleSet(tuple(rules), combine)
