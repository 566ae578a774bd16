"""Who waits for a decision is asked for again when something has changed that the decision depends on.

Nobody who waits holds a thread or a connection to the database. While there is somebody, one look in half a
second, and one after each transaction of this process, finds what was changed by any process.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from broker.storage.changes import LAST, Change

logger = logging.getLogger("broker.waiting")
A = TypeVar("A")
MOST = 500
"""How many may wait in one process; each keeps an open connection of a client."""
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_OF_REST = 0.05
"""How long after a look there is no other one, however much is written."""


@dataclass(frozen=True)
class Held:
    """An answer may still change: it may be held back for so many seconds, and depends on pacticipants."""

    seconds: float
    pacticipant_ids: frozenset[int]


Hold = Callable[[int, Collection[int]], bool]
"""What the application calls to have its answer held back; False means that it has to go out."""
Ask = Callable[[Hold], Awaitable[A]]


@dataclass(eq=False)
class _Place:
    """Of one who waits: what the decision depends on, None while it is being asked for."""

    depends_on: frozenset[int] | None = None
    seen: set[int] = field(default_factory=set)
    sees_everything: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, ids: frozenset[int], *, everything: bool) -> None:
        """Note what has changed."""
        self.seen |= ids
        self.sees_everything |= everything
        self._look()

    def begin(self) -> None:
        """Forget what has changed: the question that is asked now sees it."""
        self.depends_on = None
        self.seen.clear()
        self.sees_everything = False
        self.changed.clear()

    def settle(self, depends_on: frozenset[int]) -> None:
        """Wait for changes of these, and for what has changed since the question was asked."""
        self.depends_on = depends_on
        self._look()

    def _look(self) -> None:
        if self.depends_on is not None and (self.sees_everything or self.seen & self.depends_on):
            self.changed.set()


class WaitingRoom(Generic[A]):
    """Hold answers back until they change. *look* returns what was changed last, see `Changes`."""

    def __init__(self, look: Callable[[], frozenset[Change]], *, most: int = MOST) -> None:
        self._look_now = look
        self._most = most
        self._places: set[_Place] = set()
        self._eye = ThreadPoolExecutor(1, thread_name_prefix="waiting")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watching: asyncio.Task[None] | None = None
        self._knows = asyncio.Event()
        self._known: frozenset[Change] = frozenset()
        self._committed = asyncio.Event()
        self._closed = asyncio.Event()
        self._due: dict[Hashable, asyncio.Future[tuple[A, Held | None]]] = {}
        self._turn = asyncio.Lock()

    def committed(self) -> None:
        """Look at once: a transaction of this process was committed. Any thread may call this."""
        if self._places and self._loop is not None:
            self._loop.call_soon_threadsafe(self._committed.set)

    def close(self) -> None:
        """Let go of everybody, with the answers that there are, and hold nothing back any more."""
        self._closed.set()

    async def answer(self, key: Hashable, ask: Ask[A], gone: asyncio.Future[Any]) -> tuple[A, bool] | None:
        """Return the answer when it is final or the time is over, and whether it had to go out early.

        *ask* gets the answer; those who ask the same at the same time, by *key*, ask once. None when *gone*
        is done: nobody listens any more.
        """
        self._loop = asyncio.get_running_loop()
        place = _Place()
        self._places.add(place)
        try:
            await self._watch()
            return await self._until_final(place, key, ask, gone)
        finally:
            self._places.discard(place)

    async def _until_final(
        self, place: _Place, key: Hashable, ask: Ask[A], gone: asyncio.Future[Any]
    ) -> tuple[A, bool] | None:
        answer, held = await _ask(ask, may_hold=len(self._places) <= self._most and not self._closed.is_set())
        deadline = asyncio.get_running_loop().time() + (held.seconds if held else 0)
        is_over = False
        while held is not None and not is_over:
            place.settle(held.pacticipant_ids)
            is_over = not await self._change(place, gone, deadline)
            if gone.done():
                return None
            if self._closed.is_set():
                return answer, True
            place.begin()
            answer, held = await self._ask_again(key, ask)
        return answer, False

    async def _change(self, place: _Place, gone: asyncio.Future[Any], deadline: float) -> bool:
        """Return whether something has changed before the time is over, nobody listens or all have to go."""
        waits: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(event.wait()) for event in (place.changed, self._closed)
        ]
        left = max(0, deadline - asyncio.get_running_loop().time())
        await asyncio.wait([gone, *waits], timeout=left, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        return place.changed.is_set()

    async def _ask_again(self, key: Hashable, ask: Ask[A]) -> tuple[A, Held | None]:
        """Ask, or share the answer with those whose turn it is to ask the same.

        One asks at a time, then rests as long as it took: all of them together take half of one thread.
        """
        loop = asyncio.get_running_loop()
        if key in self._due:
            return await asyncio.shield(self._due[key])
        due = self._due[key] = loop.create_future()
        try:
            await asyncio.sleep(0)  # so that all who were woken by the same change are there
            async with self._turn:
                del self._due[key]
                began = loop.time()
                found = await _ask(ask, may_hold=True)
                due.set_result(found)
                await asyncio.sleep(loop.time() - began)
        except BaseException as error:
            self._due.pop(key, None)
            if not due.done():
                due.set_exception(error)
                due.exception()  # which is raised here; whoever shares it has it, too
            raise
        return found

    async def _watch(self) -> None:
        """See to it that changes are looked for, from before the first question."""
        if self._watching is None:
            self._knows.clear()
            self._watching = asyncio.get_running_loop().create_task(self._keep_looking())
        await self._knows.wait()

    async def _keep_looking(self) -> None:
        self._known = await self._look() or frozenset()
        self._knows.set()
        while self._places and not self._closed.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._committed.wait(), SECONDS_BETWEEN_LOOKS)
            self._committed.clear()
            found = await self._look()
            if found is not None:
                self._tell(found - self._known)
                self._known = found
            await asyncio.sleep(SECONDS_OF_REST)
        self._watching = None

    async def _look(self) -> frozenset[Change] | None:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._eye, self._look_now)
        except Exception:
            logger.exception("Cannot see what has changed; it is tried again")
            return None

    def _tell(self, changes: frozenset[Change]) -> None:
        if not changes:
            return
        kinds = [change.kind for change in changes]
        is_more_than_seen = any(kinds.count(kind) >= LAST for kind in set(kinds))
        ids = frozenset(
            found
            for change in changes
            for found in (change.pacticipant_id, change.other_id)
            if found is not None
        )
        everything = is_more_than_seen or any(change.pacticipant_id is None for change in changes)
        for place in self._places:
            place.tell(ids, everything=everything)


async def _ask(ask: Ask[A], *, may_hold: bool) -> tuple[A, Held | None]:
    held: list[Held] = []

    def hold(seconds: int, pacticipant_ids: Collection[int]) -> bool:
        if may_hold:
            held.append(Held(seconds, frozenset(pacticipant_ids)))
        return may_hold

    answer = await ask(hold)
    return answer, held[-1] if held else None
