"""What commands print: notices, tables and JSON. Colour only on a terminal."""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click
import orjson

from tally.amounts import ago
from tally.hal import BrokerNotice
from tally.json_text import as_written

VERBOSE = "tally.verbose"
"""Under which name the context of a command remembers --verbose."""
_COLOURS = {
    "success": "green",
    "warning": "yellow",
    "prompt": "cyan",
    "error": "red",
    "danger": "red",
    "debug": "bright_black",
}


def say(text: str, kind: str = "info", *, error: bool = False) -> None:
    """Print *text* in the colour of this *kind* of notice; *error* sends it to standard error."""
    coloured = not os.environ.get("NO_COLOR")
    click.echo(click.style(text, fg=_COLOURS.get(kind)) if coloured else text, err=error)


def notices(found: Iterable[BrokerNotice], *, error: bool = False) -> None:
    """Print what the broker tells the user; *error* sends it to standard error."""
    for notice in found:
        say(notice.text, notice.type, error=error)


def moment(text: str) -> str:
    """Return a moment of the broker for people: how long ago on a terminal, and exactly elsewhere.

    With --verbose it is exact on a terminal, too.
    """
    if not sys.stdout.isatty() or is_verbose():
        return text
    try:
        return ago(datetime.fromisoformat(text), datetime.now(UTC))
    except (ValueError, TypeError):
        return text  # what it is not, or a time without a zone, cannot be compared with now


def is_verbose() -> bool:
    """Whether --verbose was given."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(VERBOSE))


def document(state: object, output: str = "json", *, error: bool = False) -> None:
    """Print JSON: on one line, or indented when *output* is "pretty"; *error* sends it to standard error."""
    layout = orjson.OPT_INDENT_2 if output == "pretty" else 0
    text = orjson.dumps(state, default=as_written, option=layout | orjson.OPT_PASSTHROUGH_SUBCLASS)
    click.echo(text, err=error)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns: ruled on a terminal, aligned plain text elsewhere."""
    if sys.stdout.isatty():
        _ruled(headings, rows)
        return
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _ruled(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box  # noqa: PLC0415 - slow to import, and only a terminal needs it
    from rich.console import Console  # noqa: PLC0415 - ditto
    from rich.table import Table  # noqa: PLC0415 - ditto
    from rich.text import Text  # noqa: PLC0415 - ditto

    ruled = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for heading in headings:
        # What is cut off with an ellipsis, such as a uuid, is of no use.
        ruled.add_column(heading, overflow="fold")
    for row in rows:
        # Text, not str: brackets in a name are not markup.
        ruled.add_row(*map(Text, row))
    Console().print(ruled)
