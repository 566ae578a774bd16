"""Text that matches a regular expression."""

import importlib
import re
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any

# By name: the stubs of the standard library have these modules in some versions only.
codes: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")
_TRIES = 20
_MORE = 2
"""How many more times than it must something is repeated."""
_MOST = 5_000
"""Characters of a text, and repetitions in it."""
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
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")
_PROPERTIES = {"L": "a-zà-ÿ", "Lu": "A-ZÀ-Þ", "Ll": "a-zà-ÿ", "N": "0-9", "Nd": "0-9", "P": "!-/", "Zs": " "}
_PROPERTY = re.compile(r"\\p\{(?:Script=|L=)?(\w+)\}|\\p([LNPZ])")
_CODE = re.compile(r"\\u\{([0-9A-Fa-f]{1,6})\}")


class _TooLongError(Exception):
    """A text of more characters than anybody reads."""


def text_matching(pattern: str, random: Random) -> str | None:
    """Return a text in which *pattern* is found, or None when none is found quickly."""
    parsed = parser.parse(pattern)
    compiled = re.compile(pattern)
    for _ in range(_TRIES):
        text = _written(parsed, random)
        if text is not None and compiled.search(text):
            return text
    return None


def text_of(pattern: str, random: Random) -> str | None:
    """Return a text that is likely to match the pattern of a JSON Schema, or None."""
    parsed = _parsed(pattern)
    return None if parsed is None else _written(parsed, random)


def texts_of(pattern: str, random: Random, most: int) -> list[str]:
    """Return some texts that are likely to match the pattern of a JSON Schema: short, long, and any.

    Nothing is searched in them, because some expressions take forever: the caller has to check them.
    """
    parsed = _parsed(pattern)
    if parsed is None:
        return []
    lengths = [0, 1, None, *[_MORE] * (most - 3)]
    found = [_written(parsed, random, more=more) for more in lengths]
    return list(dict.fromkeys(text for text in found if text is not None))


@lru_cache(maxsize=512)
def _parsed(pattern: str) -> Any:
    """Return the pattern as Python's words; None for what it has none for."""
    python = _NAMED_GROUP.sub("(?P<", pattern)
    python = _CODE.sub(lambda found: re.escape(chr(int(found[1], 16))), python)
    python = _PROPERTY.sub(lambda found: _property(found, python), python)
    try:
        return parser.parse(python.replace(r"\/", "/"))
    except (re.error, OverflowError, RecursionError, ValueError):
        return None


def _property(found: re.Match[str], pattern: str) -> str:
    letters = _PROPERTIES.get(found[1] or found[2], "a-z")
    inside = pattern.rfind("[", 0, found.start()) > pattern.rfind("]", 0, found.start())
    return letters if inside else f"[{letters}]"


def _written(parsed: Any, random: Random, more: int | None = _MORE) -> str | None:
    try:
        return _Writer(random, more).written(parsed)
    except (_TooLongError, RecursionError):
        return None


class _Writer:
    """Writes one text; remembers groups, for references to them.

    What may be repeated is so at most *more* times more than it must; None is as often as it may.
    """

    def __init__(self, random: Random, more: int | None) -> None:
        self._random = random
        self._more = more
        self._groups: dict[int, str] = {}
        self._parts = 0

    def written(self, parsed: Any) -> str:
        """Return text for a sequence of parts; raises _TooLongError."""
        return "".join(self._part(code, value) for code, value in parsed)

    def _part(self, code: Any, value: Any) -> str:  # noqa: PLR0911 - one for each kind
        self._parts += 1
        if self._parts > _MOST:
            raise _TooLongError
        if code is codes.LITERAL:
            return chr(value)
        if code is codes.NOT_LITERAL:
            return self._one_of([letter for letter in _PRINTABLE if letter != chr(value)])
        if code is codes.ANY:
            return self._one_of(_LETTERS)
        if code is codes.IN:
            return self._one_of(_letters(tuple(value)))
        if code is codes.BRANCH:
            return self.written(self._random.choice(value[1]))
        if code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
            least, most, inner = value
            return "".join(self.written(inner) for _ in range(self._times(int(least), int(most))))
        return self._group(code, value)

    def _times(self, least: int, most: int) -> int:
        if self._more is None:
            return most if most <= _MOST else least + 5 * _MORE
        return self._random.randint(least, min(most, least + self._more))

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


@lru_cache(maxsize=2048)
def _letters(parts: tuple[Any, ...]) -> list[str]:
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
