"""Return memory to the system, which glibc keeps unless it is asked, and keep garbage collections short."""

import ctypes
import gc
from contextlib import suppress

LARGE_BLOCK = 256 * 1024
LARGE_EXCHANGE = 1024 * 1024
"""Bytes of a request and its response from which returning memory is worth the time."""
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # as in malloc.h


def use_separate_blocks() -> None:
    """Have glibc return large blocks as soon as they are freed; other C libraries stay as they are.

    By default, blocks of up to 32 MB are in heaps that never shrink, one for each thread.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, LARGE_BLOCK)
        mallopt(_M_ARENA_MAX, 2)


def give_back() -> None:
    """Return free memory between small blocks too: the interactions of a pact are many small blocks."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def set_apart_anew() -> None:
    """Collect what `tally.loading` set apart and is used no more, such as an application before a reload."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
