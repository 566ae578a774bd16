"""`tally mcp`: answer what coding assistants ask, over stdio or HTTP."""

from pathlib import Path

import click

from tally.assistants.sources import Files, Sources
from tally.broker_client import BrokerClient
from tally.commands.options import optional_broker_options
from tally.errors import UsageError


@click.command()
@click.option(
    "--pacts",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="A pact file, or a folder of them, to answer from; may be repeated.",
)
@click.option(
    "--contract",
    "contracts",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A service contract to answer from, such as openapi.yaml; may be repeated.",
)
@click.option(
    "--allow-writes",
    is_flag=True,
    help="Offer tools that publish, record deployments and define webhooks. None deletes anything.",
)
@optional_broker_options
def mcp(
    *, broker: BrokerClient | None, pacts: tuple[Path, ...], contracts: tuple[Path, ...], allow_writes: bool
) -> None:
    """Answer what coding assistants ask, by the Model Context Protocol.

    It answers from a broker, or from files of this machine: --pacts and --contract. An editor starts it and
    speaks to it on standard input and output.

    \b
    Examples:
      tally mcp --broker-base-url http://localhost:9292
      tally mcp --pacts ./pacts --contract openapi.yaml
    """
    from tally.assistants.stdio import run  # noqa: PLC0415 - the protocol is slow to load

    sources = Sources(broker, Files(pacts, contracts))
    if broker is None and not sources.files:
        raise UsageError("Nothing to answer from: give --broker-base-url, --pacts or --contract.")
    sources.files.pacts()  # a file that is none of both is said now, not to the assistant
    sources.files.service_contracts()
    run(sources, may_write=allow_writes)
