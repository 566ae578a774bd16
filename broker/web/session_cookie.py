"""The cookie of a session. Pages accept it, and what only reads; the API never changes anything for it.

So nothing is written that a foreign page has made a browser ask for: forms of pages have a token besides.
"""

import ipaddress
import re

from flask import Response, g, request
from werkzeug.exceptions import BadRequest

from broker.domain.accounts.session import Session
from broker.web import base_url
from broker.web.context import settings
from tally.values import dataclass

_SECURE, _PLAIN = "__Host-tally", "tally"
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}\Z")  # of 32 bytes
_READING = {"GET", "HEAD"}
_OF_PAGES = {"pages", "forms"}
_CURRENT = "session"
_TWICE = (
    "The cookie {} came twice, so another page or host has set it too. Remove the cookies of this site, and "
    "log in again."
)


@dataclass(frozen=True)
class _Kind:
    name: str
    is_secure: bool


def can_be_set() -> bool:
    """Return whether a browser would keep the session to itself: by TLS, or on its own machine."""
    return _kind() is not None


def given() -> str | None:
    """Return the id of a session that this request may use, if it brings one. Raises BadRequest for two."""
    kind = _kind()
    if kind is None or not (request.method in _READING or request.blueprint in _OF_PAGES):
        return None
    found = [part.partition("=") for part in request.headers.get("Cookie", "").split(";")]
    values = [value.strip() for name, _, value in found if name.strip() == kind.name]
    if len(values) > 1:
        raise BadRequest(_TWICE.format(kind.name))
    return values[0] if values and _VALUE.match(values[0]) else None


def put(response: Response, text: str) -> None:
    """Give the browser a session."""
    kind = _kind()
    if kind is not None:
        response.set_cookie(kind.name, text, secure=kind.is_secure, httponly=True, samesite="Lax")


def take_away(response: Response) -> None:
    """Let the browser forget its session."""
    kind = _kind()
    if kind is not None and kind.name in request.cookies:
        response.delete_cookie(kind.name, secure=kind.is_secure, httponly=True, samesite="Lax")


def set_current(session: Session | None) -> None:
    """Note with which session the request came."""
    setattr(g, _CURRENT, session)


def current() -> Session | None:
    """Return the session with which the request came; None before it was looked up, and without one."""
    found: Session | None = g.get(_CURRENT)
    return found


def _kind() -> _Kind | None:
    if base_url.is_secure(settings().addresses, request.environ):
        return _Kind(_SECURE, is_secure=True)
    return _Kind(_PLAIN, is_secure=False) if _is_on_this_machine() else None


def _is_on_this_machine() -> bool:
    host = re.sub(r":\d+\Z", "", request.headers.get("Host", "")).strip("[]")
    return _is_loopback(host) and _is_loopback(request.remote_addr or "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
