"""`tally mcp`: answer what coding assistants ask, over stdio or HTTP."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from tally.assistants.sources.sources import Files, Sources
from tally.broker_client import BrokerClient
from tally.commands.options import optional_broker_options
from tally.errors import TallyError, UsageError
from tally.option_values import WholeNumber


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
@click.option(
    "--http", "over_http", is_flag=True, help="Answer over HTTP, everybody with their own credentials."
)
@click.option("--host", metavar="ADDRESS", help="Address to listen on (127.0.0.1: this machine alone).")
@click.option("--port", metavar="PORT", type=WholeNumber(1, 65535), help="Port to listen on (8008).")
@click.option(
    "--base-url", metavar="URL", help="Address that others reach it at, if there is a proxy in front."
)
@click.option(
    "--allow-provider",
    "allowed_providers",
    multiple=True,
    metavar="HOST",
    help="A host besides this machine that an assistant may verify a provider on; may be repeated.",
)
@optional_broker_options
def mcp(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient | None,
    pacts: tuple[Path, ...],
    contracts: tuple[Path, ...],
    allow_writes: bool,
    over_http: bool,
    host: str | None,
    port: int | None,
    base_url: str | None,
    allowed_providers: tuple[str, ...],
) -> None:
    """Answer what coding assistants ask, by the Model Context Protocol.

    It answers from a broker, or from files of this machine: --pacts and --contract. An editor starts it and
    speaks to it on standard input and output. With --http it answers at http://127.0.0.1:8008/mcp: every
    request has the credentials (Authorization) that the broker is asked with.

    \b
    Examples:
      tally mcp --broker-base-url http://localhost:9292
      tally mcp --pacts ./pacts --contract openapi.yaml
      tally mcp --http --broker-base-url https://broker.example.com
    """
    serve: Callable[..., None]
    sources = Sources(broker, Files(pacts, contracts), Path.cwd(), allowed_providers)
    if broker is None and not sources.files:
        raise UsageError("Nothing to answer from: give --broker-base-url, --pacts or --contract.")
    sources.files.pacts()  # a file that is none of both is said now, not to the assistant
    sources.files.service_contracts()
    if not over_http and (host or port or base_url):
        raise UsageError("--host, --port and --base-url are for --http: give it as well.")
    try:
        if over_http:
            from tally.assistants.server import http  # noqa: PLC0415 - the protocol is slow to load

            listening = http.Listening(host or "127.0.0.1", port or 8008, base_url)
            serve = partial(http.run, listening=listening)
        else:
            from tally.assistants.server import stdio  # noqa: PLC0415 - ditto

            serve = stdio.run
    except ImportError as error:
        missing = (error.name or "mcp").partition(".")[0]
        if missing == __name__.partition(".")[0]:
            raise
        raise TallyError(
            f"'mcp' needs {missing}, which is not installed, or too old: pip install 'tallystick[mcp]'"
        ) from error
    serve(sources, may_write=allow_writes)
