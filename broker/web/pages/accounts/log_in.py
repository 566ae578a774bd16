"""Log in: by a password, by a link that works once, or by an identity provider.

Before there are accounts, the page asks for credentials of the settings: a page that anybody may read asks
for none, and so a browser sends none.
"""

from flask import Response, request

from broker.domain.accounts.permissions import Action
from broker.services.accounts import log_in as logging_in
from broker.services.accounts.log_in import WRONG, LogInRefusedError
from broker.services.accounts.passwords import TooManyHashesError
from broker.web import authentication, logged_in, session_cookie
from broker.web.context import actor_or_refusal, database, known_accounts, now, settings, transaction
from broker.web.description.needs import PUBLIC
from broker.web.log_in_address import own_page, to_own_page
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.routes import rule

NEEDS_TLS = (
    "Nobody can log in by plain http: whoever is on the way could take the session over. Serve the broker by "
    "https, and say so: TALLY_BASE_URL=https://…, or a proxy that sends X-Forwarded-Proto."
)
_BUSY = "Others are logging in. Try again in a moment."
forms.NEEDS["pages.log_in"] = PUBLIC


@blueprint.get(rule("log-in"))
def log_in() -> Response:
    """Ask who somebody is, and lead back to the page in `to`."""
    to = request.args.get("to", "")
    if not known_accounts().any() or "settings" in request.args:
        return _by_settings(to)
    if actor_or_refusal() and session_cookie.current() is not None:
        return Response(status=303, headers={"Location": to_own_page(to)})
    return show(Form().begun_with(to=own_page(to)))


def _by_settings(to: str) -> Response:
    """Ask for credentials of the settings with which one may write."""
    asker = actor_or_refusal()
    if isinstance(asker, Response):
        return authentication.asks_for_credentials() if known_accounts().any() else asker
    if not asker.may_somewhere(Action.PUBLISH):
        return authentication.only_reads()
    return Response(status=303, headers={"Location": to_own_page(to)})


def show(form: Form, *, status: int = 200, seconds: int = 0) -> Response:
    """Show the log-in; *seconds* is when to try again, 0 for at once."""
    can_be = session_cookie.can_be_set()
    response = render(
        "accounts/log_in.html",
        status=status,
        form=form,
        to=own_page(form.text("to")),
        needs_tls="" if can_be else NEEDS_TLS,
        providers=settings().oidc_providers if can_be else (),
        has_users=bool(settings().users),
    )
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return logged_in.kept_by_nobody(response)


@forms.change("log-in-by-password", again=show, needs=PUBLIC)
def by_password(form: Form) -> Response:
    """Log a person in by name and password."""
    if not session_cookie.can_be_set():
        raise LogInRefusedError(NEEDS_TLS)
    name, client, at = form.text("name").strip(), logged_in.client(), now()
    with database().reading() as storage:
        seconds = logging_in.seconds_to_wait(storage, name, client, settings().failed_logins_per_minute, at)
    if seconds:
        notice = f"Too many failed log-ins. Try again in {seconds} s."
        return show(_again(form, notice), status=429, seconds=seconds)
    try:
        checked = logging_in.check(database().reading, name, form.text("password"))
    except TooManyHashesError:
        return show(_again(form, _BUSY), status=503, seconds=1)
    if checked is None:
        return _wrong(form, name)
    try:
        with transaction() as storage:
            logging_in.succeeded(storage, name, client)
            logged_in.end_former(storage)
            begun = logging_in.by_password(storage, checked, client, at)
            logged_in.note(storage, checked.person)
    except LogInRefusedError:
        return _wrong(form, name)
    return logged_in.lead_on(begun, form.text("to"))


def _wrong(form: Form, name: str) -> Response:
    client, at = logged_in.client(), now()
    database().write(lambda storage: logging_in.failed(storage, name, client, at))
    logged_in.note_failure(name)
    return show(_again(form, WRONG), status=403)


def _again(form: Form, notice: str) -> Form:
    return Form({"name": form.all("name"), "to": form.all("to")}, notice=notice, is_sent=True)
