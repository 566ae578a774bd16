"""How questions reach the provider: over HTTP, or by calling its application in this process.

Every transport adds nothing to a request but what HTTP itself needs, and names every way to fail.
"""

from dataclasses import dataclass, replace
from typing import Protocol

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """One HTTP request, as it goes out; *url* is absolute and escaped."""

    method: str
    url: str
    headers: Headers = ()
    content: bytes = b""

    def with_header(self, name: str, value: str) -> "HttpRequest":
        """Return this request with one value for *name*, in place of those that it has."""
        others = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*others, (name, value)))


@dataclass(frozen=True)
class HttpResponse:
    """One HTTP answer, as it came in; only the coding of its content (gzip, deflate) is undone."""

    status: int
    headers: Headers = ()
    content: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the status is one of the 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - where they begin, and end

    @property
    def text(self) -> str:
        """The content as text, for messages."""
        return self.content.decode(errors="replace")

    def header(self, name: str) -> str | None:
        """Return the first value of *name*, in whatever case it is written."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Transport(Protocol):
    """Something that can be asked; from several threads at once."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return the answer. Raises ProviderError, which names the address, when there is none."""

    def close_idle(self) -> None:
        """Let go of idle connections; the next request makes a new one."""

    def close(self) -> None:
        """Let go of everything; nothing is asked afterwards."""
