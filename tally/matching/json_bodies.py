"""Compare JSON values, and names with texts, with or without matching rules, in one pass."""

from dataclasses import dataclass
from typing import Any

from tally.errors import InvalidContractError
from tally.matching.mismatch import Mismatch, shown
from tally.matching.paths import NO_RULES, PathRules, body_rules
from tally.matching.rules import Pair, RuleError, check_all, of_type, same
from tally.pact import Rule, RuleSet
from tally.pact.matching_rules import read_rule, read_rule_set
from tally.pact.path_expressions import format_path

Json = Any


@dataclass(frozen=True)
class Place:
    """Where the compared values are: in the body, or in a named part, such as the header "Accept"."""

    kind: str = "body"
    name: str = ""
    textual: bool = False
    """Numbers and booleans are written as text here, as in headers and queries."""
    root: tuple[str | int, ...] = ()
    """The path in the body where the values begin."""

    def path(self, tokens: list[str | int]) -> str:
        """Return the `path` of a mismatch."""
        return format_path((*self.root, *tokens)) if self.kind == "body" else self.name

    def words(self, tokens: list[str | int]) -> str:
        """Return the place as the end of a sentence."""
        if self.kind == "body":
            return f"at {self.path(tokens)}"
        if not self.name:
            return f"as the {self.kind}"
        noun = {"query": "query parameter", "metadata": "metadata"}.get(self.kind, self.kind)
        which = f" (value {tokens[0] + 1})" if tokens and isinstance(tokens[0], int) and tokens[0] else ""
        return f'in the {noun} "{self.name}"{which}'


BODY = Place()


def compare_json(
    expected: Json, actual: Json, rules: PathRules = NO_RULES, *, strict: bool = False, place: Place = BODY
) -> tuple[Mismatch, ...]:
    """Return every difference; *strict* refuses keys that are not expected, as requests do."""
    comparison = _Comparison(place, strict=strict)
    comparison.compare(expected, actual, rules)
    return tuple(comparison.mismatches)


