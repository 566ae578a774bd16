"""One's own password: a form for whoever is logged in. A token does not set one: it may do less."""

from dataclasses import replace

from flask import Response

from broker.domain.accounts.permissions import Action
from broker.domain.accounts.session import Session
from broker.domain.errors import ForbiddenError, StateRuleError
from broker.services.accounts import log_in as logging_in
from broker.services.accounts import own_password as services
from broker.services.accounts.own_password import AGAIN, CURRENT, NEW, Owner
from broker.services.accounts.passwords import TooManyHashesError
from broker.web import logged_in, session_cookie
from broker.web.context import actor, database, now, reading, settings, transaction
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import render

_NO_SESSION = "Log in to these pages to set a password: a token, or a user of the settings, cannot do it."
_BY_PROVIDER = (
    "You log in by an identity provider, whose groups decide what you may do. An administrator of the broker "
    "can give you a password, for the day on which the provider is away."
)


@forms.page("my-password", needs=Needs(Action.OWN_ACCOUNT))
def show(form: Form) -> Response:
    """Show the form, or why there is none."""
    owner, session, why_not = _found()
    page = render(
        "accounts/my_password.html",
        form=form,
        why_not=why_not,
        name="" if owner is None else owner.person.name,
        has_one=owner is not None and owner.has_password,
        is_logged_in=session is not None,
    )
    return logged_in.kept_by_nobody(page)


@forms.change("my-password", again=show, is_kept=False)
def change(form: Form) -> Response:
    """Set the password, and log the account out elsewhere."""
    owner, session, why_not = _found()
    if actor().account_id is None:
        raise ForbiddenError("Only accounts have passwords; you are known by the settings of the broker.")
    if owner is None or session is None or why_not:
        raise StateRuleError({"session": [why_not]})
    person = owner.person
    client, at = logged_in.client(), now()
    with database().reading() as storage:
        limit = settings().failed_logins_per_minute
        seconds = logging_in.seconds_to_wait(storage, person.name, client, limit, at)
    if seconds:
        return _later(form, f"Too many wrong passwords. Try again in {seconds} s.", 429, seconds)
    services.check_new(person, form.text(NEW), form.text(AGAIN))
    try:
        hashed = services.hash_of_new(person, form.text(CURRENT), form.text(NEW))
    except TooManyHashesError:
        return _later(form, "Other passwords are being checked. Try again in a moment.", 503, 1)
    if hashed is None:
        return _wrong(form, person.name)
    with transaction() as storage:
        begun = services.change(storage, person, hashed, session, at)
        logging_in.succeeded(storage, person.name, client)
    session_cookie.set_current(begun.session)
    response = forms.done("Your password was set, and your other sessions have ended.", "my-sessions")
    session_cookie.put(response, begun.text)
    return logged_in.kept_by_nobody(response)


def _found() -> tuple[Owner | None, Session | None, str]:
    """Return who is logged in, by which session, and why they cannot set a password; "" if they can."""
    session = session_cookie.current()
    if session is None:
        return None, None, _NO_SESSION
    with reading() as storage:
        owner = services.owner_of(storage, session)
    return owner, session, _BY_PROVIDER if owner.is_by_provider_alone else ""


def _wrong(form: Form, name: str) -> Response:
    """Count a wrong password as a failed log-in: whoever is at a foreign browser could guess."""
    client, at = logged_in.client(), now()
    database().write(lambda storage: logging_in.failed(storage, name, client, at))
    logged_in.note_failure(name)
    response = show(replace(form, errors={CURRENT: ["is not your password"]}))
    response.status_code = 403
    return response


def _later(form: Form, notice: str, status: int, seconds: int) -> Response:
    response = show(replace(form, notice=notice))
    response.status_code = status
    response.headers["Retry-After"] = str(seconds)
    return response
