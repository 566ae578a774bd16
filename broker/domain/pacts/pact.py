"""A pact as it was published (reference §5.1)."""

from datetime import datetime

from tally.values import dataclass


@dataclass(frozen=True)
class PublishedPact:
    """The content of a consumer version's pact with a provider. *text* is JSON with ids."""

    consumer: str
    provider: str
    version: str
    """Number of the consumer version."""
    version_id: int
    sha: str
    text: bytes
    created_at: datetime

    @property
    def name(self) -> str:
        """The name of the pact in links."""
        return f"Pact between {self.consumer} ({self.version}) and {self.provider}"


@dataclass(frozen=True)
class ListedPact:
    """A published pact without its content, for lists."""

    consumer: str
    provider: str
    version: str
    sha: str
    created_at: datetime

    @property
    def name(self) -> str:
        """The name of the pact in links."""
        return f"Pact between {self.consumer} ({self.version}) and {self.provider}"


@dataclass(frozen=True)
class CurrentContent:
    """The content that a consumer version has for a provider so far, by its publication and hash."""

    publication_id: int
    provider: str
    sha: str
    revision: int
    digits: str | None = None
