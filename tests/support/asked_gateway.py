"""A gateway that is asked in this process, without a server, as a server asks it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from broker.observability.exchanges import Exchanges
from broker.server.gateway import Application, Gateway
from broker.server.held_answers import HeldAnswers
from broker.server.request_bodies import RequestBodies
from broker.server.watchers import Watchers

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Answered:
    """What a server would have sent."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def gateway_of(application: Application, *, exchanges: Exchanges | None = None, threads: int = 2) -> Gateway:
    """Return a gateway that holds back no answers."""
    bodies = RequestBodies(largest=MEGABYTE, most=MEGABYTE)
    held_answers, watchers = HeldAnswers(frozenset), Watchers(frozenset)
    return Gateway(application, held_answers, bodies, watchers=watchers, threads=threads, exchanges=exchanges)


async def asked(gateway: Gateway, method: str, target: str, body: bytes = b"", **headers: str) -> Answered:
    """Send a request, and return the answer; `_` in names of headers stands for `-`."""
    path, _, query = target.partition("?")
    given = {"Host": "broker", **({"Content-Length": str(len(body))} if body else {}), **headers}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().replace("_", "-").encode(), text.encode()) for name, text in given.items()],
        "http_version": "1.1",
        "server": ("broker", 80),
        "client": ("127.0.0.1", 1),
        "scheme": "http",
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        if not messages:
            await asyncio.Event().wait()  # nobody hangs up
        return messages.pop(0)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await gateway(scope, receive, send)
    start, *parts = sent
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answered(start["status"], found, b"".join(part["body"] for part in parts))
