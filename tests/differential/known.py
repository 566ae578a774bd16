"""Why the engines disagree about a body: one explanation for each heading of docs/matching-differences.md."""

import json
from collections.abc import Iterator, Sequence

from differential.bodies import BodyCase, Json

from tally.matching import Mismatch
from tally.pact.path_expressions import Token, Wildcard, parse_path


def _tokens(path: str) -> tuple[Token, ...]:
    return parse_path(path)


def _examples(value: Json, tokens: tuple[Token, ...]) -> Iterator[Json]:
    """Yield the examples on the way to a place in the actual body: for a further item, that of the first."""
    yield value
    if tokens and isinstance(value, dict) and tokens[0] in value:
        yield from _examples(value[tokens[0]], tokens[1:])
    elif tokens and isinstance(value, dict) and value:
        yield from _examples(next(iter(value.values())), tokens[1:])
    elif tokens and isinstance(value, list) and value and isinstance(tokens[0], int):
        yield from _examples(value[tokens[0]] if tokens[0] < len(value) else value[0], tokens[1:])


def _is_below(tokens: tuple[Token, ...], rule: tuple[Token, ...]) -> bool:
    """Whether a place in a body is at, or below, what a path expression of a rule matches."""
    return len(tokens) >= len(rule) and all(
        wanted in (got, Wildcard.ANY) or (wanted is Wildcard.ANY_INDEX and isinstance(got, int))
        for got, wanted in zip(tokens, rule, strict=False)
    )


def _rules_above(case: BodyCase, path: str, *names: str) -> bool:
    """Whether a rule of one of these names is at the place or above it."""
    return any(
        rule["match"] in names
        for expression, rule_set in case.rules.items()
        if _is_below(_tokens(path), _tokens(expression))
        for rule in rule_set["matchers"]
    )


def known_difference(case: BodyCase, own: Sequence[Mismatch], core: Sequence[Mismatch]) -> str | None:
    """Return the heading in docs/matching-differences.md that explains why only one engine is content."""
    explanations = STRICTER if own else LOOSER
    named = [
        next((name for name, explains in explanations.items() if explains(case, each)), None)
        for each in own or core
    ]
    return named[0] if all(named) else None


def _has_empty_list(value: Json) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value == [] or any(map(_has_empty_list, items))


def _empty_example(case: BodyCase, found: Mismatch) -> bool:
    *_, example = _examples(case.expected, _tokens(found.path))
    return [] in _examples(case.expected, _tokens(found.path)) or _has_empty_list(example)


def _joined_by_or(case: BodyCase, found: Mismatch) -> bool:  # noqa: ARG001 - the rules say it all
    return any(
        rule_set["combine"] == "OR" and len(rule_set["matchers"]) > 1 for rule_set in case.rules.values()
    )


def _further_down(case: BodyCase, found: Mismatch, name: str) -> bool:
    """Whether a rule of this name is at the place or above it, and another rule further down."""
    return any(
        len(_tokens(further)) > len(_tokens(above))
        for above, rule_set in case.rules.items()
        if _is_below(_tokens(found.path), _tokens(above))
        and name in {rule["match"] for rule in rule_set["matchers"]}
        for further in case.rules
    )


def _of_a_further_key(case: BodyCase, found: Mismatch) -> bool:
    """Whether this is about a key that the example does not have, which is compared with another one's."""
    *_, example = _examples(case.expected, _tokens(found.path)[:-1])
    is_further = isinstance(example, dict) and _tokens(found.path)[-1:] != () and len(example) > 1
    return is_further and _rules_above(case, found.path, "values", "eachValue", "eachKey")


def _about_text(case: BodyCase, found: Mismatch) -> bool:
    if _rules_above(case, found.path, "arrayContains"):
        return any(f'"{name}"' in json.dumps(case.rules) for name in ("include", "regex"))
    return isinstance(found.actual, dict | list) and any(
        rule["match"] in {"include", "regex"}
        for expression, rule_set in case.rules.items()
        if _is_below(_tokens(found.path), _tokens(expression))
        for outer in rule_set["matchers"]
        for rule in (outer, *outer.get("rules", ()))
    )


def _about_a_single_value(case: BodyCase, found: Mismatch) -> bool:
    """Whether a rule for lists and objects is at a place where the example is neither."""
    return not isinstance(found.expected, dict | list) and _rules_above(
        case, found.path, "arrayContains", "eachValue"
    )


STRICTER = {
    "An example that is an empty list": _empty_example,
    "Values beside eachKey": lambda case, found: _rules_above(case, found.path, "eachKey"),
    "Rules below eachValue": lambda case, found: _further_down(case, found, "eachValue"),
    "Text rules and what is no text": _about_text,
    "Lists below values": lambda case, found: _rules_above(case, found.path, "values"),
    "Rules that OR joins": _joined_by_or,
    "Examples for further keys": _of_a_further_key,
    "Rules for lists and objects about other values": _about_a_single_value,
}
LOOSER = {
    "Equality above a more specific rule": lambda case, found: _further_down(case, found, "equality"),
    "Rules that OR joins": _joined_by_or,
    "Rules below eachValue": lambda case, found: _further_down(case, found, "eachValue"),
    "Examples for further keys": _of_a_further_key,
    "Variants that may be null": lambda case, found: (
        _rules_above(case, found.path, "arrayContains") and '"null"' in json.dumps(case.rules)
    ),
}
