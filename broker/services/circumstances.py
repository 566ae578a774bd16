"""What a service needs of the request besides its arguments."""

from datetime import datetime

from broker.domain.webhooks.parameters import Addresses
from broker.settings.settings import Settings
from tally.values import dataclass


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
