"""One thread that serves the ports of all recordings of the process; no system call in it waits."""

import atexit
import os
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

_PIECE = 262_144
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Conversation(Protocol):
    """What is said over one connection."""

    is_over: bool
    """Whether the connection is to be closed once everything is sent."""

    def answers(self, content: bytes) -> bytes:
        """Return what to send for what has come."""


class ServerLoop:
    """Accepts connections and carries what is said over them, in a thread of its own."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._tasks: deque[Callable[[], None]] = deque()
        self._woken, self._wake = socket.socketpair()
        self._woken.setblocking(False)  # noqa: FBT003 - its only argument
        self._selector.register(self._woken, _READ, self._work)
        self._connections: dict[int, set[_Connection]] = {}
        self._is_running = True
        self._thread = threading.Thread(target=self._run, name="consumer_sdk", daemon=True)
        self._thread.start()

    def listen(self, listener: socket.socket, converse: Callable[[], Conversation]) -> None:
        """Accept what connects to *listener* from now on."""
        number = listener.fileno()

        def begin() -> None:
            self._connections[number] = set()
            self._selector.register(listener, _READ, lambda _: self._accept(listener, converse))

        self._do(begin)

    def forget(self, listener: socket.socket) -> None:
        """Close *listener*, and the connections that it has accepted."""

        def end() -> None:
            number = listener.fileno()
            with suppress(KeyError, ValueError):
                self._selector.unregister(listener)
            for connection in tuple(self._connections.pop(number, ())):
                connection.close()
            listener.close()

        if self._is_running:
            self._do(end)
        else:
            listener.close()

    def stop(self) -> None:
        """End the thread, at the end of the process."""
        self._is_running = False
        self._do(lambda: None)
        self._thread.join(1)
        for key in list(self._selector.get_map().values()):
            with suppress(OSError, AttributeError):
                key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
        self._wake.close()

    def _do(self, task: Callable[[], None]) -> None:
        self._tasks.append(task)
        with suppress(BlockingIOError):  # it is awake anyway
            self._wake.send(b"!")

    def _run(self) -> None:
        while self._is_running:
            for key, mask in self._selector.select():
                key.data(mask)

    def _work(self, _: int) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(_PIECE)
        while self._tasks:
            self._tasks.popleft()()

    def _accept(self, listener: socket.socket, converse: Callable[[], Conversation]) -> None:
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            accepted.setblocking(False)  # noqa: FBT003 - its only argument
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Connection(accepted, converse(), self._selector, self._connections[listener.fileno()]).begin()


class _Connection:
    def __init__(
        self,
        connected: socket.socket,
        conversation: Conversation,
        selector: selectors.BaseSelector,
        others: "set[_Connection]",
    ) -> None:
        self._socket = connected
        self._conversation = conversation
        self._selector = selector
        self._others = others
        self._unsent = b""

    def begin(self) -> None:
        self._others.add(self)
        self._selector.register(self._socket, _READ, self._go_on)

    def close(self) -> None:
        self._others.discard(self)
        with suppress(KeyError, ValueError):
            self._selector.unregister(self._socket)
        self._socket.close()

    def _go_on(self, mask: int) -> None:
        try:
            if mask & _READ:
                content = self._socket.recv(_PIECE)
                if not content:
                    self.close()
                    return
                self._unsent += self._conversation.answers(content)
            if self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        if self._unsent:
            self._selector.modify(self._socket, _READ | _WRITE, self._go_on)
        elif self._conversation.is_over:
            self.close()
        elif mask & _WRITE:
            self._selector.modify(self._socket, _READ, self._go_on)


_LOCK = threading.Lock()
_LOOPS: dict[int, ServerLoop] = {}


def server_loop() -> ServerLoop:
    """Return the loop of this process; one that was forked from another has its own."""
    with _LOCK:
        if os.getpid() not in _LOOPS:
            _LOOPS.clear()
            _LOOPS[os.getpid()] = ServerLoop()
            atexit.register(_LOOPS[os.getpid()].stop)
        return _LOOPS[os.getpid()]
