"""The way of recording over HTTP: a server on the loopback interface, with the same judge as in process.

One thread of the process serves all recordings, each on its own port.
"""

import asyncio
import os
import socket
import sys
import threading
from typing import cast

from consumer_sdk.errors import MismatchError
from consumer_sdk.in_process.routes import Respond
from consumer_sdk.judging.exchanges import Answer, ReceivedRequest
from consumer_sdk.judging.senders import Sender, is_sending, sender_of
from consumer_sdk.wire import CONTINUE, RequestReader, UnreadableRequestError, answer_bytes

_BACKLOG = 512
_TEXT = (("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close"))


class MockServer:
    """Answers over HTTP, on a port of its own."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self._opened_by = threading.get_ident()
        self._server: asyncio.Server | None = None
        self._is_forgotten = False

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def open(self, respond: Respond) -> None:
        """Answer from now on."""
        self._respond = respond
        self._loop = _loop()
        self._loop.call_soon_threadsafe(self._start)

    def close(self) -> None:
        """Answer no more; a request that comes late is told so, until `forget`."""

    def forget(self) -> None:
        """Close the port."""
        self._is_forgotten = True
        self._loop.call_soon_threadsafe(self._stop)

    def answer(self, request: ReceivedRequest) -> Answer:
        """Return the answer; one to a request that is not declared says so."""
        try:
            return self._respond(request)
        except MismatchError as error:
            error.__traceback__ = None  # it is of this thread, and tells the user nothing
            return Answer(500, _TEXT, str(error).encode(errors="replace"))

    def sender(self) -> Sender | None:
        """Return the line that waits for the answer, if it is in the thread that opened the recording."""
        frame = sys._current_frames().get(self._opened_by)  # noqa: SLF001 - the documented way to it
        return sender_of(frame) if is_sending(frame) else None

    def _start(self) -> None:
        self._loop.create_task(self._serve())

    async def _serve(self) -> None:
        if not self._is_forgotten:
            self._server = await self._loop.create_server(lambda: _Connection(self), sock=self._listener)
        if self._is_forgotten:
            self._stop()

    def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._listener.close()


class _Connection(asyncio.Protocol):
    def __init__(self, server: MockServer) -> None:
        self._server = server
        self._reader = RequestReader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        try:
            self._answer_all()
        except (UnreadableRequestError, ValueError) as error:
            self._transport.write(answer_bytes(Answer(400, _TEXT, str(error).encode()), "GET"))
            self._transport.close()

    def _answer_all(self) -> None:
        while self._reader.has_begun:
            if self._reader.takes_continue():
                self._transport.write(CONTINUE)
            if not self._reader.is_complete:
                return
            request = self._reader.next_request(self._server.sender())
            if request is None:
                return
            answer = self._server.answer(request)
            self._transport.write(answer_bytes(answer, request.method))
            if self._reader.closes or ("connection", "close") in {
                (name.lower(), value.lower()) for name, value in answer.headers
            }:
                self._transport.close()
                return


class _Thread:
    """The loop that serves all recordings of the process; a process that was forked has its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    def loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._process != os.getpid():
                self._process = os.getpid()
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="consumer_sdk", daemon=True).start()
            return self._loop


_loop = _Thread().loop
