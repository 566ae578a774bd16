"""What the example and the rules of a request stand for, as JSON Schema: all that the consumer may send."""

from collections.abc import Callable, Iterable
from typing import Any

from tally.comparison.rule_schemas import schema_of_text_rule
from tally.comparison.schema_views import type_of
from tally.matching.containers import is_ordered, nested_rules
from tally.matching.paths import PathRules
from tally.matching.rules import RuleError
from tally.pact import Rule, RuleSet

Json = Any
_FREE = ("eachKey", "eachValue", "values")


def sent(expected: Json, rules: PathRules) -> Json:
    """Return the schema of the values that a consumer with this example and these rules may send.

    Where a rule says something that no schema can, it is the example alone.
    """
    if isinstance(expected, dict):
        return _any_of(_object, expected, rules)
    if isinstance(expected, list):
        return _any_of(_list, expected, rules)
    return _single(expected, rules.rule_set)


def _any_of(make: Callable[[Json, PathRules], Json], expected: Json, rules: PathRules) -> Json:
    if rules.alternatives:
        return {"anyOf": [make(expected, each) for each in rules.alternatives]}
    return make(expected, rules)


def _object(expected: dict[str, Json], rules: PathRules) -> Json:
    properties = {name: sent(value, rules.below(name)) for name, value in expected.items()}
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if rules.own is None or not any(rules.named(name) for name in _FREE):
        return {**schema, "required": list(expected)}
    each_value = _nested(rules.named("eachValue"))
    first = next(iter(expected.values()), "")
    others = _single(first, each_value) if each_value else sent(first, rules.below("*"))
    schema = {"type": "object", "additionalProperties": {"anyOf": [others, *properties.values()]}}
    each_key = _nested(rules.named("eachKey"))
    return {**schema, "propertyNames": _single("", each_key)} if each_key else schema


def _list(expected: list[Json], rules: PathRules) -> Json:
    items = [sent(value, rules.below(index)) for index, value in enumerate(expected)]
    if rules.rule_set is None or is_ordered(rules.rule_set):
        size = {"minItems": len(items), "maxItems": len(items)}
        return {"type": "array", "prefixItems": items, **size} if items else {"type": "array", **size}
    each_value = _nested(rules.named("eachValue"))
    if each_value:
        items = [_single(value, each_value) for value in expected]
    schema: dict[str, Json] = {"type": "array", "items": {"anyOf": items} if items else True}
    for rule in rules.own.rules if rules.own else ():
        limits = {"minItems": rule.attributes.get("min"), "maxItems": rule.attributes.get("max")}
        schema |= {name: value for name, value in limits.items() if isinstance(value, int)}
        if rule.match in {"notEmpty", "arrayContains"}:
            schema["minItems"] = max(schema.get("minItems", 0), 1)
    return schema


def _nested(rules: Iterable[Rule]) -> RuleSet | None:
    try:
        return nested_rules(rules)
    except RuleError:
        return None


def _single(expected: Json, rules: RuleSet | None) -> Json:
    if rules is None or not rules.rules:
        return {"const": expected}
    schemas = [_of_rule(rule, expected) for rule in rules.rules]
    if len(schemas) == 1:
        return schemas[0]
    return {"anyOf" if rules.combine == "OR" else "allOf": schemas}


def _of_rule(rule: Rule, expected: Json) -> Json:
    if rule.match == "type":
        return {"type": type_of(expected)}
    if rule.match in _TYPES:
        return {"type": _TYPES[rule.match]}
    if rule.match == "notEmpty":
        return {"type": type_of(expected), "minLength": 1, "minItems": 1, "minProperties": 1}
    return schema_of_text_rule(rule) or {"const": expected}


_TYPES = {"integer": "integer", "decimal": "number", "number": "number", "boolean": "boolean", "null": "null"}
