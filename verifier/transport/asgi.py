"""The transport that calls an ASGI 3 application as a server does, including its lifespan."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from verifier.errors import NoAnswerError, ProviderError, ProviderTimeoutError, UnreachableError
from verifier.transport.calls import awaited
from verifier.transport.tracebacks import described
from verifier.transport.transport import HttpRequest, HttpResponse

Event = MutableMapping[str, Any]
AsgiApplication = Callable[..., Awaitable[None]]
_START_TIMEOUT = 60
_SHUTDOWN_TIMEOUT = 10
_TO_SHOW_LIFE = 0.5


class AsgiTransport:
    """Call *application* in an event loop in another thread; *timeout* is in seconds.

    The lifespan of the application starts with the first request or call and ends with `close`. When a
    request blocks the event loop, its thread is left to itself, and the next request starts the application
    again in another one.
    """

    def __init__(self, application: AsgiApplication, *, timeout: float = 30) -> None:
        self._application = application
        self._timeout = timeout
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lifespan = Lifespan(application)

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return the response.

        Raises NoAnswerError when the application raises anything, UnreachableError when it does not start,
        ProviderTimeoutError.
        """
        loop = self._running_loop()
        given_up = threading.Event()
        asked = asyncio.run_coroutine_threadsafe(self._response(request, given_up), loop)
        try:
            return asked.result(self._timeout)
        except TimeoutError as error:
            if asked.done():  # the application raised it
                raise NoAnswerError(f"The application raised {described(error)}") from error
            asked.cancel()
            given_up.set()
            self._leave_blocked(loop)
            raise ProviderTimeoutError(
                f"The application did not respond within {self._timeout:g} s (--timeout)"
            ) from error
        except ProviderError:
            raise
        except Exception as error:
            raise NoAnswerError(f"The application raised {described(error)}") from error

    def call(self, function: Callable[[], Any]) -> Any:
        """Call *function* when the application has started; what it leaves to be awaited is, in its loop.

        Raises whatever the function raises, UnreachableError when the application does not start.
        """
        loop = self._running_loop()
        made = function()
        if not inspect.isawaitable(made):
            return made
        called = asyncio.run_coroutine_threadsafe(awaited(made), loop)
        try:
            return called.result(self._timeout)
        except TimeoutError as error:
            if called.done():  # the function raised it
                raise
            called.cancel()
            self._leave_blocked(loop)
            raise TimeoutError(f"it did not end within {self._timeout:g} s (--timeout)") from error

    def close_idle(self) -> None:
        """Do nothing: there are no connections."""

    def close(self) -> None:
        """End the lifespan and the event loop."""
        if not (self._loop and self._thread):
            return
        with suppress(Exception):  # the results are there already, and do not depend on the shutdown
            asyncio.run_coroutine_threadsafe(self._lifespan.end(), self._loop).result(_SHUTDOWN_TIMEOUT)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_TO_SHOW_LIFE)
        if not self._thread.is_alive():
            self._loop.close()
        self._loop = None

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
                self._thread.start()
                self._lifespan = Lifespan(self._application)
                self._begin(self._loop)
            return self._loop

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        begun = asyncio.run_coroutine_threadsafe(self._lifespan.begin(), loop)
        try:
            begun.result(_START_TIMEOUT)
        except TimeoutError as error:
            raise UnreachableError(f"The application did not start within {_START_TIMEOUT} s.") from error

    def _leave_blocked(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give up the event loop when something blocks it; nothing can end a thread."""
        alive = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop)
        try:
            alive.result(_TO_SHOW_LIFE)
        except TimeoutError:
            with self._lock:
                if self._loop is loop:
                    self._loop = None

    async def _response(self, request: HttpRequest, given_up: threading.Event) -> HttpResponse:
        content = [request.content]
        events: list[Event] = []
        ended = asyncio.Event()

        async def receive() -> Event:
            if content:
                return {"type": "http.request", "body": content.pop(), "more_body": False}
            # Only after the response: an application that sees a client disconnect may give up its work.
            await ended.wait()
            return {"type": "http.disconnect"}

        async def send(event: Event) -> None:
            if given_up.is_set():  # an application that never waits cannot be cancelled
                raise asyncio.CancelledError
            events.append(event)
            if event["type"] == "http.response.body" and not event.get("more_body"):
                ended.set()

        try:
            await self._application(_scope(request), receive, send)
        except SystemExit as error:  # it would end the event loop
            raise NoAnswerError(f"The application raised {described(error)}") from error
        return _read(events)


class Lifespan:
    """The lifespan protocol: startup and shutdown. An application that does not support it is left alone."""

    def __init__(self, application: AsgiApplication) -> None:
        self._application = application
        self._to_application: asyncio.Queue[str] = asyncio.Queue()
        self._from_application: asyncio.Queue[Event] = asyncio.Queue()
        self._task: asyncio.Future[None] | None = None

    async def begin(self) -> None:
        """Send the startup event; raises UnreachableError when the application reports a failure."""
        self._task = asyncio.ensure_future(self._run())
        await self._exchange("startup")

    async def end(self) -> None:
        """Send the shutdown event."""
        await self._exchange("shutdown")

    async def _run(self) -> None:
        async def receive() -> Event:
            return {"type": f"lifespan.{await self._to_application.get()}"}

        with suppress(Exception):  # ASGI: an application without lifespan support raises
            scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
            await self._application(scope, receive, self._from_application.put)

    async def _exchange(self, what: str) -> None:
        if self._task is None or self._task.done():
            return
        await self._to_application.put(what)
        answer = asyncio.ensure_future(self._from_application.get())
        # An application without lifespan support ends, and sends no event.
        waited: list[asyncio.Future[Any]] = [answer, self._task]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if answer.done() and answer.result()["type"] == f"lifespan.{what}.failed":
            reason = answer.result().get("message") or "it gave no reason"
            raise UnreachableError(f"The application could not be started: {reason}")
        answer.cancel()


def _scope(request: HttpRequest) -> dict[str, Any]:
    parts = urlsplit(request.url)
    names = {name.lower() for name, _ in request.headers}
    added = {"host": parts.netloc.rpartition("@")[2]}
    if request.content:
        added["content-length"] = str(len(request.content))
    headers = [*((name, value) for name, value in added.items() if name not in names), *request.headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": parts.scheme,
        "path": unquote(parts.path or "/"),
        "raw_path": (parts.path or "/").encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "localhost", parts.port or 80),
        "state": {},
    }


def _read(events: list[Event]) -> HttpResponse:
    start = next((event for event in events if event["type"] == "http.response.start"), None)
    if start is None:
        raise NoAnswerError("The application returned without a response")
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in start.get("headers", ())
    )
    content = b"".join(event.get("body", b"") for event in events if event["type"] == "http.response.body")
    return HttpResponse(start["status"], headers, content)
