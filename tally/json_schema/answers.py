"""What can be said of two schemas, and the value that shows it."""

from enum import Enum
from typing import Any

from tally.values import dataclass


class Answer(Enum):
    """Whether something holds; UNKNOWN where nobody could say within the bounds."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class _Marker(Enum):
    NO_VALUE = "no value"


NO_VALUE = _Marker.NO_VALUE
"""Stands where there is no counterexample, as null is one of the values of JSON."""


@dataclass(frozen=True)
class Containment:
    """Whether every value that one schema accepts is accepted by the other as well.

    *counterexample* is accepted by the narrow schema and refused by the wide one; it is NO_VALUE unless the
    answer is NO, and may be NO_VALUE then. *reason* says in words what the answer rests on.
    """

    answer: Answer
    counterexample: Any = NO_VALUE
    reason: str = ""
