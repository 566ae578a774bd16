"""Run the WSGI application behind an ASGI server, on a pool of threads.

WSGI has only the decoded path, in which an encoded slash looks like any other (see docs/decisions/0003). ASGI
has the raw path as well; this gateway passes it on as REQUEST_URI.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from broker.logs import REQUEST_ID
from broker.memory import LARGE_EXCHANGE, give_back
from broker.observability.exchanges import CLIENT_LEFT, EXCHANGE, GIVEN_UP, Exchange, Exchanges
from broker.server.early_refusals import EarlyRefusals
from broker.server.held_answers import HeldAnswers
from broker.server.kept_answers import Keeping, KeptAnswers
from broker.server.one_core import OneCore
from broker.server.request_bodies import HungUpError, NoRoomError, Receive, RequestBodies, TooLargeError
from broker.server.request_load import RequestLoad
from broker.server.request_threads import RequestThreads
from broker.server.watchers import Watchers
from broker.server.wsgi_environment import environ_of
from broker.web.asked_by_gateway import HOLD, JUDGE, KEEP, NOTE, SENDS_LATER, STOPS, WATCH
from broker.web.request_ids import KEY, NAME, id_in
from broker.web.routes import path

logger = logging.getLogger("broker")
Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]
Application = Callable[..., Iterable[bytes]]
BUSY = "The broker has as many bodies of requests in memory as it may. Try again."
EXECUTING = 16
"""Webhooks that are sent at once while their requests wait; they take as long as their receivers do."""
ALL_EXECUTING = f"The broker waits for the receivers of {EXECUTING} webhooks already. Try again in a moment."
SECONDS_FOR_A_RECEIVER = 5
ALL_WATCHING = "As many pages listen for changes as may. Reload to see them."
SECONDS_TO_WATCH_AGAIN = 60
EVENTS = b"text/event-stream"
_UNEXPECTED = "An unexpected error occurred. The broker's log has the details."
HEARTBEAT, LIVE, READY = (path(name).encode() for name in ("heartbeat", "health-live", "health-ready"))
METRICS = path("metrics").encode()
_MAY_BE_KEPT = (HEARTBEAT, LIVE, path("index").encode())
"""What many ask again and again, with the same answer."""
SMALL = 65_536
"""Bytes of a body that is read together with the headers, before it is known who asks."""
_READING = {"GET", "HEAD", "OPTIONS"}
_LEAVE = (b"connection", b"close")
_OF_WHOLE_ANSWERS = {b"content-length", b"etag"}


class Gateway:
    """An ASGI application that runs *application* (WSGI) in one of *threads* threads.

    The application is asked for its judgement on the headers, by JUDGE of its environment, before a body is
    read that is large or slow. The answer to a question with `wait` is kept in *held_answers* while it may
    change: the application calls HOLD of its environment. When it calls WATCH, what it answers is the begin
    of events that *watchers* send.
    """

    def __init__(  # noqa: PLR0913 - what it runs, and what it runs it with
        self,
        application: Application,
        held_answers: HeldAnswers[Answer],
        bodies: RequestBodies,
        *,
        watchers: Watchers,
        threads: int,
        exchanges: Exchanges | None = None,
    ) -> None:
        self._application = application
        self._held_answers = held_answers
        self._bodies = bodies
        self._watchers = watchers
        self.exchanges = exchanges
        self.load, self.refusals = RequestLoad(threads), EarlyRefusals()
        self.core = core = OneCore()
        self._threads = RequestThreads("broker", self.load, core)
        self._threads_to_execute = RequestThreads("executing", RequestLoad(EXECUTING), core)
        # Whoever looks whether the broker lives must not wait behind a thousand requests, and kill it. Nor
        # may one that never asks the database wait behind one that does, nor whoever looks why all are slow.
        self._threads_of_probes = {
            probe: RequestThreads("probe", RequestLoad(1), core)
            for probe in (HEARTBEAT, LIVE, READY, METRICS)
        }
        self._kept = {path: KeptAnswers() for path in _MAY_BE_KEPT}
        self._executing = 0
        self._stops = False
        self._refuse = self.refusals.answer

    @property
    def hand_overs(self) -> int:
        """How often a request has gone to a thread, or has come back from one."""
        threads = (self._threads, self._threads_to_execute, *self._threads_of_probes.values())
        return sum(each.load.hand_overs for each in threads)

    def use(self, application: Application) -> None:
        """Ask another application from now on, also for what is held back. Pages that listen listen anew."""
        self._application = application
        for kept in self._kept.values():
            kept.forget()
        with suppress(RuntimeError):  # the server has ended meanwhile
            self._held_answers.ask_again()
            self._watchers.end_all()

    def begin_to_stop(self) -> None:
        """Say from now on that the broker stops, and ask clients to come no more on the same connection."""
        self._stops = True

    def close(self) -> None:
        """Release the answers that are held back and end all events, and hold and send none from now on."""
        self._held_answers.close()
        self._watchers.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. One that never arrives whole is not carried out."""
        if scope["type"] != "http":
            return
        scope[KEY] = id_in(scope)
        exchanges = self.exchanges  # which may be others before the answer
        if exchanges is None:
            await self._exchange(scope, receive, send)
            return
        scope[EXCHANGE] = exchange = exchanges.begin(scope)
        sent = _Sent(send)
        try:
            await self._exchange(scope, receive, sent)
        finally:
            exchanges.end(exchange, *(scope.get(GIVEN_UP) or (sent.status or CLIENT_LEFT, sent.size)))

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        send = partial(_send_with_id, send, scope[KEY].encode())
        try:
            if _accepts_events(scope) and not self._is_probe(scope):
                answer = await self._tell(scope, receive, send)
            else:
                answer = await self._answer(scope, receive)
        except TooLargeError:
            answer = self._refuse(
                scope, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body of the request is too large."
            )
        except NoRoomError:
            answer = self._refuse(scope, HTTPStatus.SERVICE_UNAVAILABLE, BUSY)
        except HungUpError:
            return
        except asyncio.CancelledError:
            answer = self._refuse(scope, HTTPStatus.SERVICE_UNAVAILABLE, "The broker stops. Try again.")
        except Exception:
            logger.exception("A request cannot be answered (request %s)", scope[KEY])
            answer = self._refuse(scope, HTTPStatus.INTERNAL_SERVER_ERROR, _UNEXPECTED)
        if answer is not None:
            status, headers, content = answer
            await _send(send, status, [*headers, _LEAVE] if self._stops else headers, content)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | None:
        """Return the answer, None when the client has hung up while it waited for one.

        Raises HungUpError, TooLargeError, NoRoomError.
        """
        if _has_wrong_host(scope):
            return self._refuse(scope, HTTPStatus.BAD_REQUEST, "The request must have one Host header.")
        with self._bodies.room() as room:
            is_judged = _is_announced_large(scope)
            if is_judged and (refusal := await self._judge(scope)):
                return refusal
            room.reserve(_announced_bytes(scope) or 0)
            first = await receive()
            if first.get("more_body") and not is_judged and (refusal := await self._judge(scope)):
                return refusal
            body = await room.read(first, receive)
            is_question = b"wait=" in scope["query_string"] and scope["method"] == "GET"
            if is_question and not self._is_probe(scope):
                return await self._wait(scope, receive)
            kept = self._kept.get(scope["raw_path"])
            if kept is not None and scope["method"] == "GET" and not body:
                return kept.find(scope) or await self._ask_and_keep(scope, kept)
            environ = {**environ_of(scope, body), SENDS_LATER: True, **({STOPS: True} if self._stops else {})}
            del body  # it may be large: it is freed as soon as the application has read it
            answer = await self._ask(environ, self._threads_for(scope))
            return await self._execute(scope, environ) if answer[0] == HTTPStatus.CONTINUE else answer

    async def _tell(self, scope: Scope, receive: Receive, send: Send) -> Answer | None:
        """Send events until they end, and return None; or return the answer that there are none."""
        if _has_wrong_host(scope):
            return self._refuse(scope, HTTPStatus.BAD_REQUEST, "The request must have one Host header.")
        watched: list[frozenset[int] | None] = []

        def watch(pacticipant_ids: frozenset[int] | None) -> bool:
            if self._watchers.has_room:
                watched.append(pacticipant_ids)
            return bool(watched)

        await receive()
        end = self._watchers.next_end()
        status, headers, content = await self._ask({**environ_of(scope, b""), WATCH: watch})
        if not watched or not self._watchers.has_room:
            if watched:
                return self._refuse(
                    scope, HTTPStatus.SERVICE_UNAVAILABLE, ALL_WATCHING, seconds=SECONDS_TO_WATCH_AGAIN
                )
            return status, headers, content
        headers = [(name, value) for name, value in headers if name not in _OF_WHOLE_ANSWERS]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        hung_up = asyncio.ensure_future(receive())
        try:
            await self._watchers.tell(watched[0], partial(_send_part, send), hung_up, end)
        finally:
            hung_up.cancel()
        await send({"type": "http.response.body", "body": b""})
        return None

    def _is_probe(self, scope: Scope) -> bool:
        return scope["raw_path"] in self._threads_of_probes

    def _threads_for(self, scope: Scope) -> RequestThreads:
        return self._threads_of_probes.get(scope["raw_path"], self._threads)

    async def _ask_and_keep(self, scope: Scope, kept: KeptAnswers) -> Answer:
        """Return the answer, which may be kept for the next one who asks the same."""
        keep, keeping = kept.begin(), Keeping()
        answer = await self._ask({**environ_of(scope, b""), KEEP: keeping}, self._threads_for(scope))
        keep(scope, keeping, answer)
        return answer

    async def _execute(self, scope: Scope, environ: dict[str, Any]) -> Answer:
        """Return the answer of a request that waits for a receiver, from a thread that others do not need."""
        if self._executing >= EXECUTING:
            return self._refuse(
                scope, HTTPStatus.SERVICE_UNAVAILABLE, ALL_EXECUTING, seconds=SECONDS_FOR_A_RECEIVER
            )
        body = environ["wsgi.input"]
        body.seek(0)
        self._executing += 1
        try:
            return await self._ask({**environ_of(scope, b""), "wsgi.input": body}, self._threads_to_execute)
        finally:
            self._executing -= 1

    async def _judge(self, scope: Scope) -> Answer | None:
        """Return how the application refuses the request because of its headers, or None."""
        answer = await self._ask({**environ_of(scope, b""), JUDGE: True})
        return None if answer[0] == HTTPStatus.CONTINUE else answer

    async def _ask(self, environ: dict[str, Any], threads: RequestThreads | None = None) -> Answer:
        threads = threads or self._threads
        is_write = environ["REQUEST_METHOD"] not in _READING and JUDGE not in environ
        may_wait = is_write and threads is self._threads
        answer: Answer = await threads.run(self._call, environ, may_wait_for_locks=may_wait)
        return answer

    async def _wait(self, scope: Scope, receive: Receive) -> Answer | None:
        """Return the answer when it is final or the time is over; None when the client has hung up."""
        key = (scope["raw_path"], scope["query_string"], tuple(scope["headers"]))
        hung_up = asyncio.ensure_future(receive())
        try:
            found = await self._held_answers.answer(
                key, lambda hold: self._ask({**environ_of(scope, b""), HOLD: hold}), hung_up
            )
        finally:
            hung_up.cancel()
        if found is None:
            return None
        (status, headers, content), is_early = found
        return status, [*headers, (b"retry-after", b"1")] if is_early else headers, content

    def _call(self, environ: dict[str, Any]) -> Answer:
        REQUEST_ID.set(environ[KEY])  # of this thread: it is set anew by the next request
        exchange: Exchange | None = environ.get(EXCHANGE)
        if exchange is None:
            return self._run(environ)
        environ[NOTE] = exchange.tell
        environ |= exchange.environment
        with exchange.current():
            return self._run(environ)

    def _run(self, environ: dict[str, Any]) -> Answer:
        started: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
            encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            started.append((int(status[:3]), encoded))

        answer = self._application(environ, start_response)
        try:
            content = b"".join(answer)
        finally:
            if close := getattr(answer, "close", None):
                close()
        if len(content) + int(environ.get("CONTENT_LENGTH") or 0) > LARGE_EXCHANGE:
            give_back()
        return *started[-1], content


