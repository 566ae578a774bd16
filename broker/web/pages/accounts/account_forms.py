"""Forms of accounts: new people, their names and roles, links to log in once, and whether they may at all."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from broker.domain.accounts.account import LOG_IN_LINK_MINUTES, NewAccount
from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.permissions import Action
from broker.services.accounts import accounts, roles
from broker.services.accounts.accounts import AccountChange, FoundAccount
from broker.web.api.accounts import bodies
from broker.web.context import links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.accounts.account import show_account
from broker.web.pages.accounts.words import EVERYWHERE, IN_TEAMS, role_boxes, role_in_words
from broker.web.pages.forms import Form
from broker.web.pages.rendering import local, render

_ADMINISTERS = Needs(Action.ACCOUNTS)
_EMPTY_ROWS = 2
"""Empty rows for roles in teams, after those that there are."""
_TEAM, _ROLE = "role-team", "role-role"


@forms.page("new-account", needs=_ADMINISTERS)
def new(form: Form) -> Response:
    """Show the form of a new person."""
    return _form(form, None)


@forms.change("new-account", again=new)
def create(form: Form) -> Response:
    """Create the account of a person, and show a link by which they log in for the first time."""
    roles_of_form = _roles(form)["roles"] or None  # without any, they read
    given = bodies.new_person(
        {"name": form.text("name").strip() or None, **_described(form), "roles": roles_of_form}
    )
    what = NewAccount(given.name, ActorKind.PERSON, given.display_name, given.email or None)
    with transaction() as storage:
        grants = roles.grants_of(storage, given.roles)
        made = accounts.create_person(storage, what, grants, now()).account
        code, _ = accounts.make_log_in_link(storage, made.name, now())
        accounts.note_all(storage, made.name)
    return _with_link(made.name, code, f"The account {made.name} was created.")


@forms.page("edit-account", needs=_ADMINISTERS)
def edit(form: Form, account: str) -> Response:
    """Show the form of an account."""
    with reading() as storage:
        found = accounts.find(storage, account)
    return _form(form, found)


@forms.change("edit-account", again=edit)
def change(form: Form, account: str) -> Response:
    """Describe an account anew, and give it exactly these roles."""
    wanted = bodies.account_roles(_roles(form))
    described, _ = bodies.account_change(_described(form))
    with transaction() as storage:
        before = accounts.find(storage, account)
        accounts.change(storage, account, described, now())
        roles.replace(storage, account, wanted, now())
        accounts.note_all(storage, account, before)
    return forms.done(f"The account {account} was changed.", "account", account=account)


@forms.page("disable-account", needs=_ADMINISTERS)
def ask(form: Form, account: str) -> Response:
    """Ask whether an account is to be disabled."""
    return _ask(form, account, enable=False)


@forms.change("disable-account", again=ask)
def disable(_form: Form, account: str) -> Response:
    """Let nobody ask as an account."""
    return _switch(account, is_disabled=True)


@forms.page("enable-account", needs=_ADMINISTERS)
def ask_to_enable(form: Form, account: str) -> Response:
    """Ask whether an account is to be used again."""
    return _ask(form, account, enable=True)


@forms.change("enable-account", again=ask_to_enable)
def enable(_form: Form, account: str) -> Response:
    """Let an account be used again."""
    return _switch(account, is_disabled=False)


@forms.page("new-log-in-link", needs=_ADMINISTERS)
def ask_for_link(form: Form, account: str) -> Response:
    """Ask whether somebody is to get a link to log in once."""
    with reading() as storage:
        found = accounts.find(storage, account).account
    return render(
        "accounts/question.html",
        form=form,
        title=f"Make a one-time link for {found.name}",
        sentence=f"Whoever opens it within {LOG_IN_LINK_MINUTES} minutes is logged in as {found.name}. An "
        "earlier link works no more.",
        action=local("new-log-in-link", account=account),
        button="Make the link",
        kind="",
        typed="",
        crumbs=_crumbs(found.name),
        back=local("account", account=found.name),
    )


@forms.change("new-log-in-link", again=ask_for_link)
def make_link(_form: Form, account: str) -> Response:
    """Make a link to log in once, and show it this once."""
    with transaction() as storage:
        code, _ = accounts.make_log_in_link(storage, account, now())
    return _with_link(account, code, f"The link for {account} was made.")


def _with_link(name: str, code: str, said: str) -> Response:
    link = f"{links().href('log-in-by-link')}?code={code}"
    note = f"It works once, for {LOG_IN_LINK_MINUTES} minutes. Let nobody read it but {name}."
    return forms.shown_once(show_account(name, made=link, said=said, note=note))


def _ask(form: Form, account: str, *, enable: bool) -> Response:
    with reading() as storage:
        found = accounts.find(storage, account).account
    name = found.name
    ends = (
        "Sessions end, and tokens are refused within seconds."
        if found.is_person
        else "Its tokens are refused within seconds."
    )
    return render(
        "accounts/question.html",
        form=form,
        title=f"{'Enable' if enable else 'Disable'} the account {name}",
        sentence="Its roles and tokens are as they were." if enable else f"{ends} It can be enabled again.",
        action=local("enable-account" if enable else "disable-account", account=account),
        button="Enable" if enable else "Disable",
        kind="" if enable else "danger",
        typed="",
        crumbs=_crumbs(name),
        back=local("account", account=name),
    )


def _switch(account: str, *, is_disabled: bool) -> Response:
    with transaction() as storage:
        accounts.change(storage, account, AccountChange(is_disabled=is_disabled), now())
    said = f"The account {account} was {'disabled' if is_disabled else 'enabled'}."
    return forms.done(said, "account", account=account)


def _form(form: Form, found: FoundAccount | None) -> Response:
    with reading() as storage:
        names = [team.name for team in storage.teams.all()]
    if found is not None:
        form = form.begun_with(
            displayName=found.account.display_name,
            email=found.account.email,
            everywhere=[each.role.value for each in found.roles if each.team is None],
            **{
                _TEAM: [each.team for each in found.roles if each.team is not None],
                _ROLE: [each.role.value for each in found.roles if each.team is not None],
            },
        )
    name = found.account.name if found else ""
    return render(
        "accounts/account_form.html",
        form=form,
        name=name,
        is_service=found is not None and not found.account.is_person,
        everywhere=role_boxes(EVERYWHERE),
        rows=[*_rows(form), *[("", "")] * _EMPTY_ROWS],
        teams=[("", "none"), *((each, each) for each in names)],
        in_teams=[("", "none"), *((role.value, role_in_words(role)) for role in IN_TEAMS)],
        action=local("edit-account", account=name) if name else local("new-account"),
        back=local("account", account=name) if name else local("accounts"),
    )


def _rows(form: Form) -> Sequence[tuple[str, str]]:
    """Return the rows of teams and roles that somebody has filled in."""
    return [row for row in zip(form.all(_TEAM), form.all(_ROLE), strict=False) if all(row)]


def _described(form: Form) -> dict[str, Any]:
    return {
        "displayName": form.text("displayName").strip() or None,
        "email": form.text("email").strip(),
    }


def _roles(form: Form) -> dict[str, Any]:
    everywhere = [{"role": role} for role in form.all("everywhere")]
    return {"roles": [*everywhere, *({"role": role, "team": team} for team, role in _rows(form))]}


def _crumbs(name: str) -> list[tuple[str, str]]:
    return [("Accounts", local("accounts")), (name, local("account", account=name))]
