"""Proving that what one keyword asks for holds, from what is known of a value."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tally.json_schema.applying import Conjunction, Plain, listed
from tally.json_schema.facts import Facts, types_of
from tally.json_schema.languages import surely_all_match, surely_as_long
from tally.json_schema.shapes import is_found
from tally.json_schema.weight import target

if TYPE_CHECKING:
    from tally.json_schema.proofs import Known, Proof

_NUMBERS = frozenset(["integer", "number"])


def proves_keyword(proof: "Proof", known: "Known", wide: Plain, keyword: str, depth: int) -> bool:
    """Whether each value of which that is *known* satisfies what *wide* says with *keyword*."""
    type_name, proves = KEYWORDS[keyword]
    if type_name and not known.facts.types & type_name:
        return True
    return proves(_Claim(proof, known, wide, depth), wide[keyword])


class _Claim:
    """What is to be proved: of what is *known*, something that *wide* says."""

    def __init__(self, proof: "Proof", known: "Known", wide: Plain, depth: int) -> None:
        self.proof = proof
        self.known = known
        self.facts: Facts = known.facts
        self.wide = wide
        self.depth = depth

    def here(self, schema: Any) -> bool:
        """Whether the value satisfies another schema as well."""
        return self.proof.holds(self.known, schema, self.depth)

    def inside(self, narrow: Conjunction, schema: Any) -> bool:
        """Whether a part of the value of which *narrow* is known satisfies *schema*."""
        return self.proof.contains(narrow, schema, self.depth + 1)

    def apart(self, schema: Any) -> bool:
        """Whether the value certainly does not satisfy *schema*."""
        other = self.proof.known(self.proof.wide.root, (schema,))
        return other is None or self.proof.apart(self.known, other, self.depth)


def _type(claim: _Claim, _: Any) -> bool:
    return claim.facts.types <= types_of(claim.wide)


def _never(_: _Claim, __: Any) -> bool:
    """Lists of values were looked at one by one before."""
    return False


def _minimum(claim: _Claim, limit: Any) -> bool:
    return bool(_integral_lower(claim.facts) >= (limit, False))


def _exclusive_minimum(claim: _Claim, limit: Any) -> bool:
    return bool(_integral_lower(claim.facts) >= (limit, True))


def _integral_lower(facts: Facts) -> tuple[Any, bool]:
    value, excluded = facts.lower
    if facts.types & _NUMBERS == {"integer"} and math.isfinite(value):
        # For integers, more than 2.5 is at least 3, which is more than 2 (and 2.5).
        least = math.floor(value) + 1 if excluded or value != math.floor(value) else math.floor(value)
        return max((least, False), (value, excluded), (least - 1, True))
    return value, excluded


def _maximum(claim: _Claim, limit: Any) -> bool:
    return _at_most(claim.facts, limit, excluded=False)


def _exclusive_maximum(claim: _Claim, limit: Any) -> bool:
    return _at_most(claim.facts, limit, excluded=True)


def _at_most(facts: Facts, limit: Any, *, excluded: bool) -> bool:
    value, is_excluded = facts.upper
    if facts.types & _NUMBERS == {"integer"} and math.isfinite(value):
        most = math.ceil(value) - 1 if is_excluded or value != math.ceil(value) else math.ceil(value)
        return bool(most < limit if excluded else most <= limit)
    return bool(value < limit or (value == limit and (is_excluded or not excluded)))


def _multiple_of(claim: _Claim, step: Any) -> bool:
    steps = [each["multipleOf"] for each in claim.facts.plain if each.get("multipleOf")]
    if claim.facts.types & _NUMBERS == {"integer"}:
        steps.append(1)
    return any((_exact(each) / _exact(step)).denominator == 1 for each in steps)


def _exact(number: Any) -> Fraction:
    return Fraction(Decimal(repr(number)))


def _at_least_as_large(keyword: str) -> Callable[[_Claim, Any], bool]:
    return lambda claim, limit: claim.facts.largest(keyword) >= limit


def _at_least_as_small(keyword: str) -> Callable[[_Claim, Any], bool]:
    return lambda claim, limit: claim.facts.smallest(keyword) <= limit


def _said(keyword: str) -> Callable[[_Claim, Any], bool]:
    return lambda claim, value: claim.facts.says(keyword, value)


def _pattern(claim: _Claim, pattern: Any) -> bool:
    return claim.facts.says("pattern", pattern) or surely_all_match(claim.facts.texts, pattern)


def _min_length(claim: _Claim, limit: Any) -> bool:
    return bool(claim.facts.largest("minLength") >= limit) or surely_as_long(
        claim.facts.texts, limit, math.inf
    )


def _max_length(claim: _Claim, limit: Any) -> bool:
    return bool(claim.facts.smallest("maxLength") <= limit) or surely_as_long(claim.facts.texts, 0, limit)


def _required(claim: _Claim, names: Any) -> bool:
    return claim.facts.required.issuperset(names)


def _min_properties(claim: _Claim, limit: Any) -> bool:
    return bool(max(claim.facts.largest("minProperties"), len(claim.facts.required)) >= limit)


def _max_properties(claim: _Claim, limit: Any) -> bool:
    if claim.facts.is_closed and len(claim.facts.names) <= limit:
        return True
    return bool(claim.facts.smallest("maxProperties") <= limit)


def _properties(claim: _Claim, properties: Any) -> bool:
    return all(claim.inside(claim.facts.of_property(name), schema) for name, schema in properties.items())


def _pattern_properties(claim: _Claim, patterns: Any) -> bool:
    return all(
        claim.inside(claim.facts.matching(pattern), schema)
        and all(
            claim.inside(claim.facts.of_property(name), schema)
            for name in claim.facts.names
            if is_found(pattern, name)
        )
        for pattern, schema in patterns.items()
    )


def _additional_properties(claim: _Claim, schema: Any) -> bool:
    return _all_others(claim, schema, _declared(claim.wide))


def _unevaluated_properties(claim: _Claim, schema: Any) -> bool:
    """What the schema and what it always applies have declared is evaluated; the rest is to be proved."""
    declared: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    waiting: list[Any] = [claim.wide]
    for _ in range(50):
        inner = waiting.pop() if waiting else None
        if isinstance(inner, dict):
            if inner is not claim.wide and inner.get("additionalProperties") is not None:
                return True  # it has evaluated all
            names, more = _declared(inner)
            declared, patterns = declared | names, patterns | more
            waiting += listed(inner, "allOf")
            waiting += [target(claim.proof.wide.root, inner["$ref"])] if "$ref" in inner else []
    return "additionalProperties" in claim.wide or _all_others(claim, schema, (declared, patterns))


def _declared(schema: Plain) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(schema.get("properties", ())), frozenset(schema.get("patternProperties", ()))


def _all_others(claim: _Claim, schema: Any, declared: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Whether each property that is not *declared*, by name or by pattern, satisfies *schema*."""
    names, patterns = declared
    named = (
        claim.inside(claim.facts.of_property(name), schema)
        for name in claim.facts.names - names
        if not any(is_found(pattern, name) for pattern in patterns)
    )
    return all(named) and all(claim.inside(other, schema) for other in claim.facts.others(patterns))


