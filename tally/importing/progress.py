"""How far an import is: a bar on a terminal, a line for each part elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click


class Progress(Protocol):
    """Told what is done now, and when another item of it is finished."""

    def part(self, title: str, total: int | None = None) -> None:
        """Begin a part of *total* items; None when nobody knows how many."""

    def about(self, name: str) -> None:
        """Say what of the part is being copied."""

    def advance(self, items: int = 1) -> None:
        """Count finished items."""


class Lines:
    """Plain lines on standard error: when a part begins, and each EVERY items."""

    EVERY = 500

    def __init__(self) -> None:
        self._title, self._total, self._done = "", "", 0

    def part(self, title: str, total: int | None = None) -> None:
        """Print the title."""
        self._title, self._done = title, 0
        self._total = f" of {total}" if total is not None else ""
        click.echo(f"{title} …", err=True)

    def about(self, name: str) -> None:
        """Say nothing: a log needs no name of each item."""

    def advance(self, items: int = 1) -> None:
        """Print a line now and then."""
        before, self._done = self._done, self._done + items
        if before // self.EVERY != self._done // self.EVERY:
            click.echo(f"{self._title}: {self._done}{self._total}", err=True)


class Bar:
    """A bar on a terminal's standard error."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - slow to import, and only a terminal needs it
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - only on a terminal
        from rich.progress import Progress as RichProgress  # noqa: PLC0415 - ditto

        self.rich = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[about]}"),
            console=Console(stderr=True),
        )
        self._task = self.rich.add_task("", about="", visible=False)

    def part(self, title: str, total: int | None = None) -> None:
        """Begin another bar; the one before stays."""
        self.finish()
        self._task = self.rich.add_task(title, total=total, about="")

    def about(self, name: str) -> None:
        """Show the name beside the bar."""
        from rich.markup import escape  # noqa: PLC0415 - ditto

        self.rich.update(self._task, about=escape(name))

    def finish(self) -> None:
        """Let the bar be full, also when nobody knew how long it would be."""
        self.about("")
        done = self.rich.tasks[-1].completed
        self.rich.update(self._task, total=done or 1, completed=done or 1)

    def advance(self, items: int = 1) -> None:
        """Move the bar."""
        self.rich.advance(self._task, items)


@contextmanager
def shown(*, on_terminal: bool) -> Iterator[Progress]:
    """Yield what shows the progress while the block runs."""
    if not on_terminal:
        yield Lines()
        return
    bar = Bar()
    with bar.rich:
        yield bar
        bar.finish()
