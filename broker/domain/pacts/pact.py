"""A pact as it was published (reference §5.1)."""

from dataclasses import dataclass
from datetime import datetime


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
        """What the pact is called in links."""
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
        """What the pact is called in links."""
        return f"Pact between {self.consumer} ({self.version}) and {self.provider}"


@dataclass(frozen=True)
class CurrentContent:
    """What a consumer version has published for a provider so far."""

    publication_id: int
    provider: str
    sha: str
    revision: int
