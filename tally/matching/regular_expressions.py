"""Regular expressions of contracts, which were written for other languages than Python."""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from tally.matching.regex_dialects import DialectError, translated

if TYPE_CHECKING:
    import regex

_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")
_END = re.compile(r"(?<!\\)((?:\\\\)*)\\z")
_OTHERWISE = re.compile(
    r"""\\[^dDwWsSbBnrtf\W\d]        # a word that Python does not know, or reads otherwise
      | \[\^?\]?(?:\\.|[^]\\[])*\[   # a set inside a set, or [:alpha:]
      | &&|--|\|\||~~               # operators of sets
      | [*+?}][*+{]               # a quantifier of what is repeated already
      | \(\?(?![:=!]|<[=!]|<?\w+>)  # flags, conditions, comments
    """,
    re.VERBOSE,
)


class RegexError(ValueError):
    """A regular expression that cannot be read."""


def for_python(expression: str) -> str:
    """Return the expression as Python spells it: `(?<name>` and `\\z` are other languages' words."""
    return _END.sub(r"\1\\Z", _NAMED_GROUP.sub("(?P<", expression))


def is_plain(expression: str) -> bool:
    """Whether all languages read the expression alike."""
    return not _OTHERWISE.search(expression)


@lru_cache(maxsize=2048)
def full_match(expression: str) -> Callable[[str], bool]:
    """Return the check whether a whole text matches, as the cases of the Pact specification want it.

    What all languages read alike is for Python's own engine; everything else is translated for one that knows
    more. Raises RegexError.
    """
    with suppress(re.error):
        if is_plain(expression):
            return _check(re.compile(for_python(expression)))
    try:
        return _regex_full_match(translated(expression))
    except (DialectError, OverflowError, RecursionError) as error:
        raise RegexError(f"the regular expression /{expression}/ cannot be read ({error})") from error


def _regex_full_match(expression: str) -> Callable[[str], bool]:
    import regex  # noqa: PLC0415 - slow to load, and few contracts need it

    try:
        return _check(regex.compile(expression, regex.V1))
    except regex.error as error:
        try:  # in JavaScript, a bracket in a set is a bracket
            return _check(regex.compile(expression, regex.V0))
        except regex.error:
            raise DialectError(str(error)) from error


def _check(compiled: "re.Pattern[str] | regex.Pattern[str]") -> Callable[[str], bool]:
    return lambda text: compiled.fullmatch(text) is not None
