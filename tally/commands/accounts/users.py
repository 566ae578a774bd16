"""`tally users`: the accounts of people and of services."""

import sys
from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.accounts import following
from tally.commands.accounts.on_the_machine import PartlyOnTheMachine
from tally.commands.options import broker_options, output_option
from tally.errors import UsageError

HEADINGS = ("NAME", "KIND", "ROLES", "STATE", "LAST SEEN")


class Users(PartlyOnTheMachine):
    """`tally users`."""

    on_the_machine = ("reset",)
    with_option = (("create", "--admin"),)


@click.group(cls=Users)
def users() -> None:
    """List and change accounts: who may use the broker, with which roles.

    The first account is created on the machine of the broker, and so is a way back in.

    \b
    Examples:
      tally users create --admin ann
      tally users create bob --role publisher@payments
      tally users reset ann --admin
    """


@users.command("list")
@output_option()
@broker_options
def list_users(*, broker: BrokerClient, output: str) -> None:
    """List the accounts.

    \b
    Example:
      tally users list
    """
    listed = broker.get(following.link(broker, "tally:accounts").expand())
    rows = [_row(each) for each in listed.embedded("accounts")]
    answers.listing(listed.state, output, rows, headings=HEADINGS, nothing="There are no accounts.")


@users.command()
@click.argument("name")
@output_option()
@broker_options
def show(*, broker: BrokerClient, name: str, output: str) -> None:
    """Show an account.

    \b
    Example:
      tally users show ann
    """
    found = following.account(broker, name).state
    more = {"DISPLAY NAME": found.get("displayName", ""), "EMAIL": found.get("email", "")}
    answers.description(found, output, {**_row(found), **more})


@users.command()
@click.argument("name")
@click.option("--display-name", metavar="TEXT", help="The name for people.")
@click.option("--email", metavar="ADDRESS", help="The e-mail address.")
@click.option(
    "--role",
    "roles",
    metavar="ROLE[@TEAM]",
    multiple=True,
    help="A role, such as publisher@payments; may be repeated. Without one, reader.",
)
@click.option("--password-stdin", is_flag=True, help="Read a password from standard input.")
@click.option("--admin", is_flag=True, help="Create an administrator, on the machine of the broker.")
@output_option()
@broker_options
def create(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    name: str,
    display_name: str | None,
    email: str | None,
    roles: tuple[str, ...],
    password_stdin: bool,
    admin: bool,  # noqa: ARG001 - with it, a command of the broker is run
    output: str,
) -> None:
    """Create the account of a person.

    Without a password it prints a link by which the person logs in once, within 15 minutes. With --admin
    it works in the database itself, on the machine of the broker: see tally users create --admin --help.

    \b
    Example:
      tally users create bob --role publisher@payments
    """
    body: dict[str, Any] = {"name": name}
    given = {"displayName": display_name, "email": email}
    body |= {key: value for key, value in given.items() if value is not None}
    if roles:
        body["roles"] = following.wanted_roles(roles)
    if password_stdin:
        body["password"] = _password()
    created = broker.post(following.link(broker, "tally:accounts").expand(), body)
    answers.outcome(
        created.state, output, f"Created the account {created.state['name']}.", _row(created.state)
    )
    if not password_stdin and output == "text":
        _print_link(broker, created)


@users.command()
@click.argument("name")
@broker_options
def disable(*, broker: BrokerClient, name: str) -> None:
    """Disable an account: its sessions end, and its tokens work no more.

    \b
    Example:
      tally users disable bob
    """
    _change(broker, name, {"disabled": True})
    printing.say(f"Disabled {name}.", "success")


@users.command()
@click.argument("name")
@broker_options
def enable(*, broker: BrokerClient, name: str) -> None:
    """Enable an account again: its tokens work again.

    \b
    Example:
      tally users enable bob
    """
    _change(broker, name, {"disabled": False})
    printing.say(f"Enabled {name}.", "success")


@users.command()
@click.argument("name")
@broker_options
def delete(*, broker: BrokerClient, name: str) -> None:
    """Delete an account, with its tokens. The audit log keeps what it did.

    \b
    Example:
      tally users delete shop-ci
    """
    broker.delete(following.account(broker, name).link("self").href)
    printing.say(f"Deleted the account {name}.", "success")


@users.command()
@click.argument("name")
@click.argument("roles", nargs=-1, metavar="[ROLE[@TEAM]]...")
@click.option("--none", "is_none", is_flag=True, help="Take all roles away.")
@output_option()
@broker_options
def roles(*, broker: BrokerClient, name: str, roles: tuple[str, ...], is_none: bool, output: str) -> None:
    """Show the roles of an account, or replace them all.

    \b
    Example:
      tally users roles bob reader publisher@payments
    """
    if is_none and roles:
        raise UsageError("--none and roles exclude each other: give one of them.")
    found = following.account(broker, name)
    if roles or is_none:
        body = {"roles": following.wanted_roles(roles)}
        found = broker.put(found.link("tally:account-roles").href, body)
    answers.outcome(found.state, output, f"{name}: {_roles(found.state) or 'no roles'}", _row(found.state))


def _change(broker: BrokerClient, name: str, body: dict[str, Any]) -> Resource:
    return broker.patch(following.account(broker, name).link("self").href, body)


def _print_link(broker: BrokerClient, created: Resource) -> None:
    made = broker.post(created.link("tally:account-log-in-link").href, {})
    printing.say("Send this link, which works once, within 15 minutes:")
    click.echo(made.state["link"])


def _row(account: dict[str, Any]) -> dict[str, str]:
    return {
        "NAME": account["name"],
        "KIND": account["kind"] + (f" of {account['team']}" if account.get("team") else ""),
        "ROLES": _roles(account),
        "STATE": "disabled" if account.get("disabled") else "enabled",
        "LAST SEEN": account.get("lastSeenOn") or "",
    }


def _roles(account: dict[str, Any]) -> str:
    return following.roles_text(account.get("roles") or ())


def _password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise UsageError("--password-stdin: standard input is empty.")
    return password
