"""`tally deploy-plan`: find an order of deployments in which no step breaks an environment."""

from collections.abc import Sequence
from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import output as printing
from tally.commands.decisions.decision_requests import check_moment
from tally.commands.decisions.selectors import OrderedCommand, VersionSelector, given, selectors
from tally.commands.options import broker_options, output_option
from tally.errors import UsageError


@click.command(cls=OrderedCommand)
@click.option(
    "-a",
    "--pacticipant",
    multiple=True,
    required=True,
    metavar="NAME",
    help="An application to deploy; repeat the option for each application.",
)
@click.option("-e", "--version", multiple=True, required=True, metavar="VERSION", help="Its version.")
@click.option("--to-environment", required=True, metavar="NAME", help="The environment to deploy to.")
@click.option("--at", metavar="TIME", help="Plan as of this moment, such as 2026-10-01T00:00:00Z.")
@output_option()
@broker_options
@click.pass_context
def deploy_plan(
    ctx: click.Context,
    /,
    *,
    broker: BrokerClient,
    to_environment: str,
    at: str | None,
    output: str,
    **selecting: tuple[str, ...],
) -> None:
    """Find the order in which several versions can be deployed, one after the other.

    After each step, everything in the environment works together. Exits with 0 when there is such an order,
    1 when there is none, 2 when the broker could not be asked.

    \b
    Example:
      tally deploy-plan -a Shop -e 1.4.0 -a Orders -e 2.1.0 --to-environment production
    """
    moves = selectors(given(ctx, selecting))
    if not all(move.version for move in moves):
        raise UsageError("Give each --pacticipant its --version.")
    answer = plan(broker, moves, to_environment, at)
    if output in {"json", "pretty"}:
        printing.document(answer.state, output)
    elif output == "table":
        _tabulate(answer.state, to_environment)
    else:
        _explain(answer.state, to_environment)
    raise click.exceptions.Exit(0 if answer.state["summary"]["possible"] else 1)


def plan(
    broker: BrokerClient, moves: Sequence[VersionSelector], environment: str, at: str | None = None
) -> Resource:
    """Ask for the order in which the versions can go. Raises UsageError where the broker cannot plan."""
    link = next(broker.index().links("tally:deploy-plan"), None)
    if link is None:
        raise UsageError(
            f"The broker at {broker.base_url} cannot plan deployments: is it a Tallystick broker?"
        )
    pairs = [pair for move in moves for pair in move.parameters()]
    pairs += [("environment", environment), *([("at", at)] if at else [])]
    answer = broker.get(link.expand(), params=pairs)
    check_moment(answer, at, broker)
    return answer


def _tabulate(found: dict[str, Any], environment: str) -> None:
    rows = [
        (str(number), step["pacticipant"], step["version"]) for number, step in enumerate(found["steps"], 1)
    ]
    printing.table(("STEP", "APPLICATION", "VERSION"), rows)
    if not found["summary"]["possible"]:
        printing.say(_no(environment), "error", error=True)


def _no(environment: str) -> str:
    return f"No: every order breaks {environment} at some step."


def _explain(found: dict[str, Any], environment: str) -> None:
    steps = [f"{step['pacticipant']} {step['version']}" for step in found["steps"]]
    if found["summary"]["possible"]:
        printing.say(f"Deploy to {environment} in this order:", "success")
    else:
        printing.say(_no(environment), "error")
        if steps:
            click.echo("These versions can be deployed first:")
    for number, step in enumerate(steps, 1):
        click.echo(f"  {number}. {step}")
    for blocked in found["blocked"]:
        when = "then" if steps else "first"
        click.echo(f"\n{blocked['pacticipant']} {blocked['version']} cannot be deployed {when}:")
        for clash in blocked["because"]:
            click.echo(f"  {because(clash, environment)}")


def because(clash: dict[str, Any], environment: str) -> str:
    """Return why a version cannot go there, as a clause."""
    consumer = f"{clash['consumer']['name']} {clash['consumer']['version']}"
    provider = clash["provider"]["name"]
    if clash["provider"]["version"] is None:
        return f"{consumer} needs {provider}, and no version of it is in {environment}"
    which, is_failure = f"{provider} {clash['provider']['version']}", clash["result"] == "failed"
    if clash.get("tally:kind") == "service-contract":
        return f"{which} does not keep its own service contract"
    if clash.get("tally:kind") == "dependency":
        verdict = "does not have" if is_failure else "is not known to have"
        return f"{which} {verdict} what the service contract of {consumer} needs"
    return f"{which} {'does not keep' if is_failure else 'has not verified'} the pact of {consumer}"
