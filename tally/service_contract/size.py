"""How large a document may be, and what no document may hold."""

import math
import re
from collections.abc import Iterator
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.vocabulary import ROOT, Place

MAX_DEPTH = 48  # A broker reads JSON of 50 levels, of which the request that brings the document takes one.
MAX_NODES = 2_000_000
MAX_KEY = 1_000
"""Characters of a key: each pointer to what is under it repeats them."""
MAX_OPERATIONS = 5_000
MAX_PARTS = 500_000
"""Parameters, answers and messages of all operations: a small document may refer to the same ones often."""
MAX_EXAMPLES = 20_000
MAX_EXAMPLES_OF_ONE = 500
_LARGEST = 2**63
_HALF = re.compile("[\ud800-\udfff]")


def check_size(document: object) -> None:
    """Raise InvalidContractError when *document* is nested too deep, or is too large, or is not JSON."""
    layer, nodes = [document], 0
    for _ in range(MAX_DEPTH + 1):
        if any(_problem(item) for item in layer):
            place, problem = next(_problems(document))
            raise InvalidContractError(f"{place.pointer or '/'}: {problem}")
        layer = [item for container in layer for item in _items(container)]
        nodes += len(layer)
        if nodes > MAX_NODES:
            raise InvalidContractError(f"/: more than {MAX_NODES:,} values")
        if not layer:
            return
    raise InvalidContractError(f"/: nested deeper than {MAX_DEPTH} levels")


class Counter:
    """Counts what the operations of one document have; raises InvalidContractError when it is too much."""

    def __init__(self) -> None:
        self._operations = 0
        self._parts = 0
        self._examples = 0

    def operation(self) -> None:
        """Count one operation."""
        self._operations += 1
        if self._operations > MAX_OPERATIONS:
            raise InvalidContractError(f"/: a contract cannot have more than {MAX_OPERATIONS:,} operations")

    def parts(self, number: int, place: str) -> None:
        """Count parameters, answers or messages of the operation at *place*."""
        self._parts += number
        if self._parts > MAX_PARTS:
            raise InvalidContractError(
                f"{place}: the operations have more than {MAX_PARTS:,} parameters, answers and messages"
            )

    def examples(self, number: int, place: str) -> None:
        """Count examples of the operation at *place*."""
        self._examples += number
        if number > MAX_EXAMPLES_OF_ONE or self._examples > MAX_EXAMPLES:
            raise InvalidContractError(
                f"{place}: too many examples: there may be {MAX_EXAMPLES_OF_ONE} of one operation, and "
                f"{MAX_EXAMPLES:,} of all"
            )


def values_in(value: object) -> int:
    """Return how many values there are in *value*, itself included."""
    waiting = [value]
    for each in waiting:
        waiting += _items(each)
    return len(waiting)


def _items(value: object) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _problem(value: object) -> str:
    """Return what is wrong with a value, without those inside it."""
    if isinstance(value, str):
        is_whole = value.isascii() or not _HALF.search(value)
        return "" if is_whole else "half of a surrogate pair, which is no text"
    if isinstance(value, dict):
        return next((problem for key in value if (problem := _problem_of_key(key))), "")
    if value is None or isinstance(value, bool | list):
        return ""
    if isinstance(value, int | float):
        return "" if _fits(value) else f"the number {value} is out of range"
    return f"{type(value).__name__} is not JSON"


def _problem_of_key(key: object) -> str:
    if not isinstance(key, str):
        return f"the key {key!r} is not a text"
    if len(key) > MAX_KEY:
        return f"a key has {len(key):,} characters, of which there may be {MAX_KEY:,} at most: {key[:40]}…"
    return _problem(key) and f"a key has {_problem(key)}"


def _fits(number: float) -> bool:
    """Whether every program reads *number* alike: it is finite, and an integer has at most 64 bits."""
    return math.isfinite(number) if isinstance(number, float) else -_LARGEST <= number < 2 * _LARGEST


def _problems(document: object) -> Iterator[tuple[Place, str]]:
    """Yield what is wrong, and where; outer things first."""
    waiting: list[tuple[Place, Any]] = [(ROOT, document)]
    for place, value in waiting:
        if problem := _problem(value):
            yield place, problem
        children = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        waiting += [(Place(place, key), item) for key, item in children]
