"""Pages of tokens: one's own, and those of service accounts. A token is shown once, when it was made."""

from flask import Response

from broker.domain.accounts.account import StoredToken
from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.permissions import Action
from broker.domain.accounts.tokens import DEFAULT_DAYS, expiry
from broker.services.accounts import accounts, tokens
from broker.web.api.accounts import bodies
from broker.web.context import actor, now, reading, reading_as_asker, transaction
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.accounts import words
from broker.web.pages.accounts.account import show_account
from broker.web.pages.accounts.lines import lines
from broker.web.pages.forms import Form
from broker.web.pages.rendering import local, render
from broker.web.pages.tables import Column, Table
from broker.web.query_values import whole_number

TOKENS: Table[StoredToken] = Table(
    "tokens",
    (
        Column("uuid", "", lambda token: token.uuid),
        Column("name", "Token", lambda token: token.name),
        Column("prefix", "Begins with", lambda token: token.prefix),
        Column("kind", "", lambda token: token.kind),
        Column("scopes", "May", lambda token: _sorted(token.limits.scopes)),
        Column("pacticipants", "", lambda token: _sorted(token.limits.pacticipants)),
        Column("environments", "", lambda token: _sorted(token.limits.environments)),
        Column("expiresAt", "Expires", lambda token: token.expires_at),
        Column("lastUsedOn", "Last used", lambda token: token.last_used_on and str(token.last_used_on)),
        Column("createdAt", "", lambda token: token.created_at),
    ),
)
_OWN = Needs(Action.OWN_ACCOUNT)
_MANAGING = Needs(Action.MANAGE_TEAM)


@forms.page("my-tokens", needs=_OWN)
def mine(_form: Form) -> Response:
    """Show the tokens of whoever looks."""
    with reading_as_asker() as storage:
        listed = tokens.own(storage, now())
    return TOKENS.download(listed) or _mine(listed)


@forms.page("new-token", needs=_OWN)
def new(form: Form) -> Response:
    """Show the form of a personal token."""
    return _form(form, "")


@forms.change("new-token", again=new)
def create(form: Form) -> Response:
    """Make a personal token, and show it this once."""
    wish = bodies.new_token(_document(form))
    with transaction() as storage:
        made, text = tokens.create_own(storage, wish, now())
        listed = tokens.own(storage, now())
    return forms.shown_once(_mine(listed, text, made.name))


@forms.page("new-account-token", needs=_MANAGING)
def new_of_account(form: Form, account: str) -> Response:
    """Show the form of a token of a service account."""
    with reading() as storage:
        found = accounts.find(storage, account)
    forms.require_for_team(Action.MANAGE_TEAM, found.account.team_id, found.account.team)
    return _form(form, found.account.name)


@forms.change("new-account-token", again=new_of_account)
def create_of_account(form: Form, account: str) -> Response:
    """Make a token of a service account, and show it this once."""
    wish = bodies.new_token(_document(form))
    with transaction() as storage:
        made, text = tokens.create(storage, account, wish, now())
    said = f"The token “{made.name}” was made."
    return forms.shown_once(
        show_account(made.account, made=text, said=said, note="A pipeline has it in PACT_BROKER_TOKEN.")
    )


@forms.page("revoke-token", needs=_OWN)
def ask(form: Form, uuid: str) -> Response:
    """Ask whether a token is to be revoked."""
    with reading_as_asker() as storage:
        token = tokens.find(storage, uuid)
    is_own = token.account_id == actor().account_id
    back = (
        ("My tokens", local("my-tokens"))
        if is_own
        else (token.account, local("account", account=token.account))
    )
    return render(
        "accounts/question.html",
        form=form,
        title=f"Revoke the token {token.name}",
        sentence=f"What still asks with it ({token.prefix}…) is refused within seconds, for good.",
        action=local("revoke-token", uuid=uuid),
        button="Revoke the token",
        typed="",
        crumbs=[back],
        back=back[1],
    )


@forms.change("revoke-token", again=ask)
def revoke(_form: Form, uuid: str) -> Response:
    """Revoke a token."""
    with transaction() as storage:
        token = tokens.find(storage, uuid)
        tokens.revoke(storage, uuid, now())
    said = f"The token {token.name} was revoked."
    if token.account_id == actor().account_id:
        return forms.done(said, "my-tokens")
    return forms.done(said, "account", account=token.account)


def _mine(listed: list[StoredToken], made: str = "", made_name: str = "") -> Response:
    return render(
        "accounts/my_tokens.html",
        me=actor().name,
        is_person=actor().kind is ActorKind.PERSON,
        listed=listed,
        table=TOKENS,
        moment=now(),
        made=made,
        made_name=made_name,
    )


def _form(form: Form, account: str) -> Response:
    route, names = ("new-account-token", {"account": account}) if account else ("new-token", {})
    back = (account, local("account", account=account)) if account else ("My tokens", local("my-tokens"))
    return render(
        "accounts/token_form.html",
        form=form.begun_with(expiresInDays=_usual_days(account)),
        account=account,
        scopes=words.scope_boxes(None if account else _own_actions()),
        action=local(route, **names),
        crumbs=[back],
        back=back[1],
    )


def _usual_days(account: str) -> str:
    """Return what the form begins with; nothing where the token of whoever looks ends before."""
    latest = None if account else actor().expires_at
    return str(DEFAULT_DAYS) if latest is None or latest >= expiry(now()) else ""


def _own_actions() -> set[Action]:
    found = actor()
    return {action for action in Action if found.may_somewhere(action)}


def _document(form: Form) -> dict[str, object]:
    """Return what the form says, as the API takes it."""
    typed = form.text("expiresInDays").strip()
    days = whole_number(typed, least=0, most=1_000_000) if typed else None
    return {
        "name": form.text("name").strip() or None,
        "expiresInDays": (typed or None) if days is None else days,
        "scopes": list(form.all("scopes")) or None,
        "pacticipants": lines(form.text("pacticipants")) or None,
        "environments": lines(form.text("environments")) or None,
    }


def _sorted(limit: frozenset[str] | frozenset[Action] | None) -> list[str] | None:
    return None if limit is None else sorted(limit)
