"""Environments that exist: describing, changing and deleting them."""

from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.environments.environments import (
    contact,
    environment_link,
    environment_row,
    protection,
    protection_options,
)
from tally.commands.options import FORMATS, broker_options, output_option
from tally.errors import UsageError
from tally.option_values import CommandWithSeveralValues

_uuid_option = click.option("--uuid", metavar="UUID", help="The environment, as list-environments shows it.")
_name_option = click.option("--name", metavar="NAME", help="The environment, by its name.")


@click.command()
@_uuid_option
@_name_option
@output_option()
@broker_options
def describe_environment(*, broker: BrokerClient, uuid: str | None, name: str | None, output: str) -> None:
    """Show an environment, and whom to ask about it.

    \b
    Example:
      tally describe-environment --name production
    """
    state = _find(broker, uuid, name).state
    more = {
        **({"DEPLOYERS": _deployers(state)} if "deployers" in state else {}),
        **({"REQUIRES": "a yes of can-i-deploy"} if state.get("requiresCanIDeploy") else {}),
        "CONTACTS": "; ".join(_who(item) for item in state.get("contacts") or ()),
        "CREATED": printing.moment(state.get("createdAt") or ""),
        "UPDATED": printing.moment(state.get("updatedAt") or ""),
    }
    answers.description(state, output, {**environment_row(state), **more})


@click.command(cls=CommandWithSeveralValues)
@click.option("--uuid", required=True, metavar="UUID", help="The environment, as list-environments shows it.")
@click.option("--name", metavar="NAME", help="Its new name, as commands use it.")
@click.option("--display-name", metavar="NAME", help="Its name, as people read it.")
@click.option("--production/--no-production", default=None, help="Whether its users are real ones.")
@click.option("--contact-name", metavar="NAME", help="The team or person to ask about it.")
@click.option("--contact-email-address", metavar="ADDRESS", help="How to reach them.")
@protection_options
@output_option(*FORMATS, "id")
@broker_options
def update_environment(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    uuid: str,
    name: str | None,
    display_name: str | None,
    production: bool | None,
    contact_name: str | None,
    contact_email_address: str | None,
    output: str,
    **more: Any,
) -> None:
    """Change an environment; what is not given stays as it is.

    \b
    Example:
      tally update-environment --uuid 8000883c-abf0-4b4c-b993-426f607092a9 --production
    """
    found = _find(broker, uuid, None)
    given = {"name": name, "displayName": display_name, "production": production}
    if contact_name or contact_email_address:
        given["contacts"] = [contact(contact_name, contact_email_address)]  # type: ignore[assignment]
    kept = {key: found.state[key] for key in _FIELDS if key in found.state}
    body = {**kept, **{key: value for key, value in given.items() if value is not None}, **protection(more)}
    updated = broker.put(found.link("self").expand(), body)
    sentence = f"Updated environment {body['name']} ({uuid})."
    answers.outcome(updated.state, output, sentence, environment_row(updated.state))


@click.command()
@_uuid_option
@_name_option
@broker_options
def delete_environment(*, broker: BrokerClient, uuid: str | None, name: str | None) -> None:
    """Delete an environment, with what is recorded as deployed or released there.

    \b
    Example:
      tally delete-environment --name uat
    """
    found = _find(broker, uuid, name)
    broker.delete(found.link("self").expand())
    printing.say(f"Deleted environment {found.state['name']} ({found.state['uuid']}).", "success")


_FIELDS = ("name", "displayName", "production", "contacts")


def _find(broker: BrokerClient, uuid: str | None, name: str | None) -> Resource:
    if bool(uuid) == bool(name):
        raise UsageError("Which environment? Give --uuid, or --name.")
    index = broker.index()
    if name:
        return broker.get(environment_link(broker.follow(index, "pb:environments"), name).expand())
    unknown = f"There is no environment with the uuid {uuid!r}. (All of them: tally list-environments)"
    with answers.not_found(unknown):
        return broker.follow(index, "pb:environment", uuid=uuid or "")


def _who(contact: dict[str, Any]) -> str:
    details = ", ".join(str(value) for value in (contact.get("details") or {}).values())
    return f"{contact.get('name')} ({details})" if details else str(contact.get("name"))


def _deployers(state: dict[str, Any]) -> str:
    """Return the teams that may deploy there; of a protected environment that lists none, who may instead."""
    nobody = "none: nobody but administrators" if state.get("protected") else ""
    return ", ".join(state["deployers"]) or nobody
