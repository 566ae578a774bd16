"""Answers that the event loop gives by itself: the application has said that they depend on the request.

They may also depend on what the process knows: the application tells what finds out whether that holds.
"""

from collections.abc import Callable
from hashlib import blake2b
from http import HTTPStatus
from time import perf_counter
from typing import Any

from broker.observability.exchanges import EXCHANGE, Exchange
from broker.web.request_ids import NAME
from tally.values import dataclass

Scope = dict[str, Any]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
Count = Callable[[float], None]
"""Counts a request that took so many seconds."""
Holds = Callable[[], bool]
"""Returns at once whether a kept answer is still the right one."""
MOST = 32
"""How many are kept. A platform sends the same few requests again and again."""
_SAID = ("method", "raw_path", "query_string", "http_version", "scheme", "server")


@dataclass
class Keeping:
    """A request whose answer may be kept: the application calls this to say so, before it answers."""

    route: str = ""
    count: Count | None = None
    holds: Holds | None = None

    def __call__(self, route: str, count: Count, holds: Holds | None = None) -> None:
        """Note the route, what counts each request with this answer, and what finds out whether it holds."""
        self.route, self.count, self.holds = route, count, holds


class KeptAnswers:
    """The answers that are kept of one path, by all that a request says but its id."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[Keeping, Answer]] = {}

    def forget(self) -> None:
        """Keep nothing that was asked for before. Any thread may call this."""
        self._kept = {}

    def find(self, scope: Scope) -> Answer | None:
        """Return the answer to such a request, if it is kept; then the request is counted, and told of."""
        began = perf_counter()
        found = self._kept.get(_key(scope))
        if found is None:
            return None
        keeping, answer = found
        if keeping.holds is not None and not keeping.holds():
            return None
        exchange: Exchange | None = scope.get(EXCHANGE)
        if exchange is not None:
            exchange.tell(keeping.route, "", "")
        if keeping.count is not None:
            keeping.count(perf_counter() - began)
        return answer

    def begin(self) -> Callable[[Scope, Keeping, Answer], None]:
        """Return what keeps an answer that is asked for after this, unless it is to be forgotten by then."""
        kept = self._kept

        def keep(scope: Scope, keeping: Keeping, answer: Answer) -> None:
            if keeping.count is not None and answer[0] == HTTPStatus.OK:
                if len(kept) >= MOST:
                    kept.clear()
                kept[_key(scope)] = keeping, answer

        return keep


def _key(scope: Scope) -> bytes:
    """Return a hash of what a request says: a proxy may have added secrets, which must not stay in memory."""
    headers = [header for header in scope["headers"] if header[0] != NAME]
    return blake2b(repr(([scope[each] for each in _SAID], headers)).encode()).digest()
