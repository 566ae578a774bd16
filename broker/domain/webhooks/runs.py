"""Deliveries of a webhook, those together that followed each other and ended alike."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from broker.domain.webhooks.delivery import Delivery, Status
from tally.values import dataclass


@dataclass(frozen=True)
class Run:
    """Deliveries that followed each other with the same status and the same answer, the newest first."""

    deliveries: Sequence[Delivery]

    @property
    def newest(self) -> Delivery:
        """The last one."""
        return self.deliveries[0]

    @property
    def status(self) -> Status:
        """What they have become."""
        return self.newest.status

    @property
    def answer(self) -> str:
        """What each of them brought; "" for those that brought nothing yet."""
        return self.newest.answer or ""

    @property
    def since(self) -> datetime:
        """When the first of them was triggered."""
        return self.deliveries[-1].triggered_at


def runs(deliveries: Sequence[Delivery]) -> list[Run]:
    """Return the deliveries, the newest first, by runs."""
    return [Run(list(group)) for _, group in groupby(deliveries, key=lambda item: (item.status, item.answer))]
