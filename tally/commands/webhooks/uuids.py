"""`tally generate-uuid`."""

from uuid import uuid4

import click

from tally.commands.options import log_level_option


@click.command()
@log_level_option
def generate_uuid(log_level: str) -> None:  # noqa: ARG001 - there is nothing to log
    """Print a new UUID, for create-or-update-webhook.

    \b
    Example:
      tally generate-uuid
    """
    click.echo(uuid4())
