"""Run the WSGI application behind Granian's ASGI interface, on a pool of threads.

Granian's own WSGI interface has only the decoded path, in which an encoded slash looks like any other (see
docs/decisions/0003). ASGI has the raw path as well; this gateway passes it on as REQUEST_URI.
"""

import asyncio
import io
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

from broker.held_answers import HeldAnswers
from broker.memory import LARGE_EXCHANGE, give_back
from broker.web.context import HOLD

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]
SignalHandler = Callable[[int, FrameType | None], None]
_ENVIRON = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}
_WITHOUT_PREFIX = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


class Gateway:
    """An ASGI application that runs *application* (WSGI) in one of *threads* threads.

    A body over *max_body* bytes is answered with 413 without being kept in memory. The answer to a question
    with `wait` is kept in *held_answers* while it may change: the application calls HOLD of its environment.
    """

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        held_answers: HeldAnswers[Answer],
        *,
        threads: int,
        max_body: int,
    ) -> None:
        self._application = application
        self._held_answers = held_answers
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="broker")
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        if scope["type"] != "http":
            return
        body = await self._body(receive)
        if body is None:
            await _answer(send, 413, [], b"")
            return
        if b"wait=" in scope["query_string"] and scope["method"] == "GET":
            answer = await self._wait(scope, receive)
        else:
            environ = _environ(scope, body)
            del body  # it may be large: it is freed as soon as the application has read it
            answer = await self._ask(environ)
        if answer is not None:
            await _answer(send, *answer)

    async def _ask(self, environ: dict[str, Any]) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._call, environ)

    async def _wait(self, scope: Scope, receive: Receive) -> Answer | None:
        """Return the answer when it is final or the time is over; None when the client has hung up."""
        key = (scope["raw_path"], scope["query_string"], tuple(scope["headers"]))
        hung_up = asyncio.ensure_future(receive())
        try:
            found = await self._held_answers.answer(
                key, lambda hold: self._ask({**_environ(scope, b""), HOLD: hold}), hung_up
            )
        finally:
            hung_up.cancel()
        if found is None:
            return None
        (status, headers, content), is_early = found
        return status, [*headers, (b"retry-after", b"1")] if is_early else headers, content

    async def _live(self, receive: Receive, send: Send) -> None:
        """Release held answers as soon as the server is asked to stop: it waits for them before it stops.

        Our signal handler comes before the server's, which is called next. Granian's are in the event loop: a
        file descriptor wakes them, whichever handler Python calls.
        """
        await receive()
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, _after(signal.getsignal(number), loop, self._held_answers.close))
                signal.siginterrupt(number, False)  # noqa: FBT003 - it takes no name
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _body(self, receive: Receive) -> bytes | None:
        parts = []
        size = 0
        more = True
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._max_body:
                parts.clear()
            more = message.get("more_body", False)
        return b"".join(parts) if size <= self._max_body else None

    def _call(self, environ: dict[str, Any]) -> Answer:
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


def _after(previous: Any, loop: asyncio.AbstractEventLoop, close: Callable[[], None]) -> SignalHandler:
    def handle(number: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(close)
        if callable(previous):
            previous(number, frame)

    return handle


def _environ(scope: Scope, body: bytes) -> dict[str, Any]:
    environ = dict(_ENVIRON)
    environ["REQUEST_METHOD"] = scope["method"]
    environ["PATH_INFO"] = scope["path"].encode().decode("latin-1")
    environ["REQUEST_URI"] = scope["raw_path"].decode("latin-1")
    environ["QUERY_STRING"] = scope["query_string"].decode("latin-1")
    environ["SERVER_NAME"], port = scope["server"]
    environ["SERVER_PORT"] = str(port)
    environ["REMOTE_ADDR"] = scope["client"][0]
    environ["wsgi.url_scheme"] = scope["scheme"]
    environ["wsgi.input"] = io.BytesIO(body)
    for name, value in scope["headers"]:
        key = _WITHOUT_PREFIX.get(name) or "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


async def _answer(send: Send, status: int, headers: Headers, content: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
