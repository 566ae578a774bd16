"""Tell pages that something has changed, by server-sent events, without a thread for each that listens.

While any page listens, the newest changes are read once in a second, whoever listens and however many do: so
changes by other processes are seen as well. A page that listens is told that there is something new, never
what, and asks for itself anew. So one event that waits stands for all, and a slow reader takes no memory.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import field
from typing import Any

from broker.server.newest_changes import NewestChanges, ReadChanges, concerned
from broker.storage.changes import Change
from tally.values import dataclass

MOST = 500
"""How many pages may listen to one process; each keeps a connection open."""
SECONDS_BETWEEN_READS = 1.0
SECONDS_OF_SILENCE = 15.0
"""After these a comment is sent: proxies close what is silent, and who has gone is noticed."""
LONGEST_SECONDS = 1800.0
"""After these a page has to ask again, and so to show its credentials again."""
BEGIN = b"retry: 5000\n\n"
CHANGED = b"event: changed\ndata:\n\n"
STILL_HERE = b":\n\n"

Send = Callable[[bytes], Awaitable[None]]


@dataclass(eq=False)
class _Watcher:
    """One page that listens; *pacticipant_ids* are those whose changes it shows, None for all."""

    pacticipant_ids: frozenset[int] | None
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Watchers:
    """The pages that listen. *read_changes* returns the newest changes."""

    def __init__(
        self,
        read_changes: ReadChanges,
        *,
        most: int = MOST,
        seconds: float = SECONDS_BETWEEN_READS,
        position: Callable[[], str] = str,
        seconds_behind: float = 0,
    ) -> None:
        """Tell pages that may be *seconds_behind* of changes that they may have missed, as they begin."""
        self._most = most
        self._seconds = seconds
        self._position = position
        self._seconds_behind = seconds_behind
        self._changed_at = float("-inf")
        self._watchers: set[_Watcher] = set()
        self._newest = NewestChanges(read_changes, "watching")
        self._reading: asyncio.Task[None] | None = None
        self._closed = asyncio.Event()
        self._end = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def has_room(self) -> bool:
        """Whether one more page may listen. Any thread may ask."""
        return len(self._watchers) < self._most and not self._closed.is_set()

    @property
    def count(self) -> int:
        """How many pages listen. Any thread may ask."""
        return len(self._watchers)

    def next_end(self) -> asyncio.Event:
        """Return what `end_all` sets; to be asked, in the event loop, before a page is allowed to listen."""
        self._loop = asyncio.get_running_loop()
        return self._end

    def end_all(self) -> None:
        """End what all pages listen to: they ask anew, with their credentials. Any thread may call this."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end_all)

    def _end_all(self) -> None:
        ended, self._end = self._end, asyncio.Event()
        ended.set()

    def close(self) -> None:
        """End what all pages listen to; nobody listens from now on."""
        self._closed.set()

    async def tell(
        self,
        pacticipant_ids: frozenset[int] | None,
        send: Send,
        hung_up: asyncio.Future[Any],
        end: asyncio.Event,
    ) -> None:
        """Send what has changed of these, until *hung_up*, *end* (of `next_end`), `close`, or it was long."""
        watcher = _Watcher(pacticipant_ids)
        self._watchers.add(watcher)
        loop = asyncio.get_running_loop()
        if self._reading is None:
            self._reading = loop.create_task(self._keep_reading())
        elif loop.time() - self._changed_at < self._seconds_behind:
            watcher.changed.set()
        deadline = loop.time() + LONGEST_SECONDS
        ends = [hung_up, *(asyncio.ensure_future(event.wait()) for event in (self._closed, end))]
        try:
            event = BEGIN
            while loop.time() < deadline:
                if not await _first(asyncio.ensure_future(send(event)), *ends):
                    return
                news = asyncio.ensure_future(watcher.changed.wait())
                is_news = await _first(news, *ends, seconds=SECONDS_OF_SILENCE)
                if any(end.done() for end in ends):
                    return
                watcher.changed.clear()
                event = self._changed_event() if is_news else STILL_HERE
        finally:
            for waiting in ends[1:]:
                waiting.cancel()
            self._watchers.discard(watcher)

    def _changed_event(self) -> bytes:
        """Return the event, with the position that a standby must have to show the change."""
        return CHANGED.replace(b"data:", b"data:" + self._position().encode())

    async def _keep_reading(self) -> None:
        known = await self._newest.read()
        if self._seconds_behind:
            self._note_change(None)  # nobody knows what has changed before
        while self._watchers and not self._closed.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), self._seconds)
            found = await self._newest.read() if self._watchers and not self._closed.is_set() else None
            if found is not None:
                if known is not None:
                    self._pass_on(found - known)
                known = found
        self._reading = None

    def _pass_on(self, changes: frozenset[Change]) -> None:
        if not changes:
            return
        self._note_change(concerned(changes))

    def _note_change(self, ids: frozenset[int] | None) -> None:
        self._changed_at = asyncio.get_running_loop().time()
        for watcher in self._watchers:
            if ids is None or watcher.pacticipant_ids is None or watcher.pacticipant_ids & ids:
                watcher.changed.set()


async def _first(
    wanted: asyncio.Future[Any], *ends: asyncio.Future[Any], seconds: float | None = None
) -> bool:
    """Wait for *wanted*, for an end, or as long as that; return whether it was *wanted* and no end."""
    await asyncio.wait([wanted, *ends], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    is_over = any(end.done() for end in ends)
    if not wanted.done():
        wanted.cancel()
        return False
    wanted.result()
    return not is_over
