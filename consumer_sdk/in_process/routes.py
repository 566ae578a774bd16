"""Which recording answers which URL, for the whole process: one list, read by every patched client."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from consumer_sdk.in_process.origins import Origin
from consumer_sdk.judging.exchanges import Answer, ReceivedRequest

Respond = Callable[[ReceivedRequest], Answer]
"""Returns the answer to a request whose target begins below the base URL; raises MismatchError."""


@dataclass(eq=False)
class Route:
    """One base URL that a recording answers; *prefix* is the path that its requests begin with.

    A route whose recording has *ended* stays until the recorder is closed, so that a late request is told so.
    """

    origin: Origin
    prefix: str
    respond: Respond
    owner: str
    """The interactions, the pact and the test, for messages."""
    has_ended: bool = False
    thread: int = field(default_factory=threading.get_ident)

    def covers(self, path: str) -> bool:
        """Whether the base URL is that of this path, or above it."""
        rest = path[len(self.prefix) :]
        return path.startswith(self.prefix) and (not rest or rest[0] in "/?")

    def answer(self, request: ReceivedRequest) -> Answer:
        """Return the answer to a request; its target is the whole path."""
        target = request.target
        if self.prefix and self.covers(target):
            rest = target[len(self.prefix) :]
            target = rest if rest.startswith("/") else f"/{rest}"
        return self.respond(replace(request, target=target))


class Routes:
    """All routes of the process, newest first; reading needs no lock, because the tuple is replaced."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._routes: tuple[Route, ...] = ()
        self._walls: tuple[Callable[[Origin], Route], ...] = ()

    def add(self, *routes: Route) -> None:
        """Answer what the routes cover from now on, before all older routes."""
        with self._lock:
            replaced = {(route.origin, route.prefix) for route in routes}
            self._routes = (
                *routes,
                *(r for r in self._routes if not (r.has_ended and (r.origin, r.prefix) in replaced)),
            )

    def remove(self, *routes: Route) -> None:
        """Forget routes; one that is not there any more is no mistake."""
        with self._lock:
            self._routes = tuple(route for route in self._routes if route not in routes)

    def refuse_others(self, wall: Callable[[Origin], Route]) -> None:
        """Give every origin without a route the one that *wall* makes."""
        with self._lock:
            self._walls = (wall, *self._walls)

    def allow_others(self, wall: Callable[[Origin], Route]) -> None:
        """Take back `refuse_others`."""
        with self._lock:
            self._walls = tuple(each for each in self._walls if each is not wall)

    def open_at(self, origin: Origin, prefix: str) -> Route | None:
        """Return the route that this thread has open at exactly this base URL."""
        mine = threading.get_ident()
        return next(
            (
                route
                for route in self._routes
                if (route.origin, route.prefix, route.thread, route.has_ended)
                == (origin, prefix, mine, False)
            ),
            None,
        )

    def find(self, origin: Origin, path: str = "/") -> Route | None:
        """Return the route that answers a request; None lets it reach the network.

        Of several, one that has not ended comes first, then the longest base URL, then one of this thread,
        then the newest. An origin with a route answers all of its paths.
        """
        if not self._routes and not self._walls:
            return None
        known = [route for route in self._routes if route.origin == origin]
        if len(known) == 1:
            return known[0]
        if not known:
            return self._walls[0](origin) if self._walls else None
        mine = threading.get_ident()
        return max(
            known,
            key=lambda route: (
                not route.has_ended,
                len(route.prefix) if route.covers(path) else -1,
                route.thread == mine,
            ),
        )


ENDED = "The recording that answered this connection has ended."
ROUTES = Routes()
"""Those of this process: its clients are patched once, whoever records."""
