"""Teams, their members, what they own, and their service accounts."""

from flask import Response

from broker.domain.accounts.account import NewAccount
from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.permissions import Action
from broker.services.accounts import accounts as accounts_service
from broker.services.accounts import teams
from broker.services.accounts.teams import TeamCounts, TeamDetails
from broker.web.api.accounts import accounts, bodies
from broker.web.content_types import JSON, MERGE_PATCH
from broker.web.context import actor, links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, collection, resource, timestamps
from broker.web.resource import ApiResource
from broker.web.responses import created

api = ApiResource("teams", __name__)
api.relation(
    "tally:teams",
    "The teams. POST adds one: {name, description}.",
    "teams",
    title="Teams",
    with_accounts=True,
)
api.relation(
    "tally:team",
    "A team: its members, its service accounts, and the pacticipants that it owns. PATCH changes name and "
    "description. A team that still has webhooks, secrets or service accounts is not deleted.",
    "team",
    title="A team",
    with_accounts=True,
)
api.relation(
    "tally:team-member",
    'The roles of an account in a team. PUT replaces them: {"roles": ["publisher"]}; DELETE removes all.',
    "team-member",
)
api.relation(
    "tally:team-pacticipant",
    "A pacticipant that a team owns. PUT gives it to the team, and creates it if need be; DELETE takes it "
    "away.",
    "team-pacticipant",
)
api.relation(
    "tally:team-accounts",
    'POST adds a service account of the team: {"name": "shop-ci", "roles": ["publisher"]}.',
    "team-accounts",
)
_OWN = Needs(Action.OWN_ACCOUNT)
_MANAGES = Needs(Action.MANAGE_TEAM)


@api.get("teams", answers="Teams", refuses=(403,), needs=_OWN)
def index() -> Hal:
    """List the teams."""
    with reading() as storage:
        found = teams.everyone(storage)
    make = links()
    items = [_in_list(each, make) for each in found]
    return collection("teams", items, links={"self": make.to("teams", "Teams")})


@api.post(
    "teams",
    answers="Team",
    statuses=(201,),
    takes="NewTeam",
    refuses=(403, 422),
    needs=Needs(Action.ACCOUNTS),
)
def create() -> Response:
    """Add a team."""
    name, description = bodies.new_team()
    with transaction() as storage:
        found = teams.create(storage, name, description, now())
    make = links()
    return created(represent(found, make), make.href("team", team=found.team.name))


@api.get("team", answers="Team", refuses=(403,), needs=_OWN)
def show(team: str) -> Hal:
    """Show a team."""
    with reading() as storage:
        found = teams.details(storage, team)
    return represent(found, links())


@api.patch(
    "team",
    answers="Team",
    takes="TeamChange",
    takes_types=(JSON, MERGE_PATCH),
    refuses=(403, 404, 422),
    needs=_MANAGES,
)
def change(team: str) -> Hal:
    """Describe a team, or give it another name."""
    wanted = bodies.team_change()
    bodies.refuse_a_body_without_changes(*vars(wanted).values())
    with transaction() as storage:
        found = teams.change(storage, team, wanted, now())
    return represent(found, links())


@api.delete("team", refuses=(403, 404, 422), needs=Needs(Action.ACCOUNTS))
def delete(team: str) -> tuple[str, int]:
    """Remove a team. Its members and pacticipants stay."""
    with transaction() as storage:
        teams.delete(storage, team, now())
    return "", 204


@api.put("team-member", answers="Account", takes="TeamRoles", refuses=(403, 404, 422), needs=_MANAGES)
def put_member(team: str, account: str) -> Hal:
    """Give somebody exactly these roles in a team."""
    wanted = bodies.member_roles()
    with transaction() as storage:
        found = teams.put_member(storage, team, account, wanted, now())
    return accounts.represent(found, actor(), links())


