"""`tally secrets`: values that webhooks use by name, and that nobody can read back."""

import sys
from typing import Any

import click

from tally.broker_client import BrokerClient, Link
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.options import broker_options, output_option
from tally.errors import UsageError

CREATED = 201
HEADINGS = ("NAME", "DESCRIPTION", "CREATED", "UPDATED")
VARIABLE = "TALLY_SECRET_VALUE"


@click.group()
def secrets() -> None:
    """Store the secrets that webhooks use as ${secret.NAME}; their values are never shown.

    \b
    Examples:
      tally secrets set github --value-stdin < token.txt
      tally secrets list
    """


@secrets.command("list")
@output_option()
@broker_options
def list_secrets(*, broker: BrokerClient, output: str) -> None:
    """List the names of the secrets.

    \b
    Example:
      tally secrets list
    """
    listed = broker.get(_link(broker, "tally:secrets").expand())
    rows = [
        {
            "NAME": item["name"],
            "DESCRIPTION": item.get("description") or "",
            "CREATED": printing.moment(item.get("createdAt") or ""),
            "UPDATED": printing.moment(item.get("updatedAt") or ""),
        }
        for item in listed.embedded("secrets")
    ]
    nothing = "There are no secrets yet: tally secrets set NAME --value-stdin"
    answers.listing(listed.state, output, rows, headings=HEADINGS, nothing=nothing)


@secrets.command("set")
@click.argument("name")
@click.option("--value-stdin", is_flag=True, help="Read the value from standard input.")
@click.option(
    "--value",
    envvar=VARIABLE,
    show_envvar=True,
    metavar="TEXT",
    help="The value. Other users of the machine can see options: prefer --value-stdin, or the variable.",
)
@click.option("--description", metavar="TEXT", help="What it is for.")
@click.option("--team", metavar="TEAM", help="The team whose webhooks may use it; without it, as it is.")
@click.option(
    "--host",
    multiple=True,
    metavar="HOST",
    help="Where it may be sent: hooks.example.org, *.example.org; may be repeated. Without it, as it is.",
)
@broker_options
def set_secret(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    name: str,
    value_stdin: bool,
    value: str | None,
    description: str | None,
    team: str | None,
    host: tuple[str, ...],
) -> None:
    """Store a secret, or replace it.

    On a terminal it asks for the value. One line feed at the end of standard input is not part of it.

    \b
    Example:
      tally secrets set github --value-stdin < token.txt
    """
    link = _link(broker, "tally:secret")
    body: dict[str, Any] = {"value": _value(name, value, from_stdin=value_stdin)}
    if description is not None:
        body["description"] = description
    if "" in {team, *host}:
        raise UsageError("--team or --host is empty: name one, or leave the option out.")
    if team:
        body["team"] = team
    if host:
        body["hosts"] = list(host)
    stored = broker.put(link.expand(secret=name), body)
    done = "Stored" if stored.status == CREATED else "Replaced"
    printing.say(f"{done} the secret {name}. Webhooks use it as ${{secret.{name}}}.", "success")


@secrets.command("delete")
@click.argument("name")
@broker_options
def delete_secret(*, broker: BrokerClient, name: str) -> None:
    """Delete a secret; webhooks that use it fail from now on.

    \b
    Example:
      tally secrets delete github
    """
    with answers.not_found(f"There is no secret {name!r}. (All of them: tally secrets list)"):
        broker.delete(_link(broker, "tally:secret").expand(secret=name))
    printing.say(f"Deleted the secret {name}.", "success")


def _link(broker: BrokerClient, relation: str) -> Link:
    link = next(broker.index().links(relation), None)
    if link is None:
        raise UsageError(f"The broker at {broker.base_url} keeps no secrets: is it a Tallystick broker?")
    return link


def _value(name: str, value: str | None, *, from_stdin: bool) -> str:
    if from_stdin and value is not None:
        raise UsageError(f"--value-stdin and --value ({VARIABLE}) exclude each other: give one of them.")
    if from_stdin:
        value = _without_line_feed(sys.stdin.buffer.read())
    elif value is None and sys.stdin.isatty():
        value = click.prompt(f"Value of {name}", hide_input=True, err=True, default="", show_default=False)
    if value is None:
        raise UsageError(f"Which value? Give --value-stdin, or set {VARIABLE}.")
    if not value:
        raise UsageError("The value is empty: is the file or the variable that it comes from?")
    return value


def _without_line_feed(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise UsageError("--value-stdin: standard input is not UTF-8.") from error
    return text.removesuffix("\n").removesuffix("\r")
