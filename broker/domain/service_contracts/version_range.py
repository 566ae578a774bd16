"""Ranges of versions such as ">=1.4 <2": what a service contract says of those that it works with."""

import re

_PART = re.compile(r"\s*(>=|<=|!=|==|=|>|<|\^|~)?\s*v?(\d+(?:\.\d+)*)(?:\.[x*])?\s*,?")
_NUMBER = re.compile(r"v?(\d+(?:\.\d+)*)(-[0-9A-Za-z.-]+)?(?:\+.*)?")
Numbers = tuple[int, ...]


def is_in_range(version: str, wanted: str | None) -> bool | None:
    """Return whether *version* is in the range; None when the two cannot be compared.

    A version such as a commit is in no order. One before a release, 2.0.0-rc1, counts as less than it.
    """
    text = (wanted or "").strip()
    if text in {"", "*"}:
        return True
    parts = _parts(text)
    found = _NUMBER.fullmatch(version.strip())
    if parts is None or found is None:
        return None
    # A version before a release is less than the release: as if a last number were one lower.
    number = (*_numbers(found[1], 4), -1 if found[2] else 0)
    return all(_fulfils(number, operator, bound) for operator, bound in parts)


def _parts(text: str) -> list[tuple[str, str]] | None:
    found, at = [], 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return None
        found.append((part[1] or ("^" if part[0].rstrip().endswith(("x", "*")) else "="), part[2]))
        at = part.end()
    return found


def _fulfils(number: Numbers, operator: str, bound: str) -> bool:
    least = (*_numbers(bound, 4), 0)
    if operator in {"^", "~"}:
        # ^1.4 is below 2, ~1.4.2 below 1.5, ^0.3 below 0.4; what 1.x means is ^1.
        given = bound.split(".")
        kept = 1 if len(given) == 1 or (operator == "^" and int(given[0])) else 2
        above = tuple(map(int, given[:kept]))
        return least <= number and number[:kept] <= above
    return {
        ">=": number >= least,
        "<=": number <= least,
        ">": number > least,
        "<": number < least,
        "!=": number != least,
    }.get(operator, number == least)


def _numbers(text: str, size: int) -> Numbers:
    numbers = [int(part) for part in text.split(".")[:size]]
    return (*numbers, *(0 for _ in range(size - len(numbers))))
