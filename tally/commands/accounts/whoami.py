"""`tally whoami`: who the broker takes you for."""

from collections.abc import Mapping
from typing import Any

import click

from tally.broker_client import BrokerClient
from tally.commands import answers
from tally.commands.accounts import following
from tally.commands.options import broker_options, output_option


@click.command()
@output_option()
@broker_options
def whoami(*, broker: BrokerClient, output: str) -> None:
    """Show who the broker takes you for, and what you may do.

    \b
    Example:
      tally whoami
    """
    found = broker.get(following.link(broker, "tally:me").expand()).state
    roles = [*found["roles"], *(_in(team, role) for team in found["teams"] for role in team["roles"])]
    row = {
        "NAME": found["name"],
        "KIND": found["kind"] + (f" of {found['team']}" if found.get("team") else ""),
        "BY": found.get("via") or "",
        "ROLES": ", ".join(roles),
        "PACTICIPANTS": ", ".join(found.get("pacticipants") or ()),
        "ENVIRONMENTS": ", ".join(found.get("environments") or ()),
        "MAY": ", ".join(_permission(*item) for item in sorted(found["may"].items())),
    }
    answers.description(found, output, row)


def _in(team: Mapping[str, Any], role: str) -> str:
    return f"{role}@{team['name']}"


def _permission(action: str, where: str | list[str]) -> str:
    return action if where == "all" else f"{action} ({', '.join(where)})"
