"""An expected and an actual JSON value, or text, side by side in lines, with the differences marked."""

import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from tally.pact.path_expressions import Token, format_path
from tally.values import dataclass

_INDENT = "  "


@dataclass(frozen=True)
class ComparisonRow:
    """One line of each side, empty where a side has none; *differs* marks a mismatch at this path."""

    expected: str
    actual: str
    differs: bool = False


class _Nothing:
    """Stands for the missing value of a side where the other has one."""


_NOTHING = _Nothing()
Side = Any
"""A JSON value or _NOTHING."""


def compared(expected: object, actual: object, places: frozenset[str]) -> list[ComparisonRow]:
    """Return both values in rows; *places* are the paths of the mismatches, such as "$.items[0].id"."""
    return list(_SideBySide(places).rows((expected, actual), (), ""))


def compared_texts(expected: str, actual: str) -> list[ComparisonRow]:
    """Return the lines of both texts in rows."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - failures of text are rare

    sides = expected.splitlines(), actual.splitlines()
    rows: list[ComparisonRow] = []
    # autojunk would treat lines that are frequent in a long text as different.
    for kind, *bounds in SequenceMatcher(None, *sides, autojunk=False).get_opcodes():
        parts = sides[0][bounds[0] : bounds[1]], sides[1][bounds[2] : bounds[3]]
        rows += (ComparisonRow(*pair, differs=kind != "equal") for pair in zip_longest(*parts, fillvalue=""))
    return rows


def around_differences(rows: Sequence[ComparisonRow], context: int) -> list[ComparisonRow | None]:
    """Return the rows that differ, with *context* rows around them; None stands for rows left out."""
    near = {
        index
        for place, row in enumerate(rows)
        if row.differs
        for index in range(place - context, place + context + 1)
    }
    shown: list[ComparisonRow | None] = []
    for index, row in enumerate(rows):
        if index in near:
            shown.append(row)
        elif not shown or shown[-1] is not None:
            shown.append(None)
    return shown


class _SideBySide:
    def __init__(self, places: frozenset[str]) -> None:
        self._places = places

    def rows(self, pair: tuple[Side, Side], path: tuple[Token, ...], label: str) -> Iterator[ComparisonRow]:
        """Yield the rows of both values at *path*, whose first line begins with *label*."""
        differs = format_path(path) in self._places
        margin = _INDENT * len(path)
        tokens = _tokens(*pair)
        if tokens is None:
            yield _row(pair, [f"{margin}{label}{_shown(side)}" for side in pair], differs=differs)
            return
        opening, closing = "[]" if any(isinstance(side, list) for side in pair) else "{}"
        yield _row(pair, [f"{margin}{label}{opening}"] * 2, differs=differs)
        for token in tokens:
            label = f"{json.dumps(token, ensure_ascii=False)}: " if isinstance(token, str) else ""
            yield from self.rows((_at(pair[0], token), _at(pair[1], token)), (*path, token), label)
        yield _row(pair, [f"{margin}{closing}"] * 2)


def _tokens(expected: Side, actual: Side) -> Sequence[str | int] | None:
    """Return the keys or indexes of both; None unless both are objects or both are lists."""
    sides = [side for side in (expected, actual) if side is not _NOTHING]
    if all(isinstance(side, dict) for side in sides):
        return list(dict.fromkeys(key for side in sides for key in side))
    if all(isinstance(side, list) for side in sides):
        return range(max(len(side) for side in sides))
    return None


def _at(container: Side, token: Token) -> Side:
    try:
        return _NOTHING if container is _NOTHING else container[token]
    except (KeyError, IndexError):
        return _NOTHING


def _row(pair: tuple[Side, Side], texts: Sequence[str], *, differs: bool = False) -> ComparisonRow:
    expected, actual = ("" if side is _NOTHING else text for side, text in zip(pair, texts, strict=True))
    return ComparisonRow(expected, actual, differs)


def _shown(side: Side) -> str:
    return "" if side is _NOTHING else json.dumps(side, ensure_ascii=False)
