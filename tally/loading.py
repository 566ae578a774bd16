"""What is made once and stays until the program ends: modules, and what is composed of them at the start."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Look for no unreachable circles of objects in the block, and never later among what there was.

    By default, Python looks through all that was loaded several hundred times: a tenth of a start, and later
    a tenth of a second at once.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
