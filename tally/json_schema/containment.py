"""Whether everything that one schema accepts is accepted by another: the judge of all comparisons of schemas.

Every question is answered in about a second at most, or with UNKNOWN.
"""

import json
from collections.abc import Callable
from typing import Any

from tally.json_schema.answers import NO_VALUE, Answer, Containment
from tally.json_schema.judge_process import NOT_IN_TIME, JudgeProcesses
from tally.json_schema.judging import judge
from tally.json_schema.schema import Schema
from tally.json_schema.weight import weight

__all__ = [
    "NO_VALUE",
    "Answer",
    "Containment",
    "Patience",
    "accepts_in_time",
    "contains",
    "is_light",
    "overlap",
    "satisfiable",
    "surely_contains",
]

SECONDS = 0.9
LIGHT = 60
"""Weight up to which a question is answered in this process: measured, the slowest take some 20 ms."""

_processes = JudgeProcesses()


def contains(wide: Schema, narrow: Schema) -> Containment:
    """Return whether *wide* accepts every value that *narrow* accepts.

    YES and NO are certain as far as the tests can tell; never raises for what is no schema: that is UNKNOWN.
    """
    if wide is True or narrow is False or _text(wide) == _text(narrow):
        return Containment(Answer.YES, reason="the same, or everything")
    return _ask("contains", [wide, narrow])


def surely_contains(wide: Schema, narrow: Schema) -> Containment:
    """Return YES when it can be proved that *wide* accepts every value that *narrow* accepts.

    Quicker than `contains` where there is no proof, as nothing is searched then.
    """
    if wide is True or narrow is False or _text(wide) == _text(narrow):
        return Containment(Answer.YES, reason="the same, or everything")
    return _ask("surely contains", [wide, narrow])


class Patience:
    """Questions of one comparison: after some that were not answered in time, no others are asked.

    Not safe for use by several threads.
    """

    def __init__(self, times: int) -> None:
        self._left = times

    def ask(
        self, question: Callable[[Schema, Schema], Containment], wide: Schema, narrow: Schema
    ) -> Containment:
        """Ask `contains` or `surely_contains`; UNKNOWN without asking when no patience is left."""
        if self._left <= 0:
            return NOT_IN_TIME
        found = question(wide, narrow)
        if found.reason == NOT_IN_TIME.reason:
            self._left -= 1
        return found


def satisfiable(schema: Schema) -> Answer:
    """Return whether any value is accepted by *schema*."""
    return _ask("satisfiable", [schema]).answer


def overlap(one: Schema, other: Schema) -> Answer:
    """Return whether any value is accepted by both."""
    return _ask("overlap", [one, other]).answer


def accepts_in_time(schema: Schema, value: Any) -> Answer:
    """Return whether *schema* accepts *value*, or UNKNOWN when that takes too long; for schemas that may."""
    return _processes.ask("accepts", [schema, value], SECONDS).answer


def is_light(*schemas: Schema) -> bool:
    """Whether questions about *schemas* are answered in this process, as they take little time."""
    try:
        return sum(map(weight, schemas)) <= LIGHT
    except (AttributeError, TypeError):
        return True  # it is no schema, as will be said at once


def _ask(question: str, schemas: list[Schema]) -> Containment:
    if is_light(*schemas):
        return judge(question, schemas)
    return _processes.ask(question, schemas, SECONDS)


def _text(schema: Schema) -> str:
    """Return what tells schemas apart: for Python, 1 and true are equal."""
    return json.dumps(schema, sort_keys=True)
