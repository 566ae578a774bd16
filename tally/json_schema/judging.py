"""Deciding about two schemas in this process: native code works here, and nothing can interrupt that."""

from collections.abc import Callable

import jsonschema_rs

from tally.json_schema.answers import Answer, Containment
from tally.json_schema.schema import Schema

_DRAFT = 20  # the library's number for 2020-12
_WORDS = {"yes": Answer.YES, "no": Answer.NO}


def judge(question: str, schemas: list[Schema]) -> Containment:
    """Answer "contains" (wide, narrow), "satisfiable" (one schema) or "overlap" (two)."""
    try:
        return _QUESTIONS[question](*schemas)
    except (
        ValueError,
        jsonschema_rs.ValidationError,
        jsonschema_rs.canonical.CanonicalizationError,
    ) as error:
        return Containment(Answer.UNKNOWN, reason=str(getattr(error, "message", error)))


def _contains(wide: Schema, narrow: Schema) -> Containment:
    return Containment(
        _answer(_canonical(wide).covers(_canonical(narrow))), reason="compared as sets of values"
    )


def _satisfiable(schema: Schema) -> Containment:
    return Containment(_answer(_canonical(schema).satisfiability()))


def _overlap(one: Schema, other: Schema) -> Containment:
    return Containment(_answer(_canonical(one).intersect(_canonical(other)).satisfiability()))


_QUESTIONS: dict[str, Callable[..., Containment]] = {
    "contains": _contains,
    "satisfiable": _satisfiable,
    "overlap": _overlap,
}


def _canonical(schema: Schema) -> jsonschema_rs.CanonicalSchema:
    return jsonschema_rs.canonicalize(schema, draft=_DRAFT, validate_formats=True, offline=True)


def _answer(found: object) -> Answer:
    return _WORDS.get(str(found), Answer.UNKNOWN)
