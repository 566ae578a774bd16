"""Requests that a client may repeat: they have a header Idempotency-Key (docs/decisions/0023).

The transaction of such a request stays open until its answer is known, so that both are committed together.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from flask import g, request

from broker.domain.errors import ValidationError
from broker.storage.database import Database
from broker.storage.idempotency_keys import KeyedRequest
from broker.storage.storage import Storage
from broker.web import import_requests, rehearsals

HEADER = "Idempotency-Key"
LONGEST = 255
ENVIRON = "HTTP_IDEMPOTENCY_KEY"
_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REQUEST = "request_with_key"
_RUN = "run_with_key"
# Visible ASCII. A server joins two such headers by a comma, so none may be in a key.
PATTERN = rf"^[!-+\--~]{{1,{LONGEST}}}$"
_KEY = re.compile(PATTERN)


class ClaimedError(Exception):
    """Another request with this key was carried out meanwhile, or is at the moment."""


class Run:
    """One try to carry a request with a key out. *stack* has its transaction, once it is open.

    *finish* does what has to wait until the transaction is committed, and returns a better answer.
    """

    def __init__(self, keyed: KeyedRequest, stack: ExitStack) -> None:
        self._keyed = keyed
        self._stack = stack
        self.storage: Storage | None = None
        self.is_begun = False
        self.finish: Callable[[], Any] | None = None

    @contextmanager
    def transaction(self, opened: AbstractContextManager[Storage]) -> Iterator[Storage]:
        """Yield the Storage of this request, from *opened* for the first time. Raises ClaimedError."""
        if self.storage is None:
            storage = self._stack.enter_context(opened)
            self._claim(storage)
            self.storage = storage
        yield self.storage

    def begin(self, database: Database) -> None:
        """Note that the request is carried out from now on, outside any transaction. Raises ClaimedError."""
        database.write(self._claim)
        self.is_begun = True

    def _claim(self, storage: Storage) -> None:
        if not storage.idempotency_keys.claim(self._keyed):
            raise ClaimedError


def is_given() -> bool:
    """Return whether the request has a key that matters: it may store something, and is no rehearsal."""
    return ENVIRON in request.environ and request.method in _METHODS and not rehearsals.asked_for()


def keyed_request(asker: str, body: Callable[[], bytes]) -> KeyedRequest:
    """Return what the request of *asker* is known by. Raises ValidationError for a key of another form."""
    found: KeyedRequest | None = g.get(_REQUEST)  # kept: the body is freed when it was read
    if found is None:
        found = _keyed_request(asker, body)
        setattr(g, _REQUEST, found)
    return found


def _keyed_request(asker: str, body: Callable[[], bytes]) -> KeyedRequest:
    key = request.environ[ENVIRON]
    if not _KEY.fullmatch(key):
        raise ValidationError(
            {HEADER: [f"must be given once, with 1 to {LONGEST} visible ASCII characters and no comma"]}
        )
    path = request.environ.get("REQUEST_URI") or request.full_path
    described = [request.method, path, request.mimetype, request.headers.get(import_requests.HEADER, "")]
    # The key is random and is stored nowhere: with it, nobody can guess the body of a stored digest.
    digest = hmac.new(key.encode(), "\0".join(described).encode() + b"\0", hashlib.sha256)
    digest.update(body())
    of_key = hashlib.sha256(f"{asker}\0{key}".encode())
    return KeyedRequest(of_key.digest(), digest.digest(), request.method, path)


@contextmanager
def run(keyed: KeyedRequest) -> Iterator[Run]:
    """Yield a try to carry the request out. What it changes is committed at the end of the block."""
    with ExitStack() as stack:
        this = Run(keyed, stack)
        setattr(g, _RUN, this)
        try:
            yield this
        finally:
            g.pop(_RUN)


def current_run() -> Run | None:
    """Return the run of this request; None for a request without a key."""
    found: Run | None = g.get(_RUN)
    return found
