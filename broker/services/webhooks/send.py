"""Send one request to the receiver of a webhook."""

from broker.services.outgoing import proxy
from broker.services.outgoing import send as outgoing
from broker.services.outgoing.connection import OutgoingRequest, ReceiverResponse
from broker.services.outgoing.rules import webhook_rules
from broker.settings.settings import Settings


def send(request: OutgoingRequest, settings: Settings) -> ReceiverResponse:
    """Send the request once and return the response, within the time that is set. Raises SendingError."""
    return outgoing.send(request, webhook_rules(settings))


def check(settings: Settings) -> None:
    """Raise InvalidSettingError for a setting with which no webhook could be sent."""
    outgoing.check(webhook_rules(settings))
    proxy.check(settings)
