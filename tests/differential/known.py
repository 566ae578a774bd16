"""Why the engines disagree about a body: one explanation for each heading of docs/matching-differences.md.

An explanation is about one mismatch that only one engine has: the rule in question must be at the very place,
or on the way to it, and the values there must be such that the rule matters.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from differential.bodies import BodyCase, Json

from tally.matching import Mismatch
from tally.pact.path_expressions import Token, Wildcard, parse_path

Tokens = tuple[Token, ...]
NOTHING = object()


class Step(NamedTuple):
    """One place on the way to a mismatch: the path so far, and the two values there, NOTHING for none."""

    path: Tokens
    example: Json
    actual: Json


def steps_to(case: BodyCase, path: str) -> list[Step]:
    """Return the places from the root to *path*; a further item or key has the first one's example.

    The core writes a key that is a number as if it were an index.
    """
    steps = [Step((), case.expected, case.actual)]
    for written in parse_path(path):
        _, example, actual = steps[-1]
        token = str(written) if isinstance(written, int) and isinstance(example, dict) else written
        steps.append(Step((*steps[-1].path, token), _example_at(example, token), _at(actual, token)))
    return steps


def _at(value: Json, token: Token) -> Json:
    inside = (isinstance(value, dict) and token in value) or (
        isinstance(value, list) and isinstance(token, int) and token < len(value)
    )
    return value[token] if inside else NOTHING


def _example_at(value: Json, token: Token) -> Json:
    found = _at(value, token)
    if found is NOTHING and isinstance(value, dict | list) and value:
        return next(iter(value.values())) if isinstance(value, dict) else value[0]
    return found


def _covers(rule: Tokens, place: Tokens) -> bool:
    """Whether a path expression matches the beginning of a place, or all of it."""
    return len(rule) <= len(place) and all(
        wanted in (got, Wildcard.ANY) or (wanted is Wildcard.ANY_INDEX and isinstance(got, int))
        for got, wanted in zip(place, rule, strict=False)
    )


def rules_at(case: BodyCase, place: Tokens) -> list[Json]:
    """Return the rules whose path expression matches exactly this place."""
    return [
        rule
        for expression, rule_set in case.rules.items()
        if len(parse_path(expression)) == len(place) and _covers(parse_path(expression), place)
        for rule in rule_set["matchers"]
    ]


def _has(case: BodyCase, place: Tokens, *names: str) -> bool:
    return any(rule["match"] in names for rule in rules_at(case, place))


def _rule_from_on(case: BodyCase, place: Tokens, of: Tokens) -> bool:
    """Whether a rule is at *place* or below it, on the way to *of*."""
    return any(
        len(place) <= len(parse_path(expression)) and _covers(parse_path(expression), of)
        for expression in case.rules
    )


def _rule_beyond(case: BodyCase, place: Tokens) -> bool:
    """Whether a rule is somewhere below *place*."""
    return any(
        len(parse_path(expression)) > len(place) and _covers(parse_path(expression)[: len(place)], place)
        for expression in case.rules
    )


def known_difference(case: BodyCase, own: Sequence[Mismatch], core: Sequence[Mismatch]) -> str | None:
    """Return the heading in docs/matching-differences.md that explains why only one engine is content."""
    explanations = STRICTER if own else LOOSER
    named = [
        next((name for name, explains in explanations.items() if explains(case, each)), None)
        for each in own or core
    ]
    return named[0] if all(named) else None


def _empty_example(case: BodyCase, found: Mismatch) -> bool:
    """A list, the example of which is empty, at this place or above, and a rule about it."""
    *_, last = steps = steps_to(case, found.path)
    return any(
        step.example == [] and isinstance(step.actual, list) and _ruled(case, step.path, last.path)
        for step in steps
    )


def _ruled(case: BodyCase, place: Tokens, of: Tokens) -> bool:
    """Whether any rule is about *place*: at it, above it, or below it on the way to *of*."""
    return any(_covers(parse_path(expression), of) for expression in case.rules) or _rule_beyond(case, place)


def _beside_each_key(case: BodyCase, found: Mismatch) -> bool:
    """A value, at or below a key of an object with eachKey and without eachValue."""
    return any(
        isinstance(step.example, dict)
        and _has(case, step.path, "eachKey")
        and not _has(case, step.path, "eachValue")
        for step in steps_to(case, found.path)[:-1]
    )


def _below_each_value(case: BodyCase, found: Mismatch) -> bool:
    """A value below eachValue that a rule further down is about, too."""
    *above, last = steps_to(case, found.path)
    return any(
        _has(case, step.path, "eachValue")
        and _rule_from_on(case, above[index + 1].path if index + 1 < len(above) else last.path, last.path)
        for index, step in enumerate(above)
    )


def _about_text(case: BodyCase, found: Mismatch) -> bool:
    """An object or a list that a rule for text applies to."""
    return isinstance(found.actual, dict | list) and any(
        rule["match"] in {"include", "regex"}
        for step in steps_to(case, found.path)
        for outer in rules_at(case, step.path)
        for rule in (outer, *outer.get("rules", ()))
    )


def _of_a_variant(case: BodyCase, found: Mismatch, matters: Callable[[Json, Json], bool]) -> bool:
    """Whether this is a list without a variant of arrayContains for whose example and rules it *matters*."""
    *_, last = steps_to(case, found.path)
    return isinstance(last.actual, list) and any(
        matters(last.example[variant["index"]], rules)
        for rule in rules_at(case, last.path)
        if rule["match"] == "arrayContains" and isinstance(last.example, list)
        for variant in rule["variants"]
        for rules in [[inner for each in variant["rules"].values() for inner in each["matchers"]]]
    )


def _text_rule_of_a_variant(case: BodyCase, found: Mismatch) -> bool:
    return _of_a_variant(
        case, found, lambda _, rules: any(rule["match"] in {"include", "regex"} for rule in rules)
    )


def _null_rule_of_a_variant(case: BodyCase, found: Mismatch) -> bool:
    return _of_a_variant(case, found, lambda _, rules: any(rule["match"] == "null" for rule in rules))


def _null_for_a_container(case: BodyCase, found: Mismatch) -> bool:
    """A null in place of an object or a list, which a rule is content with."""
    *_, last = steps_to(case, found.path)
    may_be_null = isinstance(last.example, dict | list) and _has(case, last.path, "null")
    return may_be_null and last.actual is None


def _empty_example_of_a_variant(case: BodyCase, found: Mismatch) -> bool:
    return _of_a_variant(case, found, lambda example, rules: _has_empty_list(example) and bool(rules))


def _has_empty_list(value: Json) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value == [] or any(map(_has_empty_list, items))


def _list_below_values(case: BodyCase, found: Mismatch) -> bool:
    """A list of another length, with values or below an object with them."""
    lists = isinstance(found.expected, list) and isinstance(found.actual, list)
    return (
        lists
        and len(found.expected) != len(found.actual)
        and any(_has(case, step.path, "values") for step in steps_to(case, found.path))
    )


def _joined_by_or(case: BodyCase, found: Mismatch) -> bool:
    """At or below an object or a list that several rules are about, which OR joins."""
    return any(
        isinstance(step.example, dict | list) and _alternatives_at(case, step.path)
        for step in steps_to(case, found.path)
    )


def _alternatives_at(case: BodyCase, place: Tokens) -> bool:
    return any(
        rule_set["combine"] == "OR" and len(rule_set["matchers"]) > 1
        for expression, rule_set in case.rules.items()
        if len(parse_path(expression)) == len(place) and _covers(parse_path(expression), place)
    )


def _list_below_variants(case: BodyCase, found: Mismatch) -> bool:
    """A list inside an item of one with arrayContains, beside which is another rule."""
    return isinstance(found.expected, str) and any(
        _has(case, step.path, "arrayContains") and len(rules_at(case, step.path)) > 1
        for step in steps_to(case, found.path)[:-1]
        if isinstance(step.example, list)
    )


def _of_a_further_key(case: BodyCase, found: Mismatch) -> bool:
    """At or below a key that the example does not have, compared with one of several others."""
    steps = steps_to(case, found.path)
    return any(
        isinstance(step.example, dict)
        and len(step.example) > 1
        and below.path[-1] not in step.example
        and _has(case, step.path, "values", "eachValue", "eachKey")
        for step, below in pairwise(steps)
    )


def _about_a_single_value(case: BodyCase, found: Mismatch) -> bool:
    """A rule for lists and objects where the example is neither, or arrayContains at or above an object."""
    *above, last = steps_to(case, found.path)
    no_container = not isinstance(last.example, dict | list)
    return (no_container and _has(case, last.path, "arrayContains", "eachValue", "eachKey")) or any(
        isinstance(step.example, dict) and _has(case, step.path, "arrayContains") for step in (*above, last)
    )


def _equality_above(case: BodyCase, found: Mismatch) -> bool:
    """At or below a place with equality, its own or that of eachValue, that has a rule further down."""
    steps = steps_to(case, found.path)
    own = (step for step in steps if _has(case, step.path, "equality"))
    of_each = (
        below
        for step, below in pairwise(steps)
        if any({"match": "equality"} in rule.get("rules", ()) for rule in rules_at(case, step.path))
    )
    return any(_rule_beyond(case, step.path) for step in (*own, *of_each))


def _any_of(*explanations: Callable[[BodyCase, Mismatch], bool]) -> Callable[[BodyCase, Mismatch], bool]:
    return lambda case, found: any(explains(case, found) for explains in explanations)


STRICTER = {
    "An example that is an empty list": _any_of(_empty_example, _empty_example_of_a_variant),
    "Values beside eachKey": _beside_each_key,
    "Rules below eachValue": _below_each_value,
    "Text rules and what is no text": _any_of(_about_text, _text_rule_of_a_variant),
    "Lists below values": _list_below_values,
    "Rules that OR joins": _joined_by_or,
    "Examples for further keys": _of_a_further_key,
    "Rules for lists and objects about other values": _about_a_single_value,
}
LOOSER = {
    "Equality above a more specific rule": _equality_above,
    "Rules that OR joins": _joined_by_or,
    "Rules below eachValue": _below_each_value,
    "Examples for further keys": _of_a_further_key,
    "Variants and lists below": _list_below_variants,
    "Objects and lists that may be null": _any_of(_null_for_a_container, _null_rule_of_a_variant),
}
