"""`tally tokens`: tokens of the broker."""

import click

from tally.commands.accounts.exchange import exchange


@click.group()
def tokens() -> None:
    """Get tokens of the broker.

    \b
    Example:
      tally tokens exchange
    """


tokens.add_command(exchange)
