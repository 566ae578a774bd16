"""Proving that no value satisfies two things at once."""

from typing import TYPE_CHECKING

from tally.json_schema.facts import Facts

if TYPE_CHECKING:
    from tally.json_schema.proofs import Known, Proof

_NUMBERS = frozenset(["integer", "number"])
_MOST_VALUES = 500
_MOST_ITEMS = 20


def are_apart(proof: "Proof", one: "Known", other: "Known", depth: int) -> bool:
    """Whether there is no value of which *one* is known (in the narrow schema), and *other* (in the wide)."""
    common = one.facts.types & other.facts.types
    if not common:
        return True
    if _values_are_apart(proof, one, other) or _one_says_not(proof, one, other, depth):
        return True
    if common <= _NUMBERS:
        return _is_below(one.facts, other.facts) or _is_below(other.facts, one.facts)
    if common <= {"string"}:
        return _sizes_are_apart(one.facts, other.facts, "minLength", "maxLength")
    if common <= {"array"}:
        return _sizes_are_apart(one.facts, other.facts, "minItems", "maxItems") or _items_are_apart(
            proof, one.facts, other.facts, depth
        )
    return common <= {"object"} and _objects_are_apart(proof, one.facts, other.facts, depth)


def _values_are_apart(proof: "Proof", one: "Known", other: "Known") -> bool:
    for facts in (one.facts, other.facts):
        values = facts.values
        if values is not None and len(values) <= _MOST_VALUES:
            return all(
                proof.narrow.accepts(one.plain, value) is False
                or proof.wide.accepts(other.plain, value) is False
                for value in values
            )
    return False


def _one_says_not(proof: "Proof", one: "Known", other: "Known", depth: int) -> bool:
    refused = [each["not"] for each in one.plain if "not" in each]
    if any(proof.is_same(schema, each) for schema in refused for each in other.plain):
        return True
    return any("not" in each and proof.holds(one, each["not"], depth) for each in other.plain)


def _is_below(one: Facts, other: Facts) -> bool:
    (most, most_excluded), (least, least_excluded) = one.upper, other.lower
    return bool(most < least or (most == least and (most_excluded or least_excluded)))


def _sizes_are_apart(one: Facts, other: Facts, least: str, most: str) -> bool:
    return bool(one.largest(least) > other.smallest(most) or other.largest(least) > one.smallest(most))


def _items_are_apart(proof: "Proof", one: Facts, other: Facts, depth: int) -> bool:
    there = int(min(_MOST_ITEMS, max(one.largest("minItems"), other.largest("minItems"))))
    return any(
        proof.are_apart(one.of_item(index), schema, depth + 1)
        for index in range(there)
        for schema in other.of_item(index)
    ) or any(False in one.of_item(index) for index in range(there))


def _objects_are_apart(proof: "Proof", one: Facts, other: Facts, depth: int) -> bool:
    if _sizes_are_apart(one, other, "minProperties", "maxProperties"):
        return True
    for name in sorted(one.required | other.required):
        if False in one.of_property(name):
            return True
        if any(
            proof.are_apart(one.of_property(name), schema, depth + 1) for schema in other.of_property(name)
        ):
            return True
    return False
