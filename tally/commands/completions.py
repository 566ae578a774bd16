"""`tally completions`: the script that lets a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

from tally.errors import UsageError

SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completions(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands and options in a shell.

    \b
    Examples:
      For bash, in ~/.bashrc:
        eval "$(tally completions bash)"
      For zsh, in ~/.zshrc:
        eval "$(tally completions zsh)"
      For fish, in ~/.config/fish/completions/tally.fish:
        tally completions fish | source
      For PowerShell, in $PROFILE:
        tally completions powershell | Out-String | Invoke-Expression
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"The installed click does not know {shell}: pip install --upgrade click")
    click.echo(kind(ctx.find_root().command, {}, "tally", "_TALLY_COMPLETE").source())