def _accepts_events(scope: Scope) -> bool:
    """Return whether this is a page that wants to be told of changes."""
    is_bare = scope["method"] == "GET" and _announced_bytes(scope) == 0
    return is_bare and any(name == b"accept" and value.strip() == EVENTS for name, value in scope["headers"])


def _has_wrong_host(scope: Scope) -> bool:
    """Return whether it is unclear for which host the request is (RFC 9112 §3.2)."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return len(hosts) > 1 or (not hosts and bool(scope["http_version"] == "1.1"))


def _is_announced_large(scope: Scope) -> bool:
    """Return whether the body is large, or may be, or the client asks before it sends one."""
    length = _announced_bytes(scope)
    return length is None or length > SMALL or any(name == b"expect" for name, _ in scope["headers"])


def _announced_bytes(scope: Scope) -> int | None:
    """Return how long the body is, None when it comes in chunks. The server knows that it is a number."""
    headers = dict(scope["headers"])
    return None if b"transfer-encoding" in headers else int(headers.get(b"content-length", 0))


class _Sent:
    """Passes an answer on, and keeps its status and the size of its body."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.size = 0

    async def __call__(self, message: dict[str, Any]) -> None:
        self.status = message.get("status") or self.status
        self.size += len(message.get("body", b""))
        await self._send(message)


async def _send_with_id(send: Send, request_id: bytes, message: dict[str, Any]) -> None:
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (NAME, request_id)]
    await send(message)


async def _send_part(send: Send, content: bytes) -> None:
    await send({"type": "http.response.body", "body": content, "more_body": True})


async def _send(send: Send, status: int, headers: Headers, content: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