def _property_names(claim: _Claim, schema: Any) -> bool:
    said = tuple(each["propertyNames"] for each in claim.facts.plain if "propertyNames" in each)
    if claim.inside((_TEXT, *said), schema):
        return True
    return claim.facts.is_closed and all(
        claim.proof.wide.accepts((schema,), name) for name in claim.facts.names
    )


_TEXT = {"type": "string"}


def _dependent_required(claim: _Claim, needs: Any) -> bool:
    return all(
        claim.facts.required_with((name,)).issuperset(others) or False in claim.facts.of_property(name)
        for name, others in needs.items()
    )


def _dependent_schemas(claim: _Claim, schemas: Any) -> bool:
    return all(
        False in claim.facts.of_property(name) or claim.here(schema) or _depends_alike(claim, name, schema)
        for name, schema in schemas.items()
    )


def _depends_alike(claim: _Claim, name: str, schema: Any) -> bool:
    said = [each.get("dependentSchemas", {}).get(name, True) for each in claim.facts.plain]
    return any(claim.proof.is_same(each, schema) for each in said)


def _prefix_items(claim: _Claim, schemas: Any) -> bool:
    most = claim.facts.smallest("maxItems")
    return all(
        index >= most or claim.inside(claim.facts.of_item(index), schema)
        for index, schema in enumerate(schemas)
    )


