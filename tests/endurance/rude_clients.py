"""What a server is sent that means it no good, or does not know better."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

from endurance.writes import Done, Writes
from support.asynchronous_clients import read_answer, request

Address = tuple[str, int]
LARGE_PAGE = "/pacticipants/Shop/versions?size=500"
POST = b"POST /contracts/publish HTTP/1.1\r\nHost: x\r\n"
WRONG = (
    POST + b'Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"half": ',
    POST + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
    POST + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
    b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"DELETE /can-i-deploy HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /pacticipants/%00/versions/%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /matrix?q%5B%5D=x HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /can-i-deploy?pacticipant=Shop&version=1&to=nowhere&wait=often HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"PUT /pacticipants/Shop HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
)


class RudeClient:
    """One that behaves badly in another way each time. *noted* is told each write, and each status."""

    def __init__(
        self, address: Address, seed: int, writes: Writes, noted: Callable[[str, int], None]
    ) -> None:
        self._address = address
        self._dice = random.Random(seed)  # noqa: S311 - not for security
        self._writes = writes
        self._noted = noted
        self.done: list[Done] = []

    async def act(self) -> None:
        """Do one thing."""
        acts: tuple[Callable[..., Awaitable[None]], ...] = (
            self._leave_early,
            self._leave_early,
            self._send_half,
            self._drip,
            self._read_slowly,
            self._send_what_is_wrong,
            self._send_what_is_wrong,
        )
        reader, writer = await asyncio.open_connection(*self._address, limit=1_000_000)
        with suppress(OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await self._dice.choice(acts)(reader, writer)
        writer.transport.abort()

    def leave(self) -> None:
        """Hold nothing: each act has a connection of its own."""

    async def _leave_early(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send a whole write, and do not wait for the answer."""
        write = self._writes.next()
        self.done.append(Done(write, 0))
        writer.write(request(write.method, write.path, write.body))
        await writer.drain()
        await asyncio.sleep(self._dice.choice([0, 0.005, 0.02]))

    async def _send_half(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send a write that never arrives whole, so that it may not be carried out."""
        write = self._writes.next()
        if write.body in (None, {}):
            return
        text = request(write.method, write.path, write.body)
        end = text.index(b"\r\n\r\n") + 4
        writer.write(text[: self._dice.randrange(end, len(text))])
        await writer.drain()
        await asyncio.sleep(self._dice.random())

    async def _drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in request("GET", "/diagnostic/status/heartbeat"):
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
        self._noted("slow request", (await read_answer(reader))[0])

    async def _read_slowly(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request("GET", LARGE_PAGE))
        with suppress(TimeoutError):
            for _ in range(self._dice.randrange(40)):
                async with asyncio.timeout(0.5):
                    await reader.read(1000)
                await asyncio.sleep(0.05)

    async def _send_what_is_wrong(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._dice.choice(WRONG))
        async with asyncio.timeout(20):
            self._noted("wrong request", (await read_answer(reader))[0])
