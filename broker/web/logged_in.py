"""What all ways to log in have in common: who the client is, the cookie, and the audit log."""

from dataclasses import replace

from flask import Response, request

from broker.domain.accounts.actor import Actor, ActorKind
from broker.domain.audit.entry import Outcome
from broker.services.accounts import sessions
from broker.services.accounts.log_in import ProvidedPerson
from broker.services.accounts.sessions import Begun, Client
from broker.storage.accounts.log_ins import Person
from broker.storage.storage import Storage
from broker.web import session_cookie
from broker.web.client_address import client_address
from broker.web.context import actor_or_refusal, audit_log, now, settings
from broker.web.log_in_address import to_own_page

_LONGEST_NAME = 100
_ACTION = "log-in"


def client() -> Client:
    """Return where somebody logs in from."""
    agent = "".join(filter(str.isprintable, request.headers.get("User-Agent", "")))
    return Client(client_address(settings()), agent)


def end_former(storage: Storage) -> None:
    """End the session that this browser has already: whoever logs in now may be somebody else."""
    actor_or_refusal()
    if (former := session_cookie.current()) is not None:
        sessions.end(storage, former, now())
        session_cookie.set_current(None)


def lead_on(begun: Begun, to: str) -> Response:
    """Give the browser its session, and lead to the page that was asked for."""
    response = Response(status=303, headers={"Location": to_own_page(to)})
    session_cookie.put(response, begun.text)
    return kept_by_nobody(response)


def note(storage: Storage, person: Person) -> None:
    """Tell the audit log who has logged in."""
    if storage.entry is not None:
        actor = Actor(person.name, ActorKind.PERSON, "session", uuid=person.uuid, account_id=person.id)
        storage.entry = replace(
            storage.entry, actor=actor, action=_ACTION, subject_kind="account", subject_name=person.name
        )


def note_refusal(storage: Storage, provider: str, who: ProvidedPerson) -> None:
    """Tell the audit log that somebody whom a provider knows may not log in."""
    if storage.entry is not None:
        actor = Actor(f"{provider}:{who.subject}", ActorKind.NOBODY, provider)
        storage.entry = replace(storage.entry, actor=actor, action=_ACTION, outcome=Outcome.REFUSED)


def note_failure(name: str) -> None:
    """Tell the audit log that somebody could not log in under a name."""
    shown = "".join(filter(str.isprintable, name))[:_LONGEST_NAME]
    audit_log().failed(_ACTION, Actor(shown or "nobody", ActorKind.NOBODY, ""))


def kept_by_nobody(response: Response) -> Response:
    """Let no cache keep a page of the log-in, and no other site learn its address."""
    response.headers["Cache-Control"] = "no-store"
    # Not no-referrer, with which browsers do not say where a form comes from, not even to this site.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
