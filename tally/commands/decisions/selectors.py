"""Which versions a question is about: options that apply to the --pacticipant before them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from tally.errors import UsageError
from tally.values import dataclass

_ORDER = "tally.commands.decisions.selectors.order"


@dataclass(frozen=True)
class VersionSelector:
    """Versions of one application; with only a name, any version.

    With *ignored*, the results of these versions do not count.
    """

    pacticipant: str
    version: str | None = None
    latest: bool = False
    tag: str | None = None
    branch: str | None = None
    main_branch: bool = False
    ignored: bool = False

    def parameters(self) -> list[tuple[str, str]]:
        """Return it as parameters of the matrix (Pact Broker reference §8.1)."""
        prefix = "ignore[]" if self.ignored else "q[]"
        values = {
            "pacticipant": self.pacticipant,
            "version": self.version,
            "latest": "true" if self.latest else None,
            "tag": self.tag,
            "branch": self.branch,
            "mainBranch": "true" if self.main_branch else None,
        }
        return [(f"{prefix}[{key}]", value) for key, value in values.items() if value]

    def __str__(self) -> str:
        """Return the selector in words."""
        if self.version:
            return f"{self.pacticipant} {self.version}"
        where = (
            (self.tag and f" with tag {self.tag}")
            or (self.branch and f" from branch {self.branch}")
            or (self.main_branch and " from the main branch")
            or ""
        )
        which = "the latest version of " if self.latest else ""
        return f"{which}{self.pacticipant}{where}"


class OrderedCommand(click.Command):
    """A command that remembers the order of its options: click keeps it only for each option by itself."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as any command does, and remember the order."""
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        ctx.meta[_ORDER] = [parameter.name for parameter in order]
        return super().parse_args(ctx, args)


def given(ctx: click.Context, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each of these *options* of an OrderedCommand, in the order of the command line.

    A value is one of those that click read for a repeatable option, or "" for a flag.
    """
    values = {name: iter(value) for name, value in options.items() if isinstance(value, Sequence)}
    for name in ctx.meta[_ORDER]:
        if name in options:
            yield name, next(values[name]) if name in values else ""


def selectors(words: Iterable[tuple[str, str]]) -> tuple[VersionSelector, ...]:
    """Read selectors: "pacticipant" and "ignore" begin a selector, the other words refine it.

    Raises UsageError for a word before the first selector.
    """
    found: list[VersionSelector] = []
    for name, value in words:
        if name in {"pacticipant", "ignore"}:
            found.append(VersionSelector(value, ignored=name == "ignore"))
        elif not found:
            option = name.replace("_", "-")
            raise UsageError(f"--{option} must come after the --pacticipant that it applies to.")
        else:
            found[-1] = _refined(found[-1], name, value)
    return tuple(found)


def _refined(selector: VersionSelector, name: str, value: str) -> VersionSelector:
    if name == "latest":
        return replace(selector, latest=True, tag=value or selector.tag)
    if name == "main_branch":
        return replace(selector, main_branch=True)
    said: dict[str, Any] = {name: value}
    return replace(selector, **said)
