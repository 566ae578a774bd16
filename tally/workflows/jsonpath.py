"""JSONPath (RFC 9535): queries over JSON values, whose work is bounded.

The nodes of a query are values without their places, as conditions only ask whether there are any.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tally.values import dataclass
from tally.workflows.expressions import NO_VALUE
from tally.workflows.regular_expressions import SlowExpressionError, matches

MOST_STEPS = 200_000
"""Of one query: `$..*..*` of a large answer would otherwise take minutes."""


class JsonPathError(Exception):
    """A query that takes too much work."""


@dataclass
class Budget:
    """How many more nodes a query may look at."""

    left: int = MOST_STEPS

    def spend(self) -> None:
        """Count one node; raises JsonPathError when there were too many."""
        self.left -= 1
        if self.left < 0:
            raise JsonPathError(f"the JSONPath query looks at more than {MOST_STEPS:,} values")


@dataclass(frozen=True)
class Frame:
    """What a query is evaluated on: the *root* of the document, and the *current* node of a filter."""

    root: Any
    current: Any
    budget: Budget


Selector = Callable[[Any, Frame], Iterator[Any]]
"""Yields the children of a node that it selects."""
Test = Callable[[Frame], bool]
Operand = Callable[[Frame], Any]
"""Returns a value to compare, or NO_VALUE."""


@dataclass(frozen=True)
class Segment:
    """Selectors for the children of each node, or, *deep*, for the children of all its descendants."""

    selectors: tuple[Selector, ...]
    deep: bool = False


@dataclass(frozen=True)
class Query:
    """A query from the root or, *relative*, from the current node. *singular*: it has at most one node."""

    segments: tuple[Segment, ...]
    relative: bool = False
    singular: bool = False

    def nodes(self, frame: Frame) -> list[Any]:
        """Return the nodes that the query selects."""
        found = [frame.current if self.relative else frame.root]
        for segment in self.segments:
            found = list(_selected(found, segment, frame))
        return found


def passes(test: Test, document: Any) -> bool:
    """Whether *document* passes *test*; raises JsonPathError when that is too much work."""
    try:
        return test(Frame(document, document, Budget()))
    except SlowExpressionError as error:
        raise JsonPathError(str(error)) from error
    except RecursionError as error:
        raise JsonPathError("the value is nested too deeply for JSONPath") from error


def _selected(nodes: list[Any], segment: Segment, frame: Frame) -> Iterator[Any]:
    for node in nodes:
        for each in _descendants(node, frame.budget) if segment.deep else (node,):
            for selector in segment.selectors:
                yield from selector(each, frame)


def _descendants(node: Any, budget: Budget) -> Iterator[Any]:
    """Yield the node and what is below it, each before its children."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        budget.spend()
        yield each
        waiting += reversed(children(each))


def children(node: Any) -> list[Any]:
    """Return the values directly inside *node*."""
    if isinstance(node, dict):
        return list(node.values())
    return list(node) if isinstance(node, list) else []


def name_selector(name: str) -> Selector:
    """Select the member of an object."""

    def selected(node: Any, frame: Frame) -> Iterator[Any]:
        frame.budget.spend()
        if isinstance(node, dict) and name in node:
            yield node[name]

    return selected


def index_selector(index: int) -> Selector:
    """Select an item of a list; a negative index counts from its end."""

    def selected(node: Any, frame: Frame) -> Iterator[Any]:
        frame.budget.spend()
        if isinstance(node, list) and -len(node) <= index < len(node):
            yield node[index]

    return selected


def wildcard(node: Any, frame: Frame) -> Iterator[Any]:
    """Select everything directly inside a node."""
    for child in children(node):
        frame.budget.spend()
        yield child


def slice_selector(start: int | None, end: int | None, step: int) -> Selector:
    """Select items of a list as Python's slices do; a step of 0 selects nothing."""

    def selected(node: Any, frame: Frame) -> Iterator[Any]:
        if isinstance(node, list) and step:
            for item in node[start:end:step]:
                frame.budget.spend()
                yield item

    return selected


def filter_selector(test: Test) -> Selector:
    """Select what is directly inside a node and passes the test."""

    def selected(node: Any, frame: Frame) -> Iterator[Any]:
        for child in children(node):
            frame.budget.spend()
            if test(Frame(frame.root, child, frame.budget)):
                yield child

    return selected


def compared(operator: str, left: Any, right: Any) -> bool:
    """Return the comparison of two values, of which either may be NO_VALUE."""
    if operator == "==":
        return equal(left, right)
    if operator == "!=":
        return not equal(left, right)
    if operator in {"<=", ">="} and equal(left, right):
        return True
    ordered = (isinstance(left, str) and isinstance(right, str)) or (is_number(left) and is_number(right))
    if not ordered:
        return False
    return bool(left < right) if operator in {"<", "<="} else bool(left > right)


def equal(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same; 1 and 1.0 are, 1 and true are not."""
    if is_number(left) and is_number(right):
        return bool(left == right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return type(left) is type(right) and bool(left == right)


def is_number(value: Any) -> bool:
    """Whether *value* is a number of JSON."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def length_of(value: Any) -> Any:
    """Return the function `length`."""
    return len(value) if isinstance(value, str | list | dict) else NO_VALUE


def value_of_nodes(nodes: list[Any]) -> Any:
    """Return the function `value`: the only node, or nothing."""
    return nodes[0] if len(nodes) == 1 else NO_VALUE


def text_matches(value: Any, pattern: Any, *, whole: bool) -> bool:
    """Return the functions `match` (*whole*) and `search`."""
    return isinstance(value, str) and isinstance(pattern, str) and matches(pattern, value, whole=whole)
