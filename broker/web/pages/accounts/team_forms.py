"""Forms of teams: what they are called, who is in them, what they own, their service accounts."""

from flask import Response

from broker.domain.accounts.account import NewAccount
from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.permissions import Action, Role
from broker.domain.deletion import TYPED
from broker.domain.errors import ValidationError
from broker.services.accounts import accounts, teams
from broker.services.webhooks import trials
from broker.web.api.accounts import bodies
from broker.web.context import now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.accounts.words import IN_TEAMS, role_boxes
from broker.web.pages.forms import Form
from broker.web.pages.permitted import may
from broker.web.pages.rendering import local, render

_ADMINISTERS = Needs(Action.ACCOUNTS)
_MANAGES = Needs(Action.MANAGE_TEAM)


@forms.page("new-team", needs=_ADMINISTERS)
def new(form: Form) -> Response:
    """Show the form of a new team."""
    return _form(form, "")


@forms.change("new-team", again=new)
def create(form: Form) -> Response:
    """Create a team."""
    name, description = bodies.new_team(_described(form))
    with transaction() as storage:
        made = teams.create(storage, name, description, now()).team
    return forms.done(f"The team {made.name} was created.", "team", team=made.name)


@forms.page("edit-team", needs=_MANAGES)
def edit(form: Form, team: str) -> Response:
    """Show the form of a team."""
    with reading() as storage:
        found = teams.find(storage, team)
    forms.require_for_team(Action.MANAGE_TEAM, found.id, found.name)
    return _form(form.begun_with(name=found.name, description=found.description), found.name)


@forms.change("edit-team", again=edit)
def change(form: Form, team: str) -> Response:
    """Describe a team anew."""
    wanted = bodies.team_change(_described(form))
    with transaction() as storage:
        changed = teams.change(storage, team, wanted, now()).team
    return forms.done(f"The team {changed.name} was changed.", "team", team=changed.name)


@forms.page("delete-team", needs=_ADMINISTERS)
def ask(form: Form, team: str) -> Response:
    """Ask whether a team is to be deleted."""
    with reading() as storage:
        found = teams.find(storage, team)
        left = teams.left_over(storage, found)
        members = 0 if left else len(storage.teams.members(found.id))
        owned = 0 if left else len(storage.teams.pacticipants(found.id))
    goes = f"{members} people lose their roles in it, and {owned} applications an owner."
    stays = "The people and the applications stay. It cannot be brought back."
    return render(
        "accounts/question.html",
        form=form,
        title=f"Delete the team {found.name}",
        sentence=f"It cannot be deleted yet: {left}." if left else f"{goes} {stays}",
        action=local("delete-team", team=team),
        button="" if left else "Delete the team",
        typed=found.name,
        crumbs=_crumbs(found.name),
        back=local("team", team=found.name),
    )


@forms.change("delete-team", again=ask)
def delete(form: Form, team: str) -> Response:
    """Delete a team."""
    with transaction() as storage:
        found = teams.find(storage, team)
        if " ".join(form.text(TYPED).split()) != found.name:
            raise ValidationError({TYPED: [f"is not the name of this team: {found.name}"]})
        teams.delete(storage, team, now())
    return forms.done(f"The team {found.name} was deleted.", "teams")


@forms.page("add-team-member", needs=_MANAGES)
def new_member(form: Form, team: str) -> Response:
    """Show the form by which somebody joins a team."""
    with reading() as storage:
        found = teams.find(storage, team)
        forms.require_for_team(Action.MANAGE_TEAM, found.id, found.name)
        everyone = storage.accounts.all() if may("accounts") else []
    return render(
        "accounts/member_form.html",
        form=form.begun_with(roles=[Role.PUBLISHER.value]),
        team=found.name,
        account="",
        from_group=None,
        roles=role_boxes(IN_TEAMS),
        people=[each.name for each in everyone if each.is_person],
        action=local("add-team-member", team=team),
    )


@forms.change("add-team-member", again=new_member)
def add_member(form: Form, team: str) -> Response:
    """Let somebody join a team."""
    name = form.text("account").strip()
    if not name:
        raise ValidationError({"account": ["is missing"]})
    with transaction() as storage:
        if storage.accounts.find(name) is None:
            raise ValidationError({"account": ["is not the name of an account"]})
        member = teams.put_member(storage, team, name, _roles(form), now())
    return forms.done(f"{member.account.name} is in the team {team}.", "team", team=team)


@forms.page("edit-team-member", needs=_MANAGES)
def edit_member(form: Form, team: str, account: str) -> Response:
    """Show what somebody is in a team."""
    with reading() as storage:
        found, who = teams.find(storage, team), accounts.find(storage, account)
    forms.require_for_team(Action.MANAGE_TEAM, found.id, found.name)
    here = [each for each in who.roles if each.team_id == found.id]
    return render(
        "accounts/member_form.html",
        form=form.begun_with(roles=[each.role.value for each in here]),
        team=found.name,
        account=who.account.name,
        from_group=next((each.from_group for each in here if each.from_group), None),
        roles=role_boxes(IN_TEAMS),
        people=(),
        action=local("edit-team-member", team=team, account=account),
    )


