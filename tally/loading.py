"""What is made once and stays until the program ends: modules, and what is composed of them at the start."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


@contextmanager
def loading() -> Iterator[None]:
    """Look for no unreachable circles of objects in the block, and never later among what there was.

    By default, Python looks through all that was loaded several hundred times, which is a tenth of a start.
    Later, each full look stops every thread of a broker for a tenth of a second.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class Later(ModuleType):
    """A module that is imported when something of it is used: `requests = Later("requests")`.

    For what takes long to import and is not needed each time. Threads may use it at once.
    """

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self.__name__), name)
        vars(self)[name] = found  # Python looks here first: it is asked for once
        return found
