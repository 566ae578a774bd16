"""Answer from the standby what may be, and otherwise, or when it fails, from the primary.

A browser never goes back in time. Cookies have the positions of what it wrote, and of what the primary has
shown it; who asks for a page because an event said that it has changed sends the position of the change in a
header. The standby must have all of it. Nobody has to trust them: who sends one that is too high is answered
by the primary.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import NotFound

from broker.domain.errors import NotFoundError
from broker.storage.positions import SLACK, KnownPositions, Position
from broker.storage.standby import Reason, Standby, StandbyUnusableError
from broker.web import base_url, lagging
from broker.web.context import database, measurements, settings

HEADER = "Tally-Position"
_WRITTEN, _SHOWN = "tally-written", "tally-shown"
_BY_A_BROWSER = "HTTP_SEC_FETCH_SITE"
_OF_PAGES = {"pages", "forms"}
_READING = {"GET", "HEAD", "OPTIONS"}
_ROOM = 2.0
"""Seconds that a cookie is kept longer than needed: by then each process shows that much by itself."""
_IS_BY_STANDBY = "is_by_standby"


def install(app: Flask, standby: Standby | None) -> None:
    """Answer the views that may lag from the standby, if there is one; call this when all are there."""
    if standby is None:
        return
    for endpoint, view in app.view_functions.items():
        if lagging.is_marked(view):
            app.view_functions[endpoint] = _answering(view, standby)
    app.after_request(lambda response: _with_floor(response, standby))


def _answering(view: Callable[..., Any], standby: Standby) -> Callable[..., Response]:
    @wraps(view)
    def answer(**values: Any) -> Response:
        reads = lagging.Reads(database(), standby, _seen(standby.known))
        lagging.begin(reads)
        try:
            response = current_app.make_response(view(**values))
        except (StandbyUnusableError, NotFoundError, NotFound) as error:
            if not reads.is_used:
                raise
            reads.reason = error.reason if isinstance(error, StandbyUnusableError) else Reason.NOT_FOUND
            lagging.end()
            response = current_app.make_response(view(**values))
        finally:
            lagging.end()
        if reads.reason is not None:
            measurements().read("primary", reads.reason.value)
        elif reads.is_used:
            measurements().read("standby", "")
            setattr(g, _IS_BY_STANDBY, True)
        return response

    return answer


def _seen(known: KnownPositions) -> Position | None:
    """Return what whoever asks has written or seen, as they say."""
    names = {f"{_prefix()}{kind}{of}" for kind in (_WRITTEN, _SHOWN) for of in ("", _of_database(known))}
    return _highest(map(request.cookies.get, names), request.headers.get(HEADER))


def _highest(cookies: Iterable[str | None], *others: str | None) -> Position | None:
    found: Position | None = None
    for position in map(Position.read, filter(None, (*cookies, *others))):
        found = position.joined(found) if position is not None else found
    return found


def _with_floor(response: Response, standby: Standby) -> Response:
    """Let a browser bring, with its next requests, the position that it must not fall behind."""
    if request.method not in _READING:
        if request.blueprint in _OF_PAGES or _BY_A_BROWSER in request.environ:
            _put(response, _WRITTEN, standby)
    elif (
        request.blueprint in _OF_PAGES
        and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
        and _IS_BY_STANDBY not in g
    ):
        _put(response, _SHOWN, standby)
    return response


def _put(response: Response, kind: str, standby: Standby) -> None:
    # Two cookies: an answer that was begun before a form was sent must not take the form's away.
    known, name = standby.known, f"{_prefix()}{kind}{_of_database(standby.known)}"
    position = standby.position()
    if position is None:
        # The primary is away now. What this process knows may be less than what the browser brings.
        brought = _highest([request.cookies.get(name)])
        position = known.reached.joined(brought) if known.reached else brought
    if position is not None:
        seconds = int(known.longest_lag + SLACK + _ROOM)
        response.set_cookie(
            name, str(position), max_age=seconds, secure=_is_secure(), httponly=True, samesite="Lax"
        )


def _of_database(known: KnownPositions) -> str:
    """Return what tells the cookies of two brokers apart: browsers send them to every port of a host."""
    return f"-{sha256(known.identity.encode()).hexdigest()[:8]}" if known.identity else ""


def _prefix() -> str:
    return "__Host-" if _is_secure() else ""


def _is_secure() -> bool:
    return base_url.is_secure(settings().addresses, request.environ)
