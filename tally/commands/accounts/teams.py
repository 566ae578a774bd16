"""`tally teams`: who publishes, verifies and deploys which applications."""

from typing import Any

import click

from tally.broker_client import BrokerClient
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.accounts import following
from tally.commands.options import broker_options, output_option
from tally.errors import UsageError

HEADINGS = ("NAME", "MEMBERS", "APPLICATIONS", "DESCRIPTION")
MEMBER_HEADINGS = ("NAME", "KIND", "ROLES", "STATE")


@click.group()
def teams() -> None:
    """List and change teams: their members, and the applications that they own.

    \b
    Examples:
      tally teams create payments --own Shop
      tally teams members payments ann team-administrator
      tally teams members payments shop-ci publisher --service
    """


@teams.command("list")
@output_option()
@broker_options
def list_teams(*, broker: BrokerClient, output: str) -> None:
    """List the teams.

    \b
    Example:
      tally teams list
    """
    listed = broker.get(following.link(broker, "tally:teams").expand())
    rows = [
        {
            "NAME": each["name"],
            "MEMBERS": str(each["members"]),
            "APPLICATIONS": str(each["pacticipants"]),
            "DESCRIPTION": each.get("description") or "",
        }
        for each in listed.embedded("teams")
    ]
    nothing = "There are no teams yet: tally teams create NAME"
    answers.listing(listed.state, output, rows, headings=HEADINGS, nothing=nothing)


@teams.command()
@click.argument("name")
@click.option("--description", metavar="TEXT", help="What it does.")
@click.option(
    "--own",
    "owned",
    metavar="APPLICATION",
    multiple=True,
    help="An application of the team; may be repeated.",
)
@broker_options
def create(*, broker: BrokerClient, name: str, description: str | None, owned: tuple[str, ...]) -> None:
    """Create a team.

    \b
    Example:
      tally teams create payments --own Shop --own Bank
    """
    body = {"name": name} if description is None else {"name": name, "description": description}
    created = broker.post(following.link(broker, "tally:teams").expand(), body)
    printing.say(f"Created the team {name}.", "success")
    for application in owned:
        broker.put(created.link("tally:team-pacticipant").expand(pacticipant=application), {})
        printing.say(f"{name} owns {application}.", "success")


@teams.command()
@click.argument("team")
@click.argument("account", required=False)
@click.argument("roles", nargs=-1, metavar="[ROLE]...")
@click.option("--remove", is_flag=True, help="Take all roles in the team away from ACCOUNT.")
@click.option("--service", is_flag=True, help="Create ACCOUNT as a service account of the team.")
@output_option()
@broker_options
def members(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    team: str,
    account: str | None,
    roles: tuple[str, ...],
    remove: bool,
    service: bool,
    output: str,
) -> None:
    """List the members of a team, or replace the roles of one.

    \b
    Examples:
      tally teams members payments
      tally teams members payments ann team-administrator
    """
    found = following.team(broker, team)
    if account is None:
        _list_members(found.state, output)
        return
    link = found.link("tally:team-member").expand(account=account)
    if remove:
        broker.delete(link)
        printing.say(f"{account} has no roles in {team} any more.", "success")
        return
    if service:
        body = {"name": account, **({"roles": list(roles)} if roles else {})}
        made = broker.post(found.link("tally:team-accounts").href, body)
        sentence = (
            f"Created the service account {account}. Its token: tally tokens create ci --account {account}"
        )
    elif roles:
        made = broker.put(link, {"roles": list(roles)})
        sentence = f"{account} in {team}: {', '.join(roles)}"
    else:
        raise UsageError("Which roles? Such as publisher, deployer or team-administrator; or --remove.")
    row = {"NAME": account, "ROLES": following.roles_text(made.state["roles"])}
    answers.outcome(made.state, output, sentence, row)


@teams.command()
@click.argument("team")
@click.argument("applications", nargs=-1, required=True, metavar="APPLICATION...")
@broker_options
def own(*, broker: BrokerClient, team: str, applications: tuple[str, ...]) -> None:
    """Give applications to a team; one that is not there yet is created.

    \b
    Example:
      tally teams own payments Shop Bank
    """
    link = following.team(broker, team).link("tally:team-pacticipant")
    for application in applications:
        broker.put(link.expand(pacticipant=application), {})
        printing.say(f"{team} owns {application}.", "success")


@teams.command()
@click.argument("team")
@click.argument("applications", nargs=-1, required=True, metavar="APPLICATION...")
@broker_options
def disown(*, broker: BrokerClient, team: str, applications: tuple[str, ...]) -> None:
    """Take applications away from a team. What has no team, only administrators change.

    \b
    Example:
      tally teams disown payments Bank
    """
    link = following.team(broker, team).link("tally:team-pacticipant")
    for application in applications:
        with answers.not_found(f"The team {team} does not own {application}."):
            broker.delete(link.expand(pacticipant=application))
        printing.say(f"{team} does not own {application} any more.", "success")


@teams.command()
@click.argument("team")
@broker_options
def delete(*, broker: BrokerClient, team: str) -> None:
    """Delete a team. Its members and its applications stay.

    \b
    Example:
      tally teams delete payments
    """
    broker.delete(following.team(broker, team).link("self").href)
    printing.say(f"Deleted the team {team}.", "success")


def _list_members(team: dict[str, Any], output: str) -> None:
    embedded = team["_embedded"]
    kinds = (("person", "members"), ("service", "serviceAccounts"))
    rows = [
        {
            "NAME": each["name"],
            "KIND": kind,
            "ROLES": following.roles_in_team(each["roles"], team["name"]),
            "STATE": "disabled" if each["disabled"] else "enabled",
        }
        for kind, rel in kinds
        for each in embedded[rel]
    ]
    nothing = f"{team['name']} has no members yet: tally teams members {team['name']} ACCOUNT ROLE"
    answers.listing(team, output, rows, headings=MEMBER_HEADINGS, nothing=nothing)
