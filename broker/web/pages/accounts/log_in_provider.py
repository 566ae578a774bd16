"""Log in by an identity provider: the way there, and the answer that the browser brings back."""

from flask import Response, current_app, g, request

from broker.services.accounts import log_in as logging_in
from broker.services.accounts.log_in import LogInOutcome, LogInRefusedError, ProvidedPerson
from broker.services.accounts.log_in_flow import Flow, code_of, new_flow
from broker.services.accounts.log_in_providers import LogInProviders
from broker.services.accounts.provider_requests import ProviderError
from broker.web import logged_in, session_cookie
from broker.web.context import database, links, now, settings, transaction
from broker.web.description.needs import PUBLIC
from broker.web.log_in_address import own_page
from broker.web.pages import forms
from broker.web.pages.accounts import flow_cookie
from broker.web.pages.accounts import log_in as page
from broker.web.pages.forms import Form

_KEY = "tallystick-log-in-providers"
_PROVIDED = "provided_person"
_PARAMETERS = ("code", "state", "iss", "error")
_LONGEST = 8192


@forms.page("log-in-by-provider", needs=PUBLIC)
def leave(_form: Form, provider: str) -> Response:
    """Lead to the provider. The browser keeps what belongs to this log-in."""
    if not session_cookie.can_be_set():
        return _refused(page.NEEDS_TLS, 403)
    _, found = _providers().find(provider)
    flow = new_flow(provider, own_page(request.args.get("to", "")), now())
    try:
        address = found.address(flow, _back(provider))
    except ProviderError as error:
        return _refused(str(error), 503)
    response = Response(status=303, headers={"Location": address})
    flow_cookie.put(response, flow)
    return logged_in.kept_by_nobody(response)


@forms.page("log-in-answer", needs=PUBLIC)
def come_back(_form: Form, provider: str) -> Response:
    """Log in whom the provider has sent back."""
    flow = flow_cookie.given()
    try:
        response = _logged_in(provider, flow)
    except LogInRefusedError as error:
        logged_in.note_failure(provider)
        response = _refused(str(error), 403, flow)
    except ProviderError as error:
        logged_in.note_failure(provider)
        response = _refused(str(error), 503, flow)
    flow_cookie.take_away(response)
    return response


def _logged_in(name: str, flow: Flow | None) -> Response:
    settled, _ = _providers().find(name)
    if not session_cookie.can_be_set():
        raise LogInRefusedError(page.NEEDS_TLS)
    who = _person(name, flow)

    def store() -> LogInOutcome:
        with transaction() as storage:
            logged_in.end_former(storage)
            outcome = logging_in.by_provider(storage, settled, who, logged_in.client(), now())
            if isinstance(outcome, LogInRefusedError):
                logged_in.note_refusal(storage, name, who)
            else:
                logged_in.note(storage, outcome[1])
            return outcome

    # The request is not run again as a whole: that the answer was used is committed.
    outcome = database().retrying.run(store)
    if isinstance(outcome, LogInRefusedError):
        return _refused(str(outcome), 403, flow)
    return logged_in.lead_on(outcome[0], "/" if flow is None else flow.to)


def _person(name: str, flow: Flow | None) -> ProvidedPerson:
    """Return who has come back. An answer is used once, also when the rest of the request is run again."""
    kept: ProvidedPerson | None = g.get(_PROVIDED)
    if kept is not None:
        return kept
    _, provider = _providers().find(name)
    answer = _answer()
    code = code_of(answer, flow, name, now())
    assert flow is not None  # noqa: S101 - `code_of` has looked
    provider.check_answer(answer)
    at, state = now(), flow.state
    is_first = database().write(lambda storage: logging_in.is_first_use(storage, state, at))
    if not is_first:
        raise LogInRefusedError("Log in again: this answer was used before.")
    found = provider.person(code, flow, _back(name), now())
    setattr(g, _PROVIDED, found)
    return found


def _answer() -> dict[str, str]:
    """Return what the provider says, each once."""
    found = {name: request.args.getlist(name) for name in _PARAMETERS}
    if any(len(values) > 1 or len("".join(values)) > _LONGEST for values in found.values()):
        raise LogInRefusedError("Log in again: the answer of the provider cannot be read.")
    return {name: values[0] for name, values in found.items() if values}


def _refused(notice: str, status: int, flow: Flow | None = None) -> Response:
    to = "/" if flow is None else flow.to
    return page.show(Form({"to": [to]}, notice=notice, is_sent=True), status=status)


def _back(provider: str) -> str:
    return links().href("log-in-answer", provider=provider)


def _providers() -> LogInProviders:
    """Return the providers of this application, which keep what they know."""
    found: LogInProviders = current_app.extensions.setdefault(_KEY, None) or LogInProviders(settings())
    current_app.extensions[_KEY] = found
    return found
