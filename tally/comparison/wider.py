"""Whether everything that a consumer may send is what the provider takes."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from tally.comparison.findings import Reason
from tally.comparison.keys import key_of, value_of_key
from tally.comparison.leaves import SAMPLES
from tally.comparison.pact_schemas import sent
from tally.comparison.rule_schemas import schema_of_text_rule
from tally.comparison.schema_pairs import REASONS
from tally.comparison.schemas import CompiledSchema, Problem
from tally.comparison.texts import TextReader
from tally.json_schema.containment import NO_VALUE, Answer, contains
from tally.json_schema.values import valid_values
from tally.matching.mismatch import shown
from tally.matching.paths import PathRules
from tally.pact import RuleSet

MOST_REMEMBERED = 4096


class Wider(NamedTuple):
    """A value that the consumer may send and the provider refuses, and why."""

    reason: Reason
    problem: Problem


def refused(expected: Any, rules: PathRules, schema: CompiledSchema) -> Wider | None:
    """Return what the consumer may send besides *expected*, which the provider takes, that it refuses."""
    if rules.is_empty:
        return None
    key = key_of(sent(expected, rules), sort=True)
    known = schema.refused
    if key not in known:
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        known[key] = _refused(value_of_key(key), schema)
    found: Wider | None = known[key]
    return found


def _refused(written: Any, schema: CompiledSchema) -> Wider | None:
    if schema.is_quickly_judged:
        answer = contains(schema.schema, written)
        if answer.answer is Answer.YES:
            return None
        if answer.counterexample is not NO_VALUE and not schema.whole.accepts(answer.counterexample):
            return _wider(answer.counterexample, schema)
    for value in valid_values(written, most=SAMPLES):
        if not schema.whole.accepts(value):
            return _wider(value, schema)
    return None


def _wider(value: Any, schema: CompiledSchema) -> Wider:
    problem = schema.whole.quick_problems(value)[0]
    return Wider(REASONS.get(problem.keyword, Reason.PATTERN), schema.problem(schema.schema, problem, value))


def refused_text(rules: RuleSet | None, reader: TextReader) -> str | None:
    """Return a text that the rules of a parameter allow and its schema refuses, as people see it."""
    for rule in rules.rules if rules else ():
        schema = schema_of_text_rule(rule)
        if schema is None:
            continue
        for text in _texts(key_of(schema)):
            if not reader.validator.accepts(reader.value(text)):
                return shown(text)
    return None


@lru_cache(maxsize=MOST_REMEMBERED)
def _texts(schema: bytes) -> tuple[str, ...]:
    return tuple(islice(_strings(value_of_key(schema)), SAMPLES))


def _strings(schema: Any) -> Iterator[str]:
    return (value for value in valid_values(schema, most=SAMPLES) if isinstance(value, str))
