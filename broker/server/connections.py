"""The open connections of a server process, and what bounds them: time, size and number.

A connection *waits* while its client owes the server a whole request: it is idle, or sends headers or a body.
Only those are given up. A request that has arrived whole is answered, however long that takes.
"""

import asyncio
from collections import Counter, defaultdict
from enum import Enum
from http import HTTPStatus
from typing import cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from broker.observability.exchanges import GIVEN_UP, Exchanges, Scope
from broker.server.given_up import GivenUp, why_given_up
from broker.web.request_ids import HEADER, KEY, id_in
from tally.values import dataclass

_TOO_LARGE = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
ENOUGH_FOR_A_RATE = 30.0
"""Seconds after which a body must have come at the least rate."""


@dataclass(frozen=True)
class ConnectionLimits:
    """How much a client may hold."""

    most: int = 1024
    """Connections in all."""
    most_per_address: int = 512
    """Connections from one address that wait. 0 is no limit: all come through a proxy."""
    header_seconds: float = 10
    idle_seconds: float = 60
    stall_seconds: float = 30
    """For how long nothing may come of a body, or be taken of an answer."""
    least_rate: int = 4096
    """Bytes of a body in a second, on average."""
    header_bytes: int = 65_536
    headers: int = 100
    """Of one request: each takes forty times the memory of its bytes."""
    unanswered: int = 4
    """Whole requests that a client may send before it has the answer to the first."""
    unread_bytes: int = 128 * 1024 * 1024
    """What is read and thrown away of a body whose request was refused already."""


class Reading(Enum):
    """What the server reads of a connection at the moment."""

    NOTHING = "nothing"
    HEADERS = "headers"
    BODY = "body"


class HeadersTooLargeError(Exception):
    """A request has more headers than any may have, or larger ones."""


class TooManyRequestsError(Exception):
    """A client has sent too many requests without waiting for an answer."""


class Connections(ServerState):
    """The open connections. Those that wait are in the order in which they began to."""

    def __init__(self, limits: ConnectionLimits, exchanges: Exchanges | None = None) -> None:
        super().__init__()
        self.limits = limits
        self.exchanges = exchanges
        self.given_up: Counter[str] = Counter({why.value: 0 for why in GivenUp})
        self._waiting: dict[Connection, None] = {}
        self._waiting_of: defaultdict[str, dict[Connection, None]] = defaultdict(dict)

    @property
    def waiting(self) -> int:
        """How many of them wait. Any thread may ask."""
        return len(self._waiting)

    def opened(self, connection: "Connection") -> None:
        """Make room for *connection*, or refuse it if every other one is being answered."""
        self.begin_to_wait(connection)
        if len(self.connections) > self.limits.most:
            _give_up_one_of(self._waiting)

    def begin_to_wait(self, connection: "Connection") -> None:
        """Note that *connection* owes a request; its address gives one up if it has too many of them."""
        self._waiting[connection] = None
        of_address = self._waiting_of[connection.address]
        of_address[connection] = None
        if 0 < self.limits.most_per_address < len(of_address):
            _give_up_one_of(of_address)

    def end_to_wait(self, connection: "Connection") -> None:
        """Note that *connection* has sent a whole request, or is closed."""
        self._waiting.pop(connection, None)
        of_address = self._waiting_of.get(connection.address)
        if of_address is not None:
            of_address.pop(connection, None)
            if not of_address:
                del self._waiting_of[connection.address]

    def gave_up(self, scope: Scope, status: int, size: int, *, is_asked: bool) -> None:
        """Say to whoever watches requests that one was given up with this answer.

        One that *is_asked* has headers that are whole: whoever waits for its body says so, or will.
        """
        if is_asked:
            scope[GIVEN_UP] = status, size
        elif exchanges := self.exchanges:
            exchanges.end(exchanges.begin(scope), status, size)

    def give_up_overdue(self, now: float) -> None:
        """Close the connections whose time is over; *now* is in seconds of the event loop."""
        for connection in [*self._waiting]:
            connection.give_up_if_overdue(now)
        for connection in cast("set[Connection]", {*self.connections}):
            connection.abort_if_not_read(now)


