"""Deciding about two schemas in this process: native code works here, and nothing can interrupt that.

A value that shows the answer is believed before anything else: no proof stands against it.
"""

from collections.abc import Callable

import jsonschema_rs

from tally.errors import InvalidContractError
from tally.json_schema.answers import NO_VALUE, Answer, Containment
from tally.json_schema.counterexamples import counterexample
from tally.json_schema.definitions import with_own_definitions
from tally.json_schema.proofs import is_proved
from tally.json_schema.schema import Schema
from tally.json_schema.validation import Validator
from tally.json_schema.weight import applies_itself

_DRAFT = 20  # the library's number for 2020-12
_WORDS = {"yes": Answer.YES, "no": Answer.NO}
_VALUES_AGAINST_A_PROOF = 300
_VALUES = 4_000


def judge(question: str, schemas: list[Schema]) -> Containment:
    """Answer "contains" or "surely contains" (wide, narrow), "satisfiable" (one), "overlap" (two).

    "accepts" is asked about a schema and a value.
    """
    try:
        return _QUESTIONS[question](*schemas)
    except (InvalidContractError, jsonschema_rs.ReferencingError, ValueError, RecursionError) as error:
        return Containment(Answer.UNKNOWN, reason=str(getattr(error, "message", error)))


def _contains(wide: Schema, narrow: Schema) -> Containment:
    proved = _surely_contains(wide, narrow)
    if proved.answer is not Answer.UNKNOWN:
        return proved
    answer = _as_sets(wide, narrow)
    found = counterexample(wide, narrow, _VALUES)
    if found is not NO_VALUE:
        return Containment(Answer.NO, found, "there is a counterexample")
    if answer is Answer.NO and not (applies_itself(wide) or applies_itself(narrow)):
        return Containment(answer, reason="compared as sets of values")
    return Containment(Answer.UNKNOWN, reason="neither a proof nor a counterexample was found")


def _surely_contains(wide: Schema, narrow: Schema) -> Containment:
    """Look for a proof, and for nothing that stands against it unless there is one."""
    for schema in (wide, narrow):
        Validator(schema)  # raises for what is no schema, which nothing else looks at
    if applies_itself(wide) or applies_itself(narrow):
        return Containment(Answer.UNKNOWN, reason="a schema applies itself to the same value")
    reason = "proved part by part"
    if not _is_proved_by_parts(wide, narrow):
        if _as_sets(wide, narrow) is not Answer.YES:
            return Containment(Answer.UNKNOWN, reason="no proof was found")
        reason = "compared as sets of values"
    found = counterexample(wide, narrow, _VALUES_AGAINST_A_PROOF)
    if found is not NO_VALUE:
        return Containment(Answer.NO, found, "there is a counterexample")
    return Containment(Answer.YES, reason=reason)


def _is_proved_by_parts(wide: Schema, narrow: Schema) -> bool:
    own_wide, own_narrow = with_own_definitions(wide), with_own_definitions(narrow)
    return own_wide is not None and own_narrow is not None and is_proved(own_wide, own_narrow)


def _as_sets(wide: Schema, narrow: Schema) -> Answer:
    try:
        return _answer(_canonical(wide).covers(_canonical(narrow)))
    except jsonschema_rs.canonical.CanonicalizationError:
        return Answer.UNKNOWN


def _satisfiable(schema: Schema) -> Containment:
    return Containment(_answer(_canonical(schema).satisfiability()))


def _overlap(one: Schema, other: Schema) -> Containment:
    return Containment(_answer(_canonical(one).intersect(_canonical(other)).satisfiability()))


def _accepts(schema: Schema, value: object) -> Containment:
    return Containment(Answer.YES if Validator(schema).accepts(value) else Answer.NO)


_QUESTIONS: dict[str, Callable[..., Containment]] = {
    "contains": _contains,
    "surely contains": _surely_contains,
    "satisfiable": _satisfiable,
    "overlap": _overlap,
    "accepts": _accepts,
}


def _canonical(schema: Schema) -> jsonschema_rs.CanonicalSchema:
    return jsonschema_rs.canonicalize(schema, draft=_DRAFT, validate_formats=True, offline=True)


def _answer(found: object) -> Answer:
    return _WORDS.get(str(found), Answer.UNKNOWN)
