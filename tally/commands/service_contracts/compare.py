"""`tally compare`: does a pact fit the documents of the provider, without running anything."""

import sys

import click

from tally.commands import output as printing
from tally.commands.options import output_option
from tally.commands.service_contracts.compared_files import (
    STANDARD_INPUT,
    check_answerable,
    read_consumer,
    read_contract,
)
from tally.commands.service_contracts.comparison_report import as_rows, as_text
from tally.comparison.comparing import compare as compare_contracts
from tally.comparison.consumer_documents import compare_consumer
from tally.comparison.findings import Policy, Verdict
from tally.errors import UsageError
from tally.pact import Pact

_EXIT_CODES = {Verdict.COMPATIBLE: 0, Verdict.INCOMPATIBLE: 1, Verdict.UNKNOWN: 2}


@click.command()
@click.argument("pact")
@click.argument("documents", nargs=-1, required=True, metavar="DOCUMENT...")
@click.option(
    "--policy",
    type=click.Choice([policy.value for policy in Policy]),
    default=Policy.POSSIBLE.value,
    show_default=True,
    help="What decides: may the provider answer so, or must it always.",
)
@click.option(
    "--servers", is_flag=True, help="The paths of the pact begin as the servers of the document do (/v1)."
)
@click.option(
    "--channel", metavar="NAME", help="The channel of the messages that a plain JSON Schema describes."
)
@click.option(
    "--direction",
    type=click.Choice(["sent", "received", "both"]),
    help="Who writes the messages of a plain JSON Schema, seen from the provider.",
)
@output_option()
def compare(  # noqa: PLR0913, PLR0917 - one parameter for each option
    pact: str,
    documents: tuple[str, ...],
    policy: str,
    servers: bool,  # noqa: FBT001 - an option
    channel: str | None,
    direction: str | None,
    output: str,
) -> None:
    """Compare PACT with the service contracts of its provider, without running anything.

    A DOCUMENT is OpenAPI, AsyncAPI, a JSON Schema of messages or a native service contract, as JSON or YAML;
    "-" is standard input. Give all documents of the provider together. PACT may also be a native document
    with the role "consumer".

    \b
    Example:
      tally compare pacts/shop-orders.json openapi.yaml asyncapi.yaml --policy guaranteed

    Exits with 0 when they fit, 1 when they do not, 2 when something could not be compared.
    """
    if [pact, *documents].count(STANDARD_INPUT) > 1:
        raise UsageError('Only one file can be read from standard input ("-"): give the others by name.')
    consumer = read_consumer(pact)
    contract = read_contract(documents, channel, direction)
    if isinstance(consumer, Pact):
        check_answerable(consumer, contract)
        comparison = compare_contracts(consumer, contract, Policy(policy), with_servers=servers)
        title = f"{consumer.consumer} and {consumer.provider}"
    else:
        comparison = compare_consumer(consumer, contract, Policy(policy), with_servers=servers)
        title = f"{consumer.service or 'The consumer'} and {contract.service or 'the provider'}"
    if output in {"json", "pretty"}:
        printing.document(comparison.as_json(), output)
    elif output == "table":
        printing.table(
            ("INTERACTION", "VERDICT", "SEVERITY", "QUESTION", "CODE", "PACT"), as_rows(comparison)
        )
    else:
        for text, kind in as_text(comparison, title):
            printing.say(text, kind)
    sys.exit(_EXIT_CODES[comparison.verdict])
