"""One's own sessions: where somebody is logged in, and the end of it."""

from collections.abc import Sequence

from flask import Response

from broker.domain.accounts.permissions import Action
from broker.domain.accounts.session import IDLE, Session
from broker.domain.errors import ForbiddenError, NotFoundError
from broker.services.accounts import sessions as services
from broker.services.permission import require_own
from broker.web import session_cookie
from broker.web.context import actor, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.logged_in import kept_by_nobody
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import render

_NEEDS = Needs(Action.OWN_ACCOUNT)
_SHOWN_DIGITS = 16


@forms.page("my-sessions", needs=_NEEDS)
def show(form: Form) -> Response:
    """Show where the account is logged in."""
    account_id = _account()
    with reading() as storage:
        found = services.every(storage, account_id, now())
    page = render("accounts/sessions.html", form=form, sessions=_rows(found), this=_has_session())
    return kept_by_nobody(page)


@forms.change("my-sessions", again=show)
def end(form: Form) -> Response:
    """End one session, or all but this one."""
    account_id, wanted = _account(), form.text("session")
    with transaction() as storage:
        require_own(storage, account_id)
        if wanted == "others":
            ended = services.end_all(storage, account_id, now(), but=session_cookie.current())
        else:
            ended = services.end_one(storage, account_id, wanted, now())
        storage.note("account", actor().name, after={"endedSessions": ended})
    if wanted != "others" and not ended:
        raise NotFoundError("This session is over already.")
    said = "That session was ended." if wanted != "others" else f"{ended} other sessions were ended."
    return forms.done(said, "my-sessions")


@forms.page("log-out", needs=_NEEDS)
def ask(form: Form) -> Response:
    """Show the button that logs out."""
    return kept_by_nobody(
        render("accounts/log_out.html", form=form, has_session=session_cookie.current() is not None)
    )


@forms.change("log-out", again=ask)
def log_out(form: Form) -> Response:
    """Log out, here or everywhere."""
    account_id = _account()
    with transaction() as storage:
        require_own(storage, account_id)
        session = session_cookie.current()
        if form.text("where") == "everywhere":
            services.end_all(storage, account_id, now())
        elif session is not None:
            services.end(storage, session, now())
        storage.note("account", actor().name)
    session_cookie.set_current(None)
    response = forms.done("You are logged out.", "log-in")
    session_cookie.take_away(response)
    return kept_by_nobody(response)


def _has_session() -> bool:
    return session_cookie.current() is not None


def _account() -> int:
    account_id = actor().account_id
    if account_id is None:
        raise ForbiddenError("Only accounts have sessions; you are known by the settings of the broker.")
    return account_id


def _rows(found: Sequence[Session]) -> list[dict[str, object]]:
    current = session_cookie.current()
    return [
        {
            "key": services.key_of(session),
            "via": session.via,
            "address": session.address,
            "agent": session.agent,
            "begun": session.created_at,
            "seen": session.idle_until - IDLE if session.idle_until < session.expires_at else None,
            "ends": session.expires_at,
            "is_this": current is not None and current.digest == session.digest,
        }
        for session in found
    ]
