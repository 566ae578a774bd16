"""`tally create-environment`, `tally list-environments`, and how other commands find an environment."""

import difflib
from typing import Any

import click

from tally.broker_client import BrokerClient, Link, Resource
from tally.commands import answers
from tally.commands.options import FORMATS, broker_options, output_option
from tally.errors import UsageError

HEADINGS = ("NAME", "DISPLAY NAME", "PRODUCTION", "UUID")


@click.command()
@click.option("--name", metavar="NAME", required=True, help="Its name in commands.")
@click.option("--display-name", metavar="NAME", help="Its name on pages.")
@click.option("--production/--no-production", default=False, help="Whether it is a production environment.")
@click.option("--contact-name", metavar="NAME", help="The team or person responsible for it.")
@click.option("--contact-email-address", metavar="ADDRESS", help="Their e-mail address.")
@output_option(*FORMATS, "id")
@broker_options
def create_environment(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    name: str,
    display_name: str | None,
    production: bool,
    contact_name: str | None,
    contact_email_address: str | None,
    output: str,
) -> None:
    """Create an environment, such as "test" or "production", that applications are deployed to.

    \b
    Example:
      tally create-environment --name uat --display-name "User acceptance" --no-production
    """
    body: dict[str, Any] = {"name": name, "production": production}
    if display_name:
        body["displayName"] = display_name
    if contact_name or contact_email_address:
        body["contacts"] = [contact(contact_name, contact_email_address)]
    created = broker.post(broker.index().link("pb:environments").expand(), body)
    sentence = f"Created environment {name} ({created.state['uuid']})."
    answers.outcome(created.state, output, sentence, environment_row(created.state))


@click.command()
@output_option()
@broker_options
def list_environments(*, broker: BrokerClient, output: str) -> None:
    """List the environments that the broker knows.

    \b
    Example:
      tally list-environments --output json
    """
    environments = broker.follow(broker.index(), "pb:environments")
    rows = [environment_row(item) for item in environments.embedded("environments")]
    nothing = "There are no environments yet. Create one: tally create-environment --name test"
    answers.listing(environments.state, output, rows, headings=HEADINGS, nothing=nothing)


def environment_row(state: dict[str, Any]) -> dict[str, str]:
    """Return what a table says of an environment."""
    production = "yes" if state.get("production") else "no"
    return dict(
        zip(HEADINGS, (state["name"], state.get("displayName") or "", production, state["uuid"]), strict=True)
    )


def environment_link(environments: Resource, name: str) -> Link:
    """Return the link to the environment; raises UsageError with the names that there are."""
    links = {link.name or "": link for link in environments.links("pb:environments")}
    if name in links:
        return links[name]
    near = difflib.get_close_matches(name, links, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    known = f"The broker knows {', '.join(sorted(links))}." if links else "The broker knows none."
    raise UsageError(
        f"There is no environment {name!r}.{hint} {known} "
        f"To create it: tally create-environment --name {name}"
    )


def contact(name: str | None, email_address: str | None) -> dict[str, Any]:
    """Return whom to ask about an environment; raises UsageError for an address without a name."""
    if not name:
        raise UsageError("--contact-email-address needs --contact-name: whose address is it?")
    return {"name": name, **({"details": {"emailAddress": email_address}} if email_address else {})}
