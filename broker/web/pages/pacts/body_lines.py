"""Bodies as lines: what applies to a line stands in its margin, and long ones are folded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

import orjson

from broker.domain.readable_json import shortened
from broker.domain.verifications.interaction_outcomes import Problem
from broker.web.pages.pacts.rules_in_words import generator_in_words, rule_in_words
from tally.amounts import counted
from tally.hashing import compact_json
from tally.pact import Body, Presence, RuleSet
from tally.pact.path_expressions import PathSyntaxError, Token, Wildcard, parse_path
from tally.values import dataclass

LONGEST_TEXT = 2_000
LONGEST_RULE = 120
_MOST_LINES = 5_000
_FOLDED_FROM = 60
_CONTEXT = 5
_BEGINNING = 20
_Path = tuple[Token, ...]


@dataclass(frozen=True)
class Line:
    """A line of text; *notes* are rules and generators in words, *problems* what came instead."""

    text: str
    path: _Path = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Part:
    """Lines of a body that follow each other; those that are folded can be opened."""

    lines: Sequence[Line]
    folded: bool = False


@dataclass(frozen=True)
class Annotations:
    """What applies to places of a body: by path expressions, and problems, which have a path or none."""

    rules: Mapping[str, RuleSet] = field(default_factory=dict)
    generators: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[Problem] = ()


@dataclass(frozen=True)
class BodyLines:
    """A body in parts. *notes* and *problems* are those that apply to no line of it."""

    parts: Sequence[Part]
    notes: Sequence[tuple[str, str]]
    problems: Sequence[Problem]
    size: int


def body_lines(body: Body, annotations: Annotations) -> BodyLines:
    """Return the lines of a body with what applies to them; JSON is indented, of bytes only the size."""
    lines = _lines_of(body)
    left_out = len(lines) - _MOST_LINES
    if left_out > 0:
        lines = [*lines[:_MOST_LINES], Line(f"… and {counted(left_out, 'more line')}", (Wildcard.ANY,))]
    lines, notes = _with_notes(lines, annotations)
    lines, problems = _with_problems(lines, annotations.problems)
    return BodyLines(_folded(lines), notes, problems, len(lines))


def _lines_of(body: Body) -> list[Line]:
    if body.presence is not Presence.PRESENT:
        return [Line("null")] if body.presence is Presence.NULL else []
    if isinstance(body.value, bytes):
        return [Line(f"{counted(len(body.value), 'byte')} of {body.content_type or 'unknown content'}")]
    if isinstance(body.value, str) and "json" not in (body.content_type or "json"):
        return [Line(text) for text in shortened(body.value, LONGEST_TEXT * 10).split("\n")]
    return list(_json_lines(body.value, "", "", ()))


def _json_lines(value: Any, indent: str, before: str, path: _Path, *, after: str = "") -> Iterator[Line]:
    """Yield the lines of a value; *before* is its key."""
    if isinstance(value, dict) and value:
        yield Line(f"{indent}{before}{{", path)
        last = len(value) - 1
        for number, (key, item) in enumerate(value.items()):
            comma = "" if number == last else ","
            yield from _json_lines(item, f"{indent}  ", f"{_text(key)}: ", (*path, key), after=comma)
        yield Line(f"{indent}}}{after}", (*path, Wildcard.ANY))
    elif isinstance(value, list) and value:
        yield Line(f"{indent}{before}[", path)
        last = len(value) - 1
        for number, item in enumerate(value):
            yield from _json_lines(
                item, f"{indent}  ", "", (*path, number), after="" if number == last else ","
            )
        yield Line(f"{indent}]{after}", (*path, Wildcard.ANY))
    else:
        yield Line(f"{indent}{before}{_single(value)}{after}", path)


def _single(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    return compact_json(value).decode()


def _text(value: str) -> str:
    return orjson.dumps(shortened(value, LONGEST_TEXT)).decode()


def _with_notes(lines: list[Line], annotations: Annotations) -> tuple[list[Line], list[tuple[str, str]]]:
    """Put each rule and generator beside the lines that its path leads to; return those without a line."""
    said = [(path, rule_in_words(rules)) for path, rules in annotations.rules.items()]
    said += [(path, generator_in_words(item)) for path, item in annotations.generators.items()]
    if not said:
        return lines, []
    tree = _Tree()
    for number, (path, _) in enumerate(said):
        tree.add(path, number)
    used: set[int] = set()
    noted = []
    for line in lines:
        numbers = tree.find(line.path)
        used.update(numbers)
        notes = tuple(shortened(said[number][1], LONGEST_RULE) for number in numbers)
        noted.append(replace(line, notes=notes) if notes else line)
    return noted, [each for number, each in enumerate(said) if number not in used]


class _Tree:
    """Path expressions, to be found by the paths of values."""

    def __init__(self) -> None:
        self._steps: dict[Token, _Tree] = {}
        self._numbers: list[int] = []

    def add(self, expression: str, number: int) -> None:
        try:
            tokens = parse_path(expression)
        except PathSyntaxError:
            return
        tree = self
        for token in tokens:
            tree = tree._steps.setdefault(token, _Tree())
        tree._numbers.append(number)  # noqa: SLF001 - of the same class

    def find(self, path: _Path) -> list[int]:
        if path and path[-1] is Wildcard.ANY:  # the end of an object or a list
            return []
        reached = [self]
        for token in path:
            reached = [step for tree in reached for step in tree._next(token)]  # noqa: SLF001 - of the same class
            if not reached:
                return []
        return sorted(number for tree in reached for number in tree._numbers)  # noqa: SLF001 - of the same class

    def _next(self, token: Token) -> "Iterator[_Tree]":
        stands_for_it = (token, Wildcard.ANY, Wildcard.ANY_INDEX if isinstance(token, int) else None)
        return (self._steps[each] for each in stands_for_it if each is not None and each in self._steps)


def _with_problems(lines: list[Line], problems: Sequence[Problem]) -> tuple[list[Line], list[Problem]]:
    """Put each problem beside the line of its place, or of what is around that; return the others."""
    if not problems or not lines:
        return lines, list(problems)
    numbers = {line.path: number for number, line in reversed(list(enumerate(lines)))}
    beside: dict[int, tuple[Problem, ...]] = {}
    others = []
    for problem in problems:
        try:
            path = parse_path(problem.path or "$")
        except PathSyntaxError:
            others.append(problem)
            continue
        while path and path not in numbers:
            path = path[:-1]
        number = numbers.get(path, 0)
        beside[number] = (*beside.get(number, ()), problem)
    return [
        replace(line, problems=beside[number]) if number in beside else line
        for number, line in enumerate(lines)
    ], others


def _folded(lines: Sequence[Line]) -> list[Part]:
    """Return the lines in parts: of a long body, those around problems, or else the first, are in sight."""
    if len(lines) <= _FOLDED_FROM:
        return [Part(lines)] if lines else []
    wrong = [number for number, line in enumerate(lines) if line.problems]
    in_sight = {near for number in wrong for near in range(number - _CONTEXT, number + _CONTEXT + 1)} or set(
        range(_BEGINNING)
    )
    parts: list[Part] = []
    first = 0
    for number in range(1, len(lines) + 1):
        ends = number == len(lines) or (number in in_sight) != (first in in_sight)
        if ends:
            parts.append(Part(lines[first:number], folded=first not in in_sight))
            first = number
    return parts
