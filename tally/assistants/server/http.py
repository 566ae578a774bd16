"""The server over HTTP, for everybody who has an account at the broker, and asks with that."""

import asyncio
import ipaddress
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import click
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from tally.assistants.catalogue import tools
from tally.assistants.server.calls import Calls
from tally.assistants.server.http_requests import PATH, CheckedRequests, caller_of
from tally.assistants.server.protocol import Asking, server
from tally.assistants.sources.sources import Sources
from tally.errors import UsageError
from tally.values import dataclass

LARGEST_BODY = 1024 * 1024
MOST_CONNECTIONS = 200
_IDLE_SECONDS = 30
_SECONDS_TO_STOP = 5
_OF_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - told apart, not listened to


@dataclass(frozen=True)
class Listening:
    """Where the server listens; *base_url* is how others reach it, if that is another address."""

    host: str
    port: int
    base_url: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def address(self) -> str:
        """The URL that assistants are given."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{(self.base_url or f'http://{host}:{self.port}').rstrip('/')}{PATH}"

    @property
    def names(self) -> frozenset[str]:
        """The hosts that a request may be for: another one is a page that a browser was led here by."""
        public = urlsplit(self.base_url or "").hostname
        own = _OF_THIS_MACHINE if self.is_local else (self.host,)
        return frozenset(name.lower() for name in (*own, public or self.host))


def check(sources: Sources, listening: Listening) -> None:
    """Raise UsageError for what would let others act or read as the user who starts the server."""
    if sources.asked is not None and sources.asked.has_credentials:
        raise UsageError(
            "Over HTTP, everybody asks the broker with their own credentials, which their requests have "
            "(Authorization). Start `tally mcp --http` without --broker-token, --broker-username, user name "
            "and password in the address, and --custom-header, also in the environment (PACT_BROKER_TOKEN, "
            "PACT_BROKER_USERNAME)."
        )
    if listening.base_url:
        _check_base_url(listening.base_url)
    if sources.files and not (listening.is_local and listening.names <= set(_OF_THIS_MACHINE)):
        raise UsageError(
            f"Anyone who reaches {listening.address} could read the files of --pacts and --contract: leave "
            "--host and --base-url out, or publish them to a broker."
        )
    if listening.host in _ANYWHERE and not listening.base_url:
        raise UsageError(
            f"--host {listening.host} says not how others reach it: give --base-url, such as "
            "https://mcp.example.com. Requests for other hosts are refused."
        )
    try:
        family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
        socket.create_server((listening.host, listening.port), family=family).close()
    except OSError as error:
        where = f"{listening.host}:{listening.port}"
        raise UsageError(
            f"Cannot listen on {where}: {error.strerror}. Choose another --port or --host."
        ) from error


def _check_base_url(text: str) -> None:
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    # It is printed, and the path of the server is added to it.
    if not is_address or set(text) & {"@", "?", "#"}:
        shown = text.rpartition("@")[2]
        raise UsageError(f"--base-url {shown!r} is not an address: write https://mcp.example.com.")


def run(sources: Sources, listening: Listening, *, may_write: bool) -> None:
    """Answer until SIGINT or SIGTERM."""
    check(sources, listening)
    config = uvicorn.Config(
        application(sources, listening, may_write=may_write),
        host=listening.host,
        port=listening.port,
        http="h11",  # which bounds the headers of a request
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_SECONDS_TO_STOP,
    )
    click.echo(f"Assistants are answered at {listening.address}   (Ctrl-C stops it)")
    _Server(config).run()


def application(sources: Sources, listening: Listening, *, may_write: bool) -> Any:
    """Return the ASGI application that answers at `listening.address`."""
    calls = Calls()
    offered = tools(may_write=may_write, local=False)

    def asking(request: Any) -> Asking:
        authorization = request.headers.get("authorization")
        broker = sources.asked and sources.asked.asked_with(authorization)
        return Asking(Sources(broker, sources.files), caller_of(authorization, request.client))

    answering = server(offered, asking, calls).streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=LARGEST_BODY,
        # `CheckedRequests` does it, before anybody is asked for credentials.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    longest = max(tool.seconds for tool in offered)
    return CheckedRequests(
        answering,
        sources.asked,
        listening.names,
        calls,
        seconds=longest + 10,
        read_files=bool(sources.files),
    )


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, and end as what was asked for, not as an interrupted program."""
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True
