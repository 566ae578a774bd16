"""Requests and their answers, for who watches them: the access log, and traces that are exported."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field
from typing import Any, Protocol

from broker.web.client_address import address_of
from broker.web.request_ids import KEY
from tally.values import dataclass

Scope = dict[str, Any]
CLIENT_LEFT = 499
"""The status of a request whose client has hung up before it had an answer, as nginx calls it."""
EXCHANGE = "tally.exchange"
"""Where in a scope, and in the environment of the application, the exchange is, if somebody watches it."""
GIVEN_UP = "tally.given-up"
"""Where in the scope of a request a connection puts the status and the size of the answer that gave it up."""


@dataclass(eq=False)
class Exchange:
    """One request, from its headers to the end of its answer. The application says what it is about."""

    request_id: str
    method: str = ""
    path: str = ""
    """As it was sent, without the query."""
    scheme: str = "http"
    address: str = ""
    """Of the client, as the last trusted proxy says it."""
    traceparent: str = ""
    """The header, which may be wrong."""
    began: float = field(default_factory=time.perf_counter)
    route: str = ""
    """A path with {placeholders}; "" for a request that has reached no view."""
    actor: str = ""
    actor_kind: str = ""
    current: Callable[[], AbstractContextManager[Any]] = nullcontext
    """Returns the context in which the application answers the request, in its thread."""
    span: object = None
    environment: dict[str, Any] = field(default_factory=dict)
    """What the application finds in its environment besides."""

    def tell(self, route: str, actor: str, actor_kind: str) -> None:
        """Note what the application says of the request."""
        self.route, self.actor, self.actor_kind = route, actor, actor_kind

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self.began


class Watch(Protocol):
    """Who is told of each request. None of this may raise, or wait."""

    def begun(self, exchange: Exchange) -> None:
        """Take note of a request, in the event loop."""

    def ended(self, exchange: Exchange, status: int, size: int) -> None:
        """Take note of the answer, and how many bytes its body has."""


class Exchanges:
    """Tells those who watch of each request. *trusted_proxies* is how many there are before the broker."""

    def __init__(self, watches: Sequence[Watch], trusted_proxies: int = 0) -> None:
        self._watches = watches
        self._trusted_proxies = trusted_proxies

    def begin(self, scope: Scope) -> Exchange:
        """Begin to watch a request whose headers have come, or as much of them as will come."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        remote = scope["client"][0] if scope["client"] else ""
        exchange = Exchange(
            request_id=scope[KEY],
            method=scope.get("method", ""),
            path=scope.get("raw_path", b"").decode("latin-1"),
            scheme=scope["scheme"],
            address=address_of(remote, forwarded, self._trusted_proxies),
            traceparent=headers.get(b"traceparent", b"").decode("latin-1"),
        )
        for watch in self._watches:
            watch.begun(exchange)
        return exchange

    def end(self, exchange: Exchange, status: int, size: int) -> None:
        """Say that the request has its answer, or never will."""
        for watch in self._watches:
            watch.ended(exchange, status, size)
