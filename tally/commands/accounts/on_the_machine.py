"""Commands that work in the broker's database: they are the broker's, and found when they are used."""

from collections.abc import Collection

import click

from tally.distributions import entry_points
from tally.errors import TallyError

GROUP = "tallystick.on_the_machine"
_NOT_HERE = "This works on the machine of the broker, in its database: pip install 'tallystick[broker]'"


class PartlyOnTheMachine(click.Group):
    """A group of commands of which some are the broker's, by their names; `create --admin` is as well."""

    on_the_machine: Collection[str] = ()
    """Names of commands that are the broker's."""
    with_option: Collection[tuple[str, str]] = ()
    """Names of commands that are the broker's with an option."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, sorted."""
        return sorted({*super().list_commands(ctx), *self.on_the_machine})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command. Raises TallyError when the broker is not installed."""
        if cmd_name in self.on_the_machine:
            return machine_command(f"{self.name}-{cmd_name}")
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands; what the broker's do is read without importing them."""
        points = entry_points(GROUP)
        named = {name: points.get(f"{self.name}-{name}") for name in self.on_the_machine}
        others = {name: click.Command(name, help=point.docstring()) for name, point in named.items() if point}
        click.Group(commands={**self.commands, **others}).format_commands(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; with an option that only the broker's has, it is that one."""
        for name, option in self.with_option:
            if args and args[0] == name and option in args:
                return name, machine_command(f"{self.name}-{name}"), args[1:]
        return super().resolve_command(ctx, args)


def machine_command(name: str) -> click.Command:
    """Import a command of the broker. Raises TallyError when it is not installed here."""
    point = entry_points(GROUP).get(name)
    if point is None:
        raise TallyError(_NOT_HERE)
    try:
        command: click.Command = point.load()
    except ModuleNotFoundError as error:
        raise TallyError(_NOT_HERE) from error
    return command
