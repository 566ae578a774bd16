"""Clients of which hundreds fit into one thread."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answered:
    """What a client was answered, and how long that took."""

    what: str
    status: int
    seconds: float
    body: bytes
    head: str = ""


class Client:
    """A client with one kept connection; it sends what the real ones send, and no more."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(
        self, method: str, path: str, body: Any = None, accept: str = "application/hal+json"
    ) -> Answered:
        """Send a request, and wait for the answer. Raises OSError or EOFError where none comes."""
        began = time.monotonic()
        self._writer.write(request(method, path, body, accept))
        what = f"{method} {path.partition('?')[0]}"
        status, answer, head = await read_answer(self._reader)
        return Answered(what, status, time.monotonic() - began, answer, head)

    def close(self) -> None:
        self._writer.close()


def request(method: str, path: str, body: Any = None, accept: str = "application/hal+json") -> bytes:
    """Return the request as it goes over the wire; None is no body."""
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: broker\r\nAccept: {accept}\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return f"{head}\r\n".encode() + content


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes, str]:
    """Return the status, the body and the headers of an answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = head.lower().splitlines()
    length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
    return int(lines[0].split()[1]), await reader.readexactly(length), head