def _items(claim: _Claim, schema: Any) -> bool:
    first = len(listed(claim.wide, "prefixItems"))
    most = claim.facts.smallest("maxItems")
    last = max(first, claim.facts.first_items)
    return all(
        index >= most or claim.inside(claim.facts.of_item(index), schema) for index in range(first, last + 1)
    )


def _unevaluated_items(claim: _Claim, schema: Any) -> bool:
    return "items" in claim.wide or _items(claim, schema)


def _contains(claim: _Claim, schema: Any) -> bool:
    least, most = claim.wide.get("minContains", 1), claim.wide.get("maxContains", math.inf)
    for each in claim.facts.plain:
        if "contains" in each and claim.proof.is_same(each["contains"], schema):
            enough = each.get("minContains", 1) >= least
            if enough and each.get("maxContains", math.inf) <= most:
                return True
    if claim.facts.smallest("maxItems") > most:
        return False
    if least == 0:
        return True
    indexes = range(claim.facts.first_items + 1)
    return claim.facts.largest("minItems") >= least and all(
        claim.inside(claim.facts.of_item(index), schema) for index in indexes
    )


def _reference(claim: _Claim, reference: Any) -> bool:
    return claim.here(target(claim.proof.wide.root, reference))


def _all_of(claim: _Claim, schemas: Any) -> bool:
    return all(claim.here(schema) for schema in schemas)


def _any_of(claim: _Claim, schemas: Any) -> bool:
    return any(claim.here(schema) for schema in schemas)


def _one_of(claim: _Claim, schemas: Any) -> bool:
    return any(
        claim.here(schema)
        and all(claim.apart(other) for number, other in enumerate(schemas) if number != index)
        for index, schema in enumerate(schemas)
    )


def _not(claim: _Claim, schema: Any) -> bool:
    return claim.apart(schema)


def _if(claim: _Claim, condition: Any) -> bool:
    held, other = claim.wide.get("then", True), claim.wide.get("else", True)
    then_holds, else_holds = claim.here(held), claim.here(other)
    if then_holds and else_holds:
        return True
    if then_holds:
        return claim.here(condition)
    return else_holds and claim.apart(condition)


_ANY: frozenset[str] = frozenset()
_STRING, _ARRAY, _OBJECT = (frozenset([name]) for name in ("string", "array", "object"))
KEYWORDS: dict[str, tuple[frozenset[str], Callable[[_Claim, Any], bool]]] = {
    "type": (_ANY, _type),
    "enum": (_ANY, _never),
    "const": (_ANY, _never),
    "minimum": (_NUMBERS, _minimum),
    "exclusiveMinimum": (_NUMBERS, _exclusive_minimum),
    "maximum": (_NUMBERS, _maximum),
    "exclusiveMaximum": (_NUMBERS, _exclusive_maximum),
    "multipleOf": (_NUMBERS, _multiple_of),
    "minLength": (_STRING, _min_length),
    "maxLength": (_STRING, _max_length),
    "pattern": (_STRING, _pattern),
    "format": (_STRING, _said("format")),
    "minItems": (_ARRAY, _at_least_as_large("minItems")),
    "maxItems": (_ARRAY, _at_least_as_small("maxItems")),
    "uniqueItems": (
        _ARRAY,
        lambda claim, value: value is False or claim.facts.says("uniqueItems", value=True),
    ),
    "required": (_OBJECT, _required),
    "minProperties": (_OBJECT, _min_properties),
    "maxProperties": (_OBJECT, _max_properties),
    "dependentRequired": (_OBJECT, _dependent_required),
    "propertyNames": (_OBJECT, _property_names),
    "$ref": (_ANY, _reference),
    "allOf": (_ANY, _all_of),
    "anyOf": (_ANY, _any_of),
    "oneOf": (_ANY, _one_of),
    "not": (_ANY, _not),
    "if": (_ANY, _if),
    "dependentSchemas": (_OBJECT, _dependent_schemas),
    "properties": (_OBJECT, _properties),
    "patternProperties": (_OBJECT, _pattern_properties),
    "additionalProperties": (_OBJECT, _additional_properties),
    "unevaluatedProperties": (_OBJECT, _unevaluated_properties),
    "prefixItems": (_ARRAY, _prefix_items),
    "items": (_ARRAY, _items),
    "unevaluatedItems": (_ARRAY, _unevaluated_items),
    "contains": (_ARRAY, _contains),
}
"""How each keyword is proved, and of values of which types; the cheap ones first."""