@forms.change("edit-team-member", again=edit_member)
def change_member(form: Form, team: str, account: str) -> Response:
    """Give somebody other roles in a team, or none: then they leave it."""
    wanted = _roles(form) if form.all("roles") else frozenset()
    with transaction() as storage:
        if wanted:
            teams.put_member(storage, team, account, wanted, now())
        else:
            storage.note_action("teams.remove_member")
            teams.remove_member(storage, team, account, now())
    said = (
        f"{account} has other roles in {team} now."
        if wanted
        else f"{account} is not in the team {team} any more."
    )
    return forms.done(said, "team", team=team)


@forms.page("own-pacticipant", needs=Needs(Action.PUBLISH))
def choose(form: Form, team: str) -> Response:
    """Show the form by which a team gets an application."""
    with reading() as storage:
        found = teams.find(storage, team)
        names = trials.applications(storage)
    forms.require_for_team(Action.PUBLISH, found.id, found.name)
    return render("accounts/own_form.html", form=form, team=found.name, names=names)


@forms.change("own-pacticipant", again=choose)
def own(form: Form, team: str) -> Response:
    """Give a team an application."""
    name = form.text("pacticipant").strip()
    if not name:
        raise ValidationError({"pacticipant": ["is missing"]})
    with transaction() as storage:
        teams.own(storage, team, name, now())
    return forms.done(f"{name} belongs to the team {team}.", "team", team=team)


@forms.page("disown-pacticipant", needs=_MANAGES)
def ask_to_disown(form: Form, team: str, pacticipant: str) -> Response:
    """Ask whether an application is to be taken away from a team."""
    with reading() as storage:
        found = teams.find(storage, team)
        owners = [name for name in storage.teams.owners(pacticipant) if name != found.name]
    forms.require_for_team(Action.MANAGE_TEAM, found.id, found.name)
    rest = (
        f"It still belongs to {', '.join(owners)}."
        if owners
        else "No team owns it then: only administrators change it."
    )
    return render(
        "accounts/question.html",
        form=form,
        title=f"Take {pacticipant} away from {found.name}",
        sentence=f"The team publishes for it no more, and neither do its pipelines. {rest}",
        action=local("disown-pacticipant", team=team, pacticipant=pacticipant),
        button="Take it away",
        typed="",
        crumbs=_crumbs(found.name),
        back=local("team", team=found.name),
    )


@forms.change("disown-pacticipant", again=ask_to_disown)
def disown(_form: Form, team: str, pacticipant: str) -> Response:
    """Take an application away from a team."""
    with transaction() as storage:
        teams.disown(storage, team, pacticipant)
    return forms.done(f"{pacticipant} does not belong to the team {team} any more.", "team", team=team)


@forms.page("new-service-account", needs=_MANAGES)
def new_service(form: Form, team: str) -> Response:
    """Show the form of a service account."""
    with reading() as storage:
        found = teams.find(storage, team)
    forms.require_for_team(Action.MANAGE_TEAM, found.id, found.name)
    return render(
        "accounts/service_form.html",
        form=form.begun_with(roles=[Role.PUBLISHER.value]),
        team=found.name,
        roles=role_boxes(IN_TEAMS),
    )


@forms.change("new-service-account", again=new_service)
def create_service(form: Form, team: str) -> Response:
    """Create a service account of a team."""
    given = bodies.new_service(
        {
            "name": form.text("name").strip() or None,
            "displayName": form.text("displayName").strip() or None,
            "roles": list(form.all("roles")),
        }
    )
    new = NewAccount(given.name, ActorKind.SERVICE, given.display_name)
    with transaction() as storage:
        made = teams.create_service_account(storage, team, new, given.roles, now()).account
    return forms.done(
        f"The service account {made.name} was created. Make a token for it, or trust a pipeline.",
        "team",
        team=team,
    )


def _form(form: Form, name: str) -> Response:
    return render(
        "accounts/team_form.html",
        form=form,
        name=name,
        action=local("edit-team", team=name) if name else local("new-team"),
        back=local("team", team=name) if name else local("teams"),
    )


def _described(form: Form) -> dict[str, object]:
    return {"name": form.text("name").strip() or None, "description": form.text("description").strip()}


def _roles(form: Form) -> frozenset[Role]:
    return bodies.member_roles({"roles": list(form.all("roles"))})


def _crumbs(name: str) -> list[tuple[str, str]]:
    return [("Teams", local("teams")), (name, local("team", team=name))]
