"""The two sides of an import: what is asked of both, and what is written to one."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

from tally.broker_client import BrokerClient, Resource
from tally.errors import BrokerUnreachableError, ResourceNotFoundError, UnauthorisedError, UsageError
from tally.importing import shapes
from tally.importing.paths import path
from tally.importing.rehearsal import HEADER as REHEARSAL
from tally.importing.rehearsal import RELATION, Rehearsal

Document = dict[str, Any]
Given = TypeVar("Given")
Got = TypeVar("Got")
Params = Sequence[tuple[str, str]]
PAGE_SIZE = 100
ONE: Params = [("page", "1"), ("size", "1")]
"""For how many there are, or whether a list exists at all."""
HEADER = "Tally-Import-Date"
"""Tells the target when something happened; it then keeps this date and triggers nothing."""


class BrokerReader:
    """A broker that is read: routes that a Pact Broker has, and nothing else.

    Every method raises UnexpectedAnswerError for an answer that no Pact Broker gives.
    """

    required: Collection[str] = ("pacticipants", "versions", "pacts")
    """Routes that a broker of any age has: without them, something is wrong, and nothing is not an answer."""

    def __init__(self, client: BrokerClient) -> None:
        self.client = client

    @property
    def address(self) -> str:
        """Where it is, without credentials."""
        return self.client.base_url

    @cached_property
    def is_tallystick(self) -> bool:
        """Whether it has what a Pact Broker has not: service contracts, gates, teams."""
        try:
            return next(self.client.index().links("tally:import"), None) is not None
        except ResourceNotFoundError:
            return False

    @property
    def has_accounts(self) -> bool:
        """Whether the rules of accounts hold: without one, everybody is let in, and there are no teams."""
        return next(self.client.index().links("tally:teams"), None) is not None

    def url(self, name: str, **values: str) -> str:
        """Return the address of a route."""
        return self.client.base_url + path(name, **values)

    def get(self, name: str, params: Params = (), /, **values: str) -> Resource:
        """Fetch a resource; raises BrokerError."""
        return self.read(self.url(name, **values), name, params)

    def read(self, url: str, name: str, params: Params = ()) -> Resource:
        """Fetch what is at the address of a link, which is a resource of this name; raises BrokerError."""
        with self._advising():
            found = self.client.get(url, params=params)
        shapes.check(found.state, shapes.SHAPES.get(name, {}), found.url)
        return found

    def document(self, name: str, shape: shapes.Shape, **values: str) -> Any:
        """Fetch JSON that need not be an object; raises BrokerError, or InvalidContractError."""
        url = self.url(name, **values)
        with self._advising():
            found = self.client.document(url)
        if isinstance(found, dict):
            shapes.check(found, shape, url)
        return found

    @contextmanager
    def _advising(self) -> Iterator[None]:
        """Let errors name the options of this broker."""
        yield

    def find(self, name: str, params: Params = (), /, **values: str) -> Resource | None:
        """Fetch a resource; None when there is none, or when the broker is too old to have the route."""
        try:
            return self.get(name, params, **values)
        except ResourceNotFoundError:
            if name in self.required:
                raise
            return None

    def items(self, name: str, relation: str, **values: str) -> Iterator[Document]:
        """Yield the items of a list, page by page; nothing when there is no such list."""
        number, pages = 1, 1
        while number <= pages:
            found = self._page(name, number, **values)
            if found is None:
                return
            pages = _pages(found)
            yield from found.embedded(relation)
            number += 1

    def backwards(self, name: str, relation: str, **values: str) -> Iterator[Document]:
        """Yield the items from the last to the first.

        What is added at the front meanwhile moves items to later pages: they come twice, and none is missed.
        """
        first = self._page(name, 1, **values)
        if first is None:
            return
        for number in range(_pages(first), 1, -1):
            page = self._page(name, number, **values)
            yield from reversed(page.embedded(relation) if page else [])
        yield from reversed(first.embedded(relation))

    def total(self, name: str, relation: str, **values: str) -> int:
        """Return how many items a list has."""
        found = self.find(name, ONE, **values)
        if found is None:
            return 0
        page = found.state.get("page")
        return int(page["totalElements"]) if page else len(found.embedded(relation))

    def _page(self, name: str, number: int, **values: str) -> Resource | None:
        params = [("page", str(number)), ("size", str(PAGE_SIZE))]
        return self.find(name, params, **values)


class SourceBroker(BrokerReader):
    """The broker that is copied, which has its own options."""

    @contextmanager
    def _advising(self) -> Iterator[None]:
        try:
            yield
        except UnauthorisedError as error:
            advice = str(error).replace("--broker-", "--from-").replace("PACT_BROKER_", "FROM_BROKER_")
            raise UnauthorisedError(
                f"The broker to copy from cannot be read. {advice}", status=error.status
            ) from error
        except BrokerUnreachableError as error:
            advice = str(error).replace("--broker-base-url or PACT_BROKER_BASE_URL", "--from")
            raise BrokerUnreachableError(f"The broker to copy from cannot be read. {advice}") from error


class TargetBroker(BrokerReader):
    """The Tallystick that is written to; in a rehearsal it judges what it is sent, and keeps nothing."""

    required = ()

    def __init__(self, client: BrokerClient, *, rehearsal: bool = False) -> None:
        super().__init__(client)
        self._rehearsal = Rehearsal() if rehearsal else None

    @property
    def keeps_nothing(self) -> bool:
        """Whether this is a rehearsal."""
        return self._rehearsal is not None

    def check(self) -> None:
        """Raise UsageError when this broker would not keep dates, and tell webhooks of old results."""
        index = self.client.index()
        if next(index.links("tally:import"), None) is None:
            raise UsageError(
                f"{self.client.base_url} is no Tallystick that takes imports: --broker-base-url names the "
                "broker to copy to, --from the one to copy from."
            )
        if self._rehearsal and next(index.links(RELATION), None) is None:
            raise UsageError(
                f"The Tallystick at {self.client.base_url} is too old for this --dry-run: update it."
            )

    def post(self, name: str, body: object, date: str, **values: str) -> Resource:
        """Store something that happened at *date*."""
        return self._write(self.client.post, name, body, date, values)

    def put(self, name: str, body: object, date: str, **values: str) -> Resource:
        """Store something that happened at *date*."""
        return self._write(self.client.put, name, body, date, values)

    def put_pact(self, content: bytes, date: str, *, sha: str, **values: str) -> None:
        """Store a pact that was published at *date*; *sha* is the hash that the target should compute."""
        headers = self._headers("pact", content, date, values)
        answer = self.client.store(self.url("pact", **values), content, headers=headers)
        if self._rehearsal is not None:
            self._rehearsal.accepted_pact(answer, sha, values)

    def patch(self, url: str, body: object, date: str) -> None:
        """Change at this address what was changed at *date*."""
        headers = self._headers("", body, date, {})
        try:
            self.client.patch(url, body, headers=headers)
        except ResourceNotFoundError:
            if self._rehearsal is None or not self._rehearsal.has_recorded(url.rpartition("/")[2]):
                raise

    def delete(self, name: str, **values: str) -> None:
        """Remove something, to store it again in another order."""
        if self._rehearsal is None:
            self.client.delete(self.url(name, **values))

    def _write(
        self, send: Callable[..., Resource], name: str, body: object, date: str, values: dict[str, str]
    ) -> Resource:
        headers = self._headers(name, body, date, values)
        answer = send(self.url(name, **values), body, headers=headers)
        if self._rehearsal is not None:
            self._rehearsal.accepted(name, values, answer.state)
        return answer

    def _headers(self, name: str, body: object, date: str, values: dict[str, str]) -> dict[str, str]:
        if self._rehearsal is None:
            return {HEADER: date}
        return {HEADER: date, REHEARSAL: self._rehearsal.header(name, body, values)}


def ahead(read: Callable[[Given], Got], items: Iterable[Given], at_once: int) -> Iterator[tuple[Given, Got]]:
    """Yield each item with what is read for it, in order, while at most *at_once* others are being read."""
    waiting: deque[tuple[Given, Future[Got]]] = deque()
    with ThreadPoolExecutor(at_once) as readers, _cancelling(waiting):
        for item in items:
            waiting.append((item, readers.submit(read, item)))
            if len(waiting) >= at_once:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


@contextmanager
def _cancelling(waiting: Iterable[tuple[Given, Future[Got]]]) -> Iterator[None]:
    """Begin nothing more of what is still waiting when this ends, after a failure above all."""
    try:
        yield
    finally:
        for _, future in waiting:
            future.cancel()


def _first(waiting: deque[tuple[Given, Future[Got]]]) -> tuple[Given, Got]:
    item, future = waiting.popleft()
    return item, future.result()


def _pages(found: Resource) -> int:
    """Return how many pages there are; an old broker answers with all at once."""
    page = found.state.get("page")
    return int(page["totalPages"]) if page else 1
