"""Pages of accounts: all of them for administrators; one of them for who manages it, and for its owner."""

from collections.abc import Sequence

from flask import Response

from broker.domain.accounts.account import Account, StoredToken
from broker.domain.accounts.permissions import Action
from broker.domain.accounts.trust import Trust
from broker.domain.errors import ValidationError
from broker.domain.pagination import Page
from broker.services.accounts import accounts, accounts_page
from broker.services.accounts.accounts_page import ACTIVE, DISABLED, AccountFilter, ListedAccount
from broker.web import query_values
from broker.web.context import actor, now, reading
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.page import page_number
from broker.web.pages.permitted import may, may_for_team
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table

PAGE_SIZE = 50
_KNOWN = Needs(Action.OWN_ACCOUNT)
_KINDS = ("person", "service")
ACCOUNTS: Table[ListedAccount] = Table(
    "accounts",
    (
        Column("name", "Name", lambda row: row.account.name),
        Column("displayName", "", lambda row: row.account.display_name),
        Column("kind", "Kind", lambda row: row.account.kind),
        Column("roles", "Everywhere", lambda row: row.everywhere),
        Column("teams", "Teams", lambda row: row.teams),
        Column("lastSeenOn", "Last seen", lambda row: _last_seen(row.account)),
        Column("disabled", "State", lambda row: row.account.is_disabled),
    ),
)


@forms.page("accounts", needs=_KNOWN)
def all_accounts(_form: Form) -> Response:
    """Show the accounts that the query asks for."""
    which = AccountFilter(
        query_values.words("search"), _one_of("kind", _KINDS), _one_of("state", (ACTIVE, DISABLED))
    )
    page = None if ACCOUNTS.asked_format() else Page(page_number(), PAGE_SIZE)
    with reading() as storage:
        found = accounts_page.accounts_of(storage, which, page)
    return ACCOUNTS.download(found.part.items) or render(
        "accounts/accounts.html", which=which, table=ACCOUNTS, **vars(found)
    )


@forms.page("account", needs=_KNOWN)
def account(_form: Form, account: str) -> Response:
    """Show an account."""
    return show_account(account)


def show_account(name: str, *, made: str = "", said: str = "", note: str = "") -> Response:
    """Return the page of an account; *made* is what is shown this once, *said* what it is."""
    with reading() as storage:
        found = accounts.find(storage, name)
        who = found.account
        is_me = who.id == actor().account_id
        manages = may("accounts") or (not who.is_person and may_for_team("manage-team", who.team_id))
        tokens: Sequence[StoredToken] = storage.tokens.of(who.id, now()) if is_me or manages else ()
        trusts: Sequence[Trust] = ()
        if not who.is_person and manages:
            trusts = [each for each in storage.trusts.every() if each.account.id == who.id]
    return render(
        "accounts/account.html",
        account=who,
        roles=found.roles,
        tokens=tokens,
        trusts=trusts,
        manages=manages,
        is_me=is_me,
        moment=now(),
        made=made,
        made_what=said,
        made_note=note,
    )


def _last_seen(account: Account) -> str | None:
    """Return the day on which somebody was seen last, for administrators and for themselves."""
    is_shown = may("accounts") or account.id == actor().account_id
    return str(account.last_seen_on) if is_shown and account.last_seen_on else None


def _one_of(name: str, known: Sequence[str]) -> str:
    given = query_values.words(name)
    if given and given not in known:
        raise ValidationError({name: [f"must be one of {', '.join(known)}"]})
    return given
