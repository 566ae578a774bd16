"""Proving that every text in which some regular expressions are found is one in which another is found.

Both are made into automata, which read the same texts side by side. Expressions that are more than regular
(what looks ahead, what refers back), or that programs read in different ways, prove nothing.
"""

import importlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import lru_cache
from math import inf
from typing import Any

from tally.values import dataclass

codes: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

Ranges = tuple[tuple[int, int], ...]
_LAST = 0x10FFFF
_MOST_STATES = 1_500
_MOST_STEPS = 15_000
_MOST_COUNTED = 300
_LONGEST = 500
_ESCAPE = r"\\(?:[dDwWsStnrfv^$\\.*+?()\[\]{}|/-]|x[0-9A-Fa-f]{2}|u(?![dD][89A-Fa-f])[0-9A-Fa-f]{4})"
_READ_ALIKE = re.compile(
    rf"(?:[^\\\[\](){{}}*+?|]|{_ESCAPE}|\[\^?(?:[^\\\[\]]|{_ESCAPE})+\]|[*+?|)]|\{{\d+(?:,\d*)?\}}|\((?:\?:|(?!\?)))*"
)
_READ_OTHERWISE = ("&&", "--", "~~", "||")
_DIGITS: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACES: Ranges = (
    (9, 13), (32, 32), (160, 160), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
    (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
)  # fmt: skip
_CATEGORIES = {
    codes.CATEGORY_DIGIT: (_DIGITS, False),
    codes.CATEGORY_NOT_DIGIT: (_DIGITS, True),
    codes.CATEGORY_WORD: (_WORD, False),
    codes.CATEGORY_NOT_WORD: (_WORD, True),
    codes.CATEGORY_SPACE: (_SPACES, False),
    codes.CATEGORY_NOT_SPACE: (_SPACES, True),
}
_LINE_ENDS: tuple[Ranges, Ranges] = (((10, 10),), ((10, 10), (13, 13), (0x2028, 0x2029)))
"""What "." does not stand for: programs disagree, so that a proof has to hold for both."""
_Place = tuple[tuple[frozenset[int], ...], frozenset[int], int]
"""Where the narrow automata and the wide one are, and after how many characters."""
_START, _END = "start", "end"


class _NotRegularError(Exception):
    """An expression of which nothing is proved."""


@dataclass(frozen=True)
class Texts:
    """Texts in which all *patterns* are found, of a length between two limits."""

    patterns: tuple[str, ...] = ()
    least: float = 0
    most: float = inf


def surely_all_match(texts: Texts, pattern: str) -> bool:
    """Whether *pattern* is certainly found in each of *texts*.

    Of one that is found in every text, such as `[a-z]*`, nothing is said: its author meant the whole text.
    """
    return _is_included(texts, pattern) and not _is_included(Texts(), pattern)


def surely_as_long(texts: Texts, least: float, most: float) -> bool:
    """Whether each of *texts* certainly has a length between two limits."""
    if not texts.patterns or any(limit > _MOST_COUNTED for limit in (least, most) if limit != inf):
        return False
    end = "" if most == inf else f"{int(most)}"
    return _is_included(texts, rf"^[\s\S]{{{int(least)},{end}}}$")


@lru_cache(maxsize=1024)
def _is_included(texts: Texts, pattern: str) -> bool:
    if not all(map(_is_read_alike, (*texts.patterns, pattern))):
        return False
    try:
        return all(_Race(texts, pattern, line_ends).is_won() for line_ends in _LINE_ENDS)
    except (_NotRegularError, re.error, OverflowError, RecursionError):
        return False


def _is_read_alike(pattern: str) -> bool:
    return (
        len(pattern) < _LONGEST
        and not any(each in pattern for each in _READ_OTHERWISE)
        and _READ_ALIKE.fullmatch(pattern) is not None
    )


@dataclass
class _State:
    """A state of an automaton: where characters lead, and where one gets without any."""

    steps: list[tuple[Ranges, int]] = field(default_factory=list)
    free: list[tuple[str, int]] = field(default_factory=list)


class _Automaton:
    """Finds an expression anywhere in a text. Its last state means that it was found."""

    def __init__(self, pattern: str, line_ends: Ranges) -> None:
        self._line_ends = line_ends
        self.states: list[_State] = []
        first = self._new()
        self.found = self._sequence(parser.parse(pattern), first)
        self._always = frozenset([first])
        self.steps = 0

    def begin(self) -> frozenset[int]:
        return self._reached(self._always, {_START})

    def after(self, states: frozenset[int], letter: int) -> frozenset[int]:
        """Return the states after one more character."""
        if self.found in states:
            return states
        moved = {to for state in states for ranges, to in self.states[state].steps if _has(ranges, letter)}
        return self._reached(self._always | moved, set())

    def is_found(self, states: frozenset[int], *, is_empty: bool) -> bool:
        """Whether the expression was found, if the text ends here."""
        return self.found in self._reached(states, {_END, *([_START] if is_empty else [])})

    def bounds(self) -> Iterator[int]:
        for state in self.states:
            for ranges, _ in state.steps:
                for low, high in ranges:
                    yield from (low, high + 1)

    def _reached(self, states: frozenset[int] | set[int], at: set[str]) -> frozenset[int]:
        found = set(states)
        waiting = list(states)
        while waiting:
            for condition, to in self.states[waiting.pop()].free:
                if (not condition or condition in at) and to not in found:
                    found.add(to)
                    waiting.append(to)
        self.steps += len(found)
        return frozenset(found)

    def _new(self) -> int:
        if len(self.states) >= _MOST_STATES:
            raise _NotRegularError
        self.states.append(_State())
        return len(self.states) - 1

    def _sequence(self, parts: Any, start: int) -> int:
        for code, value in parts:
            start = self._part(code, value, start)
        return start

    def _part(self, code: Any, value: Any, start: int) -> int:
        if code is codes.SUBPATTERN:
            return self._sequence(value[-1], start)
        if code is codes.BRANCH:
            end = self._new()
            for branch in value[1]:
                self._go(self._sequence(branch, start), end)
            return end
        if code in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
            least, most, inner = value
            return self._repeated(least, most, inner, start)
        end = self._new()
        if code is codes.AT and value in {codes.AT_BEGINNING, codes.AT_END}:
            self._go(start, end, _START if value is codes.AT_BEGINNING else _END)
        else:
            self.states[start].steps.append((self._letters(code, value), end))
        return end

    def _repeated(self, least: int, most: Any, parts: Any, start: int) -> int:
        for _ in range(least):
            start = self._sequence(parts, start)
        end = self._new()
        self._go(start, end)
        if most is codes.MAXREPEAT:
            again = self._new()
            self._go(start, again)
            back = self._sequence(parts, again)
            self._go(back, again)
            self._go(back, end)
            return end
        for _ in range(int(most) - least):
            start = self._sequence(parts, start)
            self._go(start, end)
        return end

    def _go(self, start: int, end: int, condition: str = "") -> None:
        self.states[start].free.append((condition, end))

    def _letters(self, code: Any, value: Any) -> Ranges:
        if code is codes.LITERAL:
            return ((value, value),)
        if code is codes.NOT_LITERAL:
            return _others(((value, value),))
        if code is codes.ANY:
            return _others(self._line_ends)
        if code is not codes.IN:
            raise _NotRegularError
        is_negated = value[0][0] is codes.NEGATE
        found = tuple(each for item in value[is_negated:] for each in _of_class(*item))
        return _others(found) if is_negated else found


def _of_class(code: Any, value: Any) -> Ranges:
    if code is codes.LITERAL:
        return ((value, value),)
    if code is codes.RANGE:
        return (tuple(value),)
    if code is not codes.CATEGORY:
        raise _NotRegularError
    ranges, is_negated = _CATEGORIES[value]
    return _others(ranges) if is_negated else ranges


def _others(ranges: Ranges) -> Ranges:
    found, next_ = [], 0
    for low, high in sorted(ranges):
        if low > next_:
            found.append((next_, low - 1))
        next_ = max(next_, high + 1)
    return (*found, *([(next_, _LAST)] if next_ <= _LAST else []))


def _has(ranges: Ranges, letter: int) -> bool:
    return any(low <= letter <= high for low, high in ranges)


class _Race:
    """Automata that read all texts side by side."""

    def __init__(self, texts: Texts, pattern: str, line_ends: Ranges) -> None:
        self._texts = texts
        self._narrow = [_Automaton(each, line_ends) for each in texts.patterns]
        self._wide = _Automaton(pattern, line_ends)
        limits = [limit for limit in (texts.least, texts.most) if limit != inf]
        if any(limit > _MOST_COUNTED for limit in limits):
            raise _NotRegularError
        self._counted = int(max(limits, default=0)) + 1

    def is_won(self) -> bool:
        """Whether no text is found in which the narrow ones are found, and the wide one is not."""
        letters = self._letters()
        start: _Place = (tuple(each.begin() for each in self._narrow), self._wide.begin(), 0)
        seen, waiting = {start}, [start]
        while waiting:
            narrow, wide, length = place = waiting.pop()
            if self._is_lost(*place):
                return False
            if self._wide.found in wide or length > self._texts.most:
                continue
            for letter in letters:
                both = zip(self._narrow, narrow, strict=True)
                after: _Place = (
                    tuple(each.after(states, letter) for each, states in both),
                    self._wide.after(wide, letter),
                    min(length + 1, self._counted),
                )
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)
            if sum(each.steps for each in (*self._narrow, self._wide)) > _MOST_STEPS:
                raise _NotRegularError
        return True

    def _is_lost(self, narrow: Sequence[frozenset[int]], wide: frozenset[int], length: int) -> bool:
        is_empty = length == 0
        return (
            self._texts.least <= length <= self._texts.most
            and all(
                each.is_found(states, is_empty=is_empty)
                for each, states in zip(self._narrow, narrow, strict=True)
            )
            and not self._wide.is_found(wide, is_empty=is_empty)
        )

    def _letters(self) -> list[int]:
        """Return one character of each kind that the automata tell apart."""
        bounds = {bound for each in (*self._narrow, self._wide) for bound in each.bounds()}
        return sorted({0, *(bound for bound in bounds if bound <= _LAST)})
