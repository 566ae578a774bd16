"""The id of a request, by which it is found in logs: that of its header, or a new one; and its trace."""

import re
from collections.abc import Mapping
from random import getrandbits
from typing import Any

from flask import Response, g, request

from broker.domain import trace_parent
from broker.domain.accounts.actor import Actor, ActorKind
from broker.domain.accounts.tokens import has_token
from broker.domain.trace_parent import TraceParent

HEADER = "X-Request-Id"
NAME = HEADER.lower().encode()
KEY = "tally.request-id"
"""Where in the WSGI environment the gateway puts it."""
TRACE = "tally.trace"
"""Where the gateway puts the trace of a request whose spans it exports."""
ASKER = "asker"
"""Where a request keeps who asks, once somebody wanted to know (`context.actor_or_refusal`)."""
_ACCEPTED = re.compile(r"[A-Za-z0-9._:+/=@~-]{1,128}")
"""None of these has to be escaped in a log, in JSON, in HTML or in a shell."""


def request_id_of(given: str) -> str:
    """Return the id that a client has given, if it is one; otherwise a new one."""
    if given and _ACCEPTED.fullmatch(given) and not has_token(given):
        return given
    return f"{getrandbits(128):032x}"


def id_in(scope: Mapping[str, Any]) -> str:
    """Return the id of a request, by its headers as ASGI has them."""
    given = [value for name, value in scope["headers"] if name == NAME]
    return request_id_of(given[0].decode("latin-1") if len(given) == 1 else "")


def request_id() -> str:
    """Return the id of the request that is answered."""
    environ = request.environ
    found: str | None = environ.get(KEY)
    if found is None:  # there is no gateway
        found = environ[KEY] = request_id_of(environ.get("HTTP_X_REQUEST_ID", ""))
    return found


def trace() -> TraceParent:
    """Return the trace that the request belongs to, or begins."""
    environ: dict[str, Any] = request.environ
    found: TraceParent | None = environ.get(TRACE)
    return found or trace_of(environ.get("HTTP_TRACEPARENT", ""), request_id())


def trace_of(header: str, request_id: str) -> TraceParent:
    """Return the trace of a request with this header, which may be empty or wrong, and this id."""
    return trace_parent.parse(header) or trace_parent.begun_by(request_id)


def known_asker() -> tuple[str, str]:
    """Return the name and the kind of who asks, if the answer depended on it; "" for nobody who is known."""
    found: Actor | Response | None = g.get(ASKER)
    if not isinstance(found, Actor) or found.kind is ActorKind.NOBODY:
        return "", ""
    return found.name, found.kind.value