class _Comparison:
    """One walk over two values; the path to where it is, and what it found."""

    def __init__(self, place: Place, *, strict: bool) -> None:
        self.mismatches: list[Mismatch] = []
        self._place = place
        self._strict = strict
        self._path: list[str | int] = []

    def compare(self, expected: Json, actual: Json, rules: PathRules) -> None:
        kind = type(expected)
        if kind is dict and type(actual) is dict:
            self._objects(expected, actual, rules)
        elif kind is list and type(actual) is list:
            self._lists(expected, actual, rules)
        elif rules.rule_set is None or (kind in (dict, list) and actual is not None):
            self._unruled(expected, actual)
        else:
            self._values(expected, actual, rules.rule_set)

    def _unruled(self, expected: Json, actual: Json) -> None:
        if type(expected) in (dict, list):
            self._report(of_type(Pair(expected, actual), {}) or "", expected, actual)
        elif not same(expected, actual):
            self._report(shown(expected), expected, actual)

    def _values(self, expected: Json, actual: Json, rules: RuleSet, *, textual: bool = False) -> None:
        try:
            for wanted in check_all(rules, Pair(expected, actual, textual or self._place.textual)):
                self._report(wanted, expected, actual)
        except RuleError as error:
            self._complain(str(error), expected, actual)

    def _report(self, wanted: str, expected: Json, actual: Json) -> None:
        where = self._place.words(self._path)
        self._add(f"Expected {wanted.rstrip(',')} {where}, but got {shown(actual)}", expected, actual)

    def _complain(self, problem: str, expected: Json, actual: Json) -> None:
        self._add(f"Cannot compare what is {self._place.words(self._path)}: {problem}", expected, actual)

    def _add(self, message: str, expected: Json, actual: Json) -> None:
        self.mismatches.append(
            Mismatch(self._place.kind, self._place.path(self._path), expected, actual, message)
        )

    def _below(self, token: str | int, expected: Json, actual: Json, rules: PathRules) -> None:
        self._path.append(token)
        self.compare(expected, actual, rules)
        self._path.pop()

    # Objects

    def _objects(self, expected: dict[str, Json], actual: dict[str, Json], rules: PathRules) -> None:
        if rules.own is None:
            self._keys(expected, actual)
            self._shared_keys(expected, actual, rules)
            return
        self._container(expected, actual, rules.own)
        each_key, each_value = rules.rule("eachKey"), rules.rule("eachValue")
        if each_key:
            self._each_key(actual, self._nested_rules(each_key))
        if each_key or each_value or rules.rule("values"):
            self._each_value(expected, actual, rules, self._nested_rules(each_value))
        else:
            self._keys(expected, actual)
            self._shared_keys(expected, actual, rules)

    def _shared_keys(self, expected: dict[str, Json], actual: dict[str, Json], rules: PathRules) -> None:
        path = self._path
        for key, value in expected.items():
            if key in actual:
                path.append(key)
                self.compare(value, actual[key], rules.below(key))
                path.pop()

    def _keys(self, expected: dict[str, Json], actual: dict[str, Json]) -> None:
        if not expected.keys() <= actual.keys():
            for key in [key for key in expected if key not in actual]:
                self._key(key, f"Expected {shown(expected[key])}", "the key is missing", expected[key], None)
        if self._strict and not actual.keys() <= expected.keys():
            for key in [key for key in actual if key not in expected]:
                self._key(key, "Expected nothing", f"got {shown(actual[key])}", None, actual[key])

    def _key(self, key: str, wanted: str, got: str, expected: Json, actual: Json) -> None:
        self._path.append(key)
        self._add(f"{wanted} {self._place.words(self._path)}, but {got}", expected, actual)
        self._path.pop()

    def _each_key(self, actual: dict[str, Json], rules: RuleSet | None) -> None:
        for key in actual if rules else ():
            self._path.append(key)
            self._values(None, key, rules or RuleSet(()), textual=True)
            self._path.pop()

    def _each_value(
        self, expected: dict[str, Json], actual: dict[str, Json], rules: PathRules, each: RuleSet | None
    ) -> None:
        """Compare every value with the example of its key or else the first one; keys are free."""
        for key, value in actual.items():
            example = expected[key] if key in expected else next(iter(expected.values()), value)
            below = rules.below(key)
            self._below(key, example, value, below.or_else(each) if each else below)

    # Lists

    def _lists(self, expected: list[Json], actual: list[Json], rules: PathRules) -> None:
        if rules.own is not None:
            self._container(expected, actual, rules.own)
        if rules.rule_set is None or any(rule.match == "equality" for rule in rules.rule_set.rules):
            self._items_in_order(expected, actual, rules)
        elif contains := rules.rule("arrayContains"):
            self._contains(expected, actual, contains.attributes)
        else:
            each = rules.rule("eachValue")
            self._every_item(expected, actual, rules, self._nested_rules(each))

    def _items_in_order(self, expected: list[Json], actual: list[Json], rules: PathRules) -> None:
        for index, (value, found) in enumerate(zip(expected, actual, strict=False)):
            self._below(index, value, found, rules.below(index))
        if len(expected) != len(actual):
            wanted = f"{len(expected)} items" if expected else "an empty list"
            self._report_size(wanted, expected, actual)

    def _every_item(
        self, expected: list[Json], actual: list[Json], rules: PathRules, each: RuleSet | None
    ) -> None:
        """Compare each item with the example at its place, or else the first one; the length is free."""
        for index, item in enumerate(actual):
            example = expected[index] if index < len(expected) else next(iter(expected), item)
            below = rules.below(index)
            self._below(index, example, item, below.or_else(each) if each else below)

    def _contains(self, expected: list[Json], actual: list[Json], attributes: dict[str, Any]) -> None:
        for index, rules in self._variants(expected, attributes):
            if index >= len(expected):
                self._complain(
                    f"the rule names the variant {index}, which the example lacks", expected, actual
                )
            elif not any(self._is_variant(expected[index], item, rules) for item in actual):
                self._report(f"an item like {shown(expected[index])}", expected[index], actual)

    def _variants(self, expected: list[Json], attributes: dict[str, Any]) -> list[tuple[int, PathRules]]:
        """Return the place of each variant's example and the rules inside it."""
        raw = attributes.get("variants") or [{"index": index} for index in range(len(expected))]
        try:
            return [(int(variant["index"]), _variant_rules(variant)) for variant in raw]
        except (InvalidContractError, AttributeError, KeyError, TypeError, ValueError) as error:
            self._complain(f"the variants of arrayContains cannot be read ({error})", expected, None)
            return []

    def _is_variant(self, example: Json, item: Json, rules: PathRules) -> bool:
        return not compare_json(example, item, rules, strict=self._strict)

    # Both

    def _container(self, expected: Json, actual: Json, rules: RuleSet) -> None:
        """Check what rules say about the container itself: its size, or that it is not empty."""
        missed = [
            wanted for rule in rules.rules if (wanted := _size_wanted(rule.match, rule.attributes, actual))
        ]
        if missed and (rules.combine == "AND" or len(missed) == len(rules.rules)):
            self._report_size(" and ".join(missed), expected, actual)

    def _report_size(self, wanted: str, expected: Json, actual: Json) -> None:
        where = self._place.words(self._path)
        self._add(f"Expected {wanted} {where}, but got {len(actual)}: {shown(actual)}", expected, actual)

    def _nested_rules(self, rule: Rule | None) -> RuleSet | None:
        """Return the rules that eachKey and eachValue carry for keys or values."""
        nested = rule.attributes.get("rules") if rule else None
        try:
            rules = tuple(read_rule(raw, "rules") for raw in nested or ())
        except InvalidContractError as error:
            self._complain(str(error), None, None)
            return None
        return RuleSet(rules) if rules else None


def _variant_rules(variant: dict[str, Any]) -> PathRules:
    rules = variant.get("rules") or {}
    return body_rules({path: read_rule_set(rule_set, path) for path, rule_set in rules.items()})


def _size_wanted(match: str, attributes: dict[str, Any], actual: Json) -> str | None:
    """Return what a rule wants of a container's size, when it is not so."""
    if match == "null":
        return "null"
    if match in {"notEmpty", "not-empty"} and not actual:
        return "at least 1 item"
    least, most = attributes.get("min"), attributes.get("max")
    if isinstance(least, int) and len(actual) < least:
        return f"at least {least} item{'' if least == 1 else 's'}"
    if isinstance(most, int) and len(actual) > most:
        return f"at most {most} item{'' if most == 1 else 's'}"
    return None
