"""Tokens that bind a form to the browser that it was shown to (docs/decisions/0047).

A browser has a random key in a cookie, which only this site can read. A token is signed with it. It differs
each time, so that the length of a compressed answer tells nothing about it.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http import HTTPStatus

from flask import Response, g, request

from broker.web import base_url, session_cookie
from broker.web.context import asker, settings

KEY, MESSAGE = "tally-form", "tally-done"
LONGEST_MESSAGE = 600
"""Characters of a message: as a cookie, it takes up to 5.4 bytes for each, and browsers keep 4096."""
_SECURE = "__Host-"
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}\Z")  # of 32 bytes
_NEW = "new_form_key"


def token() -> str:
    """Return a token for a form of this answer."""
    salt = secrets.token_urlsafe(16)
    who = asker()  # first: it finds the session
    return f"{salt}.{_signed(_key_of_forms(), KEY, who, salt)}"


def is_valid(given: str) -> bool:
    """Return whether this browser was shown a form with this token, for the same log-in."""
    salt, _, signature = given.partition(".")
    who = asker()
    session = session_cookie.current()
    key = _kept_key() if session is None else session.csrf
    return key is not None and _is_signed(signature, key, KEY, who, salt)


def keep_message(response: Response, text: str) -> None:
    """Let the next page of this browser say what was done."""
    short = text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"
    value = urlsafe_b64encode(short.encode()).decode().rstrip("=")
    _set(response, MESSAGE, f"{value}.{_signed(_key(), MESSAGE, value)}")


def kept_message() -> str:
    """Return what the last form of this browser did; "" for nothing that is still to be said."""
    value, _, signature = request.cookies.get(_name(MESSAGE), "").partition(".")
    key = _kept_key()
    if not value or key is None or not _is_signed(signature, key, MESSAGE, value):
        return ""
    return urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()


def add_cookies(response: Response) -> None:
    """Give the browser its key, if this answer was the first to need one; forget a message that was read."""
    if key := g.pop(_NEW, None):
        _set(response, KEY, key)
    if _name(MESSAGE) in request.cookies and response.status_code == HTTPStatus.OK:
        response.delete_cookie(_name(MESSAGE), secure=_is_secure(), httponly=True, samesite="Strict")


def _set(response: Response, name: str, value: str) -> None:
    response.set_cookie(_name(name), value, secure=_is_secure(), httponly=True, samesite="Strict")


def _key_of_forms() -> str:
    """Return what forms are signed with: a secret of the session, or else of the browser."""
    session = session_cookie.current()
    return _key() if session is None else session.csrf


def _key() -> str:
    kept = _kept_key()
    if kept is not None:
        return kept
    if _NEW not in g:
        setattr(g, _NEW, secrets.token_urlsafe(32))
    key: str = g.get(_NEW)
    return key


def _kept_key() -> str | None:
    given = request.cookies.get(_name(KEY), "")
    return given if _VALUE.match(given) else None


def _name(name: str) -> str:
    return f"{_SECURE}{name}" if _is_secure() else name


def _is_secure() -> bool:
    return base_url.is_secure(settings().addresses, request.environ)


def _signed(key: str, *texts: str) -> str:
    digest = hmac.new(key.encode(), "\0".join(texts).encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _is_signed(signature: str, key: str, *texts: str) -> bool:
    return hmac.compare_digest(_signed(key, *texts).encode(), signature.encode())
