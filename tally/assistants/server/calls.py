"""How calls run: each in a thread of its own, only so many at once, and only for so long."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import field
from typing import TypeVar

import anyio

from tally.assistants.answers import ToolError
from tally.values import dataclass

AT_ONCE, OF_ONE_CALLER = 32, 8
"""Calls that run at the same time; the others wait."""
MOST_OF_ONE_CALLER = 64
"""Calls that run or wait."""

_Answer = TypeVar("_Answer")


@dataclass
class _Caller:
    places: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(OF_ONE_CALLER))
    calls: int = 0


class Calls:
    """The calls of all callers. The slow ones of one caller do not keep others waiting."""

    def __init__(self) -> None:
        self._places = anyio.Semaphore(AT_ONCE)
        self._callers: dict[str, _Caller] = {}

    async def run(self, function: Callable[[], _Answer], *, caller: str, seconds: float) -> _Answer:
        """Return what *function* returns, or raise what it raises.

        Raises ToolError after *seconds*, waiting included, and when the caller has too many calls. A
        function that takes longer goes on by itself, and keeps its place until it ends.
        """
        own = self._callers.setdefault(caller, _Caller())
        if own.calls >= MOST_OF_ONE_CALLER:
            raise ToolError(f"{own.calls} calls are not answered yet: call again when some of them are.")
        with anyio.move_on_after(seconds), ExitStack() as leaving:
            own.calls += 1
            leaving.callback(self._leave, caller)
            for semaphore in (own.places, self._places):
                await semaphore.acquire()
                leaving.callback(semaphore.release)
            return await _in_thread(function, leaving.pop_all().close)
        raise ToolError(
            f"No answer within {seconds:g} seconds. It may still be carried out: ask for less, or look at "
            "what came of it before you call again."
        )

    def _leave(self, caller: str) -> None:
        own = self._callers[caller]
        own.calls -= 1
        if not own.calls:
            del self._callers[caller]


async def _in_thread(function: Callable[[], _Answer], at_end: Callable[[], None]) -> _Answer:
    """Run *function* in a thread; call *at_end* when it has ended, whether anybody still waits or not."""
    loop = asyncio.get_running_loop()
    answers: list[_Answer] = []
    errors: list[BaseException] = []
    ended = anyio.Event()

    def end() -> None:
        at_end()
        ended.set()

    def work() -> None:
        try:
            answers.append(function())
        except BaseException as error:  # noqa: BLE001 - raised where the answer is awaited
            errors.append(error)
        with suppress(RuntimeError):  # the server has stopped meanwhile
            loop.call_soon_threadsafe(end)

    try:
        # A daemon, so that a slow call does not hold up the end of the server; anyio's threads would.
        threading.Thread(target=work, name="tally mcp call", daemon=True).start()
    except RuntimeError:
        at_end()
        raise
    await ended.wait()
    if errors:
        raise errors[0]
    return answers[0]