@api.delete("team-member", refuses=(403, 404), needs=_MANAGES)
def remove_member(team: str, account: str) -> tuple[str, int]:
    """Take all roles in a team away from somebody."""
    with transaction() as storage:
        teams.remove_member(storage, team, account, now())
    return "", 204


@api.put("team-pacticipant", answers="Team", statuses=(200, 201), refuses=(403, 404), needs=_OWN)
def own(team: str, pacticipant: str) -> tuple[Hal, int]:
    """Give a pacticipant to a team; one that is not there yet is created."""
    with transaction() as storage:
        is_new = teams.own(storage, team, pacticipant, now())
        found = teams.details(storage, team)
    return represent(found, links()), 201 if is_new else 200


@api.delete("team-pacticipant", refuses=(403, 404), needs=_MANAGES)
def disown(team: str, pacticipant: str) -> tuple[str, int]:
    """Take a pacticipant away from a team."""
    with transaction() as storage:
        teams.disown(storage, team, pacticipant)
    return "", 204


@api.post(
    "team-accounts",
    answers="Account",
    statuses=(201,),
    takes="NewServiceAccount",
    refuses=(403, 404, 422),
    needs=_MANAGES,
)
def create_service_account(team: str) -> Response:
    """Add a service account of a team."""
    given = bodies.new_service()
    new = NewAccount(given.name, ActorKind.SERVICE, given.display_name)
    with transaction() as storage:
        found = teams.create_service_account(storage, team, new, given.roles, now())
    make = links()
    document = accounts.represent(found, actor(), make)
    return created(document, make.href("account", account=found.account.name))


def represent(found: TeamDetails, links: Links) -> Hal:
    """Return the HAL document of a team with all that it has."""
    team = found.team
    members = [
        resource(
            {
                "name": each.account.name,
                "displayName": each.account.display_name,
                "disabled": each.account.is_disabled,
                "roles": list(each.roles),
            },
            links={
                "self": links.to(
                    "team-member", "Member", each.account.name, team=team.name, account=each.account.name
                ),
                "tally:account": links.to("account", "Account", each.account.name, account=each.account.name),
            },
        )
        for each in found.members
    ]
    owned = [
        {
            "name": name,
            "_links": {
                "self": links.to("team-pacticipant", "Owned", name, team=team.name, pacticipant=name),
                "pb:pacticipant": links.to("pacticipant", "Pacticipant", name, pacticipant=name),
            },
        }
        for name in found.pacticipants
    ]
    services = [_service(each, links) for each in found.service_accounts]
    return resource(
        {
            "uuid": team.uuid,
            "name": team.name,
            "description": team.description,
            **timestamps(team.created_at, team.updated_at),
        },
        embedded={"members": members, "pacticipants": owned, "serviceAccounts": services},
        links={
            "self": links.to("team", "Team", team.name, team=team.name),
            "tally:team-member": links.template("team-member", "A member", team=team.name),
            "tally:team-pacticipant": links.template(
                "team-pacticipant", "A pacticipant that it owns", team=team.name
            ),
            "tally:team-accounts": links.to("team-accounts", "Service accounts", team.name, team=team.name),
            "tally:teams": links.to("teams", "Teams"),
        },
    )


def _service(found: accounts_service.FoundAccount, links: Links) -> Hal:
    account = found.account
    return resource(
        {
            "name": account.name,
            "displayName": account.display_name,
            "disabled": account.is_disabled,
            "roles": accounts.role_documents(found),
        },
        links={
            "self": links.to("account", "Account", account.name, account=account.name),
            "tally:account-tokens": links.to("account-tokens", "Tokens", account.name, account=account.name),
        },
    )


def _in_list(found: TeamCounts, links: Links) -> Hal:
    team = found.team
    return resource(
        {
            "uuid": team.uuid,
            "name": team.name,
            "description": team.description,
            "members": found.members,
            "pacticipants": found.pacticipants,
            **timestamps(team.created_at, team.updated_at),
        },
        links={"self": links.to("team", "Team", team.name, team=team.name)},
    )
