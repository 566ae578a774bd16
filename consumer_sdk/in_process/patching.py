"""Patch the HTTP clients of the process: those that are imported, and those that are imported later.

A client is patched once and stays so: without a recording, a patched call is the original one. No client is
ever imported from here.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]

_PATCHES = {
    "http.client": ("consumer_sdk.in_process.http_client", "patch_http_client"),
    "urllib3.connection": ("consumer_sdk.in_process.http_client", "patch_urllib3"),
    "httpx": ("consumer_sdk.in_process.httpx_transports", "patch_httpx"),
    "httpx2": ("consumer_sdk.in_process.httpx_transports", "patch_httpx"),
    "aiohttp": ("consumer_sdk.in_process.aiohttp_connectors", "patch_aiohttp"),
}
"""By the name of the client's module: the function that patches it."""
_LOCK = threading.RLock()


def patch(owner: type, name: str, wrap: Wrap) -> None:
    """Replace a method by what *wrap* makes of it, unless it is that already."""
    current = vars(owner)[name]
    if getattr(current, "_answers_in_process", False):
        return
    wrapped = wrap(current)
    wrapped._answers_in_process = True  # type: ignore[attr-defined] # noqa: SLF001 - a mark of our own
    setattr(owner, name, wrapped)


def patch_clients() -> None:
    """Patch every client that is imported, and see to those that are imported from now on.

    Another library may have put the original back since the last time, so each start looks again.
    """
    with _LOCK:
        for name in _PATCHES:
            if name in sys.modules and not _is_loading(sys.modules[name]):
                _patch_module(sys.modules[name], name)
        if _WATCHER not in sys.meta_path:
            sys.meta_path.insert(0, _WATCHER)


def _patch_module(module: ModuleType, name: str) -> None:
    place, function = _PATCHES[name]
    getattr(import_module(place), function)(module)


def _is_loading(module: ModuleType) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


class _Watcher:
    """Patches a client after it is imported: finds it as Python would, and adds to what its loader does."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _PATCHES:
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        specs = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((each for each in specs if each is not None), None)
        if spec is None or spec.loader is None or isinstance(spec.loader, type):
            return spec
        original = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            original(module)
            with _LOCK:
                _patch_module(module, fullname)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


_WATCHER = _Watcher()
