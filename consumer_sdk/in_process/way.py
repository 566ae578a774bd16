"""The way of recording that needs no socket."""

import re
from collections.abc import Callable
from dataclasses import replace

from consumer_sdk.errors import DeclarationError
from consumer_sdk.in_process.origins import Origin, base_url
from consumer_sdk.in_process.patching import patch_clients
from consumer_sdk.in_process.routes import ROUTES, Respond, Route
from consumer_sdk.judging.exchanges import Answer, ReceivedRequest


class InProcess:
    """Answers the clients of this process at *base_urls*; *owner* names what is recorded, and the test.

    Other origins reach the network, or are refused without *network*.
    """

    def __init__(self, base_urls: tuple[str, ...], *, owner: str, provider: str, network: bool) -> None:
        self._urls = base_urls or (_made_up(provider),)
        self._places = [base_url(url) for url in self._urls]
        self._owner = owner
        self._network = network
        self._routes: tuple[Route, ...] = ()
        self._wall: Callable[[Origin], Route] | None = None

    @property
    def url(self) -> str:
        """The first base URL, without a slash at its end."""
        return self._urls[0].rstrip("/")

    def open(self, respond: Respond) -> None:
        """Answer from now on; raises DeclarationError when this thread records one of the URLs already."""
        for origin, prefix in self._places:
            other = ROUTES.open_at(origin, prefix)
            if other is not None:
                raise DeclarationError(
                    f"{origin}{prefix} is recorded already, by {other.owner}, so {self._owner} cannot record "
                    "it too: nothing would say whose request is whose. Declare all in one recorder, end the "
                    "other `with` first, or give the code another base URL for one of them."
                )
        patch_clients()
        self._routes = tuple(Route(origin, prefix, respond, self._owner) for origin, prefix in self._places)
        ROUTES.add(*self._routes)
        if not self._network:
            self._wall = self._refusing(respond)
            ROUTES.refuse_others(self._wall)

    def close(self) -> None:
        """Answer no more; a request that comes late is told so, until `forget`."""
        for route in self._routes:
            route.has_ended = True
        if self._wall is not None:
            ROUTES.allow_others(self._wall)

    def forget(self) -> None:
        """Let requests reach the network again."""
        ROUTES.remove(*self._routes)

    def _refusing(self, respond: Respond) -> Callable[[Origin], Route]:
        def wall(origin: Origin) -> Route:
            def refuse(request: ReceivedRequest) -> Answer:
                return respond(replace(request, target=f"{origin}{request.target}"))

            return Route(origin, "", refuse, self._owner)

        return wall


def _made_up(provider: str) -> str:
    """Return a base URL that no network has, for code that is handed one."""
    name = re.sub(r"[^a-z0-9]+", "-", provider.lower()).strip("-") or "provider"
    return f"http://{name[:60]}.test"
