"""aiohttp: its connectors give a connection whose transport is memory; the protocol is aiohttp's own."""

import asyncio
import sys
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from consumer_sdk.in_process.origins import Origin, origin_of_url
from consumer_sdk.in_process.patching import patch
from consumer_sdk.in_process.routes import ENDED, ROUTES
from consumer_sdk.judging.senders import Sender, current_sender
from consumer_sdk.wire import CONTINUE, RequestReader, answer_bytes


def patch_aiohttp(module: ModuleType) -> None:
    """Patch `BaseConnector.connect`, which every connector has."""
    connection_class = _in_memory(sys.modules["aiohttp.connector"].Connection)
    protocol_class = sys.modules["aiohttp.client_proto"].ResponseHandler

    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        async def connect(self: Any, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109 - aiohttp's
            where = origin_of_url(str(req.url))
            if ROUTES.find(where) is None:
                return await original(self, req, traces, timeout)
            protocol = protocol_class(self._loop)
            protocol.connection_made(MemoryTransport(protocol, self._loop, where, current_sender()))
            return connection_class(self, req.connection_key, protocol, self._loop)

        return connect

    patch(module.BaseConnector, "connect", wrap)


def _in_memory(connection: Any) -> Any:
    """Return a connection that never goes back to the pool: closing it closes its transport, and is all."""

    def close(self: Any) -> None:
        self._notify_release()
        if self._protocol is not None:
            self._protocol.close()
            self._protocol = None

    members = {"close": close, "release": close, "__del__": lambda _: None}
    return type("InMemoryConnection", (connection,), members)


class MemoryTransport(asyncio.Transport):
    """Takes what aiohttp writes, and gives the answer back on the next turn of the loop."""

    def __init__(
        self, protocol: Any, loop: asyncio.AbstractEventLoop, where: Origin, sender: Sender | None
    ) -> None:
        super().__init__()
        self._protocol = protocol
        self._loop = loop
        self._where = where
        self._sender = sender
        self._reader = RequestReader()
        self._is_closing = False
        self._is_called = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._reader.feed(data)
        if not self._is_called:
            self._is_called = True
            self._loop.call_soon(self._answer)

    def _answer(self) -> None:
        self._is_called = False
        if self._reader.takes_continue():
            self._protocol.data_received(CONTINUE)
        request = self._reader.next_request(self._sender)
        if request is None:
            return
        route = ROUTES.find(self._where, request.path)
        if route is None:
            self._protocol.set_exception(ConnectionResetError(ENDED))
            return
        try:
            content = answer_bytes(route.answer(request), request.method)
        except Exception as error:  # noqa: BLE001 - it belongs to the code that waits for the answer
            self._protocol.set_exception(error)
        else:
            self._protocol.data_received(content)

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    def is_closing(self) -> bool:
        return self._is_closing

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        """Do nothing: the answer is given whole."""

    def resume_reading(self) -> None:
        """Do nothing: the answer is given whole."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 0) if name in {"peername", "sockname"} else default
