"""`tally scenario`: its options, its help, and its exit code."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tally.commands.options import broker_options, optional_broker_options, output_option
from tally.errors import UsageError
from tally.option_values import Number, WholeNumber, refuse_missing_values

if TYPE_CHECKING:  # its library is slow to load, and not every run has a broker
    from tally.broker_client import BrokerClient

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Scenario(click.Group):
    """A group whose command without a name is `run`: what is no command is a file or an option of it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help", "-h"}:
            args = ["run", *args]
        command = self.commands.get(args[0]) if args else None
        if command and not ctx.resilient_parsing:
            refuse_missing_values(command, args[1:])
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or self.commands["run"]


@click.group(cls=_Scenario, context_settings={"max_content_width": 100})
def scenario() -> None:
    """Execute the workflows of Arazzo documents over several services, or draft one.

    What is neither `run` nor `draft` is a file to run: see `tally scenario run --help`.

    \b
    Examples:
      tally scenario shop.arazzo.yaml --source orders=http://localhost:8080 \\
        --source payments=http://localhost:8081
      tally scenario draft --services Shop,Orders,Payments --out shop.arazzo.yaml \\
        --broker-base-url http://localhost:9292
    """


@scenario.command()
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME=URL",
    help="Where the service of a source description runs; may be repeated.",
)
@click.option(
    "--document",
    "documents",
    multiple=True,
    metavar="NAME=FILE",
    help="The service contract of a source, in place of the file that the Arazzo document names.",
)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=VALUE",
    help="An input of the workflows; WORKFLOW.NAME=VALUE is for one of them. May be repeated.",
)
@click.option(
    "--inputs",
    "inputs_file",
    metavar="FILE",
    help="Inputs as JSON or YAML, by name; those of one workflow under its id.",
)
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="Only workflows with this tag; may be repeated."
)
@click.option(
    "--workflow", "ids", multiple=True, metavar="ID", help="Only the workflow with this id; may be repeated."
)
@click.option(
    "--concurrency",
    type=WholeNumber(min=1, max=100),
    default=8,
    show_default=True,
    metavar="N",
    help="How many workflows that do not depend on each other are executed at once.",
)
@click.option(
    "--timeout",
    type=Number(min=0, min_open=True),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for each answer; x-contract-timeout of a step goes before it.",
)
@click.option(
    "--total-timeout",
    type=Number(min=0, min_open=True),
    metavar="SECONDS",
    help="Begin no step after this time; clean-ups are executed.",
)
@click.option(
    "--cleanup-timeout",
    type=Number(min=0, min_open=True),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="How long the clean-up of each workflow may take.",
)
@click.option(
    "--state-change-url",
    "state_urls",
    multiple=True,
    metavar="NAME=URL",
    help="Receives POST {action, state, params} for the x-contract-states of a source; may be repeated.",
)
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    metavar="NAME='HEADER: VALUE'",
    help="Add a header, such as a token, to each request to a source; may be repeated.",
)
@click.option("--ca-file", type=_FILE, metavar="FILE", help="PEM file of the certificates to trust.")
@click.option(
    "--client-certificate", type=_FILE, metavar="FILE", help="PEM file of the certificate to present."
)
@click.option("--client-key", type=_FILE, metavar="FILE", help="PEM file of its key.")
@click.option("--disable-ssl-verification", is_flag=True, help="Trust any certificate of the services.")
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON.")
@click.option("--junit", "junit_file", metavar="FILE", help="Write the report as JUnit XML.")
@click.option("--verbose", is_flag=True, help="Write what each step was asked.")
@click.option("--publish", is_flag=True, help="Publish the results to the broker.")
@click.option(
    "--version",
    "versions",
    multiple=True,
    metavar="NAME=VERSION",
    help="The version of a source's service that takes part; may be repeated.",
)
@click.option(
    "--environment",
    metavar="NAME",
    help="Publish under the versions that are deployed there, where --version does not say one.",
)
@click.option("--build-url", envvar="PACT_BUILD_URL", metavar="URL", help="The build that runs this.")
@output_option()
@optional_broker_options
def run(*, output: str, **given: Any) -> None:
    """Execute the workflows of FILES, Arazzo 1.0 documents in YAML or JSON.

    The exit code is 0 when every workflow passed, 1 when one failed, and 2 when something could not be
    checked: a wrong document or option, a service that cannot be reached, an interrupt. Clean-ups are
    executed in any case.

    \b
    Examples:
      tally scenario run shop.arazzo.yaml --source orders=http://localhost:8080
      tally scenario shop.arazzo.yaml --tag smoke --source orders=https://orders.example.org \\
        --header orders="Authorization: Bearer $TOKEN" --junit scenarios.xml
      tally scenario shop.arazzo.yaml --source orders=http://localhost:8080 \\
        --publish --version orders=1.2.3 --broker-base-url http://localhost:9292
    """  # fmt: skip
    from verifier.scenarios.main import exit_code_of  # noqa: PLC0415 - --help need not wait for it

    raise click.exceptions.Exit(exit_code_of(output, given))


@scenario.command()
@click.option(
    "--from-broker", is_flag=True, help="Draft from what the broker knows; there is no other source."
)
@click.option(
    "--services",
    required=True,
    metavar="NAMES",
    help="The services, by their names at the broker (comma-separated).",
)
@click.option(
    "--out", metavar="FILE", help="Write the draft to this file, and the services' documents beside it."
)
@broker_options
def draft(*, broker: "BrokerClient", from_broker: bool, services: str, out: str | None) -> None:  # noqa: ARG001 - the only source there is
    """Draft a workflow through services, from the pacts between them.

    The steps are the requests of the pacts, from consumers to providers; identifiers that an answer has
    are passed on to later requests; provider states become set-up, and what deletes becomes clean-up. What
    a person has to decide is under x-contract-undecided.

    \b
    Example:
      tally scenario draft --services Shop,Orders,Payments --out shop.arazzo.yaml \\
        --broker-base-url http://localhost:9292
    """
    from verifier.scenarios.drafts import drafted, written  # noqa: PLC0415 - --help need not wait for it

    names = [name.strip() for name in services.split(",") if name.strip()]
    if len(set(names)) < 2:  # noqa: PLR2004 - a scenario is about several
        raise UsageError("--services needs at least two names: --services Shop,Orders.")
    result = drafted(broker, list(dict.fromkeys(names)))
    if out is None:
        click.echo(result.text, nl=False)
    else:
        for file in written(result, Path(out)):
            click.echo(f"Wrote {file}")
    click.echo("To be decided:", err=True)
    for text in result.undecided:
        click.echo(f"- {text}", err=True)
