"""`tally create-environment`, `tally list-environments`, and how other commands find an environment."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any

import click

from tally.broker_client import BrokerClient, Link, Resource
from tally.commands import answers
from tally.commands.options import FORMATS, broker_options, output_option
from tally.errors import UsageError
from tally.option_values import CommandWithSeveralValues, SeveralValues

HEADINGS = ("NAME", "DISPLAY NAME", "PRODUCTION", "UUID")
PROTECTED = "PROTECTED"
"""The heading of what only brokers with accounts, or environments that are protected, say."""
Function = Callable[..., Any]
_PROTECTION = (
    click.option(
        "--protected/--no-protected",
        default=None,
        help="Whether only the deployers may record deployments; without it, as production.",
    ),
    click.option(
        "--deployers",
        cls=SeveralValues,
        metavar="TEAM",
        help="A team that may, if it is protected; may be repeated.",
    ),
    click.option("--no-deployers", is_flag=True, help="Let it list no team."),
    click.option(
        "--requires-can-i-deploy/--no-requires-can-i-deploy",
        default=None,
        help="Whether only what can-i-deploy says yes to is recorded.",
    ),
)


def protection_options(command: Function) -> Function:
    """Add what says who may deploy to an environment; `protection` reads it."""
    for option in reversed(_PROTECTION):
        command = option(command)
    return command


def protection(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a document says of who may deploy. Raises UsageError for a contradiction."""
    if given["deployers"] and given["no_deployers"]:
        raise UsageError("--deployers and --no-deployers exclude each other: give one of them.")
    document = {
        "protected": given["protected"],
        "deployers": list(given["deployers"]) or ([] if given["no_deployers"] else None),
        "requiresCanIDeploy": given["requires_can_i_deploy"],
    }
    return {name: value for name, value in document.items() if value is not None}


@click.command(cls=CommandWithSeveralValues)
@click.option("--name", metavar="NAME", required=True, help="Its name in commands.")
@click.option("--display-name", metavar="NAME", help="Its name on pages.")
@click.option("--production/--no-production", default=False, help="Whether it is a production environment.")
@click.option("--contact-name", metavar="NAME", help="The team or person responsible for it.")
@click.option("--contact-email-address", metavar="ADDRESS", help="Their e-mail address.")
@protection_options
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
    **given: Any,
) -> None:
    """Create an environment, such as "test" or "production", that applications are deployed to.

    \b
    Example:
      tally create-environment --name uat --display-name "User acceptance" --no-production
    """
    body: dict[str, Any] = {"name": name, "production": production, **protection(given)}
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
    headings = (*HEADINGS, PROTECTED) if any(PROTECTED in row for row in rows) else HEADINGS
    rows = [{PROTECTED: "no", **row} if PROTECTED in headings else row for row in rows]
    answers.listing(environments.state, output, rows, headings=headings, nothing=nothing)


def environment_row(state: dict[str, Any]) -> dict[str, str]:
    """Return what a table says of an environment."""
    shown = (
        state["name"],
        state.get("displayName") or "",
        _yes_or_no(state.get("production")),
        state["uuid"],
    )
    row = dict(zip(HEADINGS, shown, strict=True))
    return {**row, PROTECTED: _yes_or_no(state["protected"])} if "protected" in state else row


def _yes_or_no(value: object) -> str:
    return "yes" if value else "no"


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
