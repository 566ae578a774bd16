"""What large pacts take of the memory is given back to the system; glibc does so only when told."""

import ctypes
from contextlib import suppress

LARGE_BLOCK = 256 * 1024
LARGE_EXCHANGE = 1024 * 1024
"""Bytes of a request or an answer that leave something behind worth looking for."""
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # as in malloc.h


def use_separate_blocks() -> None:
    """Have glibc return large blocks as soon as they are done with; other C libraries do as they do.

    Otherwise blocks of up to 32 MB come from heaps that only grow, one for each thread.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, LARGE_BLOCK)
        mallopt(_M_ARENA_MAX, 2)


def give_back() -> None:
    """Return what is free between small blocks as well: the interactions of a pact are many of those."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
