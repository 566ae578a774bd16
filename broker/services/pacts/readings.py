"""Contents that were read before: a page need not read again what never changes."""

import threading
from collections import OrderedDict
from hashlib import sha1

from broker.domain.pacts.reading import ReadContent, read_content

_MOST_BYTES = 2 * 1024 * 1024
"""Of all texts whose readings are kept; a reading takes about ten times as much memory."""
_LARGEST = _MOST_BYTES // 2


class Readings:
    """The readings of the contents that were asked for last; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, tuple[int, ReadContent]] = OrderedDict()
        self._size = 0

    def of(self, text: bytes) -> ReadContent:
        """Return what a content says."""
        digest = sha1(text, usedforsecurity=False).digest()
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
                return self._kept[digest][1]
        found = read_content(text)
        if len(text) <= _LARGEST:
            self._keep(digest, len(text), found)
        return found

    def _keep(self, digest: bytes, size: int, found: ReadContent) -> None:
        with self._lock:
            if digest in self._kept:
                return
            self._kept[digest] = (size, found)
            self._size += size
            while self._size > _MOST_BYTES:
                self._size -= self._kept.popitem(last=False)[1][0]


READINGS = Readings()
