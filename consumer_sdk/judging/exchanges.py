"""A request as the consumer's code sent it, and the answer that it gets. Pure values."""

from dataclasses import dataclass

from consumer_sdk.judging.senders import Sender

HeaderLines = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it came; *target* is path and query, still encoded, *host* what it was sent to."""

    method: str
    target: str
    headers: HeaderLines = ()
    body: bytes = b""
    sender: Sender | None = None
    """The line of the consumer's code that sent it; None when nothing tells."""

    @property
    def path(self) -> str:
        """The path, still encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query, still encoded."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """Return the first value of a header; *name* is in lower case."""
        return next((value for known, value in self.headers if known.lower() == name), None)


@dataclass(frozen=True)
class Answer:
    """What the code gets: the declared response, with the values of its generators."""

    status: int
    headers: HeaderLines = ()
    body: bytes = b""
