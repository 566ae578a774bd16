"""Part a declared value into its example, its matching rules and its generators, each by its path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consumer_sdk.documents.json_values import json_value, key_text, single_value
from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import Matcher, example_of
from tally import json_text
from tally.pact.path_expressions import Token, Wildcard, format_path

Path = tuple[Token, ...]
RuleDocument = dict[str, Any]


@dataclass
class Example:
    """What a declared value says: the example, and what stands beside it in a pact."""

    value: Any = None
    rules: dict[Path, list[RuleDocument]] = field(default_factory=dict)


def part(value: object) -> Example:
    """Return what *value* says; raises DeclarationError for what JSON has no form for, with its place."""
    found = Example()
    found.value = _Parting(found).value(value, ())
    return found


class _Parting:
    """One walk over a declared value."""

    def __init__(self, found: Example) -> None:
        self._found = found

    def value(self, value: object, path: Path) -> Any:
        if isinstance(value, Matcher):
            return self._matcher(value, path)
        if isinstance(value, Mapping):
            named = {key_text(key, format_path(path)): item for key, item in value.items()}
            return {key: self.value(named[key], (*path, key)) for key in sorted(named)}
        if isinstance(value, list | tuple):
            return [self.value(item, (*path, index)) for index, item in enumerate(value)]
        return single_value(value, format_path(path))

    def _matcher(self, matcher: Matcher, path: Path) -> Any:
        if matcher.rule == "arrayContains":
            return self._variants(matcher, path)
        example, is_list_of_one = matcher.example, "min" in matcher.attributes or "max" in matcher.attributes
        self._add(path, _rule(matcher, path))
        if is_list_of_one and isinstance(example, list | tuple) and example:
            # What follows the first item only makes up the number.
            first = self.value(example[0], (*path, Wildcard.ANY_INDEX))
            return [first, *(json_value(example_of(item)) for item in example[1:])]
        return self.value(example, path)

    def _variants(self, matcher: Matcher, path: Path) -> list[Any]:
        variants = [part(variant) for variant in matcher.attributes["variants"]]
        documents = [
            {"index": index, "rules": by_expression(variant.rules)} for index, variant in enumerate(variants)
        ]
        self._add(path, {"match": "arrayContains", "variants": documents})
        return [variant.value for variant in variants]

    def _add(self, path: Path, rule: RuleDocument) -> None:
        _refuse_unspeakable(path)
        self._found.rules.setdefault(path, []).append(rule)


def _rule(matcher: Matcher, path: Path) -> RuleDocument:
    """Return the rule of one matcher as a pact of V3 and V4 has it."""
    name = "datetime" if matcher.rule == "timestamp" else matcher.rule
    attributes = {
        key: [_rule(rule, path) for rule in item] if key == "rules" else json_value(item, format_path(path))
        for key, item in matcher.attributes.items()
    }
    if matcher.rule == "include":
        attributes["value"] = matcher.example
    if matcher.rule in {"eachKey", "eachValue"}:
        attributes["value"] = json_text.compact(json_value(example_of(matcher.example)))
    return dict(sorted({"match": name, **attributes}.items()))


def by_expression(rules: Mapping[Path, list[RuleDocument]]) -> dict[str, Any]:
    """Return the rules as a category of V3 and V4 has them: by path expression."""
    return {key: rule_set(rules[path]) for key, path in sorted((format_path(path), path) for path in rules)}


def rule_set(rules: list[RuleDocument]) -> dict[str, Any]:
    """Return the rules of one path, all of which must be satisfied."""
    return {"combine": "AND", "matchers": rules}


def _refuse_unspeakable(path: Path) -> None:
    for token in path:
        if token == "" or (isinstance(token, str) and "'" in token and '"' in token):
            raise DeclarationError(
                f"At {format_path(path)}: no path expression of a pact can name the key {token!r}, "
                "so nothing below it can have a rule: put a matcher around the object that has it."
            )
