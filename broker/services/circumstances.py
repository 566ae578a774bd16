"""What a service needs of the request besides its arguments."""

from dataclasses import dataclass
from datetime import datetime

from broker.domain.webhooks.parameters import Addresses
from broker.settings import Settings


@dataclass(frozen=True)
class Circumstances:
    """The time, the settings, and the addresses that webhooks send; without them no webhook is triggered."""

    now: datetime
    settings: Settings
    addresses: Addresses | None = None

    @property
    def base_url(self) -> str:
        """What the addresses start with; "" without addresses."""
        return self.addresses.base if self.addresses else ""
