"""Text that matches a regular expression."""

import importlib
import re
from collections.abc import Callable
from random import Random
from typing import Any

# By name: the stubs of the standard library have these modules in some versions only.
codes: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")
_TRIES = 20
_MORE = 2
"""How many more times than it must something is repeated."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PRINTABLE = [chr(code) for code in range(32, 127)]
_CATEGORIES = {
    codes.CATEGORY_DIGIT: "0123456789",
    codes.CATEGORY_WORD: _LETTERS,
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_DIGIT: _LETTERS,
    codes.CATEGORY_NOT_WORD: "-",
    codes.CATEGORY_NOT_SPACE: _LETTERS,
}


def text_matching(pattern: str, random: Random) -> str | None:
    """Return a text in which *pattern* is found, or None when none is found quickly."""
    parsed = parser.parse(pattern)
    compiled = re.compile(pattern)
    for _ in range(_TRIES):
        text = _Writer(random).written(parsed)
        if compiled.search(text):
            return text
    return None


class _Writer:
    """Writes one text; remembers groups, for references to them."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._groups: dict[int, str] = {}

    def written(self, parsed: Any) -> str:
        """Return text for a sequence of parts."""
        return "".join(self._part(code, value) for code, value in parsed)

    def _part(self, code: Any, value: Any) -> str:  # noqa: PLR0911 - one for each kind
        if code is codes.LITERAL:
            return chr(value)
        if code is codes.NOT_LITERAL:
            return self._one_of([letter for letter in _PRINTABLE if letter != chr(value)])
        if code is codes.ANY:
            return self._one_of(_LETTERS)
        if code is codes.IN:
            return self._one_of(_letters(value))
        if code is codes.BRANCH:
            return self.written(self._random.choice(value[1]))
        if code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
            least, most, inner = value
            times = self._random.randint(int(least), min(int(most), int(least) + _MORE))
            return "".join(self.written(inner) for _ in range(times))
        return self._group(code, value)

    def _group(self, code: Any, value: Any) -> str:
        if code is codes.SUBPATTERN:
            text = self.written(value[-1])
            if value[0] is not None:
                self._groups[value[0]] = text
            return text
        if code is codes.ATOMIC_GROUP:
            return self.written(value)
        if code is codes.GROUPREF:
            return self._groups.get(value, "")
        return ""  # a position, or a look ahead or behind, which the search afterwards checks

    def _one_of(self, letters: Any) -> str:
        return self._random.choice(letters) if letters else ""


def _letters(parts: Any) -> list[str]:
    negated = bool(parts) and parts[0][0] is codes.NEGATE
    found: list[str] = []
    for code, value in parts:
        if code is codes.LITERAL:
            found.append(chr(value))
        elif code is codes.RANGE:
            found += map(chr, range(value[0], min(value[1], value[0] + 200) + 1))
        elif code is codes.CATEGORY:
            found += _CATEGORIES.get(value, "")
    if not negated:
        return found
    categories = [value for code, value in parts if code is codes.CATEGORY]
    return [
        letter
        for letter in _PRINTABLE
        if letter not in found and not any(_is_of(letter, each) for each in categories)
    ]


def _is_of(letter: str, category: Any) -> bool:
    tests: dict[Any, Callable[[str], bool]] = {
        codes.CATEGORY_DIGIT: str.isdigit,
        codes.CATEGORY_SPACE: str.isspace,
        codes.CATEGORY_WORD: lambda text: text.isalnum() or text == "_",
    }
    test = tests.get(category)
    return test is not None and test(letter)
