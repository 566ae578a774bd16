"""From Granian's ASGI interface to the WSGI application, on a pool of threads.

Granian's own WSGI interface hands over only the decoded path, in which an encoded slash is lost (see
docs/decisions/0003). ASGI has the raw path; this gateway passes it on as REQUEST_URI.
"""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]
WAIT = b"x-tally-wait"
"""The header by which the application says for how many seconds its answer may still change."""
SECONDS_BETWEEN = 0.5
"""How long who waits does nothing before it asks again."""
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

    A body over *max_body* bytes is answered with 413 without being kept.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], *, threads: int, max_body: int) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="broker")
        self._max_body = max_body
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await self._body(receive)
        if body is None:
            await _answer(send, 413, [], b"")
            return
        first = await self._ask(scope, body)
        waits = any(name == WAIT for name, _ in first[1])
        answer = await self._wait(scope, receive, first) if waits else first
        if answer is not None:
            await _answer(send, *answer)

    async def _ask(self, scope: Scope, body: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._call, _environ(scope, body))

    async def _wait(self, scope: Scope, receive: Receive, answer: Answer) -> Answer | None:
        """Ask again until the answer is final, the time is over, or nobody listens any more (None).

        Whoever waits holds no thread and no connection. One asks at a time, then rests four times as long as
        it took: all of them together take a fifth of one thread, however many there are.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + float(dict(answer[1])[WAIT])
        gone = asyncio.ensure_future(receive())
        while not gone.done() and loop.time() < deadline and WAIT in dict(answer[1]):
            await asyncio.wait({gone}, timeout=min(SECONDS_BETWEEN, deadline - loop.time()))
            async with self._one_at_a_time:
                if gone.done():
                    break
                began = loop.time()
                answer = await self._ask(scope, b"")
                await asyncio.sleep(4 * (loop.time() - began))
        if gone.done():
            return None
        gone.cancel()
        status, headers, content = answer
        return status, [header for header in headers if header[0] != WAIT], content

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
        return *started[-1], content


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
