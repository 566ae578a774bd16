"""Cases for two engines: bodies with rules, and what came instead, all from a seed.

Both engines get the same document; what they disagree on is either a defect or listed in
docs/matching-differences.md.
"""

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tally.matching import Mismatch, match_response
from tally.pact import Body, Presence, Response
from tally.pact.matching_rules import read_rules
from tally.pact.path_expressions import Token, Wildcard, parse_path
from verifier.pact_core import core_mismatches

Json = Any
TYPE = "application/json"
NAMES = ("id", "name", "items", "total price", "when", "1", "a.b", "é")
TEXTS = (
    "",
    "x",
    "12",
    "ink",
    "paid",
    "1.5",
    "2.10.3",
    "2026-02-28",
    "23:59:59",
    "2026-02-28T23:59:59+01:00",
    "true",
)
NUMBERS = (0, 1, -7, 12, 1.5, 0.0, 100.25, 2**40, 1e3)


@dataclass(frozen=True)
class BodyCase:
    """An expected JSON body with the rules about it (V3 form), and an actual one."""

    seed: int
    expected: Json
    actual: Json
    rules: dict[str, Json]

    def __str__(self) -> str:
        shown = {"expected": self.expected, "actual": self.actual, "rules": self.rules}
        return f"seed {self.seed}: {json.dumps(shown, ensure_ascii=False)}"


def ours(case: BodyCase) -> tuple[Mismatch, ...]:
    """Return what our engine finds different."""
    rules = read_rules({"matchingRules": {"body": case.rules}}, "")
    expected = Response(body=Body(Presence.PRESENT, case.expected, TYPE), rules=rules)
    return match_response(expected, Response(body=Body(Presence.PRESENT, case.actual, TYPE)))


def of_the_core(case: BodyCase) -> tuple[Mismatch, ...]:
    """Return what the Rust core finds different."""
    return core_mismatches(case.expected, case.actual, case.rules, TYPE)


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


def known_difference_of(interaction: Json, answer: Json) -> str | None:
    """Return the heading that explains why only one engine is content with an answer: it is about bodies."""
    response = interaction["response"]
    rules = response["matchingRules"].get("body", {})
    if "form" in response["headers"]["Content-Type"]:
        return "Rules about a whole form" if "$" in rules else None
    if not isinstance(response["body"], dict | list):
        return None
    case = BodyCase(0, response["body"], json.loads(answer["body"]), rules)
    return known_difference(case, ours(case), of_the_core(case))


def body_case(seed: int) -> BodyCase:
    """Return the case that this seed makes."""
    chance = Random(seed)  # noqa: S311 - chance for cases, not for secrets
    expected = _value(chance, 3, containers=True)
    rules = {}
    places = list(_places(expected, "$"))
    for path, value in chance.sample(places, k=min(len(places), chance.choice((0, 1, 1, 2, 3)))):
        rules[_widened(chance, path)] = _rule_set(chance, value)
    return BodyCase(seed, expected, _mutated(chance, expected), rules)


def interaction_of(seed: int) -> tuple[Json, Json]:
    """Return an interaction of V3 and the answer to it: {"status", "headers", "body"}, the body a text."""
    chance = Random(seed)  # noqa: S311 - chance for cases, not for secrets
    kind = chance.choice(
        (TYPE, TYPE, "text/plain", "application/x-www-form-urlencoded", "application/hal+json")
    )
    body, actual, rules = _contents(chance, kind, seed)
    status, headers = chance.choice((200, 201, 404, 500)), {"Content-Type": kind}
    wanted = {"Content-Type": kind, **{name: chance.choice(values) for name, values in _headers(chance)}}
    for name in wanted:
        if chance.random() < 0.3:
            rules.setdefault("header", {})[name] = {"matchers": [_rule_of_header(chance)]}
    if chance.random() < 0.2:
        rules["status"] = {"matchers": [{"match": "statusCode", "status": chance.choice(STATUSES)}]}
    got = {
        **wanted,
        **{name: chance.choice(values) for name, values in _headers(chance) if chance.random() < 0.5},
        **headers,
    }
    if chance.random() < 0.15:
        got["Content-Type"] = chance.choice(TYPES)
    if chance.random() < 0.1 and len(got) > 1:
        got.pop([*got][-1])
    response = {"status": status, "headers": wanted, "body": body, "matchingRules": rules}
    path = f"/{seed}"
    interaction = {"description": str(seed), "request": {"method": "GET", "path": path}, "response": response}
    answered = status if chance.random() < 0.9 else chance.choice((200, 204, 400, 503))
    return interaction, {"status": answered, "headers": got, "body": actual}


