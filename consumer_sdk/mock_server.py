"""The way of recording over HTTP: a server on the loopback interface, with the same judge as in process.

It needs no pact-python: nothing but the requests themselves goes over the wire.
"""

import socket
import sys
import threading

from consumer_sdk.errors import MismatchError
from consumer_sdk.in_process.routes import Respond
from consumer_sdk.judging.exchanges import Answer, ReceivedRequest
from consumer_sdk.judging.senders import Sender, is_sending, sender_of
from consumer_sdk.server_loop import server_loop
from consumer_sdk.wire import CONTINUE, RequestReader, answer_bytes

_BACKLOG = 512
_TEXT = (("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close"))


class MockServer:
    """Answers over HTTP, on a port of its own."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self._listener.setblocking(False)  # noqa: FBT003 - its only argument
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._opened_by = threading.get_ident()
        self._loop = server_loop()
        self.problem: Exception | None = None

    def open(self, respond: Respond) -> None:
        """Answer from now on."""
        self._respond = respond
        self._loop.listen(self._listener, self._conversation)

    def close(self) -> None:
        """Answer no more; a request that comes late is told so, until `forget`.

        Raises what made it impossible to judge a request.
        """
        if self.problem is not None:
            raise self.problem

    def forget(self) -> None:
        """Close the port."""
        self._loop.forget(self._listener)

    def _conversation(self) -> "_Conversation":
        return _Conversation(self)

    def answer(self, request: ReceivedRequest) -> Answer:
        """Return the answer; one to a request that is not declared says so."""
        try:
            return self._respond(request)
        except MismatchError as error:
            error.__traceback__ = None  # it is of this thread, and tells the user nothing
            return Answer(500, _TEXT, str(error).encode(errors="replace"))
        except Exception as error:  # noqa: BLE001 - of the test's thread, where `close` raises it
            self.problem = self.problem or error
            return Answer(500, _TEXT, str(error).encode(errors="replace"))

    def sender(self) -> Sender | None:
        """Return the line that waits for the answer, if it is in the thread that opened the recording."""
        frame = sys._current_frames().get(self._opened_by)  # noqa: SLF001 - the documented way to it
        return sender_of(frame) if is_sending(frame) else None


class _Conversation:
    """What is said over one connection."""

    def __init__(self, server: MockServer) -> None:
        self._server = server
        self._reader = RequestReader()
        self.is_over = False

    def answers(self, content: bytes) -> bytes:
        """Return what to send for what has come."""
        self._reader.feed(content)
        found = bytearray()
        try:
            while not self.is_over and self._reader.has_begun:
                if self._reader.takes_continue():
                    found += CONTINUE
                if not self._reader.is_complete:
                    break
                found += self._answer()
        except ValueError as error:  # what came is no HTTP
            self.is_over = True
            found += answer_bytes(Answer(400, _TEXT, str(error).encode()), "GET")
        return bytes(found)

    def _answer(self) -> bytes:
        request = self._reader.next_request(self._server.sender())
        assert request is not None  # noqa: S101 - it is complete
        answer = self._server.answer(request)
        said = ((name.lower(), value.lower()) for name, value in answer.headers)
        self.is_over = self._reader.closes or ("connection", "close") in said
        return answer_bytes(answer, request.method)
