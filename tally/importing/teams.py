"""Copy teams, what they own, and their service accounts without tokens, which only a Tallystick has."""

from collections.abc import Sequence
from itertools import islice

from tally.errors import BrokerRefusedError
from tally.importing.brokers import BrokerReader, Document, TargetBroker
from tally.importing.journal import Journal

_MOST_NAMED = 10
_SERVICE = "service"


def team_names(broker: BrokerReader) -> set[str]:
    """Return the names of the teams, none of a broker without accounts."""
    return {team["name"] for team in broker.items("teams", "teams")} if broker.has_accounts else set()


def copy_teams(source: BrokerReader, target: TargetBroker, journal: Journal) -> None:
    """Copy the teams with what they own, and their service accounts with their roles.

    Not into a broker without accounts: with the first one, it would let in nobody who has no token, not even
    this import. People are named, and not copied: who administers the target says who is let in.
    """
    if not source.has_accounts:
        return
    teams, accounts = list(source.items("teams", "teams")), list(source.items("accounts", "accounts"))
    if not teams and not accounts:
        return
    _name_people(accounts, journal)
    if not target.has_accounts:
        journal.remark(
            "Teams and service accounts are not copied, as the target has no accounts: create its "
            "administrator (tally users create --admin), and run the command again with a token"
        )
        return
    present = {item["name"].casefold() for item in target.items("teams", "teams")}
    for team in teams:
        _copy_team(source, target, journal, team, is_there=team["name"].casefold() in present)
    names = {item["name"].casefold() for item in target.items("accounts", "accounts")}
    services = [item for item in accounts if item["kind"] == _SERVICE]
    for account in services:
        if account["name"].casefold() in names:
            journal.present["service accounts"] += 1
        else:
            _copy_service(target, journal, account)


def owned(broker: BrokerReader, team: str) -> Sequence[str]:
    """Return what a team owns."""
    found = broker.find("team", team=team)
    return [item["name"] for item in found.embedded("pacticipants")] if found else []


def _copy_team(
    source: BrokerReader, target: TargetBroker, journal: Journal, team: Document, *, is_there: bool
) -> None:
    name, date = team["name"], team["createdAt"]
    if target.keeps_nothing:  # a rehearsal has no team that could own anything
        journal.copied["teams"] += not is_there
        return
    try:
        if not is_there:
            body = {key: team[key] for key in ("name", "description") if team.get(key)}
            target.post("teams", body, date)
        missing = [each for each in owned(source, name) if each not in set(owned(target, name))]
        for pacticipant in missing:
            target.put("team-pacticipant", {}, date, team=name, pacticipant=pacticipant)
        (journal.present if is_there else journal.copied)["teams"] += 1
        journal.copied["owned applications"] += len(missing)
    except BrokerRefusedError as error:
        journal.refused(f"The team {name}", error)


def _copy_service(target: TargetBroker, journal: Journal, account: Document) -> None:
    """Create a service account, without tokens; one that was disabled is so again, before it has roles."""
    name, team, date = account["name"], account.get("team"), account["createdAt"]
    roles = [
        {key: role[key] for key in ("role", "team") if role.get(key)}
        for role in account.get("roles", ())
        if not role.get("fromGroup")
    ]
    if team is None:
        journal.problem(f"The service account {name} is not copied: it is of no team")
        return
    try:
        if not target.keeps_nothing:
            body = {"name": name, "displayName": account.get("displayName") or name, "roles": []}
            target.post("team-accounts", body, date, team=team)
            if account.get("disabled"):
                target.patch(target.url("account", account=name), {"disabled": True}, date)
            target.put("account-roles", {"roles": roles}, date, account=name)
        journal.copied["service accounts"] += 1
    except BrokerRefusedError as error:
        journal.refused(f"The service account {name}", error)
        return
    journal.remark("Service accounts have no tokens yet: make them with tally tokens create")


def _name_people(accounts: Sequence[Document], journal: Journal) -> None:
    people = [item["name"] for item in accounts if item["kind"] != _SERVICE]
    if people:
        others = len(people) - _MOST_NAMED
        named = ", ".join(islice(people, _MOST_NAMED)) + (f" and {others} more" if others > 0 else "")
        journal.remark(
            f"People are not copied, as nothing tells who they are at the target: {named}. Create them with "
            "tally users create, or let an identity provider bring them"
        )
