"""Calls of the user's own functions, for states and messages: what is asynchronous is awaited."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

Call = Callable[[Callable[[], Any]], Any]
"""Calls a function, and returns what comes of it in the end. Raises whatever the function raises."""


def call_to_the_end(function: Callable[[], Any]) -> Any:
    """Call *function*; what it leaves to be awaited has an event loop of its own."""
    made = function()
    if not inspect.isawaitable(made):
        return made
    import asyncio  # noqa: PLC0415 - slow to load, and few functions are asynchronous
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - as above

    with ThreadPoolExecutor(1) as other:  # there may be a loop in this thread already
        import asyncio  # noqa: PLC0415 - most providers need none

        return other.submit(asyncio.run, awaited(made)).result()


async def awaited(made: Awaitable[Any]) -> Any:
    """Await *made*: an event loop runs coroutines alone, and there are other things to wait for."""
    return await made
