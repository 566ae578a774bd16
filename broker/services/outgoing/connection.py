"""A connection to a receiver that is not trusted: it ends at a deadline, and only so much is read."""

import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import Self

from broker.services.outgoing.proxy import Proxy, tunnel_request
from tally.values import dataclass

_SECONDS_PER_ADDRESS = 10.0
_LONGEST_PROXY_ANSWER = 8192


@dataclass(frozen=True)
class OutgoingRequest:
    """A request as it goes over the wire."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class ReceiverResponse:
    """What the receiver answered; *is_cut* when its body was longer than *body*."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool


class SendingError(Exception):
    """There is no response; the text says why. *sent* tells whether the receiver may have got the request."""

    def __init__(self, text: str, *, sent: bool = False) -> None:
        super().__init__(text)
        self.sent = sent


class ReceiverConnection:
    """A connection that ends at the deadline, whatever it is doing.

    A socket's own time limit starts anew with each byte: a receiver that sends one now and then would never
    end.
    """

    def __init__(self, deadline: float, seconds: int) -> None:
        self._deadline = deadline
        self._seconds = seconds
        self._socket: socket.socket | None = None
        self._sent = False
        self._timer = Timer(max(0.0, deadline - time.monotonic()), self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    def open(self, addresses: list[str], port: int) -> None:
        """Connect to the first address that answers. Raises SendingError."""
        with self._failures("connecting"):
            for address in addresses[:-1]:
                try:
                    self._connect(address, port, _SECONDS_PER_ADDRESS)
                except OSError:
                    continue
                return
            self._connect(addresses[-1], port, self._seconds)

    def tunnel(self, host: str, port: int, proxy: Proxy) -> None:
        """Ask the proxy at the other end for a tunnel to the host. Raises SendingError if it refuses."""
        assert self._socket is not None, "opened before"  # noqa: S101 - `send` does
        with self._failures("asking the proxy"):
            self._socket.sendall(tunnel_request(host, port, proxy))
            answer = b""
            while b"\r\n\r\n" not in answer and len(answer) < _LONGEST_PROXY_ANSWER:
                part = self._socket.recv(1)  # not a byte more: what follows is from the host
                if not part:
                    raise ConnectionError("it hung up")
                answer += part
        status = answer.partition(b"\r\n")[0].decode("latin-1")
        if not re.match(r"HTTP/1\.[01] 2\d\d\b", status):
            raise SendingError(f"the proxy {proxy.host}:{proxy.port} answered: {status or 'nothing'}")

    def secure(self, host: str, context: ssl.SSLContext) -> None:
        """Use TLS from here on. Raises SendingError when the certificate is not *host*'s."""
        assert self._socket is not None, "opened before"  # noqa: S101 - `send` does
        with self._failures("setting up TLS"):
            # Not before the assignment: the deadline can only end what is in self._socket.
            self._socket = secured = context.wrap_socket(
                self._socket, server_hostname=host, do_handshake_on_connect=False
            )
            secured.do_handshake()

    def send(self, request: OutgoingRequest, host: str, target: str, most: int) -> ReceiverResponse:
        """Send the request, and read up to *most* bytes of the response. Raises SendingError."""
        http = HTTPConnection(host)
        http.sock = self._socket
        with self._failures("waiting for an answer"):
            http.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                http.putheader(name, value.encode())
            self._sent = True
            http.endheaders(request.body)
            response = http.getresponse()
            with closing(response):  # which keeps the socket open as well
                body = response.read(most + 1)
            if time.monotonic() >= self._deadline:
                raise TimeoutError
            headers = {name.lower(): value for name, value in response.getheaders()}
            return ReceiverResponse(response.status, headers, body[:most], is_cut=len(body) > most)

    def _connect(self, address: str, port: int, most_seconds: float) -> None:
        left = min(self._deadline - time.monotonic(), most_seconds)
        if left <= 0:
            raise TimeoutError
        self._socket = socket.create_connection((address, port), timeout=left)
        self._socket.settimeout(self._seconds)

    def _end(self) -> None:
        if self._socket is not None:
            # Not the TLS socket's method: it drops the TLS state, which another thread is reading with.
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    @contextmanager
    def _failures(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (OSError, HTTPException, ValueError) as error:
            if isinstance(error, TimeoutError) or time.monotonic() >= self._deadline:
                text = f"no complete answer within {self._seconds} seconds, while {doing}"
            else:
                text = f"{_reason(error)}, while {doing}"
            raise SendingError(text, sent=self._sent) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return text or type(error).__name__
