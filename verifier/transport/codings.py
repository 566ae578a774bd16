"""Codings of content: gzip and deflate, and with their packages Brotli and Zstandard."""

import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

from verifier.errors import NoAnswerError
from verifier.transport.connection import MOST_BYTES, check_size
from verifier.transport.transport import HttpResponse

_PACKAGES = {"br": ("brotli", "brotlicffi"), "zstd": ("compression.zstd", "backports.zstd", "zstandard")}
"""Modules that undo a coding, by preference; all of them have a function `decompress`."""
_INSTALLED_AS = {"br": "brotli", "zstd": "backports.zstd"}


def decoded(response: HttpResponse) -> HttpResponse:
    """Undo the codings of the content; what turns out not to be in one stays as it came.

    Raises NoAnswerError for Brotli or Zstandard without its package.
    """
    named = [value for name, value in response.headers if name.lower() == "content-encoding"]
    if not (named and response.content):
        return response
    for coding in reversed([name.strip().lower() for name in ",".join(named).split(",")]):
        undo = _UNDO.get(coding)
        if undo is None and coding in _PACKAGES:
            undo = _of_package(coding)
        if undo is None:
            return response
        response = replace(response, content=undo(response.content))
    return response


def _inflated(content: bytes) -> bytes:
    for window in (47, -15):  # with a header of gzip or zlib, and without any
        undoing = zlib.decompressobj(window)
        with suppress(zlib.error):
            inflated = undoing.decompress(content, MOST_BYTES + 1)
            check_size(len(inflated))
            if undoing.eof:
                return inflated
    return content


_UNDO: dict[str, Callable[[bytes], bytes]] = dict.fromkeys(("gzip", "x-gzip", "deflate"), _inflated) | {
    "identity": lambda content: content
}


def _of_package(coding: str) -> Callable[[bytes], bytes]:
    for name in _PACKAGES[coding]:
        with suppress(ImportError):
            return _trying(import_module(name).decompress)
    package = _INSTALLED_AS[coding]
    raise NoAnswerError(
        f"The answer came in the coding {coding!r}, for which the package {package} is needed "
        f"(pip install {package}); or ask for another one with --header 'Accept-Encoding: gzip'."
    )


def _trying(decompress: Callable[[bytes], Any]) -> Callable[[bytes], bytes]:
    def undo(content: bytes) -> bytes:
        try:
            return bytes(decompress(content))
        except Exception:  # noqa: BLE001 - each package has errors of its own
            return content

    return undo
