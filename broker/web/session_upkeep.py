"""What a request with a session leaves behind: that somebody is there, and a new id for other rights."""

from datetime import datetime

from flask import Response

from broker.domain.accounts.session import Session, rights_of
from broker.services.accounts import sessions
from broker.storage.failures import failure_of, may_be_run_again
from broker.web import session_cookie
from broker.web.context import actor, database, known_accounts, now


def keep(response: Response) -> Response:
    """Keep the session of this request alive. It is there without this, so no failure matters."""
    session = session_cookie.current()
    if session is None:
        return response
    if not (response.cache_control.no_store or response.cache_control.public):
        # It is for one person, and may bring a new id: no cache for several people may keep it.
        response.cache_control.private = True
    at = now()
    has_other_rights = rights_of(actor().grants) != session.rights
    if not has_other_rights and not session.is_to_be_noted(at):
        return response
    try:
        if has_other_rights:
            _renew(response, session, at)
        else:
            _stay(session, at)
    except Exception as error:
        if failure_of(error) is None and not may_be_run_again(error):
            raise
    return response


def _stay(session: Session, at: datetime) -> None:
    generation = known_accounts().generation()
    longer = database().write(lambda storage: sessions.stay(storage, session, at))
    if longer is not None:
        known_accounts().remember(longer, generation)


def _renew(response: Response, session: Session, at: datetime) -> None:
    begun = database().write(lambda storage: sessions.renew(storage, session, at))
    known_accounts().forget()
    if begun is not None:
        session_cookie.put(response, begun.text)
