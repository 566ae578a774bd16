"""Text on standard output, in colour on a terminal unless NO_COLOR is set."""

import os

import click

from verifier.reporting.wording import printable
from verifier.results.result import CaseOutcome

MARKS = {
    CaseOutcome.PASSED: ("✓", "green"),
    CaseOutcome.FAILED: ("✗", "red"),
    CaseOutcome.FLAKY: ("≈", "red"),
    CaseOutcome.PENDING: ("○", "yellow"),
    CaseOutcome.NOT_CHECKED: ("?", "yellow"),
}
"""The mark and the colour of each outcome."""


def write(text: str, colour: str | None = None, *, bold: bool = False) -> None:
    """Write *text*, without what a terminal would interpret; nothing for an empty one."""
    if text:
        lines = printable(text).split("\n")
        click.echo("\n".join(coloured(line, colour, bold=bold) if line else "" for line in lines))


def coloured(text: str, colour: str | None, *, bold: bool = False) -> str:
    """Return *text* with the codes of its colour."""
    if not text or not (colour or bold) or "NO_COLOR" in os.environ:
        return text
    return click.style(text, fg=colour, bold=bold or None)


def cut(text: str, most: int) -> str:
    """Return *text*, cut to *most* characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def indented(lines: list[str]) -> str:
    """Return the lines with two spaces before each."""
    return "\n".join(f"  {line}" for line in lines)
