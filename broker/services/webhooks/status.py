"""How webhooks fare: the contents of their pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from broker.domain.webhooks.delivery import Delivery, Status
from broker.domain.webhooks.redaction import redacted
from broker.domain.webhooks.webhook import Webhook, WebhookRequest
from broker.services.webhooks import webhooks
from broker.storage.storage import Storage

LATEST_DELIVERIES = 30


@dataclass(frozen=True)
class Watched:
    """A webhook and its newest delivery, if it has any."""

    webhook: Webhook
    latest: Delivery | None

    @property
    def goes_wrong(self) -> bool:
        """Whether somebody should look at it."""
        last_failed = self.latest is not None and self.latest.status in {Status.FAILURE, Status.RETRYING}
        return self.webhook.is_failing or last_failed


@dataclass(frozen=True)
class WebhookPage:
    """One webhook; in its *request*, what may be secret is starred."""

    webhook: Webhook
    request: WebhookRequest
    deliveries: Sequence[Delivery]


def all_webhooks(storage: Storage) -> list[Watched]:
    """Return every webhook, those first that go wrong."""
    latest = storage.deliveries.latest_of_each()
    watched = [Watched(item, latest.get(item.uuid)) for item in storage.webhooks.all()]
    return sorted(watched, key=lambda item: not item.goes_wrong)


def one_webhook(storage: Storage, uuid: str) -> WebhookPage:
    """Return a webhook with what it sent last. Raises NotFoundError."""
    found = webhooks.find(storage, uuid)
    return WebhookPage(
        found, redacted(found.what.request), storage.deliveries.of_webhook(found, LATEST_DELIVERIES)
    )
