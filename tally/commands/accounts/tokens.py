"""`tally tokens`: tokens of people and of service accounts."""

from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.accounts import following
from tally.commands.accounts.exchange import exchange
from tally.commands.accounts.on_the_machine import PartlyOnTheMachine
from tally.commands.options import broker_options, output_option
from tally.errors import UsageError
from tally.option_values import WholeNumber

HEADINGS = ("NAME", "PREFIX", "SCOPES", "EXPIRES", "LAST USED", "UUID")
LONGEST_DAYS = 365


class Tokens(PartlyOnTheMachine):
    """`tally tokens`."""

    on_the_machine = ("adopt",)


@click.group(cls=Tokens)
def tokens() -> None:
    """List, create and revoke tokens of the broker, and exchange those of pipelines.

    \b
    Examples:
      tally tokens create laptop
      tally tokens create ci --account shop-ci --days 365
      tally tokens revoke ci --account shop-ci
      tally tokens exchange
    """


tokens.add_command(exchange)
_account = click.option("--account", metavar="NAME", help="A service account; without it, your own tokens.")


@tokens.command("list")
@_account
@output_option()
@broker_options
def list_tokens(*, broker: BrokerClient, account: str | None, output: str) -> None:
    """List the tokens that are valid.

    \b
    Example:
      tally tokens list --account shop-ci
    """
    listed = _listed(broker, account)
    rows = [
        {
            "NAME": each["name"],
            "PREFIX": each["prefix"],
            "SCOPES": ", ".join(each.get("scopes") or ["all"]),
            "EXPIRES": each["expiresAt"],
            "LAST USED": each.get("lastUsedOn") or "never",
            "UUID": each["uuid"],
        }
        for each in listed.embedded("tokens")
    ]
    nothing = "There are no valid tokens: tally tokens create NAME"
    answers.listing(listed.state, output, rows, headings=HEADINGS, nothing=nothing)


@tokens.command()
@click.argument("name")
@_account
@click.option(
    "--days", metavar="N", type=WholeNumber(1, LONGEST_DAYS), help="How many days it lives (90; at most 365)."
)
@click.option(
    "--scope",
    "scopes",
    metavar="PERMISSION",
    multiple=True,
    help="Only this, such as publish; may be repeated.",
)
@click.option(
    "--pacticipant",
    "pacticipants",
    metavar="NAME",
    multiple=True,
    help="Only for this application; may be repeated.",
)
@click.option(
    "--environment",
    "environments",
    metavar="NAME",
    multiple=True,
    help="Deployments only there; may be repeated.",
)
@output_option()
@broker_options
def create(*, broker: BrokerClient, name: str, account: str | None, output: str, **wanted: Any) -> None:
    """Create a token, and print it: it is shown this once.

    The token is the only line of standard output.

    \b
    Example:
      tally tokens create ci --account shop-ci --scope publish --scope verify
    """
    body: dict[str, Any] = {"name": name}
    if wanted["days"] is not None:
        body["expiresInDays"] = wanted["days"]
    body |= {key: list(wanted[key]) for key in ("scopes", "pacticipants", "environments") if wanted[key]}
    made = broker.post(_address(broker, account), body).state
    if "token" not in made:
        raise UsageError(
            f"The token {name} was made, but the answer with it was lost: tally tokens revoke {name}, and "
            "create another."
        )
    if output == "text":
        printing.say(f"{name} expires at {made['expiresAt']}. Keep it: it is shown this once.", error=True)
        click.echo(made["token"])
    else:
        answers.outcome(made, output, "", {"NAME": name, "TOKEN": made["token"], "UUID": made["uuid"]})


@tokens.command()
@click.argument("token", metavar="NAME|PREFIX|UUID")
@_account
@broker_options
def revoke(*, broker: BrokerClient, token: str, account: str | None) -> None:
    """Revoke a token: within seconds it works nowhere.

    \b
    Example:
      tally tokens revoke ci --account shop-ci
    """
    listed = _listed(broker, account)
    found = [
        each for each in listed.embedded("tokens") if token in {each["uuid"], each["prefix"], each["name"]}
    ]
    of = account or "you"
    if not found:
        raise UsageError(f"There is no valid token {token!r} of {of}. (All of them: tally tokens list)")
    if len(found) > 1:
        prefixes = ", ".join(each["prefix"] for each in found)
        raise UsageError(f"{token!r} are {len(found)} tokens: name one by its prefix ({prefixes}) or UUID.")
    broker.delete(Resource(listed.url, listed.status, found[0]).link("self").href)
    printing.say(f"Revoked {found[0]['name']} ({found[0]['prefix']}).", "success")


def _listed(broker: BrokerClient, account: str | None) -> Resource:
    return broker.get(_address(broker, account))


def _address(broker: BrokerClient, account: str | None) -> str:
    if account is None:
        return following.link(broker, "tally:tokens").expand()
    return following.account(broker, account).link("tally:account-tokens").href
