"""The words of a command line before click reads them: which belong to an option, and which are mistaken."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from tally.errors import UsageError

_UUID = re.compile(r"-?[A-Za-z0-9_][A-Za-z0-9_-]{14,}|--[A-Za-z0-9_-]{20}")
"""What brokers take, 16 characters or more; with "--" before it, what they make: 22 characters."""


class WholeNumber(click.IntRange):
    """A whole number, maybe in a range; click calls its type "integer range" when it is none."""

    name = "whole number"


class Number(click.FloatRange):
    """The same with fractions; `nan` and `inf`, which Python reads as numbers too, are none."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        found = super().convert(value, param, ctx)
        return (
            found if math.isfinite(found) else self.fail(f"{value!r} is no number to count with.", param, ctx)
        )


class SeveralValues(click.Option):
    """A repeatable option that also takes several words at once, as in `--tag a b`."""

    def __init__(
        self,
        *names: Any,
        continues: Callable[[str], bool] = lambda _: True,
        **attributes: Any,
    ) -> None:
        super().__init__(*names, **{"multiple": True, **attributes})
        self.continues = continues


class CommandWithSeveralValues(click.Command):
    """A command that has options of the kind SeveralValues."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write `--tag a b` as `--tag a --tag b`, and parse that."""
        return super().parse_args(ctx, spread(self, args))


class CommandAboutUuids(click.Command):
    """A command whose arguments are uuids; older brokers made some that begin with "-"."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put what is a uuid behind "--", where nothing is an option, and parse that."""
        if "--" in args:
            return super().parse_args(ctx, args)
        uuids = uuids_among(self, args)
        others = [word for index, word in enumerate(args) if index not in uuids]
        return super().parse_args(ctx, [*others, "--", *(args[index] for index in uuids)] if uuids else args)


class ChecksItself(click.Command):
    """A command that refuses missing values itself: `tally` would say it in plain words."""


def refuse_missing_values(command: click.Command, words: Sequence[str]) -> None:
    """Raise UsageError when an option would take the next option for its value.

    That happens where a shell leaves out what is empty: `--version $(git rev-parse HEAD) --branch main`.
    """
    if isinstance(command, click.Group):
        _refuse_in_group(command, words)
        return
    for index, written in values_in(command, words).items():
        value = words[index]
        if value.startswith("--"):
            raise UsageError(
                f"{written} has no value: {value!r} follows it. Is a variable or the output of a command "
                f'empty? In quotes ({written} "$VALUE") an empty value stays one. If {value!r} is meant, '
                f"write {_joined(written, value)}."
            )


def spread(command: click.Command, words: Sequence[str]) -> list[str]:
    """Repeat an option of the kind SeveralValues before each of its values but the first."""
    options = _options(command).items()
    several = {name: option for name, option in options if isinstance(option, SeveralValues)}
    values = values_in(command, words)
    written: list[str] = []
    last: str | None = None
    for index, word in enumerate(words):
        if index in values:
            last = values[index] if values[index] in several else None
        elif last and not word.startswith("-") and several[last].continues(word):
            written.append(last)
        else:
            last = None
        written.append(word)
    return written


def uuids_among(command: click.Command, words: Sequence[str]) -> list[int]:
    """Return where the uuids are that begin with "-", if there are any, and all other uuids then."""
    values = values_in(command, words)
    options = _options(command)
    found = [
        index
        for index, word in enumerate(words)
        if _UUID.fullmatch(word) and index not in values and word not in options
    ]
    # "-k" with a token right behind it may look like a uuid too: the command has its uuid then.
    certain = [index for index in found if words[index][:2] not in options]
    chosen = certain or found
    return chosen if any(words[index].startswith("-") for index in chosen) else []


def values_in(command: click.Command, words: Sequence[str]) -> dict[int, str]:
    """Return where the words are that an option before them takes as its value, and how it is written."""
    options = _options(command)
    found: dict[int, str] = {}
    index = 0
    while index < len(words) and words[index] != "--":
        written = _needs_a_word(words[index], options)
        index += 1
        if written and index < len(words):
            found[index] = written
            index += 1
    return found


def _refuse_in_group(group: click.Group, words: Sequence[str]) -> None:
    for index, word in enumerate(words):
        command = group.commands.get(word)
        if command:
            refuse_missing_values(command, words[index + 1 :])
            return


def _needs_a_word(word: str, options: Mapping[str, click.Option]) -> str | None:
    """Return the option in *word* that takes the next word, whatever that is."""
    if word.startswith("--"):
        return word if word in options and _takes_a_word(options[word]) else None
    if not word.startswith("-"):
        return None
    for position, letter in enumerate(word[1:], 2):
        option = options.get(f"-{letter}")
        if option is None or not option.is_flag:
            takes = option is not None and position == len(word) and _takes_a_word(option)
            return f"-{letter}" if takes else None
    return None


def _takes_a_word(option: click.Option) -> bool:
    """Whether it must have a value; one with a text as flag_value may do without."""
    return not option.is_flag and not option.count and not isinstance(option.flag_value, str)


def _options(command: click.Command) -> dict[str, click.Option]:
    return {
        name: parameter
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    }


def _joined(written: str, value: str) -> str:
    return f"{written}={value}" if written.startswith("--") else f"{written}{value}"
