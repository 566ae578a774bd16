"""Ranges of versions, such as ">=1.4 <2", that a dependency accepts.

Versions of services are not those of Python packages, so `packaging` would refuse "1.4.0-feat.2" or
"2024.11-rc"; these are compared as Semantic Versioning says, with any number of numbers.
"""

import re

from tally.errors import InvalidContractError
from tally.values import dataclass

_VERSION = re.compile(r"v?(\d{1,18}(?:\.\d{1,18})*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_CONDITION = re.compile(r"(>=|<=|>|<|=|!=|\^|~)?\s*([^\s<>=!^~,|]+)")
_LONGEST = 255

_Version = tuple[tuple[int, ...], tuple[tuple[int, int, str], ...]]


@dataclass(frozen=True)
class VersionRange:
    """Alternatives, each of conditions that all have to hold: (operator, version)."""

    alternatives: tuple[tuple[tuple[str, str], ...], ...]

    def accepts(self, version: str) -> bool | None:
        """Return whether *version* is in the range; None when the two cannot be compared.

        A version such as a commit is in no order; only a range of every version ("*") accepts it.
        """
        if () in self.alternatives:
            return True
        given = _parsed(version)
        if given is None:
            return None
        return any(
            all(_holds(operator, given, limit) for operator, limit in conditions)
            for conditions in self.alternatives
        )


def parse_range(text: str) -> VersionRange:
    """Return the range that *text* describes: conditions with spaces between, "||" between alternatives.

    Raises InvalidContractError.
    """
    if len(text) > _LONGEST:
        raise InvalidContractError(f"a range of versions has at most {_LONGEST} characters")
    return VersionRange(tuple(_conditions(part, text) for part in text.split("||")))


def check_range(text: str, place: str) -> None:
    """Raise InvalidContractError, with the place, when *text* is no range."""
    try:
        parse_range(text)
    except InvalidContractError as error:
        raise InvalidContractError(f"{place}: {error}") from error


def _conditions(part: str, whole: str) -> tuple[tuple[str, str], ...]:
    written = part.replace(",", " ").strip()
    if written == "*":
        return ()
    found: list[tuple[str, str]] = []
    end = 0
    for match in _CONDITION.finditer(written):
        if written[end : match.start()].strip() or _parsed(match[2]) is None:
            break
        found.append((match[1] or "=", match[2]))
        end = match.end()
    if not found or written[end:].strip():
        raise InvalidContractError(
            f"{whole!r} is no range of versions; write conditions such as '>=1.4 <2', '^1.4', '~1.4.2', "
            "'1.4.0' or '*', and '||' between alternatives"
        )
    return tuple(found)


def _parsed(text: str) -> _Version | None:
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    numbers = [int(number) for number in match[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    # What comes before a release is less than it; numbers are less than words (Semantic Versioning, 11).
    before = tuple(
        (0, int(part), "") if part.isascii() and part.isdigit() and len(part) < _LONGEST else (1, 0, part)
        for part in (match[2] or "").split(".")
        if part
    )
    return tuple(numbers), before or ((2, 0, ""),)


def _holds(operator: str, given: _Version, limit: str) -> bool:
    wanted = _parsed(limit)
    if wanted is None:
        raise AssertionError(limit)
    comparisons = {
        "=": given == wanted,
        "!=": given != wanted,
        ">=": given >= wanted,
        "<=": given <= wanted,
        ">": given > wanted,
        "<": given < wanted,
        "^": given >= wanted and given[0] < _next(limit, caret=True),
        "~": given >= wanted and given[0] < _next(limit, caret=False),
    }
    return comparisons[operator]


def _next(limit: str, *, caret: bool) -> tuple[int, ...]:
    """Return the first version that a caret (the same first number that is not 0) or a tilde leaves out."""
    match = _VERSION.fullmatch(limit)
    numbers = [int(number) for number in match[1].split(".")] if match else [0]
    kept = 2 if len(numbers) > 1 else 1
    if caret:
        kept = next((index for index, number in enumerate(numbers, 1) if number), len(numbers))
    return (*numbers[: kept - 1], numbers[kept - 1] + 1)
