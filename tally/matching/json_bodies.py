"""Compare JSON values, and names with texts, with or without matching rules, in one pass."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from tally.matching.containers import (
    CONTAINER_RULES,
    is_exact,
    is_ordered,
    items,
    nested_rules,
    size_wanted,
    variants,
)
from tally.matching.findings import Findings
from tally.matching.locations import BODY, ValueLocation
from tally.matching.mismatch import Mismatch, shown
from tally.matching.paths import NO_RULES, TYPE_FROM_ABOVE, PathRules
from tally.matching.rules import ComparedValues, RuleError, check, check_all, of_type, same
from tally.pact import Rule, RuleSet

Json = Any


def compare_json(
    expected: Json,
    actual: Json,
    rules: PathRules = NO_RULES,
    *,
    strict: bool = False,
    location: ValueLocation = BODY,
) -> tuple[Mismatch, ...]:
    """Return every difference; *strict* refuses keys that are not expected, as requests do."""
    comparison = _Comparison(location, strict=strict)
    try:
        comparison.compare(expected, actual, rules)
    except RecursionError:
        message = f"Cannot compare what is {location.words([])}: the values are nested too deeply"
        return (Mismatch(location.kind, location.path([]), None, None, message),)
    return tuple(comparison.found.mismatches)


class Item(NamedTuple):
    """One of many values, by its key or index, with the example that it is compared with."""

    token: str | int
    example: Json
    actual: Json


class _Comparison:
    """One walk over two values, and what it found."""

    def __init__(self, location: ValueLocation, *, strict: bool) -> None:
        self.found = Findings(location)
        self._textual = location.textual
        self._strict = strict
        self._path = self.found.path

    def compare(self, expected: Json, actual: Json, rules: PathRules) -> None:
        kind = type(expected)
        if kind is dict and type(actual) is dict:
            self._objects(expected, actual, rules)
        elif kind is list and type(actual) is list:
            self._lists(expected, actual, rules)
        elif rules.rule_set is None or (kind in (dict, list) and not _may_be_null(actual, rules.rule_set)):
            self._unruled(expected, actual)
        else:
            self._values(expected, actual, rules.rule_set)

    def _any_of(self, expected: Json, actual: Json, alternatives: tuple[PathRules, ...]) -> None:
        """Compare by each of the rules that "OR" joins, everything below included; one of them is enough."""
        before = self.found.mark()
        for rules in reversed(alternatives):
            self.found.back_to(before)
            self.compare(expected, actual, rules)
            if self.found.mark() == before:
                return

    def _unruled(self, expected: Json, actual: Json) -> None:
        if type(expected) in (dict, list):
            self.found.report(of_type(ComparedValues(expected, actual), {}) or "", expected, actual)
        elif type(expected) is bytes and type(actual) is bytes and expected != actual:
            self.found.report_bytes(expected, actual)
        elif not same(expected, actual):
            self.found.report(shown(expected), expected, actual)

    def _values(self, expected: Json, actual: Json, rules: RuleSet, *, textual: bool = False) -> None:
        try:
            for wanted in check_all(rules, ComparedValues(expected, actual, textual or self._textual)):
                self.found.report(wanted, expected, actual)
        except RuleError as error:
            self.found.complain(str(error), expected, actual)

    def _below(self, token: str | int, expected: Json, actual: Json, rules: PathRules) -> None:
        self._path.append(token)
        self.compare(expected, actual, rules)
        self._path.pop()

    # Objects

    def _objects(self, expected: dict[str, Json], actual: dict[str, Json], rules: PathRules) -> None:
        if rules.rule_set is None or rules.rule_set is TYPE_FROM_ABOVE:
            self._keys(expected, actual)
            self._shared_keys(expected, actual, rules)
        elif rules.alternatives:
            self._any_of(expected, actual, rules.alternatives)
        else:
            self._ruled_object(expected, actual, rules, rules.rule_set)

    def _ruled_object(
        self, expected: dict[str, Json], actual: dict[str, Json], rules: PathRules, rule_set: RuleSet
    ) -> None:
        self._container(expected, actual, rules)
        each_key, each_value = rules.named("eachKey"), rules.named("eachValue")
        if each_key:
            self._each_key(actual, self._nested_rules(each_key))
        exact, free = is_exact(rule_set), each_key or each_value or rules.rule("values")
        if exact or not free:
            self._keys(expected, actual, exact=exact)
            self._shared_keys(expected, actual, rules)
        if free:
            self._each_value(expected, actual, rules, self._nested_rules(each_value))

    def _shared_keys(self, expected: dict[str, Json], actual: dict[str, Json], rules: PathRules) -> None:
        path = self._path
        for key, value in expected.items():
            if key in actual:
                path.append(key)
                self.compare(value, actual[key], rules.below(key))
                path.pop()

    def _keys(self, expected: dict[str, Json], actual: dict[str, Json], *, exact: bool = False) -> None:
        if not expected.keys() <= actual.keys():
            for key in [key for key in expected if key not in actual]:
                self.found.report_missing(key, expected[key])
        if (self._strict or exact) and not actual.keys() <= expected.keys():
            for key in [key for key in actual if key not in expected]:
                self.found.report_unexpected(key, actual[key])

    def _each_key(self, actual: dict[str, Json], rules: RuleSet | None) -> None:
        for key in actual if rules else ():
            self._path.append(key)
            self._values(None, key, rules or RuleSet(()), textual=True)
            self._path.pop()

    def _each_value(
        self, expected: dict[str, Json], actual: dict[str, Json], rules: PathRules, each: RuleSet | None
    ) -> None:
        """Compare every value with the example of its key or else the first one; keys are free.

        Beside eachValue, what is said about everything below says nothing about a key without an example.
        """
        alone = each is None or rules.rule("values") is not None
        for key, value in actual.items():
            below, is_known = rules.below(key), key in expected
            example = expected[key] if is_known else next(iter(expected.values()), value)
            cascades = is_known and below.rule_set is not None
            self._each(Item(key, example, value), below, each, alone=alone or cascades)

    def _each(self, item: Item, rules: PathRules, each: RuleSet | None, *, alone: bool) -> None:
        """Compare one of many values by the rules for each of them, and by its own.

        *alone* compares it with the example even where it has no rules of its own.
        """
        if each:
            self._below(item.token, item.example, item.actual, rules.with_own(each))
        if alone or rules.own is not None:
            self._below(item.token, item.example, item.actual, rules)

    # Lists

    def _lists(self, expected: list[Json], actual: list[Json], rules: PathRules) -> None:
        if rules.rule_set is None:
            self._items_in_order(expected, actual, rules)
        elif rules.alternatives:
            self._any_of(expected, actual, rules.alternatives)
        else:
            self._ruled_list(expected, actual, rules, rules.rule_set)

    def _ruled_list(
        self, expected: list[Json], actual: list[Json], rules: PathRules, rule_set: RuleSet
    ) -> None:
        self._container(expected, actual, rules)
        contains, each = rules.named("arrayContains"), self._nested_rules(rules.named("eachValue"))
        for rule in contains:
            self._contains(expected, actual, rule)
        if is_ordered(rule_set):
            self._items_in_order(expected, actual, rules)
            for index, (example, value) in enumerate(zip(expected, actual, strict=False) if each else ()):
                self._below(index, example, value, rules.below(index).with_own(each or rule_set))
        elif each or rules.cascades or not contains:
            self._every_item(expected, actual, rules, each, alone=not (each or contains))

    def _items_in_order(self, expected: list[Json], actual: list[Json], rules: PathRules) -> None:
        for index, (value, found) in enumerate(zip(expected, actual, strict=False)):
            self._below(index, value, found, rules.below(index))
        if len(expected) != len(actual):
            wanted = items(len(expected)) if expected else "an empty list"
            self.found.report_size(wanted, expected, actual)

    def _every_item(
        self,
        expected: list[Json],
        actual: list[Json],
        rules: PathRules,
        each: RuleSet | None,
        *,
        alone: bool,
    ) -> None:
        """Compare each item with the example at its place, or else the first one; the length is free."""
        for index, value in enumerate(actual):
            example = expected[index] if index < len(expected) else next(iter(expected), value)
            below = rules.below(index)
            cascades = below.rule_set is not None
            self._each(Item(index, example, value), below, each, alone=alone or cascades)

    def _contains(self, expected: list[Json], actual: list[Json], rule: Rule) -> None:
        try:
            wanted = variants(rule, len(expected))
        except RuleError as error:
            self.found.complain(str(error), expected, actual)
            return
        for index, rules in wanted:
            if index >= len(expected):
                self.found.complain(f"the rule needs the item {index} of the example", expected, actual)
            elif not any(self._is_variant(expected[index], item, rules) for item in actual):
                self.found.report(f"an item like {shown(expected[index])}", expected[index], actual)

    def _is_variant(self, example: Json, item: Json, rules: PathRules) -> bool:
        return not compare_json(example, item, rules, strict=self._strict)

    # Both

    def _container(self, expected: Json, actual: Json, rules: PathRules) -> None:
        """Check what rules say about the container itself: its size, or that it should be none."""
        applying = rules.rule_set or RuleSet(())
        wanted = (self._container_wanted(rule, actual, own=rules.own is not None) for rule in applying.rules)
        missed = [text for text in wanted if text]
        if missed and (applying.combine == "AND" or len(missed) == len(applying.rules)):
            self.found.report_size(" and ".join(missed), expected, actual)

    def _container_wanted(self, rule: Rule, actual: Json, *, own: bool) -> str | None:
        """Return what the rule wanted: numbers, dates and so on may be in a list but are no object."""
        if rule.match in CONTAINER_RULES:
            return size_wanted(rule, actual) if own or rule.match == "notEmpty" else None
        try:
            wanted = check(rule, ComparedValues(None, actual))
            return wanted if isinstance(actual, dict) else None
        except RuleError as error:
            self.found.complain(str(error), None, actual)
            return None

    def _nested_rules(self, rules: Iterable[Rule]) -> RuleSet | None:
        try:
            return nested_rules(rules)
        except RuleError as error:
            self.found.complain(str(error), None, None)
            return None


def _may_be_null(actual: Json, rules: RuleSet) -> bool:
    """Whether this is null where an object or a list is expected, and a rule speaks of null."""
    return actual is None and any(rule.match == "null" for rule in rules.rules)
