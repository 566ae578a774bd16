"""The cookie of a log-in that has left for an identity provider. It binds the answer to this browser.

It is SameSite=Lax, as the answer is a link from another site, and lasts ten minutes.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import fields

from flask import Response, request

from broker.services.accounts.log_in_flow import LONGEST, Flow
from broker.web import base_url
from broker.web.context import settings

_NAME = "tally-log-in"
_MOST_BYTES = 4000
_LAST_MOMENT = 1 << 40
"""In seconds since 1970."""


def put(response: Response, flow: Flow) -> None:
    """Let the browser keep a log-in that has left."""
    text = urlsafe_b64encode(json.dumps(vars(flow)).encode()).decode()
    response.set_cookie(
        _name(),
        text,
        max_age=int(LONGEST.total_seconds()),
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
    )


def given() -> Flow | None:
    """Return the log-in of this browser that has left last; None for none that can be read."""
    text = request.cookies.get(_name(), "")
    if not text or len(text) > _MOST_BYTES:
        return None
    try:
        found = json.loads(urlsafe_b64decode(text))
        wanted = {field.name: field.type for field in fields(Flow)}
        is_right = found.keys() == wanted.keys() and all(
            _is_right(found[name], kind) for name, kind in wanted.items()
        )
    except (ValueError, AttributeError, RecursionError):
        return None
    return Flow(**found) if is_right else None


def _is_right(value: object, kind: object) -> bool:
    """Return whether it is what `put` can have stored; a browser may send anything."""
    if kind is int:
        return isinstance(value, int) and 0 <= value <= _LAST_MOMENT
    return isinstance(value, str) and value.isascii()


def take_away(response: Response) -> None:
    """Let the browser forget it: an answer is used once."""
    if _name() in request.cookies:
        response.delete_cookie(_name(), secure=_is_secure(), httponly=True, samesite="Lax")


def _name() -> str:
    return f"__Host-{_NAME}" if _is_secure() else _NAME


def _is_secure() -> bool:
    return base_url.is_secure(settings().addresses, request.environ)
