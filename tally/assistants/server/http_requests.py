"""Requests to the server over HTTP, checked before anything reads them: for whom, from where, and by whom."""

import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import anyio

from tally.assistants.answers import ToolError
from tally.assistants.server.calls import Calls
from tally.broker_client import BrokerClient
from tally.errors import BrokerError

PATH = "/mcp"
SECONDS_ACCEPTED = 60.0
"""How long credentials that the broker has accepted are not tried again; tools ask with them anyway."""
_MOST_ACCEPTED = 1_000
_SECONDS_TO_TRY = 15.0
_SCHEMES = ("bearer ", "basic ")
_CHALLENGE = b'Bearer realm="tallystick", Basic realm="tallystick"'
_TOO_MANY = "The broker was sent too many wrong credentials, and accepts none like these for a minute."
_UNKNOWN = "The broker cannot be asked whether it accepts these credentials: try again later."

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
_Refusal = tuple[HTTPStatus, str]


def caller_of(authorization: str | None, client: Any) -> str:
    """Return whose calls count together: a digest of the credentials or, without any, the address."""
    if authorization:
        return hashlib.sha256(authorization.encode("utf-8", "replace")).hexdigest()
    return str(client and client[0])


class CheckedRequests:
    """An ASGI application in front of *application*.

    Requests are for one of the *names*, from no page of another site, and are over after so many *seconds*.
    Where the *broker* asks for credentials, they have some that it accepts. If it cannot be asked, the tools
    say so, unless they *read_files* of the machine, which need no broker.
    """

    def __init__(  # noqa: PLR0913 - what requests are checked by, the last two named
        self,
        application: Application,
        broker: BrokerClient | None,
        names: Collection[str],
        calls: Calls,
        *,
        seconds: float,
        read_files: bool = False,
    ) -> None:
        self._application = application
        self._broker = broker
        self._names = names
        self._calls = calls
        self._seconds = seconds
        self._read_files = read_files
        self._accepted: dict[str, float] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        with anyio.move_on_after(self._seconds):
            refusal = _wrong(scope, self._names) or await self._refused(scope)
            if refusal is None:
                await self._application(scope, receive, watched)
                return
            await _refuse(send, *refusal)
            return
        if not has_begun:
            await _refuse(send, HTTPStatus.REQUEST_TIMEOUT, "The request took too long.")

    async def _refused(self, scope: Message) -> _Refusal | None:
        """Ask the broker whether it accepts the credentials, unless it did so a moment ago."""
        if self._broker is None:
            return None
        authorization = next(iter(_headers(scope, b"authorization")), None)
        caller = caller_of(authorization, scope.get("client"))
        now = time.monotonic()
        if self._accepted.get(caller if authorization else "", 0) > now:
            return None
        # Repeated, it would wait as long as the broker says, and wrong credentials would hold all places.
        broker = self._broker.asked_with(authorization, repeats=False)
        try:
            await self._calls.run(broker.index, caller=caller, seconds=_SECONDS_TO_TRY)
        except (BrokerError, ToolError) as error:
            return self._doubted(getattr(error, "status", None), authorization)
        else:
            self._accept(caller if authorization else "", now)
        return None

    def _doubted(self, status: int | None, authorization: str | None) -> _Refusal | None:
        """Return what is answered where the broker did not accept; None where the tools say what is wrong."""
        if status == HTTPStatus.UNAUTHORIZED:
            return HTTPStatus.UNAUTHORIZED, _wanted(authorization)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return HTTPStatus.TOO_MANY_REQUESTS, _TOO_MANY
        return (HTTPStatus.SERVICE_UNAVAILABLE, _UNKNOWN) if self._read_files else None

    def _accept(self, caller: str, now: float) -> None:
        while len(self._accepted) >= _MOST_ACCEPTED:
            del self._accepted[next(iter(self._accepted))]
        self._accepted.pop(caller, None)
        self._accepted[caller] = now + SECONDS_ACCEPTED


def _wrong(scope: Message, names: Collection[str]) -> _Refusal | None:
    """Return what is wrong with a request, whoever sends it."""
    hosts, origins = _headers(scope, b"host"), _headers(scope, b"origin")
    if len(hosts) != 1 or _host(hosts[0]) not in names:
        return HTTPStatus.MISDIRECTED_REQUEST, "This server is not known by that host name: see --base-url."
    # A page that was led here by its name server, or that knows of this server, is no assistant.
    if any(_origin(origin) != hosts[0].lower() for origin in origins):
        return HTTPStatus.FORBIDDEN, "Pages of other sites may not ask this server."
    if scope["path"] == PATH and scope["method"] != "POST":
        return HTTPStatus.METHOD_NOT_ALLOWED, "Send messages with POST: there are no sessions or streams."
    given = _headers(scope, b"authorization")
    if len(given) > 1 or (given and not given[0].lower().startswith(_SCHEMES)):
        return (
            HTTPStatus.UNAUTHORIZED,
            "Send one header Authorization, Bearer or Basic, as to the broker.",
        )
    return None


def _wanted(authorization: str | None) -> str:
    if authorization:
        return "The broker does not accept these credentials. Send those of your account at the broker."
    return "The broker asks for credentials: send those of your account there (Authorization: Bearer TOKEN)."


def _headers(scope: Message, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _origin(text: str) -> str | None:
    try:
        return urlsplit(text).netloc.lower()
    except ValueError:
        return None


def _host(text: str) -> str | None:
    try:
        return urlsplit(f"//{text}").hostname
    except ValueError:
        return None


async def _refuse(send: Send, status: HTTPStatus, text: str) -> None:
    body = json.dumps({"error": text}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status is HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", _CHALLENGE))
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})