STATUSES = ("info", "success", "redirect", "clientError", "serverError", "nonError", "error", [200, 404])
TYPES = ("application/json; charset=utf-8", "application/json;charset=UTF-8", "text/plain", "application/xml")
HEADERS = {
    "X-Id": ("1", "22", "x", "1.5", "", "a b"),
    "X-List": ("a, b", "a,b", "b, a", "a", "a,  b"),
    "Accept-Language": ("de, en;q=0.5", "de,en;q=0.5", "en"),
    "Cache-Control": ("no-cache, no-store", "no-cache,no-store", "max-age=60"),
    "Location": ("/a/1", "/a/2", "http://h/a/1"),
    "Date": ("Mon, 01 Jun 2026 12:00:00 GMT", "Tue, 02 Jun 2026 12:00:00 GMT"),
    "ETag": ('"abc"', 'W/"abc"'),
}


def _headers(chance: Random) -> list[tuple[str, tuple[str, ...]]]:
    return chance.sample(list(HEADERS.items()), k=chance.choice((0, 1, 2)))


def _rule_of_header(chance: Random) -> Json:
    named = ("type", "equality", "integer", "decimal", "number", "notEmpty", "boolean", "semver")
    return chance.choice(
        [
            *({"match": name} for name in named),
            {"match": "regex", "regex": chance.choice((r"\d+", r".*json.*", "[a-z, ]+", "/a/\\d"))},
            {"match": "include", "value": chance.choice(("a", "json", "1"))},
        ]
    )


def _contents(chance: Random, kind: str, seed: int) -> tuple[Json, str, Json]:
    """Return an expected body, the text of an actual one, and the rules."""
    if kind in (TYPE, "application/hal+json"):
        case = body_case(seed)
        actual = case.actual if chance.random() < 0.6 else case.expected
        return case.expected, json.dumps(actual), {"body": case.rules} if case.rules else {}
    texts = ("", "ink", "ink\n", "12", "a=1&b=2", "b=2&a=1", "a=1&a=2", "a=1", "a=2&a=1", "a=%C3%A9", "a")
    rules = {"body": {"$": {"matchers": [_rule_of_value(chance)]}}} if chance.random() < 0.4 else {}
    expected = chance.choice(texts[1:])
    return expected, expected if chance.random() < 0.6 else chance.choice(texts), rules


