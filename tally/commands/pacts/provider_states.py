"""`tally provider-states`: what providers have to set up before they are verified."""

import click

from tally.broker_client import BrokerClient, Link, Resource
from tally.commands import answers
from tally.commands.environments.environments import environment_link
from tally.commands.options import broker_options, log_level_option, output_option, start_logging
from tally.errors import UsageError
from tally.hashing import compact_json

HEADINGS = ("STATE", "CONSUMERS", "PARAMETERS")


@click.group("provider-states")
@log_level_option
def provider_states(log_level: str) -> None:
    """See the provider states that a provider has to know.

    \b
    Example:
      tally provider-states list --provider Orders
    """
    start_logging(log_level)


@provider_states.command("list")
@click.option("-r", "--provider", required=True, metavar="NAME", help="The provider.")
@click.option("--branch", metavar="NAME", help="Those in the latest pacts of this branch of the consumers.")
@click.option("--environment", metavar="NAME", help="Those in the pacts of what is in this environment.")
@click.option("--json", "as_json", is_flag=True, help="The same as --output json.")
@output_option()
@broker_options
def list_provider_states(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    provider: str,
    branch: str | None,
    environment: str | None,
    as_json: bool,
    output: str,
) -> None:
    """List the provider states in the pacts of a provider, each once.

    They come from the latest pact on the main branch of each consumer.

    \b
    Example:
      tally provider-states list --provider Orders --environment production
    """
    if branch is not None and environment is not None:
        raise UsageError("--branch and --environment exclude each other: give one of them, or none.")
    found = _fetch(broker, provider, branch, environment)
    rows = [
        {
            "STATE": state["name"],
            "CONSUMERS": ", ".join(state.get("consumers") or ()),
            "PARAMETERS": compact_json(state["params"]).decode() if state.get("params") else "",
        }
        for state in found.state.get("providerStates") or ()
    ]
    nothing = "" if rows else _nothing(broker, provider, branch, environment)
    answers.listing(found.state, "json" if as_json else output, rows, headings=HEADINGS, nothing=nothing)


def _fetch(broker: BrokerClient, provider: str, branch: str | None, environment: str | None) -> Resource:
    """Fetch them; a broker whose index does not say where has them below the pacts of the provider."""
    kind, name = ("environment", environment) if branch is None else ("branch", branch)
    index = broker.index()
    relation = "tally:provider-states" if name is None else f"tally:{kind}-provider-states"
    link = next(index.links(relation), None)
    if link is None:
        below = "" if name is None else f"/{kind}/{{{kind}}}"
        pacts = index.link("pb:provider-pacts").href
        link = Link(f"{pacts}/provider-states{below}")
    with answers.known_pacticipant(broker, provider, f"The broker has no provider states of {provider}."):
        return broker.get(link.expand(provider=provider, branch=name or "", environment=name or ""))


def _nothing(broker: BrokerClient, provider: str, branch: str | None, environment: str | None) -> str:
    """Return that there are none; raises UsageError when there is no such environment."""
    if environment is not None:
        environment_link(broker.follow(broker.index(), "pb:environments"), environment)
        return f"No pact with {provider} has a provider state, among what is in {environment}."
    where = "the main branch" if branch is None else f"branch {branch}"
    return f"No pact with {provider} has a provider state, on {where} of its consumers."
