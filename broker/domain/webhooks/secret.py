"""Secrets of webhooks, whose values are never shown."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Secret:
    """A named value, as it is shown: without the value."""

    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime
