"""Matchers of values with something inside: objects and lists."""

from collections.abc import Mapping
from typing import Any, TypeVar

from consumer_sdk.errors import DeclarationError
from consumer_sdk.match.matcher import Matcher, checked, example_of

T = TypeVar("T")
V = TypeVar("V")


def like(example: T) -> Matcher[T]:
    """Accept any value of the same type, at every level below too; of a model, one like its example."""
    return Matcher("type", _without_models(example))


def _without_models(example: object) -> Any:
    """Return the JSON of a model's example, and everything else as it is."""
    if example is None or isinstance(example, str | int | float | dict | list | Matcher):
        return example
    from consumer_sdk.factories import is_model, json_example  # noqa: PLC0415 - not every suite has models

    return json_example(example) if is_model(example) else example


def equal(example: T) -> Matcher[T]:
    """Accept this value alone, also where a matcher above would accept others."""
    return Matcher("equality", example)


def not_empty(example: T) -> Matcher[T]:
    """Accept a value of the same type that is not empty: no "", [] or {}."""
    if example_of(example) in ("", b"", [], {}, None):
        raise DeclarationError(f"not_empty: the example {example!r} is empty.")
    return Matcher("notEmpty", example)


def each_like(example: T, *, minimum: int = 1, maximum: int | None = None) -> Matcher[list[T]]:
    """Accept a list of *minimum* to *maximum* items that are all like *example*.

    The consumer's test sees *minimum* items, but at least one.
    """
    for limit in (minimum, maximum):
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
            raise DeclarationError(f"each_like: {limit!r} is no number of items; give an int.")
    if minimum < 0 or (maximum is not None and maximum < max(minimum, 1)):
        raise DeclarationError(f"each_like: between {minimum} and {maximum} items is impossible.")
    example = _without_models(example)
    # Rules inside the example are written once; what follows the first item only makes up the number.
    items = [example, *[example_of(example)] * (minimum - 1)]
    limits = {"min": minimum} if maximum is None else {"min": minimum, "max": maximum}
    return Matcher("type", items, limits)


def array_containing(*variants: object) -> Matcher[list[Any]]:
    """Accept a list in which every variant has an item that is like it; others may be there, in any order."""
    if not variants:
        raise DeclarationError("array_containing: without a variant it would accept every list; give one.")
    return Matcher("arrayContains", list(variants), {"variants": list(variants)})


def each_key(example: Mapping[str, V], *rules: Matcher[str]) -> Matcher[Mapping[str, V]]:
    """Accept an object of which every key satisfies all *rules*; which keys it has does not matter."""
    plain = _some("each_key", example)
    for rule in _rules("each_key", rules):
        for key in plain:
            checked("each_key", Matcher(rule.rule, key, rule.attributes))
    return Matcher("eachKey", example, {"rules": list(rules)})


def each_value(example: Mapping[str, V], *rules: Matcher[Any]) -> Matcher[Mapping[str, V]]:
    """Accept an object of which every value satisfies all *rules*; which keys it has does not matter.

    Without rules, every value must be like the first of the example, whose own matchers count for all.
    """
    plain = _some("each_value", example)
    if not rules:
        return Matcher("eachValue", example, {"rules": [Matcher("type", None)]})
    for rule in _rules("each_value", rules):
        for value in plain.values():
            checked("each_value", Matcher(rule.rule, value, rule.attributes))
    return Matcher("eachValue", example, {"rules": list(rules)})


def _some(name: str, example: Mapping[str, V]) -> Mapping[str, V]:
    if not isinstance(example, Mapping) or not example:
        raise DeclarationError(f"{name}: the example {example!r} is no object with a key; give a dictionary.")
    return {str(key): example_of(value) for key, value in example.items()}


def _rules(name: str, rules: tuple[Matcher[Any], ...]) -> tuple[Matcher[Any], ...]:
    """Return the rules; raises DeclarationError for what a pact cannot have for every key or value."""
    if not rules:
        raise DeclarationError(f"{name}: which rule? Give a matcher, such as match.regex('a', '[a-z]+').")
    for rule in rules:
        if not isinstance(rule, Matcher):
            raise DeclarationError(f"{name}: {rule!r} is no matcher; give one, such as match.like({rule!r}).")
        if rule.joined or rule.generator or isinstance(rule.example, Mapping | list | tuple):
            raise DeclarationError(
                f"{name}: this rule has rules inside, which a pact cannot say for each one: "
                "give matchers of single values, several as several arguments."
            )
    return rules
