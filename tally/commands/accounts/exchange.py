"""`tally tokens exchange`: the id token of this pipeline becomes a token of the broker, for other clients."""

import os
from dataclasses import replace

import click

from tally.broker_client import BrokerClient
from tally.commands import output as printing
from tally.commands.options import broker_options, output_option
from tally.errors import BrokerError


@click.command()
@click.option(
    "--account",
    metavar="NAME",
    envvar="TALLY_ACCOUNT",
    show_envvar=True,
    help="The service account, where trusts of several fit.",
)
@output_option()
@broker_options
def exchange(*, broker: BrokerClient, account: str | None, output: str) -> None:
    """Exchange the id token of this pipeline for a token, and print it.

    The other commands do that by themselves when PACT_BROKER_TOKEN is not set. On GitHub Actions the job
    needs `permissions: id-token: write`; elsewhere the id token is in TALLY_ID_TOKEN. The token lives 15
    minutes at most. In a script: export PACT_BROKER_TOKEN=$(tally tokens exchange)

    \b
    Example:
      tally tokens exchange --output json
    """
    from tally.pipeline_tokens import EXCHANGE, required_pipeline  # noqa: PLC0415 - slow to load

    pipeline = required_pipeline(os.environ)
    found = broker.exchange(replace(pipeline, account=account or None))
    if found is None:
        raise BrokerError(f"{broker.base_url}{EXCHANGE} does not exist: this broker exchanges no id tokens.")
    if output == "text":
        click.echo(found.text)
    elif output == "table":
        scopes = ", ".join(found.document.get("scopes", ()))
        printing.table(("TOKEN", "EXPIRES", "SCOPES"), [(found.text, found.document["expiresAt"], scopes)])
    else:
        printing.document(dict(found.document), output)
