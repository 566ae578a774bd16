"""Forms: pages that change something. What all of them need is here (docs/decisions/0047).

Only who may write sees a form, and each is bound to the browser that it was shown to. One that is sent twice
acts once. What is refused is shown again, with what was typed, and what is wrong beside each field. What was
done is said on the page that follows.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from broker.domain import limits
from broker.domain.accounts.denial import denial
from broker.domain.accounts.permissions import ALWAYS_ENFORCED, Action
from broker.domain.errors import PermissionDeniedError, Refusal, ValidationError
from broker.web import parsing, problems
from broker.web.content_types import HAL
from broker.web.context import actor, actor_or_refusal, audit_log, refusals
from broker.web.description.needs import PUBLIC, Needs
from broker.web.idempotency import ENVIRON as KEY_OF_REQUEST
from broker.web.pages import form_tokens
from broker.web.pages.lacking import lacking
from broker.web.pages.lacking import refused as refused_page
from broker.web.pages.permitted import may, may_for_team, may_somewhere
from broker.web.pages.rendering import local, render_error
from broker.web.problems import MalformedBodyError
from broker.web.repeated_requests import REPLAYED
from broker.web.routes import rule
from tally.values import dataclass

blueprint = Blueprint("forms", "broker.web.pages")
TOKEN = "form-token"  # noqa: S105 - the name of a field
MOST_FIELDS = 1000
_SENT = "sent_form"
_OTHER_BROWSER = (
    "Nothing was changed yet: this form was opened before you logged in, or in another browser, or the "
    "browser has lost the cookie that belongs to it. Look whether everything is right, and send it again. If "
    "that does not help, let the browser keep the cookies of this site."
)
_TWICE = "This form was sent twice. The first is being carried out: look in a moment what came of it."
_SHOWN_ONCE = (
    "This form was sent before, and what it made was shown then: it cannot be shown again. If you have not "
    "seen it, take it back, and make another."
)
_View = Callable[..., Response]
NEEDS: dict[str, Needs] = {}
"""What somebody must be allowed to do to see a form, and to send it, by endpoint."""
_NOT_KEPT: set[str] = set()
"""Endpoints of forms with passwords: of them, no digest is stored as of a request that may be repeated."""
_AGAIN: dict[str, _View] = {}
"""What shows a form again that was refused, by the endpoint that it was sent to."""


@dataclass(frozen=True)
class Form:
    """What a form has in its fields, several values under one name where it has several such fields.

    *errors* are sentences by field, *notice* is about the form as a whole.
    """

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notice: str = ""
    is_sent: bool = False
    _shown: set[str] = field(default_factory=set)

    def begun_with(self, **values: str | Sequence[str] | None) -> "Form":
        """Return the form with these values, unless it is one that was sent."""
        if self.is_sent:
            return self
        many = {
            name: [value] if isinstance(value, str) else value
            for name, value in values.items()
            if value is not None
        }
        return Form(many)

    def without_notice(self) -> "Form":
        """Return the form for a template that says elsewhere what is wrong."""
        return replace(self, notice="")

    def text(self, name: str) -> str:
        """Return the value of a field, as it was typed; "" if there is none."""
        return next(iter(self.values.get(name, ())), "")

    def all(self, name: str) -> Sequence[str]:
        """Return the values of all fields with this name."""
        return self.values.get(name, ())

    def has(self, name: str, value: str = "on") -> bool:
        """Return whether a box is ticked, or an entry of a list chosen."""
        return value in self.values.get(name, ())

    def errors_of(self, *names: str) -> list[str]:
        """Return what is wrong with a field, which the template shows beside it."""
        self._shown.update(names)
        return [message for name in names for message in self.errors.get(name, ())]

    @property
    def other_errors(self) -> list[tuple[str, str]]:
        """What is wrong with fields that the template has not asked for, so that nothing is lost."""
        return [
            (name, message)
            for name, messages in self.errors.items()
            if name not in self._shown
            for message in messages
        ]


def page(route: str, *, needs: Needs) -> Callable[[_View], _View]:
    """Decorate a view that shows a form; it takes a Form, then the names in its path."""
    NEEDS[f"{blueprint.name}.{route}"] = needs

    def add(view: _View) -> _View:
        def show(**names: str) -> Response:
            return view(Form(), **names)

        blueprint.add_url_rule(rule(route), route, show, methods=["GET"])
        return view

    return add


def change(
    route: str, *, again: _View, needs: Needs | None = None, is_kept: bool = True
) -> Callable[[_View], _View]:
    """Decorate a view that carries out what a form asks; it takes the Form, then the names in its path.

    It *needs* what the page of the same route does, if there is one. What it raises as ValidationError is
    shown by *again*, which takes the same. It ends with `done`. What is not *kept* acts each time it is sent.
    """

    def add(view: _View) -> _View:
        def carry_out(**names: str) -> Response:
            return view(_sent(), **names)

        endpoint = f"change-{route}"
        NEEDS[f"{blueprint.name}.{endpoint}"] = needs or NEEDS[f"{blueprint.name}.{route}"]
        blueprint.add_url_rule(rule(route), endpoint, carry_out, methods=["POST"])
        _AGAIN[f"{blueprint.name}.{endpoint}"] = again
        if not is_kept:
            _NOT_KEPT.add(f"{blueprint.name}.{endpoint}")
        return view

    return add


def done(message: str, route: str, **names: str) -> Response:
    """Lead to a page, which says what was done."""
    return Response(
        message, 303, headers={"Location": local(route, **names)}, content_type="text/plain;charset=utf-8"
    )


def shown_once(response: Response) -> Response:
    """Return the answer to a form that shows a secret: nobody keeps it, neither a browser nor the broker."""
    response.headers["Cache-Control"] = "no-store"
    return response


def require_for_team(action: Action, team_id: int | None, team: str | None) -> None:
    """Let those pass who may do this for a team, to whom its form is shown. Raises PermissionDeniedError."""
    if not may_for_team(action, team_id):
        about, teams = (f"the team {team}", [team]) if team else ("all of the broker", [])
        raise PermissionDeniedError(denial(actor(), action, about, teams))


@blueprint.before_request
def check() -> Response | None:
    """Let those pass who may write and, if something is to change, who were shown the form."""
    needed = NEEDS[request.endpoint or ""]
    asker = None if needed is PUBLIC else actor_or_refusal()
    if isinstance(asker, Response):
        return asker
    if asker is not None and (response := _lacking(needed)):
        if request.method == "POST":
            audit_log().refused(asker)
        return response
    if request.method != "POST":
        return None
    form = _sent()
    if not form_tokens.is_valid(form.text(TOKEN)):
        return _again(Form(form.values, notice=_OTHER_BROWSER, is_sent=True), 403)
    # A log-in that is repeated is another one: no answer is kept with its cookie.
    if needed is PUBLIC or request.endpoint in _NOT_KEPT:
        return None
    # The same content, sent twice from the same page, is one request that was repeated (docs/decisions/0023).
    digest = hashlib.sha256(form.text(TOKEN).encode() + parsing.body())
    request.environ[KEY_OF_REQUEST] = digest.hexdigest()
    return None


def _lacking(needed: Needs) -> Response | None:
    """Return the page that says what is lacking to see the form; None if nothing is.

    What is sent is judged by the transaction that does it, and what is refused there is in the audit log.
    """
    if not refusals().is_enforced and needed.action not in ALWAYS_ENFORCED:
        return None
    names = [str((request.view_args or {})[name]) for name in needed.pacticipants]
    if not may_somewhere(needed.action) or (
        request.method == "GET" and names and not may(needed.action, *names)
    ):
        return lacking(needed.action, names)
    return None


@blueprint.after_request
def say(response: Response) -> Response:
    """Keep what was done for the next page, also when it was done by the first of two equal requests."""
    if request.method == "POST" and REPLAYED in response.headers and response.mimetype == HAL:
        return render_error(_SHOWN_ONCE, 409)
    if request.method == "POST" and response.status_code == 409 and "Retry-After" in response.headers:  # noqa: PLR2004 - Conflict
        return render_error(_TWICE, 409)
    if request.method == "POST" and response.status_code == 303:  # noqa: PLR2004 - what `done` answers
        form_tokens.keep_message(response, response.get_data(as_text=True))
        form_tokens.add_cookies(response)
    return response


@blueprint.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    """Show the form again with what is wrong; what is no matter of its fields is an error page."""
    if isinstance(refusal, PermissionDeniedError):
        if request.method == "POST":
            audit_log().refused(actor())
        return refused_page(str(refusal))
    if not isinstance(refusal, ValidationError) or request.method != "POST":
        return problems.refused(refusal)
    try:
        return _again(Form(_sent().values, refusal.errors, is_sent=True), problems.status_of(refusal))
    except PermissionDeniedError as denied:  # of the form, of which only the fields were read so far
        return refused_page(str(denied))


def _again(form: Form, status: int) -> Response:
    response = _AGAIN[request.endpoint or ""](form, **(request.view_args or {}))
    response.status_code = status
    return response


def _sent() -> Form:
    """Return what was sent. Raises MalformedBodyError, or RequestEntityTooLarge (413)."""
    found: Form | None = g.get(_SENT)
    if found is None:
        found = Form(_fields(), is_sent=True)
        setattr(g, _SENT, found)
    return found


def _fields() -> dict[str, list[str]]:
    body = parsing.body()
    if len(body) > min(limits.FORM, current_app.config["MAX_CONTENT_LENGTH"]):
        raise RequestEntityTooLarge
    try:
        pairs: list[tuple[str, Any]] = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:  # a UnicodeError is one
        raise MalformedBodyError(
            "The form cannot be read: its fields must be UTF-8, and not too many"
        ) from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        # Browsers send the lines of a text with both.
        fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return fields
