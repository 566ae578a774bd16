"""Forms of webhooks: create, change and try one."""

from flask import Response, request

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.errors import ValidationError
from broker.domain.webhooks.events import EXPLAINED, Event
from broker.domain.webhooks.parameters import NAMES
from broker.domain.webhooks.request_rules import METHODS
from broker.domain.webhooks.webhook import Webhook, WebhookDescription
from broker.services import permission
from broker.services.webhooks import secrets, trials, webhooks
from broker.services.webhooks.deliver import Attempt, RequestToSend
from broker.services.webhooks.trials import ChosenPair
from broker.web.api.webhooks import documents
from broker.web.context import (
    actor,
    audit_log,
    begin_to_send,
    circumstances,
    links,
    now,
    reading,
    reading_for_change,
    settings,
    transaction,
)
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import local, render
from broker.web.pages.webhooks import webhook_documents

_PREVIEW, _SEND = "preview", "send"
"""What the buttons of a form ask for, besides storing it."""


@forms.page("new-webhook", needs=Needs(Action.WEBHOOKS))
def new(form: Form) -> Response:
    """Show the form of a new webhook."""
    return _form(form, None)


@forms.change("new-webhook", again=new)
def create(form: Form) -> Response:
    """Create a webhook, or try it before."""
    what = _described(form)
    if form.text("do") in {_PREVIEW, _SEND}:
        return _form(form, None, _tried(form, what))
    with transaction() as storage:
        created = webhooks.create(storage, what, circumstances())
    return forms.done(f"The webhook {what.title} was created.", "webhook", uuid=created.uuid)


@forms.page("edit-webhook", needs=Needs(Action.WEBHOOKS))
def edit(form: Form, uuid: str) -> Response:
    """Show the form of a webhook that is stored."""
    return _form(form, uuid)


@forms.change("edit-webhook", again=edit)
def change(form: Form, uuid: str) -> Response:
    """Describe a webhook anew, or try it before."""
    what = _described(form)
    if form.text("do") in {_PREVIEW, _SEND}:
        return _form(form, uuid, _tried(form, what, uuid))
    with transaction() as storage:
        webhooks.find(storage, uuid)
        stored = webhooks.put(storage, uuid, what, circumstances())
    said = f"The webhook {what.title} was changed."
    if stored.dropped:
        lost = ", ".join(stored.dropped)
        said += f" It goes to another place now; what was stored for the earlier one was dropped: {lost}."
    return forms.done(said, "webhook", uuid=uuid)


@forms.page("test-webhook", needs=Needs(Action.WEBHOOKS))
def test(form: Form, uuid: str) -> Response:
    """Show what a webhook would send about a consumer and a provider."""
    chosen = form.begun_with(
        **{f"pair.{role}": request.args.get(role, "")[: limits.NAME] for role in ("consumer", "provider")}
    )
    with reading_for_change() as storage:
        found = webhooks.find_changeable(storage, uuid)
        try:
            to_send = trials.request_about(
                storage,
                found.what,
                _pair(chosen),
                addresses=links(),
                sealed=found.sealed,
                team_id=found.team_id,
            )
        except ValidationError as error:
            return _test(Form(chosen.values, error.errors or chosen.errors), found, None)
    return _test(chosen, found, webhooks.execute(to_send, settings(), now, dry_run=True))


@forms.change("test-webhook", again=test)
def send(form: Form, uuid: str) -> Response:
    """Send a webhook once, and show what was answered."""
    with reading_for_change() as storage:
        found = webhooks.find_changeable(storage, uuid)
        to_send = trials.request_about(
            storage,
            found.what,
            _pair(form),
            addresses=links(),
            sealed=found.sealed,
            team_id=found.team_id,
        )
    return _test(form, found, _sent(to_send, uuid), is_sent=True)


def _described(form: Form) -> WebhookDescription:
    """Return what the form describes, by the rules of the API. Raises ValidationError."""
    lines = webhook_documents.wrong_lines(form)
    wrong = {webhook_documents.HEADERS: lines} if lines else {}
    try:
        what = documents.parse(webhook_documents.document(form), settings())
    except ValidationError as error:
        raise ValidationError(
            {**error.errors, **{name: [*error.errors.get(name, ()), *texts] for name, texts in wrong.items()}}
        ) from error
    if wrong:
        raise ValidationError(wrong)
    return what


def _pair(form: Form) -> ChosenPair:
    return ChosenPair(form.text("pair.consumer").strip(), form.text("pair.provider").strip())


def _tried(form: Form, what: WebhookDescription, uuid: str = "") -> Attempt:
    """Return what comes of the webhook of the form: it is sent, or only composed. Raises ValidationError."""
    with reading_for_change() as storage:
        what, team_id = webhooks.described(storage, uuid, what, settings())
        to_send = trials.request_about(storage, what, _pair(form), addresses=links(), team_id=team_id)
    if form.text("do") == _SEND:
        return _sent(to_send, uuid or None)
    return webhooks.execute(to_send, settings(), now, dry_run=True)


def _sent(to_send: RequestToSend, uuid: str | None) -> Attempt:
    begin_to_send()  # on a thread that may wait for the receiver
    audit_log().sent(actor(), to_send, uuid)
    return webhooks.execute(to_send, settings(), now, dry_run=False)


def _form(form: Form, uuid: str | None, attempt: Attempt | None = None) -> Response:
    with reading_for_change() if uuid else reading() as storage:
        stored = webhooks.find_readable(storage, uuid, settings()) if uuid else None
        if stored:
            permission.require_team(storage, Action.WEBHOOKS, stored.team_id)
        known = secrets.every(storage)
        names = trials.applications(storage)
    allowed = settings().webhook_http_method_whitelist or METHODS
    return render(
        "webhook_form.html",
        form=webhook_documents.begun(form, stored.what if stored else None, stored.team if stored else None),
        stored=stored,
        action=local("edit-webhook", uuid=uuid) if uuid else local("new-webhook"),
        back=local("webhook", uuid=uuid) if uuid else local("webhooks"),
        events=[(event.value, event.value.replace("_", " "), EXPLAINED.get(event, "")) for event in Event],
        methods=[(method, method) for method in allowed],
        schemes=settings().webhook_scheme_whitelist,
        hosts=settings().webhook_host_whitelist,
        secrets=[("", "none"), *((secret.name, secret.name) for secret in known)],
        parameters=NAMES,
        names=names,
        is_sent=form.text("do") == _SEND,
        attempt=attempt,
        shown=trials.shown(attempt) if attempt else None,
    )


def _test(form: Form, found: Webhook, attempt: Attempt | None, *, is_sent: bool = False) -> Response:
    return render(
        "webhook_test.html",
        form=form,
        webhook=found,
        is_sent=is_sent,
        attempt=attempt,
        shown=trials.shown(attempt) if attempt else None,
    )
