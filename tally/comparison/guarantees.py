"""Whether everything that a provider may answer is what the consumer takes, value by value.

The walk follows `tally.matching.json_bodies`, which compares one answer with the example and its rules; here
it is compared with the views of a document instead. What is not found out to be so is reported: that nothing
is reported is a promise, which tests hold against answers.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from tally.comparison.findings import Reason
from tally.comparison.leaves import misses, never_wanted, unmet_by_value
from tally.comparison.schema_views import ALL_TYPES
from tally.comparison.unmet import Unmet, one_of
from tally.comparison.views import View
from tally.matching.containers import CONTAINER_RULES, is_exact, is_ordered, nested_rules, variants
from tally.matching.mismatch import shown
from tally.matching.paths import PathRules
from tally.matching.rules import RuleError
from tally.pact import Rule, RuleSet

MOST_UNMET = 200
MOST_STEPS = 20_000
"""Values that are looked at for one body; what is left then is unproven."""

Json = Any
_KINDS: dict[type[Any], str] = {dict: "object", list: "array"}
ITSELF: Any = object()
"""Stands for an example that is the value itself, as for the items of a list that is empty in the pact."""


def unmet(expected: Json, rules: PathRules, view: View) -> tuple[Unmet, ...]:
    """Return what the consumer relies on in a body and the document does not promise."""
    walk = _Walk()
    walk.value(expected, rules, view)
    return tuple(dict.fromkeys(walk.found))


class _Walk:
    def __init__(self) -> None:
        self.found: list[Unmet] = []
        self._path: list[str | int] = []
        self._steps = 0
        self._choices = 0
        """How many alternatives, and items of lists that may be empty, lead to where the walk is."""

    def report(self, reason: Reason, text: str, view: View, *, never: bool = False) -> None:
        """Add what is not promised; *never* counts only where nothing else is possible."""
        if len(self.found) < MOST_UNMET:
            is_never = never and not self._choices
            self.found.append(Unmet(tuple(self._path), reason, text, view.pointer, is_never))

    def _below(self, token: str | int, expected: Json, rules: PathRules, view: View) -> None:
        self._path.append(token)
        self.value(expected, rules, view)
        self._path.pop()

    def value(self, expected: Json, rules: PathRules, view: View) -> None:
        """Look at the values of one place, once for each alternative of the document."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            self.report(Reason.UNPROVEN, "the document leaves too much open to look at all of it", view)
            return
        if expected is ITSELF:
            self._itself(rules, view)
            return
        several = len(view.variants) > 1
        self._choices += several
        for variant in view.variants:
            self._variant(expected, rules, variant)
        self._choices -= several

    def _variant(self, expected: Json, rules: PathRules, view: View) -> None:
        kind = _KINDS.get(type(expected), "")
        if not kind:
            never = never_wanted(expected, rules.rule_set, view)
            for reason, text in unmet_by_value(expected, rules.rule_set, view):
                self.report(reason, text, view, never=never)
            return
        may_be_null = self._types(kind, rules, view)
        self._choices += may_be_null
        if kind == "object" and "object" in view.types:
            self._object(expected, rules, view)
        elif kind == "array" and "array" in view.types:
            self._list(expected, rules, view)
        self._choices -= may_be_null

    def _types(self, kind: str, rules: PathRules, view: View) -> bool:
        """Look at the types that values may have; return whether null is one that the consumer takes."""
        others = view.types - {kind}
        if view.types == ALL_TYPES:
            self.report(Reason.WIDER_TYPE, f"the document does not say that it is {one_of([kind])}", view)
            return True
        is_taken = False
        if "null" in others:
            rule_set = rules.rule_set
            speaks = rule_set is not None and any(rule.match == "null" for rule in rule_set.rules)
            is_taken = speaks and not misses(None, rule_set, None)
            if not is_taken:
                self.report(Reason.MAY_BE_NULL, "it may be null", view)
            others -= {"null"}
        if others:
            self.report(Reason.WIDER_TYPE, f"it may also be {one_of(others)}", view)
        return is_taken

    def _itself(self, rules: PathRules, view: View) -> None:
        """Look at values that are their own examples: only rules that are not about the example can miss."""
        applying = rules.rule_set.rules if rules.rule_set else ()
        is_harmless = all(rule.match in {"type", "equality", "values"} for rule in applying)
        if not is_harmless or (not rules.is_empty and rules.rule_set is None):
            self.report(Reason.UNPROVEN, "the pact has no example of it, but rules about it", view)

    def _without_findings(self, look: Callable[[], None]) -> bool:
        """Whether *look* finds nothing; what it finds is forgotten."""
        before = len(self.found)
        look()
        is_fine = len(self.found) == before
        del self.found[before:]
        return is_fine

    def _any_of(self, expected: Json, alternatives: tuple[PathRules, ...], view: View) -> None:
        """Look by each of the rules that "OR" joins: one that always holds is enough."""
        self._choices += 1
        found = any(
            self._without_findings(partial(self._variant, expected, rules, view)) for rules in alternatives
        )
        if not found:
            self._variant(expected, alternatives[0], view)
        self._choices -= 1

    # Objects

    def _object(self, expected: dict[str, Json], rules: PathRules, view: View) -> None:
        if rules.rule_set is None:
            self._keys(expected, view)
            self._shared_keys(expected, rules, view)
        elif rules.alternatives:
            self._any_of(expected, rules.alternatives, view)
        else:
            self._ruled_object(expected, rules, view, rules.rule_set)

    def _ruled_object(
        self, expected: dict[str, Json], rules: PathRules, view: View, rule_set: RuleSet
    ) -> None:
        self._container(expected, rules, view)
        each_key, each_value = rules.named("eachKey"), rules.named("eachValue")
        nested = self._nested(each_key, view)
        if nested:
            self._each_key(nested, view)
        exact, free = is_exact(rule_set), each_key or each_value or rules.rule("values")
        if exact or not free:
            self._keys(expected, view, exact=exact)
            self._shared_keys(expected, rules, view)
        if free:
            self._each_value(expected, rules, view, self._nested(each_value, view))

    def _keys(self, expected: dict[str, Json], view: View, *, exact: bool = False) -> None:
        for name in expected:
            if not view.requires(name):
                self._path.append(name)
                text = "it may be absent" if name in view.declared else "the document does not promise it"
                self.report(Reason.MAY_BE_ABSENT, text, view.property(name))
                self._path.pop()
        if exact and not (view.is_closed and view.declared.keys() <= expected.keys()):
            self.report(Reason.MAY_HAVE_MORE, "it may have properties that the pact does not have", view)

    def _shared_keys(self, expected: dict[str, Json], rules: PathRules, view: View) -> None:
        for name, value in expected.items():
            self._below(name, value, rules.below(name), view.property(name))

    def _each_key(self, nested: RuleSet, view: View) -> None:
        for name in view.declared:
            if misses(None, nested, name, textual=True):
                text = f'it may have the property "{name}", which the rules for keys refuse'
                self.report(Reason.PATTERN, text, view)
        if not view.is_closed:
            for reason, text in unmet_by_value("", nested, view.names, textual=True):
                self.report(reason, f"of the names of properties: {text}", view)

    def _each_value(
        self, expected: dict[str, Json], rules: PathRules, view: View, each: RuleSet | None
    ) -> None:
        alone = each is None or rules.rule("values") is not None
        first = next(iter(expected.values()), ITSELF)
        self._choices += 1
        for name in {**view.declared, **dict.fromkeys(expected)}:
            below, is_known = rules.below(name), name in expected
            item = _Item(name, expected.get(name, first), view.property(name))
            self._each(item, below, each, alone=alone or (is_known and below.rule_set is not None))
        if not view.is_closed:
            item = _Item("*", first, view.other_properties)
            self._each(item, rules.below("*"), each, alone=alone)
            if any(view.said("patternProperties")):
                self.report(Reason.UNPROVEN, "patterns name properties that were not looked at", view)
        self._choices -= 1

    def _each(self, item: "_Item", rules: PathRules, each: RuleSet | None, *, alone: bool) -> None:
        if each:
            self._below(item.token, item.example, rules.with_own(each), item.view)
        if alone or rules.own is not None:
            self._below(item.token, item.example, rules, item.view)

    # Lists

    def _list(self, expected: list[Json], rules: PathRules, view: View) -> None:
        if rules.rule_set is None:
            self._items_in_order(expected, rules, view)
        elif rules.alternatives:
            self._any_of(expected, rules.alternatives, view)
        else:
            self._ruled_list(expected, rules, view, rules.rule_set)

    def _ruled_list(self, expected: list[Json], rules: PathRules, view: View, rule_set: RuleSet) -> None:
        self._container(expected, rules, view)
        contains, each = rules.named("arrayContains"), self._nested(rules.named("eachValue"), view)
        for rule in contains:
            self._contains(expected, rule, view)
        if is_ordered(rule_set):
            self._items_in_order(expected, rules, view)
            for index, example in enumerate(expected if each else ()):
                self._below(index, example, rules.below(index).with_own(each or rule_set), view.item(index))
        elif each or rules.cascades or not contains:
            self._every_item(expected, rules, view, each, alone=not (each or contains))

    def _items_in_order(self, expected: list[Json], rules: PathRules, view: View) -> None:
        if not expected and view.most > 0:
            self.report(Reason.LENGTH, "the consumer takes an empty list only", view)
        elif view.least < len(expected):
            self._too_few(len(expected), view)
        elif view.most > len(expected):
            text = f"the consumer takes exactly {len(expected)}, and it may have more"
            self.report(Reason.LENGTH, text, view)
        for index, example in enumerate(expected):
            if index < view.most:
                self._below(index, example, rules.below(index), view.item(index))

    def _too_few(self, least: int, view: View) -> None:
        if view.least == 0:
            self.report(Reason.MAY_BE_EMPTY, "it may be empty", view)
        else:
            text = f"the consumer needs {least}, and it may have {view.least}"
            self.report(Reason.LENGTH, text, view)

    def _every_item(
        self, expected: list[Json], rules: PathRules, view: View, each: RuleSet | None, *, alone: bool
    ) -> None:
        known = max([len(expected), view.prefix, *(index + 1 for index in rules.indices)])
        seen: set[tuple[str, int, int]] = set()
        self._choices += 1
        for index in range(int(min(known + 1, view.most))):
            example = expected[index] if index < len(expected) else next(iter(expected), ITSELF)
            below = rules.below(index)
            item = _Item(index, example, view.item(index))
            key = (repr(example), id(below), id(item.view))
            if key not in seen:
                seen.add(key)
                self._each(item, below, each, alone=alone or below.rule_set is not None)
        self._choices -= 1

    def _contains(self, expected: list[Json], rule: Rule, view: View) -> None:
        try:
            wanted = variants(rule, len(expected))
        except RuleError as error:
            self.report(Reason.UNPROVEN, str(error), view)
            return
        for index, rules in wanted:
            if index < len(expected):
                self._contains_one(expected[index], rules, view)
            else:
                self.report(Reason.UNPROVEN, f"the rule needs the item {index} of the example", view)

    def _contains_one(self, example: Json, rules: PathRules, view: View) -> None:
        always = view.least > 0 and view.prefix == 0
        if always and self._without_findings(lambda: self._below(0, example, rules, view.item(0))):
            return
        self.report(Reason.MAY_BE_ABSENT, f"an item like {shown(example)} may be missing", view)

    # Both

    def _container(self, expected: Json, rules: PathRules, view: View) -> None:
        applying = rules.rule_set or RuleSet(())
        misses = []
        for rule in applying.rules:
            before = len(self.found)
            self._container_rule(rule, expected, view, own=rules.own is not None)
            misses.append(self.found[before:])
            del self.found[before:]
        if applying.combine == "AND" or all(misses):
            self.found += [each for missed in misses for each in missed]

    def _container_rule(self, rule: Rule, expected: Json, view: View, *, own: bool) -> None:
        is_list = isinstance(expected, list)
        if rule.match not in CONTAINER_RULES:
            if not is_list and misses(None, RuleSet((rule,)), {}):
                self.report(Reason.WIDER_TYPE, f'the rule "{rule.match}" is not about objects', view)
            return
        if rule.match == "null" and own:
            self.report(Reason.WIDER_TYPE, "the consumer takes null only", view)
        if rule.match == "notEmpty" and not (view.least if is_list else view.is_never_empty_object):
            self.report(Reason.MAY_BE_EMPTY, "it may be empty", view)
        if own:
            self._size(rule, view, is_list=is_list)

    def _size(self, rule: Rule, view: View, *, is_list: bool) -> None:
        least, most = rule.attributes.get("min"), rule.attributes.get("max")
        has_least = view.least if is_list else max([*view.said("minProperties")], default=0)
        has_most = view.most if is_list else min([*view.said("maxProperties")], default=float("inf"))
        if isinstance(least, int) and has_most < least:
            text = f"the consumer needs {least}, and it never has more than {has_most}"
            self.report(Reason.LENGTH, text, view, never=True)
        elif isinstance(least, int) and has_least < least:
            if has_least == 0:
                self.report(Reason.MAY_BE_EMPTY, f"it may be empty, and the consumer needs {least}", view)
            else:
                self.report(Reason.LENGTH, f"the consumer needs {least}, and it may have {has_least}", view)
        if isinstance(most, int) and has_most > most:
            text = f"the consumer takes at most {most}, and it may have more"
            self.report(Reason.LENGTH, text, view, never=has_least > most)

    def _nested(self, rules: Iterable[Rule], view: View) -> RuleSet | None:
        try:
            return nested_rules(rules)
        except RuleError as error:
            self.report(Reason.UNPROVEN, str(error), view)
            return None


class _Item(NamedTuple):
    token: str | int
    example: Json
    view: View
