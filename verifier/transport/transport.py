"""The request, the response, and the transport between them.

A transport adds to a request only what HTTP itself needs. Every failure is a ProviderError.
"""

from dataclasses import replace
from typing import Protocol

from tally.values import dataclass

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """One HTTP request as it is sent; *url* is absolute and percent-encoded.

    *timeout* is in seconds, for this request over HTTP, in place of the transport's.
    """

    method: str
    url: str
    headers: Headers = ()
    content: bytes = b""
    timeout: float | None = None

    def with_header(self, name: str, value: str) -> "HttpRequest":
        """Return this request with the header *name* set to *value*, in place of any values it has."""
        others = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*others, (name, value)))


@dataclass(frozen=True)
class HttpResponse:
    """One HTTP response as it was received, except that gzip and deflate are decoded."""

    status: int
    headers: Headers = ()
    content: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the status is one of the 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the bounds of the class

    @property
    def text(self) -> str:
        """The content as text, for error messages; undecodable bytes are replaced."""
        return self.content.decode(errors="replace")

    def header(self, name: str) -> str | None:
        """Return the first value of the header *name*, in any case, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Transport(Protocol):
    """Sends requests; several threads may do so at the same time."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send *request* and return the response; raises ProviderError, which names the address."""

    def close_idle(self) -> None:
        """Close idle connections; the next request opens a new one."""

    def close(self) -> None:
        """Release everything; nothing is sent afterwards."""
