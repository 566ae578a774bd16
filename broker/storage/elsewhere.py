"""Contents that are in an object store: what the database has in their place, and how they are read.

A row has a mark and the key of its object, which begins with the SHA-256 of what it contains. Nobody reads
from the network while a transaction is open: a content that is not in memory ends the transaction, is
fetched, and the work runs again (`broker.storage.retrying`).
"""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Dialect, LargeBinary, TypeDecorator

MARK = b"\0"
"""No JSON begins with it."""
MOST_BYTES = 32 * 1024 * 1024
"""Of contents in memory; one that is larger is kept alone."""
MOST_AT_ONCE = 4
"""Contents that a process fetches at the same time: a slow store must not take all of its threads."""
SECONDS_IN_TURN = 2.0
SECONDS_OF_FAILURE = 5.0
"""For so long an object that could not be read is not asked for again."""
_HEXADECIMAL = 64


class ContentStoreError(Exception):
    """A content cannot be read from the object store, or written to it; the text says why."""

    is_temporary = True


class WrongObjectError(ContentStoreError):
    """An object is missing, or is not what was stored."""

    is_temporary = False


class NotFetchedError(ContentStoreError):
    """A content must be fetched first: then the same can be done again."""

    def __init__(self, contents: "Contents", key: str) -> None:
        super().__init__("The content of a pact was being read from the object store.")
        self._contents = contents
        self._key = key

    def fetch(self) -> None:
        """Have the content in memory. Raises ContentStoreError."""
        self._contents.fetch(self._key)


class Store(Protocol):
    """Where objects are. Its methods raise ContentStoreError."""

    def put(self, key: str, content: bytes) -> None:
        """Store an object, durably, which nothing overwrites."""

    def get(self, key: str) -> bytes | None:
        """Return an object; None when there is none."""

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""


def new_key(content: bytes) -> str:
    """Return a key that no object has, by which its content is verified."""
    return f"{sha256(content).hexdigest()}-{uuid4().hex}"


def pointer(key: str) -> bytes:
    """Return what a row has in place of the content."""
    return MARK + key.encode()


def key_in(stored: bytes) -> str | None:
    """Return the key of the object; None when this is the content itself."""
    return stored[1:].decode() if stored[:1] == MARK else None


def read_object(store: Store, key: str) -> bytes:
    """Return the content that an object must have. Raises ContentStoreError."""
    content = store.get(key)
    if content is None:
        raise WrongObjectError(f"The object {key} is missing in the object store.")
    if sha256(content).hexdigest() != key[:_HEXADECIMAL]:
        raise WrongObjectError(f"The object {key} in the object store is not what was stored.")
    return content


class Contents:
    """The contents of one object store, those read last in memory; safe to share between threads."""

    def __init__(self, store: Store, timer: Callable[[], float] = monotonic) -> None:
        self.store = store
        self._timer = timer
        self._lock = Lock()
        self._turns = BoundedSemaphore(MOST_AT_ONCE)
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._failed: dict[str, tuple[float, ContentStoreError]] = {}

    def known(self, key: str) -> bytes:
        """Return a content from memory. Raises NotFetchedError, and ContentStoreError after a failure."""
        with self._lock:
            content = self._known.get(key)
            if content is not None:
                self._known.move_to_end(key)
                return content
            until, error = self._failed.get(key, (0.0, None))
        if error is not None and self._timer() < until:
            raise type(error)(*error.args)
        raise NotFetchedError(self, key)

    def fetch(self, key: str) -> None:
        """Read a content, and keep it or why it cannot be read, for a while. Raises ContentStoreError."""
        if not self._turns.acquire(timeout=SECONDS_IN_TURN):
            raise ContentStoreError("The object store is too slow. Try again in a moment.")
        try:
            self._keep(key, read_object(self.store, key))
        except ContentStoreError as error:
            self._fail(key, error)
            raise
        finally:
            self._turns.release()

    def whole(self, stored: bytes) -> bytes:
        """Return the content of a row, outside of transactions. Raises ContentStoreError."""
        key = key_in(stored)
        if key is None:
            return stored
        try:
            return self.known(key)
        except NotFetchedError as error:
            error.fetch()
        return self.known(key)

    def _keep(self, key: str, content: bytes) -> None:
        with self._lock:
            self._failed.pop(key, None)
            self._size += len(content) - len(self._known.pop(key, b""))
            self._known[key] = content
            while self._size > MOST_BYTES and len(self._known) > 1:
                self._size -= len(self._known.popitem(last=False)[1])

    def _fail(self, key: str, error: ContentStoreError) -> None:
        now = self._timer()
        with self._lock:
            self._failed = {each: found for each, found in self._failed.items() if now < found[0]}
            self._failed[key] = (now + SECONDS_OF_FAILURE, error)


class WholeContent(TypeDecorator[bytes]):
    """The content of a pact, wherever it is. Select it as LargeBinary for what the row has.

    Raises NotFetchedError, ContentStoreError.
    """

    impl = LargeBinary
    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is None or value[:1] != MARK:
            return value
        return contents_of(dialect).known(key_in(bytes(value)) or "")


def contents_of(dialect: Dialect) -> Contents:
    """Return the contents that belong to the database. Raises ContentStoreError when it has no store."""
    found: Contents | None = getattr(dialect, _ATTRIBUTE, None)
    if found is None:
        raise WrongObjectError(
            "The content of this pact is in an object store, and TALLY_CONTENT_STORE does not name it."
        )
    return found


def whole_of(dialect: Dialect) -> Callable[[bytes], bytes]:
    """Return what reads a content of the database, outside of transactions, as `Contents.whole` does."""

    def whole(stored: bytes) -> bytes:
        return contents_of(dialect).whole(stored) if stored[:1] == MARK else stored

    return whole


def use_contents(dialect: Dialect, contents: Contents) -> None:
    """Let statements of the database find contents there."""
    setattr(dialect, _ATTRIBUTE, contents)


_ATTRIBUTE = "contents_elsewhere"
