"""Whether webhooks arrive: the contents of their pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from broker.domain.webhooks.delivery import Delivery, Status
from broker.domain.webhooks.redaction import redacted
from broker.domain.webhooks.webhook import Webhook, WebhookRequest
from broker.services.webhooks import webhooks
from broker.settings import Settings
from broker.storage.storage import Storage

LATEST_DELIVERIES = 30


@dataclass(frozen=True)
class WebhookStatus:
    """A webhook and its newest delivery, if it has any."""

    webhook: Webhook
    latest: Delivery | None

    @property
    def needs_attention(self) -> bool:
        """Whether somebody should look at it."""
        last_failed = self.latest is not None and self.latest.status in {Status.FAILURE, Status.RETRYING}
        return self.webhook.is_failing or last_failed


@dataclass(frozen=True)
class WebhookPage:
    """One webhook; in its *request*, what may be secret is starred."""

    webhook: Webhook
    request: WebhookRequest
    deliveries: Sequence[Delivery]


def all_webhooks(storage: Storage) -> list[WebhookStatus]:
    """Return every webhook, those that need attention first."""
    latest = storage.deliveries.latest_of_each()
    found = [WebhookStatus(item, latest.get(item.uuid)) for item in storage.webhooks.all()]
    return sorted(found, key=lambda item: not item.needs_attention)


def one_webhook(storage: Storage, uuid: str, settings: Settings, *, for_reader: bool) -> WebhookPage:
    """Return a webhook with its latest deliveries. Raises NotFoundError."""
    found = webhooks.find_readable(storage, uuid, settings)
    request = redacted(found.what.request, for_reader=for_reader)
    return WebhookPage(found, request, storage.deliveries.of_webhook(found, LATEST_DELIVERIES))
