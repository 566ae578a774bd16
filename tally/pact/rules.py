"""One matching rule as files write it: {"match": "type", "min": 2}."""

from collections.abc import Callable
from typing import Any

from tally.pact.json_fields import as_list, as_object, kind_of, refuse
from tally.pact.model import Rule

_SPELLINGS = {
    "not-empty": "notEmpty",
    "content-type": "contentType",
    "status-code": "statusCode",
    "each-key": "eachKey",
    "each-value": "eachValue",
    "array-contains": "arrayContains",
}
_IMPLIED = ("regex", "timestamp", "datetime", "date", "time")
STATUS_CLASSES = ("info", "success", "redirect", "clientError", "serverError", "nonError", "error")


def read_rule(raw: Any, place: str) -> Rule:
    """Return one rule; a rule without "match" is named by its attributes: {"regex": …}, {"min": 1}.

    Refuses one without what it needs: it would check nothing, or not what is meant.
    """
    attributes = dict(as_object(raw, place))
    match = attributes.pop("match", None)
    if match is None:
        match = next((name for name in _IMPLIED if name in attributes), None)
    if match in ("min", "max") or (match is None and {"min", "max"} & attributes.keys()):
        match = "type"
    if not isinstance(match, str):
        refuse(place, 'expected a matching rule with "match", such as {"match": "type"}')
    name = _SPELLINGS.get(match, match)
    return Rule(name, _checked(name, attributes, place))


def _checked(name: str, attributes: dict[str, Any], place: str) -> dict[str, Any]:
    check = _CHECKS.get(name)
    if check:
        check(attributes, place)
    return _with_limits(attributes, place) if name in _LIMITED else attributes


def _with_limits(attributes: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the attributes with "min" and "max" as numbers, left out where they are null."""
    for key in attributes:
        if key not in _LIMITS and key.lower().startswith(("min", "max", "mim")):
            refuse(f"{place}.{key}", f'is not known here; did you mean "{_LIMITS[key[1].lower() == "a"]}"?')
    limits = {key: attributes[key] for key in _LIMITS if attributes.get(key) is not None}
    others = {key: value for key, value in attributes.items() if key not in _LIMITS}
    return others | {key: _limit(value, f"{place}.{key}") for key, value in limits.items()}


def _limit(value: Any, place: str) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _LONGEST_LIMIT:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(place, f"expected a whole number, but it is {value!r}")
    return value


def _needs_text(*names: str) -> Callable[[dict[str, Any], str], None]:
    def check(attributes: dict[str, Any], place: str) -> None:
        for name in names:
            if not isinstance(attributes.get(name), str):
                refuse(f"{place}.{name}", f"expected a string, but it is {_found(attributes, name)}")

    return check


def _may_have_text(*names: str) -> Callable[[dict[str, Any], str], None]:
    def check(attributes: dict[str, Any], place: str) -> None:
        for name in names:
            if not isinstance(attributes.get(name), str | None):
                refuse(f"{place}.{name}", f"expected a string, but it is {_found(attributes, name)}")

    return check


def _found(attributes: dict[str, Any], name: str) -> str:
    return kind_of(attributes[name]) if name in attributes else "missing"


def _status(attributes: dict[str, Any], place: str) -> None:
    status = attributes.get("status")
    numbers = isinstance(status, list) and all(type(item) is int for item in status) and status
    if not numbers and status not in STATUS_CLASSES:
        known = ", ".join(STATUS_CLASSES)
        refuse(f"{place}.status", f"expected a list of statuses or one of {known}, but it is {status!r}")


def _rules(attributes: dict[str, Any], place: str) -> None:
    if "rules" not in attributes:
        refuse(f"{place}.rules", "expected a list of matching rules, but it is missing")
    for index, rule in enumerate(as_list(attributes["rules"], f"{place}.rules")):
        read_rule(rule, f"{place}.rules[{index}]")


def _variants(attributes: dict[str, Any], place: str) -> None:
    for number, raw in enumerate(as_list(attributes.get("variants", []), f"{place}.variants")):
        at = f"{place}.variants[{number}]"
        variant = as_object(raw, at)
        if type(variant.get("index")) is not int:
            refuse(f"{at}.index", f"expected the index of an example, but it is {_found(variant, 'index')}")
        _check_rules_of_variant(variant.get("rules"), f"{at}.rules")


def _check_rules_of_variant(rules: Any, place: str) -> None:
    if rules is None or rules == []:
        return
    for path, raw in as_object(rules, place).items():
        at = f'{place}["{path}"]'
        for index, rule in enumerate(as_list(as_object(raw, at).get("matchers", ()), f"{at}.matchers")):
            read_rule(rule, f"{at}.matchers[{index}]")


_LIMITS = ("min", "max")
_LIMITED = frozenset({"type", "values"})
_LONGEST_LIMIT = 10
_CHECKS: dict[str, Callable[[dict[str, Any], str], None]] = {
    "regex": _needs_text("regex"),
    "include": _needs_text("value"),
    "contentType": _needs_text("value"),
    "date": _may_have_text("format", "date"),
    "time": _may_have_text("format", "time"),
    "datetime": _may_have_text("format", "timestamp", "datetime"),
    "timestamp": _may_have_text("format", "timestamp", "datetime"),
    "statusCode": _status,
    "eachKey": _rules,
    "eachValue": _rules,
    "arrayContains": _variants,
}
