"""Failures in colour on a terminal: what is declared in green, what was sent in red, the rest plain.

Errors keep their plain text, which goes into files and into comparisons; only pytest's terminal is coloured,
where pytest itself uses colours: `--color`, NO_COLOR and FORCE_COLOR count.
"""

from collections.abc import Iterable
from typing import Any

from consumer_sdk.judging.failures import BAR, DIFFERS

_GREEN, _RED, _PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[0m"
_ERROR = "MismatchError: "
_MARK = "E "


def colour_failures(reports: Iterable[Any]) -> None:
    """Colour our errors in the reports of failed tests, which pytest has not shown yet."""
    for report in reports:
        for traceback, *_ in getattr(report.longrepr, "chain", ()):
            for entry in traceback.reprentries:
                entry.lines[:] = _coloured(entry.lines)


def _coloured(lines: list[str]) -> list[str]:
    """Return the lines of an entry with those of our error in colour."""
    begin = next((index for index, line in enumerate(lines) if _ERROR in line), len(lines))
    return [line if index <= begin else in_colour(line) for index, line in enumerate(lines)]


def in_colour(line: str) -> str:
    """Return a line of a failure in colour; pytest would have all of them red."""
    if not line.startswith(_MARK):
        return line
    declared, bar, sent = line.removeprefix("E").partition(BAR)
    if bar and DIFFERS in declared:
        return f"E{_PLAIN}{_GREEN}{declared}{_PLAIN}{BAR}{_RED}{sent}"
    return f"E{_PLAIN}{line.removeprefix('E')}"
