"""Pages of teams: the list of them, and each with its people, its applications and its service accounts."""

from collections.abc import Collection, Mapping, Sequence

from flask import Response

from broker.domain.accounts.account import Member, Team
from broker.domain.accounts.permissions import Action, Role
from broker.services.accounts import teams
from broker.services.accounts.team_page import ServiceAccount, team_page
from broker.web.context import actor, now, reading
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table, download_of
from tally.values import dataclass

MOST_APPLICATIONS = 200
"""Applications of a team on its page; the file has all."""


@dataclass(frozen=True)
class _Row:
    team: Team
    my_roles: Sequence[Role]
    members: int
    pacticipants: int


TEAMS: Table[_Row] = Table(
    "teams",
    (
        Column("name", "Team", lambda row: row.team.name),
        Column("description", "Description", lambda row: row.team.description),
        Column("myRoles", "My roles", lambda row: row.my_roles),
        Column("members", "People", lambda row: row.members, is_amount=True),
        Column("pacticipants", "Applications", lambda row: row.pacticipants, is_amount=True),
    ),
)
MEMBERS: Table[Member] = Table(
    "members",
    (
        Column("name", "Name", lambda member: member.account.name),
        Column("displayName", "", lambda member: member.account.display_name),
        Column("roles", "Roles", lambda member: member.roles),
        Column("fromGroup", "", lambda member: member.from_group),
        Column("disabled", "", lambda member: member.account.is_disabled),
    ),
)
PACTICIPANTS: Table[str] = Table("pacticipants", (Column("name", "Application", lambda name: name),))
SERVICES: Table[ServiceAccount] = Table(
    "serviceAccounts",
    (
        Column("name", "Name", lambda one: one.account.name),
        Column("displayName", "", lambda one: one.account.display_name),
        Column("roles", "", lambda one: one.roles),
        Column("tokens", "", lambda one: len(one.tokens)),
        Column("trusts", "", lambda one: len(one.trusts)),
        Column("disabled", "", lambda one: one.account.is_disabled),
    ),
)
_KNOWN = Needs(Action.OWN_ACCOUNT)


@forms.page("teams", needs=_KNOWN)
def all_teams(_form: Form) -> Response:
    """Show the teams."""
    with reading() as storage:
        found = teams.everyone(storage)
    mine = _my_roles()
    rows = [
        _Row(each.team, sorted(mine.get(each.team.id, ())), each.members, each.pacticipants) for each in found
    ]
    rows.sort(key=lambda row: not row.my_roles)  # one's own first
    return TEAMS.download(rows) or render("accounts/teams.html", listed=rows, table=TEAMS)


@forms.page("team", needs=_KNOWN)
def team(_form: Form, team: str) -> Response:
    """Show a team."""
    with reading() as storage:
        found = team_page(storage, team, now())
    if file := download_of(
        (MEMBERS, found.members), (PACTICIPANTS, found.pacticipants), (SERVICES, found.services)
    ):
        return file
    return render(
        "accounts/team.html",
        my_roles=sorted(_my_roles().get(found.team.id, ())),
        moment=now(),
        most=MOST_APPLICATIONS,
        **vars(found),
    )


def _my_roles() -> Mapping[int, Collection[Role]]:
    found: dict[int, set[Role]] = {}
    for grant in actor().grants:
        if grant.team_id is not None:
            found.setdefault(grant.team_id, set()).add(grant.role)
    return found
