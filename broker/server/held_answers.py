"""Hold answers back that may still change, and ask again when something that they depend on has changed.

A request that waits holds no thread and no connection to the database. While any request waits, the newest
changes are read twice in a second, and after each transaction of this process: so changes by other processes
are seen as well.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable
from contextlib import suppress
from dataclasses import field
from typing import Any, Generic, TypeVar

from broker.server.newest_changes import NewestChanges, ReadChanges, concerned
from broker.storage.changes import Change
from tally.values import dataclass

A = TypeVar("A")
MOST = 500
"""How many requests may wait in one process; each keeps the connection of a client open."""
SECONDS_BETWEEN_READS = 0.5
SECONDS_AFTER_A_READ = 0.05
"""How long changes are not read again, however many transactions are committed."""


@dataclass(frozen=True)
class Held:
    """An answer that may still change: for how long it may be held, and whose changes may change it."""

    seconds: float
    pacticipant_ids: frozenset[int]


Hold = Callable[[int, Collection[int]], bool]
"""The application calls this to have its answer held, with the values of `Held`. False means: answer now."""
Ask = Callable[[Hold], Awaitable[A]]


@dataclass(eq=False)
class _WaitingRequest:
    """One request that waits; *depends_on* are ids of pacticipants, None while the application is asked."""

    depends_on: frozenset[int] | None = None
    changed_ids: set[int] = field(default_factory=set)
    anything_changed: bool = False
    must_ask_again: asyncio.Event = field(default_factory=asyncio.Event)

    def add_changes(self, ids: frozenset[int] | None) -> None:
        """Note which pacticipants have changed; None stands for all."""
        self.changed_ids |= ids or frozenset()
        self.anything_changed |= ids is None
        self._compare()

    def begin_to_ask(self) -> None:
        """Forget earlier changes: the answer that is asked for now takes them into account."""
        self.depends_on = None
        self.changed_ids.clear()
        self.anything_changed = False
        self.must_ask_again.clear()

    def wait_for(self, depends_on: frozenset[int]) -> None:
        """Wait for changes of these, counting those since the application was asked."""
        self.depends_on = depends_on
        self._compare()

    def _compare(self) -> None:
        if self.depends_on is not None and (self.anything_changed or self.changed_ids & self.depends_on):
            self.must_ask_again.set()


class HeldAnswers(Generic[A]):
    """Hold answers back until they change. *read_changes* returns the newest changes."""

    def __init__(self, read_changes: ReadChanges, *, most: int = MOST) -> None:
        self._most = most
        self._waiting: set[_WaitingRequest] = set()
        self._newest = NewestChanges(read_changes, "waiting")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reading: asyncio.Task[None] | None = None
        self._first_read = asyncio.Event()
        self._known: frozenset[Change] = frozenset()
        self._committed = asyncio.Event()
        self._closed = asyncio.Event()
        self._shared: dict[Hashable, asyncio.Future[tuple[A, Held | None]]] = {}
        self._asking = asyncio.Lock()

    @property
    def count(self) -> int:
        """How many requests wait. Any thread may ask."""
        return len(self._waiting)

    def committed(self) -> None:
        """Read changes at once: a transaction of this process was committed. Any thread may call this."""
        if self._waiting and self._loop is not None:
            self._loop.call_soon_threadsafe(self._committed.set)

    def ask_again(self) -> None:
        """Ask the application again for all answers that are held back. Any thread may call this."""
        if self._waiting and self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for request in self._waiting:
            request.add_changes(None)

    def close(self) -> None:
        """Release every answer as it is now, and hold none from now on."""
        self._closed.set()

    async def answer(self, key: Hashable, ask: Ask[A], hung_up: asyncio.Future[Any]) -> tuple[A, bool] | None:
        """Return the answer when it is final or the time is over, and whether it was released early.

        *ask* gets the answer from the application. Requests with the same *key* share it when they ask again
        at the same time. None when *hung_up* is done: the client has hung up.
        """
        self._loop = asyncio.get_running_loop()
        request = _WaitingRequest()
        self._waiting.add(request)
        try:
            await self._start_reading()
            return await self._until_final(request, key, ask, hung_up)
        finally:
            self._waiting.discard(request)

    async def _until_final(
        self, request: _WaitingRequest, key: Hashable, ask: Ask[A], hung_up: asyncio.Future[Any]
    ) -> tuple[A, bool] | None:
        answer, held = await _ask(
            ask, may_hold=len(self._waiting) <= self._most and not self._closed.is_set()
        )
        deadline = asyncio.get_running_loop().time() + (held.seconds if held else 0)
        is_over = False
        while held is not None and not is_over:
            request.wait_for(held.pacticipant_ids)
            # When the time is over the application is asked once more, for the answer as it is then.
            is_over = not await self._has_changed(request, hung_up, deadline)
            if hung_up.done():
                return None
            if self._closed.is_set():
                return answer, True
            request.begin_to_ask()
            answer, held = await self._ask_again(key, ask)
        return answer, False

    async def _has_changed(
        self, request: _WaitingRequest, hung_up: asyncio.Future[Any], deadline: float
    ) -> bool:
        """Wait for a change, the deadline, `close` or the client to hang up; return if it was a change."""
        waits: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(event.wait()) for event in (request.must_ask_again, self._closed)
        ]
        left = max(0, deadline - asyncio.get_running_loop().time())
        await asyncio.wait([hung_up, *waits], timeout=left, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        return request.must_ask_again.is_set()

    async def _ask_again(self, key: Hashable, ask: Ask[A]) -> tuple[A, Held | None]:
        """Ask the application, or share the answer with requests of the same key that ask at the same time.

        One request asks at a time, and then rests as long as that took: all of them together use at most half
        of one thread.
        """
        loop = asyncio.get_running_loop()
        if key in self._shared:
            return await asyncio.shield(self._shared[key])
        shared = self._shared[key] = loop.create_future()
        try:
            await asyncio.sleep(0)  # so that all requests that the same change woke can share
            async with self._asking:
                # Whoever comes from here on asks for itself: there may be changes that this answer misses.
                del self._shared[key]
                began = loop.time()
                found = await _ask(ask, may_hold=True)
                shared.set_result(found)
                await asyncio.sleep(loop.time() - began)
        except BaseException as error:
            self._shared.pop(key, None)
            if not shared.done():
                shared.set_exception(error)
                shared.exception()  # marks it as seen: asyncio would complain if nobody shared it
            raise
        return found

    async def _start_reading(self) -> None:
        """Have changes read from before the application is asked first, so that none is missed."""
        if self._reading is None:
            self._first_read.clear()
            self._reading = asyncio.get_running_loop().create_task(self._keep_reading())
        await self._first_read.wait()

    async def _keep_reading(self) -> None:
        self._known = await self._newest.read() or frozenset()
        self._first_read.set()
        while self._waiting and not self._closed.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._committed.wait(), SECONDS_BETWEEN_READS)
            self._committed.clear()
            found = await self._newest.read()
            if found is not None:
                self._pass_on(found - self._known)
                self._known = found
            await asyncio.sleep(SECONDS_AFTER_A_READ)
        self._reading = None

    def _pass_on(self, changes: frozenset[Change]) -> None:
        """Tell every waiting request which pacticipants have changed."""
        if not changes:
            return
        ids = concerned(changes)
        for request in self._waiting:
            request.add_changes(ids)


async def _ask(ask: Ask[A], *, may_hold: bool) -> tuple[A, Held | None]:
    """Return the application's answer, and how it is to be held; None when it is final or goes out now."""
    held: list[Held] = []

    def hold(seconds: int, pacticipant_ids: Collection[int]) -> bool:
        if may_hold:
            held.append(Held(seconds, frozenset(pacticipant_ids)))
        return may_hold

    answer = await ask(hold)
    return answer, held[-1] if held else None
