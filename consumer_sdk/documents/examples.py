"""Part a declared value into its example, its matching rules and its generators, each by its path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consumer_sdk.documents.json_values import json_value, key_text, single_value
from consumer_sdk.documents.places import Path, Place
from consumer_sdk.documents.rule_groups import RuleDocument, RuleGroup, by_expression
from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import Matcher, example_of
from tally import json_text
from tally.pact.path_expressions import Wildcard, format_path


@dataclass
class Example:
    """What a declared value says: the example, and what stands beside it in a pact."""

    value: Any = None
    rules: dict[Path, RuleGroup] = field(default_factory=dict)
    generators: dict[Path, Mapping[str, Any]] = field(default_factory=dict)

    def add_rules(self, path: Path, group: RuleGroup) -> None:
        """Add the rules of one path to those that are there."""
        _refuse_unspeakable(path)
        self.rules.setdefault(path, RuleGroup()).add(group, Place(path))


def part(value: object) -> Example:
    """Return what *value* says; raises DeclarationError for what JSON has no form for, with its place."""
    found = Example()
    try:
        found.value = _value(value, (), found)
    except RecursionError as error:
        raise DeclarationError(
            "A value is nested too deeply for JSON, or contains itself: give less."
        ) from error
    return found


def plain_example(value: object, where: str) -> Any:
    """Return the example of *value* alone, as JSON; raises DeclarationError, with *where* it is."""
    try:
        return json_value(example_of(value), where)
    except RecursionError as error:
        raise DeclarationError(
            f"At {where}: it is nested too deeply, or contains itself: give less."
        ) from error


def _value(value: object, path: Path, found: Example) -> Any:
    """Return the example of *value*; its rules and generators go to *found*."""
    if isinstance(value, Matcher):
        return _matched(value, path, found)
    if isinstance(value, Mapping):
        named = {key_text(key, Place(path)): item for key, item in value.items()}
        return {key: _value(named[key], (*path, key), found) for key in sorted(named)}
    if isinstance(value, list | tuple):
        return [_value(item, (*path, index), found) for index, item in enumerate(value)]
    return single_value(value, Place(path))


def _matched(matcher: Matcher[Any], path: Path, found: Example) -> Any:
    if matcher.generator:
        _refuse_unspeakable(path)
        found.generators[path] = json_value(matcher.generator)
    if matcher.joined:
        return _joined(matcher, path, found)
    if matcher.rule == "arrayContains":
        return _variants(matcher, path, found)
    inner = matcher.example
    if matcher.rule == "type" and not matcher.attributes and isinstance(inner, Matcher) and _has_rule(inner):
        return _matched(inner, path, found)  # it says more than that the type is the same
    if matcher.rule:
        found.add_rules(path, RuleGroup([_rule(matcher)]))
    return _inside(matcher, path, found)


def _has_rule(matcher: Matcher[Any]) -> bool:
    return bool(matcher.rule or matcher.joined)


def _inside(matcher: Matcher[Any], path: Path, found: Example) -> Any:
    """Return the example, with the rules inside of it; those for all items or values are written once."""
    example = matcher.example
    if isinstance(example, list | tuple) and example and {"min", "max"} & matcher.attributes.keys():
        first = _value(example[0], (*path, Wildcard.ANY_INDEX), found)
        return [first, *(json_value(example_of(item)) for item in example[1:])]
    if matcher.rule == "eachValue" and isinstance(example, Mapping):
        return _template(example, path, found)
    return _value(example, path, found)


def _template(example: Mapping[str, Any], path: Path, found: Example) -> dict[str, Any]:
    """Return an object of which the matchers of the first value count for every value."""
    (first, value), *others = example.items()
    inside = {str(first): _value(value, (*path, Wildcard.ANY), found)}
    for key, other in others:
        if part(other).rules and part(other).rules != part(value).rules:
            raise DeclarationError(
                f"At {format_path((*path, str(key)))}: each_value takes the matchers of its first value for "
                "all; this one has others: leave them out."
            )
        inside[str(key)] = json_value(example_of(other))
    return dict(sorted(inside.items()))


def _joined(matcher: Matcher[Any], path: Path, found: Example) -> Any:
    """Return the example of the first matcher; at this path, the rules of all of them count."""
    inner = [Example() for _ in matcher.joined]
    first, *_ = [_matched(member, (), said) for member, said in zip(matcher.joined, inner, strict=True)]
    rules = [rule for said in inner for rule in said.rules.pop((), RuleGroup()).matchers]
    if matcher.combine == "OR" and isinstance(first, dict | list):
        raise DeclarationError(
            f"At {format_path(path)}: an object or a list cannot have an alternative, as Pact's core wants "
            "all of its rules then: declare two interactions with two provider states."
        )
    for said in inner[1:]:
        if said.rules and matcher.combine == "OR":
            raise DeclarationError(
                f"At {format_path(path)}: a pact cannot have other rules inside of an alternative: "
                "give the matcher that has them first, and single values after it."
            )
    found.add_rules(path, RuleGroup(rules, matcher.combine))
    for said in inner:
        for below, group in said.rules.items():
            found.add_rules((*path, *below), group)
        found.generators |= {(*path, *below): made for below, made in said.generators.items()}
    return first


def _variants(matcher: Matcher[Any], path: Path, found: Example) -> list[Any]:
    variants = [part(variant) for variant in matcher.attributes["variants"]]
    documents = []
    for index, variant in enumerate(variants):
        document = {"index": index, "rules": by_expression(variant.rules)}
        made = {format_path(below): generator for below, generator in sorted(variant.generators.items())}
        documents.append({"generators": made, **document} if made else document)
    found.add_rules(path, RuleGroup([{"match": "arrayContains", "variants": documents}]))
    return [variant.value for variant in variants]


def _rule(matcher: Matcher[Any]) -> RuleDocument:
    """Return the rule of one matcher as a pact of V3 and V4 has it."""
    attributes = {
        key: [_rule(rule) for rule in item] if key == "rules" else json_value(item)
        for key, item in matcher.attributes.items()
    }
    if matcher.rule in {"eachKey", "eachValue"}:
        attributes["value"] = json_text.compact(json_value(example_of(matcher.example)))
    name = "datetime" if matcher.rule == "timestamp" else matcher.rule
    return dict(sorted({"match": name, **attributes}.items()))


def _refuse_unspeakable(path: Path) -> None:
    for token in path:
        if token == "" or (isinstance(token, str) and "'" in token):
            raise DeclarationError(
                f"At {format_path(path)}: Pact's core reads no path with the key {token!r}, and refuses the "
                "whole file: put no matcher at or below it, but one around the object that has it."
            )