def _value(chance: Random, depth: int, *, containers: bool = False) -> Json:
    kind = chance.random()
    if depth and (containers or kind < 0.25):
        if chance.random() < 0.6:
            names = chance.sample(NAMES, k=chance.randint(1, 3))
            return {name: _value(chance, depth - 1) for name in names}
        return [_value(chance, depth - 1) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
    if kind < 0.6:
        return chance.choice(TEXTS)
    return chance.choice(NUMBERS) if kind < 0.9 else chance.choice((True, False, None))


def _places(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    yield path, value
    if isinstance(value, dict):
        for name, item in value.items():
            plain = name.isidentifier() and name.isascii()
            yield from _places(item, f"{path}.{name}" if plain else f"{path}['{name}']")
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, f"{path}[{index}]")


def _widened(chance: Random, path: str) -> str:
    """Return *path*, often with indexes, and at times with its last name, as wildcards."""
    head, bracket, tail = path.rpartition("[")
    if bracket and tail.rstrip("]").isdecimal() and chance.random() < 0.7:
        return f"{head}[*]"
    head, dot, tail = path.rpartition(".")
    return f"{head}.*" if dot and tail.isidentifier() and chance.random() < 0.15 else path


def _rule_set(chance: Random, value: Json) -> Json:
    rules = [_rule(chance, value) for _ in range(chance.choice((1, 1, 1, 2)))]
    return {"matchers": rules, "combine": "OR" if len(rules) > 1 and chance.random() < 0.4 else "AND"}


def _rule(chance: Random, value: Json) -> Json:
    if isinstance(value, dict) and chance.random() < 0.9:
        return _rule_of_object(chance)
    if isinstance(value, list) and chance.random() < 0.9:
        return _rule_of_list(chance, value)
    return _rule_of_value(chance)


def _rule_of_value(chance: Random) -> Json:
    return chance.choice(
        [
            *({"match": name} for name in ("type", "type", "equality", "integer", "decimal", "number")),
            *({"match": name} for name in ("boolean", "null", "notEmpty", "semver")),
            {
                "match": "regex",
                "regex": chance.choice((r"\d+", r"\w*", "paid|x", r"^\d{4}-\d\d-\d\d$", ".+")),
            },
            {"match": "include", "value": chance.choice(("1", "i", ""))},
            {"match": "date", "date": "yyyy-MM-dd"},
            {"match": "time", "time": "HH:mm:ss"},
            {"match": "timestamp", "timestamp": "yyyy-MM-dd'T'HH:mm:ssXXX"},
        ]
    )


def _rule_of_object(chance: Random) -> Json:
    nested = [_rule_of_value(chance)]
    return chance.choice(
        [
            {"match": "type"},
            {"match": "equality"},
            {"match": "values"},
            {"match": "notEmpty"},
            {"match": "eachKey", "rules": [{"match": "regex", "regex": r"\w+"}]},
            {"match": "eachValue", "rules": nested},
            {"match": "type", "min": chance.randint(0, 2)},
        ]
    )


def _rule_of_list(chance: Random, value: list[Json]) -> Json:
    return chance.choice(
        [
            {"match": "type"},
            {"match": "equality"},
            {"match": "type", "min": chance.randint(0, 3)},
            {"match": "type", "max": chance.randint(0, 3)},
            {"match": "type", "min": 1, "max": chance.randint(1, 3)},
            {"match": "notEmpty"},
            {"match": "eachValue", "rules": [_rule_of_value(chance)]},
            {"match": "arrayContains", "variants": [_variant(chance, index) for index in range(len(value))]},
        ]
    )


def _variant(chance: Random, index: int) -> Json:
    rules = {"$": {"matchers": [_rule_of_value(chance)]}} if chance.random() < 0.5 else {}
    return {"index": index, "rules": rules}


def _mutated(chance: Random, value: Json) -> Json:
    """Return a copy with none, one or a few changes."""
    changed = copy.deepcopy(value)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        changed = _changed(chance, changed)
    return changed


def _changed(chance: Random, value: Json) -> Json:
    if isinstance(value, dict) and value and chance.random() < 0.85:
        return _changed_object(chance, value)
    if isinstance(value, list) and chance.random() < 0.85:
        return _changed_list(chance, value)
    if isinstance(value, int) and not isinstance(value, bool) and chance.random() < 0.3:
        return float(value)
    return _value(chance, 1)


def _changed_object(chance: Random, value: dict[str, Json]) -> Json:
    name = chance.choice(list(value))
    what = chance.random()
    if what < 0.15:
        return {key: item for key, item in value.items() if key != name}
    if what < 0.3:
        return {**value, chance.choice(NAMES): _value(chance, 1)}
    return {**value, name: _changed(chance, value[name])}


def _changed_list(chance: Random, value: list[Json]) -> Json:
    what = chance.random()
    if not value or what < 0.25:
        return [
            *value,
            copy.deepcopy(chance.choice(value)) if value and chance.random() < 0.6 else _value(chance, 1),
        ]
    index = chance.randrange(len(value))
    if what < 0.45:
        return value[:index] + value[index + 1 :]
    return [*value[:index], _changed(chance, value[index]), *value[index + 1 :]]
