"""An expected and an actual JSON value side by side, line by line, with what differs marked."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tally.pact.path_expressions import Token, format_path

_INDENT = "  "


@dataclass(frozen=True)
class Row:
    """One line of each side, empty where a side has none; *differs* when a mismatch is at this place."""

    expected: str
    actual: str
    differs: bool = False


class _Nothing:
    """What a side has where the other has a value."""


_NOTHING = _Nothing()
Side = Any
"""A JSON value or _NOTHING."""


def compared(expected: Any, actual: Any, places: frozenset[str]) -> list[Row]:  # noqa: ANN401 - any JSON
    """Return both values in rows; *places* are the path expressions of the mismatches ("$.items[0].id")."""
    return list(_Comparison(places).rows((expected, actual), (), ""))


def around_differences(rows: Sequence[Row], context: int) -> list[Row | None]:
    """Return the rows that differ with so many around them; None stands for those that are left out."""
    near = {
        index
        for place, row in enumerate(rows)
        if row.differs
        for index in range(place - context, place + context + 1)
    }
    shown: list[Row | None] = []
    for index, row in enumerate(rows):
        if index in near:
            shown.append(row)
        elif not shown or shown[-1] is not None:
            shown.append(None)
    return shown


class _Comparison:
    def __init__(self, places: frozenset[str]) -> None:
        self._places = places

    def rows(self, pair: tuple[Side, Side], path: tuple[Token, ...], label: str) -> Iterator[Row]:
        """Yield the rows of both values at *path*, whose first line begins with *label*."""
        expected, actual = pair
        differs = format_path(path) in self._places
        tokens = _tokens(expected, actual)
        if tokens is None:
            yield from _beside(_lines(expected, path, label), _lines(actual, path, label), differs=differs)
            return
        opening, closing = "[]" if isinstance(expected, list) else "{}"
        margin = _INDENT * len(path)
        yield Row(f"{margin}{label}{opening}", f"{margin}{label}{opening}", differs)
        for token in tokens:
            label = f"{json.dumps(token, ensure_ascii=False)}: " if isinstance(token, str) else ""
            yield from self.rows((_at(expected, token), _at(actual, token)), (*path, token), label)
        yield Row(f"{margin}{closing}", f"{margin}{closing}")


def _tokens(expected: Side, actual: Side) -> Sequence[str | int] | None:
    """Return the steps into two objects or two lists; None when they are not of one kind."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [*expected, *(key for key in actual if key not in expected)]
    if isinstance(expected, list) and isinstance(actual, list):
        return range(max(len(expected), len(actual)))
    return None


def _at(container: Any, token: Token) -> Side:  # noqa: ANN401 - any JSON
    try:
        return container[token]
    except (KeyError, IndexError):
        return _NOTHING


def _lines(value: Side, path: tuple[Token, ...], label: str) -> list[str]:
    if value is _NOTHING:
        return []
    margin = _INDENT * len(path)
    first, *rest = json.dumps(value, indent=2, ensure_ascii=False).splitlines()
    lines = (f"{margin}{label}{first}", *(f"{margin}{line}" for line in rest))
    return [line.removesuffix(",") for line in lines]  # as all other rows: they end without


def _beside(expected: list[str], actual: list[str], *, differs: bool) -> Iterator[Row]:
    for index in range(max(len(expected), len(actual))):
        left = expected[index] if index < len(expected) else ""
        right = actual[index] if index < len(actual) else ""
        yield Row(left, right, differs)
