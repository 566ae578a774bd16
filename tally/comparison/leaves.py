"""Whether all single values that a document allows are what a consumer's rules want."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from tally.comparison.findings import Reason
from tally.comparison.keys import key_of, value_of_key
from tally.comparison.rule_schemas import says_same, schema_of_text_rule
from tally.comparison.schema_views import ALL_TYPES, type_of
from tally.comparison.views import View
from tally.json_schema.containment import Answer, contains
from tally.json_schema.values import valid_values
from tally.json_schema.weight import weight
from tally.matching.mismatch import shown
from tally.matching.rules import CHECKS, ComparedValues, RuleError, check_all, same, type_name
from tally.pact import Rule, RuleSet

Unmet = tuple[Reason, str]
SAMPLES = 50
MOST_WEIGHT = 40
_MOST_NAMED = 5
_SCALARS = frozenset({"string", "integer", "number", "boolean", "null"})
_OF_TEXT = frozenset({"regex", "include", "date", "time", "datetime", "timestamp", "semver", "boolean"})
_NAMES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number with decimal places",
    "boolean": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}


def unmet_by_value(
    expected: Any, rules: RuleSet | None, view: View, *, textual: bool = False
) -> Iterator[Unmet]:
    """Yield why a value that the document allows may not be what is *expected*, which is a single value."""
    values = view.values
    if values is not None:
        yield from _listed(
            expected, rules, [each for each in values if type_of(each) in view.types], textual=textual
        )
        return
    found = (
        unmet
        for name in sorted(view.types)
        for unmet in _of_type(name, expected, rules, view, textual=textual)
    )
    if view.types == ALL_TYPES:
        found = ((Reason.WIDER_TYPE, "the document does not say what it is") for _ in islice(found, 1))
    yield from found


def never_wanted(expected: Any, rules: RuleSet | None, view: View) -> bool:
    """Whether none of the values that the document lists is wanted."""
    listed = [each for each in view.values or () if type_of(each) in view.types]
    unknown = [
        each
        for each in listed
        for rule in (rules.rules if rules else ())
        if rule.match not in CHECKS or _is_hard(rule, each)
    ]
    return bool(listed) and not unknown and all(misses(expected, rules, each) for each in listed)


def _listed(expected: Any, rules: RuleSet | None, values: list[Any], *, textual: bool) -> Iterator[Unmet]:
    missed = [value for value in values if misses(expected, rules, value, textual=textual)]
    if None in missed:
        yield Reason.MAY_BE_NULL, "it may be null"
    others = [value for value in missed if value is not None]
    if others:
        named = ", ".join(map(shown, others[:_MOST_NAMED])) + (", …" if len(others) > _MOST_NAMED else "")
        yield Reason.WIDER_ENUM, f"it may also be {named}, and the consumer takes {_taken(expected, rules)}"


def misses(expected: Any, rules: RuleSet | None, actual: Any, *, textual: bool = False) -> bool:
    """Whether a value is not what is wanted; one that no rule can judge, or none in time, is not."""
    if rules is None:
        return not same(expected, actual)
    if any(_is_hard(rule, actual) for rule in rules.rules):
        return True
    try:
        return bool(check_all(rules, ComparedValues(expected, actual, textual)))
    except RuleError:
        return True


def _is_hard(rule: Rule, actual: Any) -> bool:
    """Whether a regular expression may take very long: one that repeats what is repeated, and looks far."""
    expression = rule.attributes.get("regex")
    if rule.match != "regex" or not isinstance(expression, str) or not isinstance(actual, str):
        return False
    return len(actual) > _SHORT and _REPEATED.search(expression) is not None


_SHORT = 12
_REPEATED = re.compile(r"[*+}][^()]*\)[^()]*\)*[*+{]|[*+}][^*+{}()]{0,3}[*+{]")


def _taken(expected: Any, rules: RuleSet | None) -> str:
    if rules is None or all(rule.match in {"equality", "values"} for rule in rules.rules):
        return f"{shown(expected)} only"
    if all(rule.match == "type" for rule in rules.rules):
        return type_name(expected)
    return "what its rules say (" + ", ".join(dict.fromkeys(map(_named, rules.rules))) + ")"


def _named(rule: Rule) -> str:
    detail = rule.attributes.get("regex") or rule.attributes.get("format") or rule.attributes.get("value")
    return f"{rule.match} {detail}" if isinstance(detail, str) else rule.match


def _of_type(
    name: str, expected: Any, rules: RuleSet | None, view: View, *, textual: bool
) -> Iterator[Unmet]:
    if name in {"null", "boolean"}:
        values = [None] if name == "null" else [True, False]
        missed = [value for value in values if misses(expected, rules, value, textual=textual)]
        if missed and name == "null":
            yield Reason.MAY_BE_NULL, "it may be null"
        elif missed and (rules is None or isinstance(expected, bool)):
            yield (
                Reason.WIDER_ENUM,
                f"it may also be {shown(missed[0])}, and the consumer takes {_taken(expected, rules)}",
            )
        elif missed:
            yield Reason.WIDER_TYPE, f"it may also be {_NAMES[name]}"
        return
    if rules is None:
        yield _exactly(name, expected)
        return
    found = [_by_rule(rule, name, expected, view, textual=textual) for rule in rules.rules]
    if rules.combine == "AND":
        yield from (each for each in found if each is not None)
    elif found and all(each is not None for each in found):
        yield from (each for each in found[:1] if each is not None)


def _exactly(name: str, expected: Any) -> Unmet:
    if type_name(expected) == _type_name(name):
        return Reason.WIDER_ENUM, f"it may have any value, and the consumer takes {shown(expected)} only"
    return Reason.WIDER_TYPE, f"it may also be {_NAMES[name]}"


def _type_name(name: str) -> str:
    return {"integer": "a number", "number": "a number", "string": "a string", "array": "a list"}.get(
        name, "an object"
    )


def _by_rule(rule: Rule, name: str, expected: Any, view: View, *, textual: bool) -> Unmet | None:
    """Return why values of one type, which are not listed, may not be what one rule wants."""
    match = rule.match
    if match in {"equality", "values"}:
        return _exactly(name, expected)
    if match == "notEmpty" and name in _SCALARS:
        return _not_empty(name, view)
    if name in _SCALARS and (match in _OF_TEXT or (textual and match in _NUMBERS)):
        return _by_text(rule, name, expected, view, textual=textual)
    if match in _OF_EXAMPLE:
        is_same = type_name(expected) == _type_name(name) and not (textual and match != "type")
    else:
        is_same = name in _NUMBERS.get(match, ())
    return None if is_same else (Reason.WIDER_TYPE, f"it may also be {_NAMES[name]}")


_OF_EXAMPLE = frozenset({"type", "eachKey", "eachValue", "arrayContains"})
_NUMBERS = {
    "number": frozenset({"integer", "number"}),
    "integer": frozenset({"integer"}),
    "decimal": frozenset({"number"}),
}


def _not_empty(name: str, view: View) -> Unmet | None:
    if name != "string" or max(view.said("minLength"), default=0) > 0:
        return None
    never = {"type": "string", "minLength": 1}
    if _contained(key_of(never, sort=True), view.key_of(name)):
        return None
    return Reason.MAY_BE_EMPTY, "it may be empty"


def _by_text(rule: Rule, name: str, expected: Any, view: View, *, textual: bool) -> Unmet | None:
    """Judge by the text of values: by the document's pattern or format, or else by examples of them."""
    schema = view.key_of(name)
    if name == "string":
        if any(says_same(rule, pattern) for pattern in view.said("pattern")):
            return None
        wanted = schema_of_text_rule(rule)
        if wanted is not None and _contained(key_of(wanted, sort=True), schema):
            return None
    for value in _samples(schema):
        if misses(expected, RuleSet((rule,)), value, textual=textual):
            return Reason.PATTERN, f"it may be {shown(value)}, and the consumer takes {_named(rule)}"
    return Reason.UNPROVEN, f"that it is always {_named(rule)} cannot be proven; {SAMPLES} examples are"


@lru_cache(maxsize=4096)
def _contained(wide: bytes, narrow: bytes) -> bool:
    schema = value_of_key(narrow)
    if weight(schema) > MOST_WEIGHT:  # each would take up to a second, and there may be many
        return False
    return contains(value_of_key(wide), schema).answer is Answer.YES


@lru_cache(maxsize=1024)
def _samples(schema: bytes) -> tuple[Any, ...]:
    return tuple(valid_values(value_of_key(schema), most=SAMPLES))
