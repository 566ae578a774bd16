"""Log in by a link that works once. To look at it uses nothing up: mail programs look at links."""

from flask import Response, request

from broker.services.accounts import log_in as logging_in
from broker.services.accounts.log_in import LogInRefusedError
from broker.web import logged_in, session_cookie
from broker.web.context import now, transaction
from broker.web.description.needs import PUBLIC
from broker.web.pages import forms
from broker.web.pages.accounts.log_in import NEEDS_TLS
from broker.web.pages.forms import Form
from broker.web.pages.rendering import render

_LONGEST_CODE = 200


@forms.page("log-in-by-link", needs=PUBLIC)
def show(form: Form, *, status: int = 200) -> Response:
    """Show the button that logs in."""
    begun = form.begun_with(code=request.args.get("code", "")[:_LONGEST_CODE])
    needs_tls = "" if session_cookie.can_be_set() else NEEDS_TLS
    page = render("accounts/log_in_link.html", status=status, form=begun, needs_tls=needs_tls)
    return logged_in.kept_by_nobody(page)


@forms.change("log-in-by-link", again=show)
def use(form: Form) -> Response:
    """Log in, and use the link up."""
    if not session_cookie.can_be_set():
        raise LogInRefusedError(NEEDS_TLS)
    try:
        with transaction() as storage:
            logged_in.end_former(storage)
            begun, person = logging_in.by_link(
                storage, form.text("code").strip()[:_LONGEST_CODE], logged_in.client(), now()
            )
            logged_in.note(storage, person)
    except LogInRefusedError as refused:
        logged_in.note_failure("link")
        return show(Form({}, notice=str(refused), is_sent=True), status=403)
    return logged_in.lead_on(begun, "/")
