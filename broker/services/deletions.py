"""What a person is asked before something is deleted. Every function raises NotFoundError."""

from broker.domain.deletion import Deletion
from broker.services.webhooks import webhooks
from broker.storage.storage import Storage


def of_webhook(storage: Storage, uuid: str) -> Deletion:
    """Return what goes with a webhook."""
    found = webhooks.find(storage, uuid)
    return Deletion("webhook", found.what.title, remarks=["What it has sent, and the logs of that, stay."])
