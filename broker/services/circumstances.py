"""Under which circumstances a request is answered."""

from dataclasses import dataclass
from datetime import datetime

from broker.domain.webhooks.parameters import Addresses
from broker.settings import Settings


@dataclass(frozen=True)
class Circumstances:
    """The time, the settings, and the addresses that webhooks are told; without them, nobody is told."""

    now: datetime
    settings: Settings
    addresses: Addresses | None = None
