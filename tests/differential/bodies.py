"""Cases for two engines: bodies with rules, and what came instead, all from a seed.

Both engines get the same document; what they disagree on is either a defect or listed in
docs/matching-differences.md.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tally.matching import Mismatch, match_response
from tally.matching.xml_bodies import core_mismatches
from tally.pact import Body, Presence, Response
from tally.pact.matching_rules import read_rules

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


def body_case(seed: int) -> BodyCase:
    """Return the case that this seed makes."""
    chance = Random(seed)  # noqa: S311 - chance for cases, not for secrets
    expected = _value(chance, 3, containers=True)
    rules = {}
    places = list(_places(expected, "$"))
    for path, value in chance.sample(places, k=min(len(places), chance.choice((0, 1, 1, 2, 3)))):
        rules[_widened(chance, path)] = _rule_set(chance, value)
    return BodyCase(seed, expected, _mutated(chance, expected), rules)


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
    return rule_of_value(chance)


def rule_of_value(chance: Random) -> Json:
    """Return a rule for a single value."""
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
    nested = [rule_of_value(chance)]
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
            {"match": "eachValue", "rules": [rule_of_value(chance)]},
            {"match": "arrayContains", "variants": [_variant(chance, index) for index in range(len(value))]},
        ]
    )


def _variant(chance: Random, index: int) -> Json:
    rules = {"$": {"matchers": [rule_of_value(chance)]}} if chance.random() < 0.5 else {}
    return {"index": index, "rules": rules}


def _mutated(chance: Random, value: Json) -> Json:
    """Return a copy with none, one or a few changes."""
    changed = copy.deepcopy(value)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        changed = _changed(chance, changed)
    return {} if changed is None else changed  # to the core, a body that is null is no body


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