def _give_up_one_of(waiting: "dict[Connection, None]") -> None:
    """Give up the one that is idle for longest or, if none is, the one that waits for longest.

    The newest, for which this makes room, is given up only if it is alone.
    """
    *older, newest = waiting
    idle = (connection for connection in older if connection.is_idle)
    next(idle, older[0] if older else newest).give_up(HTTPStatus.SERVICE_UNAVAILABLE)


class Connection(HttpToolsProtocol):
    """One connection. *server_state* is a `Connections`."""

    server_state: Connections
    address = ""
    reading = Reading.NOTHING
    _since = 0.0
    """When that began; for a body, when something of it came last."""
    _body_since = 0.0
    _body_bytes = 0
    _body_bytes_before = 0
    """What had come of the body before the newest data."""
    _header_bytes = 0
    """What came since then that is no body, or of headers that are not whole."""
    _parsed_header_bytes = 0
    _unanswered = 0
    """Whole requests without a whole answer: more than one if the client does not wait for answers."""
    _is_answered_early = False
    """Whether the request that is being read was refused before it had come whole."""
    _is_broken = False
    _unsent = 0
    _unsent_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._since = self._unsent_since = self.loop.time()
        self.server_state.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.end_to_wait(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_broken or self.transport.is_closing():
            return
        headers = self.headers if self.reading is Reading.HEADERS else None
        self._unset_keepalive_if_required()
        try:
            self._parse(data)
        except httptools.HttpParserError as error:
            is_too_large = isinstance(error.__context__, HeadersTooLargeError)
            self._break_off(_TOO_LARGE if is_too_large else HTTPStatus.BAD_REQUEST)
        self._bound_what_is_no_body(len(data), is_same_request=self.headers is headers)

    def _bound_what_is_no_body(self, size: int, *, is_same_request: bool) -> None:
        """Break off when headers, or what stands between and behind the chunks of a body, have no end."""
        is_no_body = self._body_bytes == self._body_bytes_before
        counts = is_same_request if self.reading is Reading.HEADERS else is_no_body
        self._header_bytes = self._header_bytes + size if counts else 0
        self._body_bytes_before = self._body_bytes
        if self._header_bytes > self.server_state.limits.header_bytes:
            self._break_off(_TOO_LARGE)

    def _parse(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                (read,) = upgrade.args
                data = self._headers_without_upgrade() + data[read:]
                self.parser = httptools.HttpRequestParser(self)
            else:
                return

    def _headers_without_upgrade(self) -> bytes:
        """Return the headers as if the client had not asked for another protocol (RFC 9110 §7.8).

        Java's client asks for HTTP/2 this way. The parser takes the body for the other protocol.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            raise httptools.HttpParserError("this is no proxy")
        lines = [b"%s %s HTTP/1.1" % (method, self.url)]
        for name, value in self.headers:
            if name == b"connection":
                kept = [token for token in value.split(b",") if token.strip().lower() != b"upgrade"]
                lines.append(b"%s: %s" % (name, b",".join(kept)))
            elif name != b"upgrade":
                lines.append(b"%s: %s" % (name, value))
        return b"\r\n".join([*lines, b"", b""])

    def _break_off(self, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        """Read no more. Whole requests are answered; the one that is not is never carried out."""
        self._is_broken = True
        if self._unanswered:
            self.transport.pause_reading()
        else:
            self.give_up(status)

    def on_message_begin(self) -> None:
        if self._unanswered >= self.server_state.limits.unanswered:
            raise TooManyRequestsError
        super().on_message_begin()
        self._header_bytes = self._parsed_header_bytes = 0
        self._read(Reading.HEADERS)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.reading is Reading.HEADERS:  # what comes after a body is no header (RFC 9110 §6.5.1)
            self._parsed_header_bytes += len(name) + len(value)
            # They may all have come at once, so that they are whole before their bytes are counted.
            if self._parsed_header_bytes > self.server_state.limits.header_bytes:
                raise HeadersTooLargeError
            super().on_header(name, value)
            if len(self.headers) > self.server_state.limits.headers:
                raise HeadersTooLargeError

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            return  # they are read again, see `_headers_without_upgrade`
        self._read(Reading.BODY)
        self._body_since, self._body_bytes = self._since, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._since = self.loop.time()
        self._body_bytes += len(body)
        super().on_body(body)
        if self._is_answered_early and self._body_bytes > self.server_state.limits.unread_bytes:
            self.transport.abort()

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self._read(Reading.NOTHING)
        if self._is_answered_early:
            self._is_answered_early = False
            return
        if not self._unanswered:
            self.server_state.end_to_wait(self)
        self._unanswered += 1

    def on_response_complete(self) -> None:
        if not self._unanswered:
            self._is_answered_early = True
        else:
            self._unanswered -= 1
            if not self._unanswered:
                self._since = self.loop.time()
                self.server_state.begin_to_wait(self)
        super().on_response_complete()
        if self._is_broken and not self._unanswered:
            self.transport.close()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way, in either direction."""
        return self.reading is Reading.NOTHING and self.transport.get_write_buffer_size() == 0

    def give_up_if_overdue(self, now: float) -> None:
        """Close it if the client has had the time for what it owes."""
        limits = self.server_state.limits
        waited = now - self._since
        if self.reading is Reading.NOTHING:
            is_overdue = self.is_idle and waited > (
                limits.idle_seconds if self.cycle else limits.header_seconds
            )
        elif self.reading is Reading.HEADERS:
            is_overdue = waited > limits.header_seconds
        elif self.flow.read_paused:  # the server has not asked for more
            self._since, is_overdue = now, False
        else:
            is_overdue = waited > limits.stall_seconds or self._is_slow(now)
        if is_overdue:
            self.give_up(HTTPStatus.REQUEST_TIMEOUT)

    def _is_slow(self, now: float) -> bool:
        seconds = now - self._body_since
        least = seconds * self.server_state.limits.least_rate
        return seconds > ENOUGH_FOR_A_RATE and self._body_bytes < least

    def abort_if_not_read(self, now: float) -> None:
        """Close it if the client has taken nothing of an answer for too long."""
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent:
            self._unsent, self._unsent_since = unsent, now
        elif now - self._unsent_since > self.server_state.limits.stall_seconds:
            self._count(GivenUp.UNREAD)
            self.transport.abort()

    def give_up(self, status: HTTPStatus) -> None:
        """Close it; say why if the client is in the middle of a request that has no answer yet."""
        self._count(why_given_up(status, is_idle=self.is_idle))
        is_stuck = self.transport.get_write_buffer_size() > 0
        if self.reading is not Reading.NOTHING and not self._is_answered_early:
            text = f"{status.phrase}\n"
            scope = cast("Scope", self.scope)
            scope.setdefault(KEY, id_in(scope))
            lines = (
                f"HTTP/1.1 {status} {status.phrase}",
                "Content-Type: text/plain",
                f"Content-Length: {len(text)}",
                *(["Retry-After: 1"] if status is HTTPStatus.SERVICE_UNAVAILABLE else []),
                "Connection: close",
                f"{HEADER}: {scope[KEY]}",
                "",
                text,
            )
            self.transport.write("\r\n".join(lines).encode())
            self.server_state.gave_up(scope, status, len(text), is_asked=self.reading is Reading.BODY)
        if is_stuck:
            self.transport.abort()  # closing would wait for the client to read the rest
        else:
            self.transport.close()
        # What happens at once when it is closed is done now: another one may have to be given up before that.
        self.server_state.end_to_wait(self)
        self.server_state.connections.discard(self)

    def _count(self, why: GivenUp) -> None:
        self.server_state.given_up[why.value] += 1

    def _read(self, what: Reading) -> None:
        self.reading = what
        self._since = self.loop.time()
